"""One walk over the standard library's `ast`: what may matter, and what the names stand for."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dropout_lint.catalog import Catalog, Function
from dropout_lint.semantics.frameworks import OTHER_FRAMEWORKS

_BUILDERS = frozenset({"__init__", "__new__", "__post_init__"})
GROWING = frozenset({"append", "extend", "insert", "update", "add", "setdefault"})
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DISPLAYS = (ast.List, ast.ListComp, ast.Tuple, ast.Dict, ast.DictComp, ast.BinOp)
# Parents that take a function as a value, rather than list it or ask about it.
_TAKING = (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.IfExp, ast.BoolOp, ast.Return,
           ast.arguments, ast.Yield)  # fmt: skip
# Fields that hold no code, or none that matters here.
_SKIPPED = frozenset({"annotation", "returns", "ctx", "type_comment", "op", "ops", "type_params"})


@dataclass(frozen=True)
class Around:
    """The outermost function and the class around a node."""

    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    cls: ast.ClassDef | None = None

    @property
    def builds(self) -> bool:
        return self.function is not None and self.function.name in _BUILDERS


Met = tuple[ast.AST, ast.AST, Around]


@dataclass
class Collected:
    """What the walk collects: nodes to look at, and what the names of the file stand for."""

    met: list[Met] = field(default_factory=list)
    imported: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    rates: set[str] = field(default_factory=set)
    plain: set[str] = field(default_factory=set)
    taken: list[tuple[ast.expr, ast.expr]] = field(default_factory=list)
    star: bool = False

    def may_be_imported(self, name: str) -> bool:
        """Whether a name may stand for a module; with a star import, of the project or not, any."""
        return name in self.imported or (self.star and name != "self")


class Collector:
    """Collects from one tree; ``rows`` and ``modules`` are the catalog's, by last name."""

    def __init__(self, catalog: Catalog) -> None:
        self.rows: dict[str, list[Function]] = {}
        for row in catalog.functions.values():
            self.rows.setdefault(row.tail, []).append(row)
        self.modules = {name.rpartition(".")[2] for name in catalog.modules}
        self.file = Collected()

    def collect(self, tree: ast.Module) -> Collected:
        self._walk(tree)
        self._follow_aliases()
        return self.file

    def _walk(self, tree: ast.Module) -> None:
        stack: list[Met] = [(tree, tree, Around())]
        while stack:
            node, parent, around = stack.pop()
            kind = type(node)
            visit = _VISITS.get(kind)
            if visit is not None:
                visit(self, node, parent, around)
            if kind is ast.ClassDef:
                around = Around(None, node)  # type: ignore[arg-type]
            elif kind in _DEFINITIONS and (around.function is None or around.builds):
                around = Around(node, around.cls)  # type: ignore[arg-type]
            for name in node._fields:
                if name in _SKIPPED:
                    continue
                value = getattr(node, name)
                if isinstance(value, ast.AST):
                    stack.append((value, node, around))
                elif type(value) is list:
                    stack.extend((v, node, around) for v in value if isinstance(v, ast.AST))

    def _import(self, node: ast.Import, parent: ast.AST, around: Around) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            other = top in OTHER_FRAMEWORKS
            names = self.file.foreign if other else self.file.imported
            names.add(alias.asname or top)

    def _import_from(self, node: ast.ImportFrom, parent: ast.AST, around: Around) -> None:
        other = not node.level and (node.module or "").partition(".")[0] in OTHER_FRAMEWORKS
        for alias in node.names:
            name = alias.asname or alias.name
            (self.file.foreign if other else self.file.imported).add(name)
            if other:
                continue
            self.file.star = self.file.star or alias.name == "*"
            if alias.name in self.rows or alias.name in self.modules:
                self.file.aliases.add(name)

    def _class(self, node: ast.ClassDef, parent: ast.AST, around: Around) -> None:
        if node.bases:
            self.file.classes.add(node.name)

    def _assign(self, node: ast.Assign | ast.AnnAssign, parent: ast.AST, around: Around) -> None:
        value = node.value
        if value is None:
            return
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(value, (ast.Name, ast.Attribute)):
                self.file.taken.append((target, value))
            if isinstance(target, ast.Attribute):
                is_call = isinstance(value, ast.Call) and tail_of(value.func) in (
                    "list",
                    "dict",
                    "tuple",
                )
                if is_call or isinstance(value, (*DISPLAYS, ast.Name)):
                    self.file.plain.add(target.attr)
        if around.cls is not None:
            self.file.met.append((node, parent, around))

    def _augmented(self, node: ast.AugAssign, parent: ast.AST, around: Around) -> None:
        if around.cls is not None and isinstance(node.target, ast.Attribute):
            self.file.met.append((node, parent, around))

    def _called(self, node: ast.Call, parent: ast.AST, around: Around) -> None:
        func = node.func
        tail = tail_of(func)
        self.file.called.add(tail)
        interesting = tail in self.rows or tail in self.modules or tail in GROWING
        if interesting or isinstance(func, (ast.Name, ast.Call)):
            self.file.met.append((node, parent, around))
        for row in self.rows.get(tail, ()):
            rate = argument_of(node, row.rate.name, row.rate.position) if row.rate else None
            if isinstance(rate, ast.Attribute):
                self.file.rates.add(rate.attr)

    def _named(self, node: ast.Attribute | ast.Name, parent: ast.AST, around: Around) -> None:
        if not isinstance(node.ctx, ast.Load):
            return
        tail = tail_of(node)
        if (
            tail in self.rows
            or tail in self.modules
            or tail in ("train", "eval")
            or (isinstance(node, ast.Name) and is_taken(node, parent))
        ):
            self.file.met.append((node, parent, around))

    def _defined(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, parent: ast.AST, around: Around
    ) -> None:
        if node.name in ("train", "eval") and around.cls is not None and around.function is None:
            self.file.met.append((node, parent, around))

    def _follow_aliases(self) -> None:
        """``F = nn.functional`` and ``self.F = F`` make further names of modules."""
        file = self.file
        file.foreign -= file.imported
        changed = True
        while changed:
            changed = False
            for target, value in file.taken:
                if file.may_be_imported(root_of(value)):
                    names = file.kept if isinstance(target, ast.Attribute) else file.imported
                    name = tail_of(target)
                    changed = changed or name not in names
                    names.add(name)


_VISITS: dict[type, Callable[[Collector, Any, ast.AST, Around], None]] = {
    ast.Import: Collector._import,
    ast.ImportFrom: Collector._import_from,
    ast.ClassDef: Collector._class,
    ast.Assign: Collector._assign,
    ast.AnnAssign: Collector._assign,
    ast.AugAssign: Collector._augmented,
    ast.Call: Collector._called,
    ast.Attribute: Collector._named,
    ast.Name: Collector._named,
    ast.FunctionDef: Collector._defined,
    ast.AsyncFunctionDef: Collector._defined,
}


def is_taken(node: ast.AST, parent: ast.AST) -> bool:
    if isinstance(parent, ast.Call):
        return parent.func is not node and tail_of(parent.func) == "partial"
    return isinstance(parent, _TAKING)


def argument_of(node: ast.Call, name: str, position: int | None) -> ast.expr | None:
    for keyword in node.keywords:
        if keyword.arg == name:
            return keyword.value
    if position is not None and position < len(node.args):
        return node.args[position]
    return None


def tail_of(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def root_of(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def middle_of(node: ast.AST) -> str:
    """``F`` of ``self.F.dropout``."""
    inner = node.value if isinstance(node, ast.Attribute) else node
    return inner.attr if isinstance(inner, ast.Attribute) else ""
