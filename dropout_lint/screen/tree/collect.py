"""One walk over the standard library's `ast`: what its names stand for, and what may matter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dropout_lint.screen.imports import Family, Imports
from dropout_lint.semantics.project.ast_reading import imported_names

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Def = ast.FunctionDef | ast.AsyncFunctionDef
# Fields that hold no code, or none that matters here, and decorators, which stand outside.
_SKIPPED = frozenset(
    """decorator_list annotation returns ctx type_comment op ops type_params id attr arg name names
    module level kind simple is_async type_ignores conversion""".split()
)
_fields: dict[type, tuple[str, ...]] = {}
_ASSIGNS = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)


@dataclass(frozen=True)
class Enclosing:
    """The class, the function right around a node, and the outermost one below the class."""

    cls: ast.ClassDef | None = None
    inner: Def | ast.Lambda | None = None
    outer: Def | None = None
    above: Enclosing | None = None

    def classes(self) -> set[ast.ClassDef]:
        """The classes around a node."""
        return {scope.cls for scope in self._out() if scope.cls is not None}

    def methods(self) -> set[Def]:
        """The methods around a node."""
        return {scope.outer for scope in self._out() if scope.cls and scope.outer}

    def _out(self) -> Iterator[Enclosing]:
        scope: Enclosing | None = self
        while scope is not None:
            yield scope
            scope = scope.above


AnyAssign = ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr
# A dotted expression with what is around it.
Use = tuple[ast.expr, ast.AST, Enclosing]


class WalkedFile:
    """What the walk finds in a file."""

    def __init__(self, tree: ast.Module, family: Family) -> None:
        self.family = family
        self.imports = Imports(family)
        self.classes: list[ast.ClassDef] = []
        self.functions: list[Def | ast.Lambda] = []
        self.methods: list[tuple[Def, Enclosing]] = []
        self.attributes: list[tuple[ast.Attribute, ast.AST, Enclosing]] = []
        self.parents: dict[ast.AST, ast.AST] = {}
        # Everything that is called or taken under a name, by the last part of it.
        self.used: set[str] = set()
        self.stores: list[tuple[ast.Attribute, ast.AST, Enclosing]] = []
        self.assignments: list[tuple[AnyAssign, Enclosing]] = []
        self.calls: list[tuple[ast.Call, Enclosing]] = []
        self.chains: list[Use] = []
        self.strings: list[tuple[ast.Constant, ast.AST, Enclosing]] = []
        self._walk(tree)

    def _walk(self, tree: ast.Module) -> None:
        parents = self.parents
        parents[tree] = tree
        stack: list[tuple[ast.AST, Enclosing]] = [(tree, Enclosing())]
        node: Any  # by its type
        while stack:
            node, scope = stack.pop()
            kind = type(node)
            if kind is ast.Attribute or kind is ast.Name:
                inner = self._read_chain(node, parents[node], scope)
                if inner is not None:
                    stack.append((inner, scope))
                continue
            if kind is ast.Constant:
                if isinstance(node.value, str) and node.value in self.family.tails:
                    self.strings.append((node, parents[node], scope))
                continue
            if kind is ast.Call:
                self.calls.append((node, scope))
            elif kind in _ASSIGNS:
                self.assignments.append((node, scope))
                self._read_import_by_call(node, scope)
            elif kind is ast.Import or kind is ast.ImportFrom:
                self._read_import(node, scope)
                continue
            elif kind is ast.ClassDef or kind in FUNCTIONS or kind is ast.Lambda:
                for decorator in getattr(node, "decorator_list", ()):
                    parents[decorator] = node
                    stack.append((decorator, scope))
                scope = self._enter(node, scope)
            for name in _fields_of(kind):
                value = getattr(node, name)
                for child in value if type(value) is list else (value,):
                    if isinstance(child, ast.AST):
                        parents[child] = node
                        stack.append((child, scope))

    def _enter(self, node: ast.ClassDef | Def | ast.Lambda, scope: Enclosing) -> Enclosing:
        """Note a class or function; what is around the nodes in it."""
        if isinstance(node, ast.ClassDef):
            self.classes.append(node)
            return Enclosing(node, None, None, scope)
        self.functions.append(node)
        if isinstance(node, ast.Lambda):
            return Enclosing(scope.cls, node, scope.outer, scope)
        if scope.cls is not None and scope.inner is None:
            self.methods.append((node, scope))
        return Enclosing(scope.cls, node, scope.outer or node, scope)

    def _read_chain(
        self, node: ast.Attribute | ast.Name, parent: ast.AST, scope: Enclosing
    ) -> ast.AST | None:
        """Note a dotted expression; what it begins with if that is no name."""
        if isinstance(node.ctx, ast.Load):
            self.used.add(tail_of(node))
            self.chains.append((node, parent, scope))
        if isinstance(node, ast.Attribute):
            (self.attributes if isinstance(node.ctx, ast.Load) else self.stores).append(
                (node, parent, scope)
            )
        below: ast.AST = node
        while isinstance(below, ast.Attribute):
            self.parents[below.value] = below
            below = below.value
        return None if isinstance(below, ast.Name) else below

    def _read_import(self, node: ast.Import | ast.ImportFrom, scope: Enclosing) -> None:
        inner = scope.cls is not None and scope.inner is None
        for name, dotted in imported_names(node):
            if name == "*":
                self.imports.add_star(dotted, inner)
            else:
                self.imports.add(name, dotted, inner)

    def _read_import_by_call(self, node: AnyAssign, scope: Enclosing) -> None:
        """``F = lazy_import("torch.nn.functional")``."""
        call = node.value
        if not isinstance(call, ast.Call) or not call.args:
            return
        name = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
        if isinstance(name, str) and name.startswith("torch"):
            if "import" in tail_of(call.func).lower():
                inner = scope.cls is not None and scope.inner is None
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    self.imports.add(tail_of(target), name, inner)


def _fields_of(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields that may hold code."""
    fields = _fields.get(kind)
    if fields is None:
        fields = tuple(name for name in kind._fields if name not in _SKIPPED)
        _fields[kind] = fields
    return fields


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
