"""One walk over the standard library's `ast`: what its names stand for, and what may matter."""

from __future__ import annotations

import ast
from dataclasses import dataclass

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
        self.methods: list[tuple[Def, Around]] = []
        self.attributes: list[tuple[ast.Attribute, ast.AST, Around]] = []
        self.parents: dict[ast.AST, ast.AST] = {}
        # Everything that is called or taken under a name, by the last part of it.
        self.used: set[str] = set()
        self.stores: list[tuple[ast.Attribute, ast.AST, Around]] = []
        self._chains: list[tuple[ast.expr, ast.AST, Around]] = []
        self._strings: list[tuple[ast.Constant, ast.AST, Around]] = []
        self._walk(tree)
        self.is_aliased = any(self._takes_path(*chain) for chain in self._chains)
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
                if around.cls is not None and around.inner is None:
                    self.methods.append((node, around))
                around = Around(around.cls, node, around.outer or node, around)
            elif kind is ast.Lambda:
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

    # --- the family -------------------------------------------------------------------------

    def names_of(self, node: ast.AST) -> set[str]:
        """The public names that a dotted expression has by way of the imports."""
        steps: list[str] = []
        while isinstance(node, ast.Attribute):
            steps.insert(0, node.attr)
            node = node.value
        bases = self.imports.bound.get(node.id) if isinstance(node, ast.Name) else None
        return self.family.follow(bases, steps) if bases is not None else set()

    def _takes_path(self, node: ast.expr, parent: ast.AST, around: Around) -> bool:
        """``G = nn.functional``: from here on the family may have other names."""
        names = self.names_of(node)
        if not any(name in self.family.paths for name in names):
            return False
        if isinstance(parent, ast.Call):
            return parent.func is not node and tail_of(parent.func) != "hasattr"
        return True

    def _find_mentions(self) -> list[Mention]:
        found: list[Mention] = []
        for node, parent, around in self._chains:
            members = tuple(n for n in self.names_of(node) if self.family.is_member(n))
            if not members and self._may_be_alias(node):
                members = self.family.called(tail_of(node))
            if members:
                found.append(Mention(node, parent, around, members))
        if self.is_aliased:
            for text, parent, around in self._strings:
                found.append(Mention(text, parent, around, self.family.called(str(text.value))))
        return found

    def _may_be_alias(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Attribute) or node.attr not in self.family.tails:
            return False
        if node.attr in self.imports.inner:
            return True
        return self.is_aliased and not (
            isinstance(node.value, ast.Name) and node.value.id == "self"
        )


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
