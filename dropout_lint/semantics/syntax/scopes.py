"""Scopes: where the names of a file are bound, and every place that mentions one.

libcst's own scope provider costs eight to nine times the parse; this one keeps what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import libcst as cst

from dropout_lint.semantics.syntax.tree import Tree, children, unpacked

_COMPREHENSIONS = (cst.GeneratorExp, cst.ListComp, cst.SetComp, cst.DictComp)
_SCOPED = {cst.FunctionDef, cst.ClassDef, cst.Lambda, *_COMPREHENSIONS}
_NAMING = {cst.Import, cst.ImportFrom, cst.Global, cst.Nonlocal}  # what is in them are no mentions
_BRANCHES = {cst.If, cst.Else, cst.For, cst.While, cst.Try, cst.TryStar, cst.ExceptHandler,
             cst.ExceptStarHandler, cst.Match}  # fmt: skip


BindingKind: TypeAlias = Literal["import", "value", "parameter", "function", "class", "opaque"]


@dataclass(eq=False)
class Binding:
    """One place that gives a name a meaning.

    ``kind`` is ``import`` (``qualified`` holds the dotted name), ``value`` (``value`` holds the
    expression), ``parameter``, ``function``, ``class`` or ``opaque`` (loops, ``with``, unpacking).
    ``certain`` is False inside branches, where an earlier binding may survive.
    """

    kind: BindingKind
    node: cst.CSTNode
    certain: bool
    qualified: str = ""
    value: cst.BaseExpression | None = None


@dataclass(eq=False)
class Scope:
    """A module, class, function, lambda or comprehension; children know their parents only."""

    node: cst.CSTNode
    parent: Scope | None
    qualname: str
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    outer_names: set[str] = field(default_factory=set)

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, cst.ClassDef)

    @property
    def is_function(self) -> bool:
        return isinstance(self.node, cst.FunctionDef)

    @property
    def module(self) -> Scope:
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


class Scopes:
    """The scopes of a file. ``package`` is the one that relative imports start from.

    ``mentions`` are all dotted expressions that are read or written, outermost first, each with
    its scope.
    """

    def __init__(self, tree: Tree, package: str) -> None:
        self._package = package
        self.module = Scope(tree.module, None, "")
        self.scopes: dict[cst.CSTNode, Scope] = {tree.module: self.module}
        self.mentions: list[tuple[cst.Name | cst.Attribute, Scope]] = []
        self.scope_at: dict[cst.CSTNode, Scope] = {}
        for child in children(tree.module):
            self._visit(child, self.module, True)

    def _visit(self, node: cst.CSTNode, scope: Scope, certain: bool) -> None:
        kind = type(node)  # which is faster than `isinstance`: nodes have abstract bases
        if kind is cst.Name or kind is cst.Attribute:
            self._mention(node, scope, certain)
            return
        binder = _BINDERS.get(kind)
        if binder is not None:
            binder(self, node, scope, certain)
        if kind in _SCOPED:
            self._enter(node, scope, certain)
        elif kind is cst.Arg:
            self._visit(node.value, scope, certain)  # type: ignore[attr-defined]  # no keyword
        elif kind not in _NAMING:
            if kind is cst.Call:
                self.scope_at[node] = scope
            certain = certain and kind not in _BRANCHES
            for child in children(node):
                self._visit(child, scope, certain)

    def _mention(self, node: cst.CSTNode, scope: Scope, certain: bool) -> None:
        self.mentions.append((node, scope))  # type: ignore[arg-type]
        self.scope_at[node] = scope
        while isinstance(node, cst.Attribute):
            node = node.value
            self.scope_at[node] = scope
        if type(node) is not cst.Name:
            self._visit(node, scope, certain)

    def _enter(self, node: cst.CSTNode, scope: Scope, certain: bool) -> None:
        name = node.name.value if isinstance(node, (cst.FunctionDef, cst.ClassDef)) else "<lambda>"
        local = isinstance(scope.node, (cst.FunctionDef, cst.Lambda))
        prefix = scope.qualname + (".<locals>." if local else ".") if scope.qualname else ""
        inner = Scope(node, scope, prefix + name)
        self.scopes[node] = inner
        outside, inside = _split(node)
        for child in outside:
            self._visit(child, scope, certain)
        if isinstance(node, (cst.FunctionDef, cst.Lambda)):
            for parameter in parameters_of(node):
                self._bind(inner, parameter.name.value, Binding("parameter", parameter, True))
        elif isinstance(node, _COMPREHENSIONS):
            self._opaque(node.for_in, inner, True)
        for child in inside:
            self._visit(child, inner, True)

    def _bind(self, scope: Scope, name: str, binding: Binding) -> None:
        if name in scope.outer_names:
            scope, binding.certain = scope.module, False
        scope.bindings.setdefault(name, []).append(binding)

    def _bind_target(
        self, target: cst.CSTNode, scope: Scope, certain: bool, value: cst.BaseExpression | None
    ) -> None:
        if isinstance(target, cst.Name):
            kind: BindingKind = "opaque" if value is None else "value"
            self._bind(scope, target.value, Binding(kind, target, certain, value=value))
        elif isinstance(target, (cst.Tuple, cst.List)):
            for element, part in unpacked(target, value):
                starred = isinstance(element, cst.StarredElement)
                self._bind_target(element.value, scope, certain, None if starred else part)

    def _import(self, node: cst.Import, scope: Scope, certain: bool) -> None:
        for alias in node.names:
            dotted = _dotted(alias.name)
            if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                name, qualified = alias.asname.name.value, dotted
            else:
                name = qualified = dotted.partition(".")[0]
            self._bind(scope, name, Binding("import", node, certain, qualified))

    def _import_from(self, node: cst.ImportFrom, scope: Scope, certain: bool) -> None:
        module = self._absolute(len(node.relative), _dotted(node.module) if node.module else "")
        if isinstance(node.names, cst.ImportStar):
            scope.stars.append(module)
            return
        for alias in node.names:
            imported = _dotted(alias.name)
            as_name = alias.asname.name if alias.asname is not None else None
            name = as_name.value if isinstance(as_name, cst.Name) else imported
            separator = "" if module.endswith(".") else "."
            self._bind(scope, name, Binding("import", node, certain, module + separator + imported))

    def _absolute(self, level: int, module: str) -> str:
        """The module a ``from`` import names; stays relative where the package is not known."""
        if not level:
            return module
        parts = self._package.split(".") if self._package else []
        if level > len(parts):
            return "." * level + module
        base = parts[: len(parts) - level + 1]
        return ".".join([*base, module] if module else base)

    def _outer_names(self, node: cst.Global | cst.Nonlocal, scope: Scope, certain: bool) -> None:
        scope.outer_names.update(item.name.value for item in node.names)

    def _definition(
        self, node: cst.FunctionDef | cst.ClassDef, scope: Scope, certain: bool
    ) -> None:
        kind: BindingKind = "class" if isinstance(node, cst.ClassDef) else "function"
        self._bind(scope, node.name.value, Binding(kind, node, certain))

    def _assign(self, node: cst.Assign, scope: Scope, certain: bool) -> None:
        for target in node.targets:
            self._bind_target(target.target, scope, certain, node.value)

    def _assign_one(self, node: cst.AnnAssign | cst.NamedExpr, scope: Scope, certain: bool) -> None:
        if node.value is not None:
            owner = scope
            while isinstance(node, cst.NamedExpr) and owner.parent and _is_comp(owner.node):
                owner = owner.parent
            self._bind_target(node.target, owner, certain, node.value)

    def _opaque(self, node: cst.CSTNode, scope: Scope, certain: bool) -> None:
        for target in _opaque_targets(node):
            self._bind_target(target, scope, certain, None)


def placed_parameters(node: cst.FunctionDef | cst.Lambda) -> list[cst.Param]:
    """The parameters that have a place, ``self`` among them."""
    return [*node.params.posonly_params, *node.params.params]


def parameters_of(node: cst.FunctionDef | cst.Lambda) -> list[cst.Param]:
    """All parameters, positional first, then keyword-only, ``*args`` and ``**kwargs``."""
    params = node.params
    stars = [star for star in (params.star_arg, params.star_kwarg) if isinstance(star, cst.Param)]
    return [*placed_parameters(node), *params.kwonly_params, *stars]


def _dotted(node: cst.CSTNode) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def _is_comp(node: cst.CSTNode) -> bool:
    return isinstance(node, _COMPREHENSIONS)


def _split(node: cst.CSTNode) -> tuple[list[cst.CSTNode], list[cst.CSTNode]]:
    """What of a scoped node is evaluated outside its scope, and what inside."""
    if isinstance(node, cst.FunctionDef):
        defaults = [p.default for p in parameters_of(node) if p.default]
        return [*defaults, *node.decorators], [node.body]
    if isinstance(node, cst.ClassDef):
        return [*node.bases, *node.keywords, *node.decorators], [node.body]
    if isinstance(node, cst.Lambda):
        return [p.default for p in parameters_of(node) if p.default], [node.body]
    assert isinstance(node, _COMPREHENSIONS)
    inside = [child for child in children(node) if child is not node.for_in]
    rest = [child for child in children(node.for_in) if child is not node.for_in.iter]
    return [node.for_in.iter], [*rest, *inside]


def _opaque_targets(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(node, (cst.For, cst.CompFor, cst.AugAssign)):
        yield node.target
    elif isinstance(node, cst.WithItem) and node.asname is not None:
        yield node.asname.name
    elif isinstance(node, (cst.ExceptHandler, cst.ExceptStarHandler)) and node.name is not None:
        yield node.name.name
    elif isinstance(node, (cst.MatchAs, cst.MatchStar)) and node.name is not None:
        yield node.name
    elif isinstance(node, cst.MatchMapping) and node.rest is not None:
        yield node.rest


_BINDERS: dict[type, Callable[[Scopes, Any, Scope, bool], None]] = {
    cst.Import: Scopes._import,
    cst.ImportFrom: Scopes._import_from,
    cst.Global: Scopes._outer_names,
    cst.Nonlocal: Scopes._outer_names,
    cst.FunctionDef: Scopes._definition,
    cst.ClassDef: Scopes._definition,
    cst.Assign: Scopes._assign,
    cst.AnnAssign: Scopes._assign_one,
    cst.NamedExpr: Scopes._assign_one,
    **dict.fromkeys(
        (cst.For, cst.CompFor, cst.AugAssign, cst.WithItem, cst.ExceptHandler,
         cst.ExceptStarHandler, cst.MatchAs, cst.MatchStar, cst.MatchMapping), Scopes._opaque),
}  # fmt: skip
