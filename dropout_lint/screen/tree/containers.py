"""The syntax tree: may what drops be kept in a plain container, where `nn.Module` is blind?"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from dropout_lint.python_names import GROWING_METHODS
from dropout_lint.screen.known_names import PLAIN_CONTAINERS
from dropout_lint.screen.tree.aliases import ResolvedFile
from dropout_lint.screen.tree.collect import Def, tail_of

_DISPLAYS = (ast.List, ast.ListComp, ast.Tuple, ast.Dict, ast.DictComp)
# What is neither one of its parts nor a container of them.
_OTHER = (ast.Attribute, ast.Subscript, ast.Compare, ast.Lambda, ast.JoinedStr)
Assignments = list[tuple[ast.expr, ast.expr]]


class KeptContainers:
    """What the methods of a file keep on their objects."""

    def __init__(self, file: ResolvedFile) -> None:
        self._builders = _builders(file)
        self._methods = _assignments(file)

    def hides_modules(self) -> bool:
        return any(self._method_hides(assignments) for assignments in self._methods)

    def _method_hides(self, assignments: Assignments) -> bool:
        held = self._held(assignments)
        for target, value in assignments:
            if isinstance(target, ast.Attribute):
                if self._shows(value, held) and self._is_container(value, assignments):
                    return True
            elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Attribute):
                if target.value.attr in self._plain and self._shows(value, held):
                    return True
            elif isinstance(target, ast.Call) and isinstance(target.func, ast.Attribute):
                owner = target.func.value
                if isinstance(owner, ast.Attribute) and owner.attr in self._plain:
                    if self._shows(value, held):
                        return True
        return False

    def _held(self, assignments: Assignments) -> set[str]:
        """The local variables that hold something built, or a container of it."""
        held: set[str] = set()
        while True:
            more = {
                name
                for target, value in assignments
                for name in _names_put(target)
                if self._shows(value, held)
            }
            if more <= held:
                return held
            held |= more

    def _shows(self, value: ast.AST, held: set[str]) -> bool:
        """Whether an expression is, or shows, something built or one of the names."""
        if isinstance(value, ast.Name):
            return value.id in held or value.id in self._builders
        if isinstance(value, ast.Call):
            shown = [*value.args, *(keyword.value for keyword in value.keywords)]
            if isinstance(value.func, ast.Attribute):  # `nn.Sequential(…).to(device)`
                shown.append(value.func.value)
            return tail_of(value.func) in self._builders or any(
                self._shows(argument, held) for argument in shown
            )
        if isinstance(value, _OTHER):
            return False
        return any(self._shows(child, held) for child in ast.iter_child_nodes(value))

    def _is_container(self, value: ast.expr, assignments: Assignments) -> bool:
        """Whether an expression is a display, or a local variable that is one."""
        if isinstance(value, ast.Name):
            return any(
                isinstance(target, ast.Name) and target.id == value.id and _is_display(put)
                for target, put in assignments
            )
        return _is_display(value)

    @cached_property
    def _plain(self) -> set[str]:
        """The attributes that may hold a plain container."""
        return {
            target.attr
            for assignments in self._methods
            for target, value in assignments
            if isinstance(target, ast.Attribute)
            and (isinstance(value, ast.Name) or _is_display(value))
        }


def _builders(file: ResolvedFile) -> set[str]:
    """The names of what builds modules that drop: of the family, or classes of the file.

    A class does if it mentions the family or another class that does.
    """
    modules = file.family.catalog.modules
    found = {
        tail_of(mention.node)
        for mention in file.mentions
        if any(name in modules for name in mention.members)
    }
    found |= file.imports.layers
    dropping = {cls for mention in file.mentions for cls in mention.scope.classes()}
    while dropping:
        found |= {cls.name for cls in dropping}
        dropping = {
            cls
            for cls, used in file.names_in_classes.items()
            if cls.name not in found and not found.isdisjoint(used)
        }
    return found - {""}


def _assignments(file: ResolvedFile) -> list[Assignments]:
    """What each method puts where: by assignments, and by calls that make a container grow."""
    found: dict[Def, Assignments] = {method: [] for method, _ in file.methods}
    for node, scope in file.assignments:
        if node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            pairs = [pair for target in targets for pair in _pairs(target, node.value)]
            for method in scope.methods():
                found[method] += pairs
    for call, scope in file.calls:
        if tail_of(call.func) in GROWING_METHODS:
            given = (*call.args, *(keyword.value for keyword in call.keywords))
            for method in scope.methods():
                found[method] += [(call, argument) for argument in given]
    return [*found.values()]


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, (ast.Tuple, ast.List)):
        values = [value] * len(target.elts)
        if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(values):
            values = value.elts
        for one, part in zip(target.elts, values, strict=True):
            yield from _pairs(one, part)
    else:
        yield target, value


def _names_put(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Call):
        assert isinstance(target.func, (ast.Attribute, ast.Name))
        if isinstance(target.func, ast.Attribute) and isinstance(target.func.value, ast.Name):
            yield target.func.value.id
    while isinstance(target, (ast.Subscript, ast.Starred)):
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id


def _is_display(value: ast.AST) -> bool:
    if isinstance(value, ast.BinOp):
        return _is_display(value.left) or _is_display(value.right)
    if isinstance(value, (ast.IfExp, ast.BoolOp)):
        return any(_is_display(child) for child in ast.iter_child_nodes(value))
    if isinstance(value, ast.Call):
        return tail_of(value.func) in PLAIN_CONTAINERS
    return isinstance(value, _DISPLAYS)
