"""One walk over the standard library's `ast`: what its names stand for, and what may matter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from dropout_lint.screen.imports import Family, Imports

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Def = ast.FunctionDef | ast.AsyncFunctionDef
# Fields that hold no code, or none that matters here.
_SKIPPED = frozenset({"annotation", "returns", "ctx", "type_comment", "op", "ops", "type_params"})


@dataclass(frozen=True)
class Around:
    """The class, the function right around a node, and the outermost one below the class."""

    cls: ast.ClassDef | None = None
    inner: Def | ast.Lambda | None = None
    outer: Def | None = None
    above: Around | None = None


# A dotted expression with what is around it.
Use = tuple[ast.expr, ast.AST, Around]


@dataclass(frozen=True)
class Mention:
    """A dotted expression or a string that stands for members of the family."""

    node: ast.expr
    parent: ast.AST
    around: Around
    members: tuple[str, ...]


class Collected:
    """What the walk finds in a file."""

    def __init__(self, tree: ast.Module, family: Family) -> None:
        self.family = family
        self.imports = Imports(family)
        self.classes: list[ast.ClassDef] = []
        self.functions: list[Def | ast.Lambda] = []
        self.methods: list[tuple[Def, Around]] = []
        self.attributes: list[tuple[ast.Attribute, ast.AST, Around]] = []
        self.parents: dict[ast.AST, ast.AST] = {}
        # Everything that is called or taken under a name, by the last part of it.
        self.used: set[str] = set()
        self.stores: list[tuple[ast.Attribute, ast.AST, Around]] = []
        self._chains: list[Use] = []
        self._strings: list[tuple[ast.Constant, ast.AST, Around]] = []
        self._walk(tree)
        # Names that may stand for a path to the family; None stands for every name.
        self._aliases: set[str | None] = set()
        self._find_aliases()
        self.mentions = [*self._find_mentions()]

    def _walk(self, tree: ast.Module) -> None:
        stack: list[tuple[ast.AST, ast.AST, Around]] = [(tree, tree, Around())]
        while stack:
            node, parent, around = stack.pop()
            self.parents[node] = parent
            kind = type(node)
            if kind is ast.Attribute or kind is ast.Name:
                inner = self._read_chain(node, parent, around)  # type: ignore[arg-type]
                if inner is not None:
                    stack.append((inner, node, around))
                continue
            if kind is ast.Constant:
                if isinstance(node.value, str) and node.value in self.family.tails:  # type: ignore[attr-defined]
                    self._strings.append((node, parent, around))  # type: ignore[arg-type]
                continue
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self._read_import(node, around)
                continue
            if kind is ast.ClassDef:
                self.classes.append(node)  # type: ignore[arg-type]
                around = Around(node, None, None, around)  # type: ignore[arg-type]
            elif isinstance(node, FUNCTIONS):
                self.functions.append(node)
                if around.cls is not None and around.inner is None:
                    self.methods.append((node, around))
                around = Around(around.cls, node, around.outer or node, around)
            elif kind is ast.Lambda:
                self.functions.append(node)  # type: ignore[arg-type]
                around = Around(around.cls, node, around.outer, around)  # type: ignore[arg-type]
            for name in node._fields:
                if name in _SKIPPED:
                    continue
                value = getattr(node, name)
                if isinstance(value, ast.AST):
                    stack.append((value, node, around))
                elif type(value) is list:
                    stack.extend((v, node, around) for v in value if isinstance(v, ast.AST))

    def _read_chain(
        self, node: ast.Attribute | ast.Name, parent: ast.AST, around: Around
    ) -> ast.AST | None:
        """Note a dotted expression; what it begins with if that is no name."""
        if isinstance(node.ctx, ast.Load):
            self.used.add(tail_of(node))
            self._chains.append((node, parent, around))
        if isinstance(node, ast.Attribute):
            (self.attributes if isinstance(node.ctx, ast.Load) else self.stores).append(
                (node, parent, around)
            )
        below: ast.AST = node
        while isinstance(below, ast.Attribute):
            self.parents[below.value] = below
            below = below.value
        return None if isinstance(below, ast.Name) else below

    def _read_import(self, node: ast.Import | ast.ImportFrom, around: Around) -> None:
        inner = around.cls is not None and around.inner is None
        for alias in node.names:
            if isinstance(node, ast.Import):
                top = alias.name.partition(".")[0]
                self.imports.add(alias.asname or top, alias.name if alias.asname else top, inner)
            elif alias.name == "*":
                self.imports.add_star("." * node.level + (node.module or ""), inner)
            else:
                module = "." * node.level + (node.module or "")
                self.imports.add(alias.asname or alias.name, f"{module}.{alias.name}", inner)

    def uses(self, name: str) -> Iterator[Use]:
        """The dotted expressions that end with a name."""
        return (use for use in self._chains if tail_of(use[0]) == name)

    # --- the family -------------------------------------------------------------------------

    def names_of(self, node: ast.AST) -> set[str]:
        """The public names that a dotted expression has by way of the imports."""
        steps: list[str] = []
        while isinstance(node, ast.Attribute):
            steps.insert(0, node.attr)
            node = node.value
        bases = self.imports.bound.get(node.id) if isinstance(node, ast.Name) else None
        return self.family.follow(bases, steps) if bases is not None else set()

    def _find_aliases(self) -> None:
        """``G = nn.functional``: from here on the family has other names."""
        for node, parent, _ in self._chains:
            if any(name in self.family.paths for name in self.names_of(node)):
                if not (isinstance(parent, ast.Call) and parent.func is node):
                    self._aliases.update(self._receivers(node))
        while self._aliases and None not in self._aliases:
            more = {
                name
                for node, _, _ in self._chains
                if not self._aliases.isdisjoint(_parts(node))
                for name in self._receivers(node)
            }
            if more <= self._aliases:
                break
            self._aliases |= more

    def _receivers(self, at: ast.AST) -> Iterator[str | None]:
        """The names that come to stand for the value of an expression, or for a part of it."""
        while isinstance(at, ast.expr):
            below, at = at, self.parents[at]
            if isinstance(at, ast.NamedExpr):
                yield tail_of(at.target)
            elif isinstance(at, ast.Compare) or (isinstance(at, ast.IfExp) and at.test is below):
                return
            elif isinstance(at, ast.Call):
                if tail_of(at.func) == "hasattr":
                    return
                yield from self.receiving(at, below)
            elif isinstance(at, ast.Lambda):
                yield None
        if isinstance(at, ast.keyword):
            call = self.parents[at]
            if isinstance(call, ast.Call):
                yield from self.receiving(call, at)
                yield from self._receivers(call)
        elif isinstance(at, (ast.Assign, ast.AnnAssign)):
            for target in at.targets if isinstance(at, ast.Assign) else [at.target]:
                yield from _targets(target)
        elif isinstance(at, ast.Return):
            while not isinstance(at, (*FUNCTIONS, ast.Module)):
                at = self.parents[at]
            yield None if isinstance(at, ast.Module) else at.name
        elif not isinstance(at, (ast.Expr, ast.If, ast.While, ast.Assert)):
            yield None

    def receiving(self, call: ast.Call, argument: ast.AST) -> Iterator[str]:
        """The parameters of functions of the file that may get an argument of a call."""
        if argument is call.func:
            return
        if isinstance(argument, ast.keyword) and argument.arg is not None:
            yield argument.arg
            return
        called = tail_of(call.func)
        starred = any(isinstance(a, ast.Starred) for a in call.args)
        position = call.args.index(argument) if argument in call.args else 0  # type: ignore[arg-type]
        for function in self.functions:
            if isinstance(function, ast.Lambda) or called in (function.name, ""):
                names = [name for name, _ in parameters_of(function)]
                yield from names if starred else names[position : position + 2]
            elif called in self._class_names and function.name in ("__init__", "__new__", "__call__"):
                names = [name for name, _ in parameters_of(function)]
                yield from names if starred else names[position : position + 2]

    @cached_property
    def _class_names(self) -> set[str]:
        return {cls.name for cls in self.classes}

    def _find_mentions(self) -> list[Mention]:
        found: list[Mention] = []
        for node, parent, around in self._chains:
            members = tuple(n for n in self.names_of(node) if self.family.is_member(n))
            if not members and self._may_be_alias(node):
                members = self.family.called(tail_of(node))
            if members:
                found.append(Mention(node, parent, around, members))
        if self._aliases:
            for text, parent, around in self._strings:
                if isinstance(parent, (ast.Dict, ast.Compare, ast.Subscript, ast.keyword)):
                    continue
                if isinstance(parent, ast.Call) and tail_of(parent.func) != "getattr":
                    continue
                found.append(Mention(text, parent, around, self.family.called(str(text.value))))
        return found

    def _may_be_alias(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Attribute) or node.attr not in self.family.tails:
            return False
        if node.attr in self.imports.inner:
            return True
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            return False
        return None in self._aliases or not self._aliases.isdisjoint(_parts(node.value))


def _parts(node: ast.AST) -> set[str | None]:
    """The names that a dotted expression consists of."""
    found: set[str | None] = {tail_of(node)}
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
        found.add(tail_of(node))
    return found


def _targets(target: ast.expr) -> Iterator[str | None]:
    """The names that an assignment gives."""
    if isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _targets(element)
    elif isinstance(target, (ast.Subscript, ast.Starred)):
        yield from _targets(target.value)
    else:
        yield tail_of(target)


def tail_of(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def parameters_of(node: Def | ast.Lambda) -> list[tuple[str, ast.expr | None]]:
    """The parameters of a function with their defaults; ``*args`` and ``**kwargs`` without."""
    arguments = node.args
    placed = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(placed) - len(arguments.defaults))
    defaults += arguments.defaults
    found = [(a.arg, d) for a, d in zip(placed, defaults, strict=True)]
    found += [(a.arg, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    stars = (arguments.vararg, arguments.kwarg)
    return found + [(star.arg, None) for star in stars if star is not None]
