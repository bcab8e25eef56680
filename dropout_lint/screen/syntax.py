"""The second stage: is there anything in the syntax tree that is not obviously fine?

One walk collects what may matter, and one look at each of those decides.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from dropout_lint.catalog import Catalog, Function
from dropout_lint.semantics.frameworks import OTHER_FRAMEWORKS

_BUILDERS = frozenset({"__init__", "__new__", "__post_init__"})
_FLAG_NAMES = frozenset({"training", "train", "is_training", "is_train"})
_HANDED_ON = frozenset({"Sequential", "append", "add_module", "ModuleList", "insert"})
_GROWING = frozenset({"append", "extend", "insert", "update", "add", "setdefault"})
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DISPLAYS = (ast.List, ast.ListComp, ast.Tuple, ast.Dict, ast.DictComp, ast.BinOp)
# Parents that take a function as a value, rather than list it or ask about it.
_TAKING = (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.IfExp, ast.BoolOp, ast.Return,
           ast.arguments, ast.Yield)  # fmt: skip
# Fields that hold no code, or none that matters here.
_SKIPPED = frozenset({"annotation", "returns", "ctx", "type_comment", "op", "ops", "type_params"})


@dataclass(frozen=True)
class _Around:
    """The outermost function and the class around a node."""

    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    cls: ast.ClassDef | None = None

    @property
    def builds(self) -> bool:
        return self.function is not None and self.function.name in _BUILDERS


Met = tuple[ast.AST, ast.AST, _Around]


@dataclass
class _File:
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


def may_matter(tree: ast.Module, catalog: Catalog) -> bool:
    """Whether a file's syntax tree holds anything that is not obviously fine."""
    return _Screen(catalog).run(tree)


class _Screen:
    def __init__(self, catalog: Catalog) -> None:
        self.rows: dict[str, list[Function]] = {}
        for row in catalog.functions.values():
            self.rows.setdefault(row.tail, []).append(row)
        self.modules = {name.rpartition(".")[2] for name in catalog.modules}
        self.file = _File()

    def run(self, tree: ast.Module) -> bool:
        self._collect(tree)
        self._follow_aliases()
        return any(self._matters(*met) for met in self.file.met)

    # --- the walk ---------------------------------------------------------------------------

    def _collect(self, tree: ast.Module) -> None:
        stack: list[Met] = [(tree, tree, _Around())]
        while stack:
            node, parent, around = stack.pop()
            kind = type(node)
            visit = _VISITS.get(kind)
            if visit is not None:
                visit(self, node, parent, around)
            if kind is ast.ClassDef:
                around = _Around(None, node)  # type: ignore[arg-type]
            elif kind in _DEFINITIONS and (around.function is None or around.builds):
                around = _Around(node, around.cls)  # type: ignore[arg-type]
            for name in node._fields:
                if name in _SKIPPED:
                    continue
                value = getattr(node, name)
                if isinstance(value, ast.AST):
                    stack.append((value, node, around))
                elif type(value) is list:
                    stack.extend((v, node, around) for v in value if isinstance(v, ast.AST))

    def _import(self, node: ast.Import, parent: ast.AST, around: _Around) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            other = top in OTHER_FRAMEWORKS
            names = self.file.foreign if other else self.file.imported
            names.add(alias.asname or top)

    def _import_from(self, node: ast.ImportFrom, parent: ast.AST, around: _Around) -> None:
        other = not node.level and (node.module or "").partition(".")[0] in OTHER_FRAMEWORKS
        for alias in node.names:
            name = alias.asname or alias.name
            (self.file.foreign if other else self.file.imported).add(name)
            if other:
                continue
            self.file.star = self.file.star or alias.name == "*"
            if alias.name in self.rows or alias.name in self.modules:
                self.file.aliases.add(name)

    def _class(self, node: ast.ClassDef, parent: ast.AST, around: _Around) -> None:
        if node.bases:
            self.file.classes.add(node.name)

    def _assign(self, node: ast.Assign | ast.AnnAssign, parent: ast.AST, around: _Around) -> None:
        value = node.value
        if value is None:
            return
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(value, (ast.Name, ast.Attribute)):
                self.file.taken.append((target, value))
            if isinstance(target, ast.Attribute):
                is_call = isinstance(value, ast.Call) and _tail(value.func) in (
                    "list",
                    "dict",
                    "tuple",
                )
                if is_call or isinstance(value, (*_DISPLAYS, ast.Name)):
                    self.file.plain.add(target.attr)
        if around.cls is not None:
            self.file.met.append((node, parent, around))

    def _augmented(self, node: ast.AugAssign, parent: ast.AST, around: _Around) -> None:
        if around.cls is not None and isinstance(node.target, ast.Attribute):
            self.file.met.append((node, parent, around))

    def _called(self, node: ast.Call, parent: ast.AST, around: _Around) -> None:
        func = node.func
        tail = _tail(func)
        self.file.called.add(tail)
        interesting = tail in self.rows or tail in self.modules or tail in _GROWING
        if interesting or isinstance(func, (ast.Name, ast.Call)):
            self.file.met.append((node, parent, around))
        for row in self.rows.get(tail, ()):
            rate = _argument(node, row.rate.name, row.rate.position) if row.rate else None
            if isinstance(rate, ast.Attribute):
                self.file.rates.add(rate.attr)

    def _named(self, node: ast.Attribute | ast.Name, parent: ast.AST, around: _Around) -> None:
        if not isinstance(node.ctx, ast.Load):
            return
        tail = _tail(node)
        if (
            tail in self.rows
            or tail in self.modules
            or tail in ("train", "eval")
            or (isinstance(node, ast.Name) and _is_taken(node, parent))
        ):
            self.file.met.append((node, parent, around))

    def _defined(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, parent: ast.AST, around: _Around
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
                if _root(value) in file.imported:
                    names = file.kept if isinstance(target, ast.Attribute) else file.imported
                    name = _tail(target)
                    changed = changed or name not in names
                    names.add(name)

    # --- the look ---------------------------------------------------------------------------

    def _matters(self, node: ast.AST, parent: ast.AST, around: _Around) -> bool:
        if isinstance(node, ast.Call):
            return self._call(node, parent, around)
        if isinstance(node, (ast.Attribute, ast.Name)):
            return self._mention(node, parent, around)
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            return self._assignment(node, around)
        return bool(around.cls and around.cls.bases)  # a method named train or eval

    def _mention(self, node: ast.Attribute | ast.Name, parent: ast.AST, around: _Around) -> bool:
        """A function of the family taken as a value, or a bound ``train`` taken for a flag."""
        called = isinstance(parent, ast.Call) and parent.func is node
        if isinstance(node, ast.Attribute) and node.attr in ("train", "eval"):
            return not called and around.cls is not None and isinstance(node.value, ast.Name)
        if called or not _is_taken(node, parent):
            return False
        if isinstance(node, ast.Name):
            known = node.id in self.rows or node.id in self.modules
            return node.id in self.file.aliases or (self.file.star and known)
        root = _root(node)
        return root in self.file.imported or (root == "self" and _middle(node) in self.file.kept)

    def _call(self, node: ast.Call, parent: ast.AST, around: _Around) -> bool:
        func = node.func
        tail, root = _tail(func), _root(func)
        if root in self.file.foreign:
            return False
        known = tail in self.rows or tail in self.modules
        if isinstance(func, ast.Call):  # nn.Dropout(p)(x)
            inner = func.func
            known = _tail(inner) in self.modules or _tail(inner) in self.file.aliases
            return known and _root(inner) not in self.file.foreign
        if isinstance(func, ast.Name):
            if tail == "getattr":
                names = [a.value for a in node.args[1:2] if isinstance(a, ast.Constant)]
                return any(name in self.rows or name in self.modules for name in names)
            if tail in self.file.aliases and not known:
                return True
            if not known or not (tail in self.file.aliases or self.file.star):
                return False
        elif root == "self" and _middle(func) not in self.file.kept:
            return tail in _GROWING and _middle(func) in self.file.plain and self._grows(node)
        if tail in self.modules:
            return self._construction(parent, around)
        return any(self._row(node, row, around) for row in self.rows.get(tail, ()))

    def _row(self, node: ast.Call, row: Function, around: _Around) -> bool:
        if any(isinstance(arg, ast.Starred) for arg in node.args):
            return False  # nobody knows what is passed, and nothing is reported
        rate = _argument(node, row.rate.name, row.rate.position) if row.rate else None
        if _is_flag(rate):
            return True
        if row.mode is not None:
            flag = _argument(node, row.mode.name, row.mode.position)
            if flag is None:
                return row.mode.default is True and not _has_kwargs(node)
            if isinstance(flag, ast.Attribute):
                return flag.attr != "training"
            if isinstance(flag, ast.Constant):
                return bool(flag.value)
            return not self._is_callers(flag, around)
        if rate is None:
            return False
        if isinstance(rate, ast.Constant):
            return bool(rate.value)
        if isinstance(rate, ast.IfExp) and _asks_training(rate):
            return False
        return not self._is_callers(rate, around)

    def _is_callers(self, value: ast.expr, around: _Around) -> bool:
        """Whether it is a parameter that the function only hands on, called from elsewhere."""
        function = around.function
        if function is None or not isinstance(value, ast.Name) or function.name in self.file.called:
            return False
        arguments = function.args
        defaults = [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]
        if any(not isinstance(default, ast.Constant) or default.value for default in defaults):
            return False
        parameters = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        return value.id in {parameter.arg for parameter in parameters} and not any(
            isinstance(below, ast.Name)
            and below.id == value.id
            and not isinstance(below.ctx, ast.Load)
            for below in ast.walk(function)
        )

    def _construction(self, parent: ast.AST, around: _Around) -> bool:
        """A module of the family that is built outside a constructor and not just handed on."""
        if around.function is None or around.builds:
            return False
        if isinstance(parent, (ast.Return, ast.keyword)):
            return False
        return not (isinstance(parent, ast.Call) and _tail(parent.func) in _HANDED_ON)

    def _assignment(
        self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, around: _Around
    ) -> bool:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        value = node.value
        assert value is not None
        for target in targets:
            if isinstance(target, ast.Subscript):
                own = (
                    isinstance(target.value, ast.Attribute) and target.value.attr in self.file.plain
                )
                if own and self._holds_modules(value):
                    return True
            elif isinstance(target, ast.Attribute):
                if self._is_container(value, around):
                    return True
                if not around.builds and self._is_rate(target.attr) and _has_zero(value):
                    return True
        return False

    def _is_rate(self, name: str) -> bool:
        return "drop" in name.lower() or name in self.file.rates

    def _is_container(self, value: ast.expr, around: _Around) -> bool:
        if isinstance(value, ast.Name):
            return around.function is not None and self._local_holds(value.id, around.function)
        if isinstance(value, ast.Call):
            return _tail(value.func) in ("list", "tuple", "dict") and self._holds_modules(value)
        if not isinstance(value, _DISPLAYS):
            return False
        if isinstance(value, (ast.List, ast.Tuple)) and around.function is not None:
            names = [e.id for e in value.elts if isinstance(e, ast.Name)]
            if any(self._local_holds(name, around.function) for name in names):
                return True
        return self._holds_modules(value)

    def _holds_modules(self, value: ast.AST) -> bool:
        return any(
            isinstance(node, ast.Call) and self._builds_module(node) for node in ast.walk(value)
        )

    def _builds_module(self, node: ast.Call) -> bool:
        tail = _tail(node.func)
        known = tail in self.modules or tail in self.file.classes or tail in self.file.aliases
        return known or tail in ("Sequential", "ModuleList")

    def _local_holds(self, name: str, function: ast.AST) -> bool:
        """Whether a local of a function is, or comes to hold, something that builds a module."""
        for node in ast.walk(function):
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and node.value:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(_root_of_target(t) == name for t in targets):
                    if self._holds_modules(node.value):
                        return True
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                if _root(node.func) == name and self._grows(node):
                    return True
        return False

    def _grows(self, node: ast.Call) -> bool:
        """``xs.append(nn.Dropout(p))``."""
        return any(self._holds_modules(arg) for arg in node.args)


_VISITS: dict[type, Callable[[_Screen, Any, ast.AST, _Around], None]] = {
    ast.Import: _Screen._import,
    ast.ImportFrom: _Screen._import_from,
    ast.ClassDef: _Screen._class,
    ast.Assign: _Screen._assign,
    ast.AnnAssign: _Screen._assign,
    ast.AugAssign: _Screen._augmented,
    ast.Call: _Screen._called,
    ast.Attribute: _Screen._named,
    ast.Name: _Screen._named,
    ast.FunctionDef: _Screen._defined,
    ast.AsyncFunctionDef: _Screen._defined,
}


def _is_taken(node: ast.AST, parent: ast.AST) -> bool:
    if isinstance(parent, ast.Call):
        return parent.func is not node and _tail(parent.func) == "partial"
    return isinstance(parent, _TAKING)


def _argument(node: ast.Call, name: str, position: int | None) -> ast.expr | None:
    for keyword in node.keywords:
        if keyword.arg == name:
            return keyword.value
    if position is not None and position < len(node.args):
        return node.args[position]
    return None


def _has_kwargs(node: ast.Call) -> bool:
    return any(keyword.arg is None for keyword in node.keywords)


def _has_zero(value: ast.expr) -> bool:
    parts: Iterator[ast.expr] | tuple[ast.expr, ...] = (value,)
    if isinstance(value, ast.IfExp):
        parts = (value.body, value.orelse)
    return any(isinstance(p, ast.Constant) and p.value == 0 for p in parts)


def _is_flag(rate: ast.expr | None) -> bool:
    """Whether a rate argument may be the mode flag."""
    if isinstance(rate, ast.Attribute):
        return rate.attr in ("training", "train")
    if isinstance(rate, ast.Name):
        return rate.id in _FLAG_NAMES
    return isinstance(rate, ast.Constant) and rate.value is True


def _asks_training(node: ast.IfExp) -> bool:
    """``x if self.training else 0.0`` and ``0.0 if not self.training else x``."""
    test, zero = node.test, node.orelse
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, zero = test.operand, node.body
    return (
        isinstance(test, ast.Attribute)
        and test.attr == "training"
        and isinstance(zero, ast.Constant)
        and not zero.value
    )


def _tail(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _root_of_target(node: ast.AST) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _middle(node: ast.AST) -> str:
    """``F`` of ``self.F.dropout``."""
    inner = node.value if isinstance(node, ast.Attribute) else node
    return inner.attr if isinstance(inner, ast.Attribute) else ""
