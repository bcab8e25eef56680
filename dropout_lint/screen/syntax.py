"""The second stage: is there anything in the syntax tree that is not obviously fine?"""

from __future__ import annotations

import ast

from dropout_lint.catalog import Catalog, Function
from dropout_lint.screen.collect import (
    DISPLAYS,
    GROWING,
    Around,
    Collector,
    argument_of,
    is_taken,
    middle_of,
    root_of,
    tail_of,
)

_FLAG_NAMES = frozenset({"training", "train", "is_training", "is_train"})
_HANDED_ON = frozenset({"Sequential", "append", "add_module", "ModuleList", "insert"})


def may_matter(tree: ast.Module, catalog: Catalog) -> bool:
    """Whether a file's syntax tree holds anything that is not obviously fine."""
    return _Screen(tree, catalog).run()


class _Screen:
    def __init__(self, tree: ast.Module, catalog: Catalog) -> None:
        collector = Collector(catalog)
        self.rows, self.modules = collector.rows, collector.modules
        self.file = collector.collect(tree)

    def run(self) -> bool:
        return any(self._matters(*met) for met in self.file.met)

    def _matters(self, node: ast.AST, parent: ast.AST, around: Around) -> bool:
        if isinstance(node, ast.Call):
            return self._call(node, parent, around)
        if isinstance(node, (ast.Attribute, ast.Name)):
            return self._mention(node, parent, around)
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            return self._assignment(node, around)
        return bool(around.cls and around.cls.bases)  # a method named train or eval

    def _mention(self, node: ast.Attribute | ast.Name, parent: ast.AST, around: Around) -> bool:
        """A function of the family taken as a value, or a bound ``train`` taken for a flag."""
        called = isinstance(parent, ast.Call) and parent.func is node
        if isinstance(node, ast.Attribute) and node.attr in ("train", "eval"):
            return not called and around.cls is not None and isinstance(node.value, ast.Name)
        if called or not is_taken(node, parent):
            return False
        if isinstance(node, ast.Name):
            known = node.id in self.rows or node.id in self.modules
            return node.id in self.file.aliases or (self.file.star and known)
        root = root_of(node)
        return self.file.may_be_imported(root) or (
            root == "self" and middle_of(node) in self.file.kept
        )

    def _call(self, node: ast.Call, parent: ast.AST, around: Around) -> bool:
        func = node.func
        tail, root = tail_of(func), root_of(func)
        if root in self.file.foreign:
            return False
        known = tail in self.rows or tail in self.modules
        if isinstance(func, ast.Call):  # nn.Dropout(p)(x)
            inner = func.func
            known = tail_of(inner) in self.modules or tail_of(inner) in self.file.aliases
            return known and root_of(inner) not in self.file.foreign
        if isinstance(func, ast.Name):
            if tail == "getattr":
                names = [a.value for a in node.args[1:2] if isinstance(a, ast.Constant)]
                return any(name in self.rows or name in self.modules for name in names)
            if tail in self.file.aliases and not known:
                return True
            if not known or not (tail in self.file.aliases or self.file.star):
                return False
        elif root == "self" and middle_of(func) not in self.file.kept:
            return tail in GROWING and middle_of(func) in self.file.plain and self._grows(node)
        if tail in self.modules:
            return self._construction(parent, around)
        return any(self._row(node, row, around) for row in self.rows.get(tail, ()))

    def _row(self, node: ast.Call, row: Function, around: Around) -> bool:
        if any(isinstance(arg, ast.Starred) for arg in node.args):
            return False  # nobody knows what is passed, and nothing is reported
        rate = argument_of(node, row.rate.name, row.rate.position) if row.rate else None
        if _is_flag(rate):
            return True
        if row.mode is not None:
            flag = argument_of(node, row.mode.name, row.mode.position)
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

    def _is_callers(self, value: ast.expr, around: Around) -> bool:
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

    def _construction(self, parent: ast.AST, around: Around) -> bool:
        """A module of the family that is built outside a constructor and not just handed on."""
        if around.function is None or around.builds:
            return False
        if isinstance(parent, (ast.Return, ast.keyword)):
            return False
        return not (isinstance(parent, ast.Call) and tail_of(parent.func) in _HANDED_ON)

    def _assignment(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, around: Around) -> bool:
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

    def _is_container(self, value: ast.expr, around: Around) -> bool:
        if isinstance(value, ast.Name):
            return around.function is not None and self._local_holds(value.id, around.function)
        if isinstance(value, ast.Call):
            return tail_of(value.func) in ("list", "tuple", "dict") and self._holds_modules(value)
        if not isinstance(value, DISPLAYS):
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
        tail = tail_of(node.func)
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
                if root_of(node.func) == name and self._grows(node):
                    return True
        return False

    def _grows(self, node: ast.Call) -> bool:
        """``xs.append(nn.Dropout(p))``."""
        return any(self._holds_modules(arg) for arg in node.args)


def _has_kwargs(node: ast.Call) -> bool:
    return any(keyword.arg is None for keyword in node.keywords)


def _has_zero(value: ast.expr) -> bool:
    parts = (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,)
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


def _root_of_target(node: ast.AST) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
