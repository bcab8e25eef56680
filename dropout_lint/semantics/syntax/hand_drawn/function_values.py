"""Values in a function, by its assignments: what comes from its input, and what is a rate.

Statements have no order here: a name stands for all that it is ever assigned.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.hand_drawn.tensor_calls import (
    FULL,
    LIKENESS,
    NUMBERS,
    ONES,
    SHAPE_ATTRIBUTES,
    SHAPES,
)
from dropout_lint.semantics.syntax.names import Names, parameters_of
from dropout_lint.semantics.syntax.tree import chain_of, children, tail_of, walk
from dropout_lint.vocabulary.masks import is_called_rate
from dropout_lint.vocabulary.modes import speaks_of_mode

_DEPTH = 8
_NESTED = (cst.FunctionDef, cst.Lambda, cst.ClassDef)


def walk_own(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes of a function without those of functions and classes in it."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack += (below for below in reversed(children(top)) if not isinstance(below, _NESTED))


class FunctionValues:
    """The values in one function."""

    def __init__(self, names: Names, function: FunctionInfo) -> None:
        self._names = names
        self._function = function
        self.nodes = list(walk_own(function.node.body))
        self.assigned: dict[str, list[cst.BaseExpression]] = {}
        for target, value in self._assignments():
            for name in _names_in(target):
                self.assigned.setdefault(name, []).append(value)
        self.reads: dict[str, list[cst.Name]] = {}
        for node in self.nodes:
            if isinstance(node, cst.Name):
                self.reads.setdefault(node.value, []).append(node)
        self._rates = {p.name.value for p in self._parameters() if _is_rate(p)}
        self._inputs = {p.name.value for p in self._parameters() if _is_input(p)} - self._rates
        self._spread()

    def is_input(self, node: cst.CSTNode) -> bool:
        """Whether an expression is computed from the data of a parameter, or from a weight."""
        stack = [node]
        while stack:
            top = stack.pop()
            if isinstance(top, cst.Name):
                if top.value in self._inputs:
                    return True
            elif isinstance(top, cst.Attribute):
                if top.attr.value in SHAPE_ATTRIBUTES:
                    continue
                root = chain_of(top)[-1]
                if isinstance(root, cst.Name) and root.value == self._function.self_name:
                    if not is_called_rate(top.attr.value):
                        return True
                    continue
                stack.append(top.value)
            elif isinstance(top, cst.Call):
                tail = tail_of(top.func)
                if tail in SHAPES:
                    continue
                if isinstance(top.func, cst.Attribute):
                    stack.append(top.func.value)
                if tail not in LIKENESS:
                    stack += [arg.value for arg in top.args]
            else:
                stack += children(top)
        return False

    def is_rate(self, node: cst.BaseExpression) -> bool:
        """Whether an expression is a number that a parameter, an attribute or the text gives."""
        found = self._sources(node, 0)
        return found is not None and bool(found)

    def rate_names(self, node: cst.BaseExpression) -> set[str]:
        """The names of the parameters and attributes that a rate is computed from."""
        return {name for name in self._sources(node, 0) or () if name}

    # --- inputs -----------------------------------------------------------------------------

    def _parameters(self) -> list[cst.Param]:
        return [
            p for p in parameters_of(self._function.node)
            if p.name.value not in (self._function.self_name, self._function.class_name)
        ]  # fmt: skip

    def _assignments(self) -> Iterator[tuple[cst.CSTNode, cst.BaseExpression]]:
        for node in self.nodes:
            if isinstance(node, cst.Assign):
                for target in node.targets:
                    yield from _paired(target.target, node.value)
            elif isinstance(node, (cst.AnnAssign, cst.NamedExpr, cst.AugAssign)):
                if node.value is not None:
                    yield node.target, node.value
            elif isinstance(node, (cst.For, cst.CompFor)):
                yield node.target, node.iter

    def _spread(self) -> None:
        """Let what is computed from an input be one."""
        grown = True
        while grown:
            new = {
                name
                for name, values in self.assigned.items()
                if name not in self._inputs and any(map(self.is_input, values))
            }
            self._inputs |= new
            grown = bool(new)

    # --- rates ------------------------------------------------------------------------------

    def _sources(self, node: cst.CSTNode, depth: int) -> set[str] | None:
        """The names a number comes from ("" for one that stands there); None: it is no number.

        What only has a shape adds nothing.
        """
        if depth > _DEPTH:
            return None
        if isinstance(node, (cst.Integer, cst.Float)):
            return {""}
        if isinstance(node, cst.Name):
            return self._named(node.value, depth)
        if isinstance(node, cst.Attribute):
            if node.attr.value in SHAPE_ATTRIBUTES:
                return set()
            root = chain_of(node)[-1]
            own = isinstance(root, cst.Name) and root.value == self._function.self_name
            is_rate = isinstance(root, cst.Name) and (own or is_called_rate(node.attr.value))
            return {node.attr.value} if is_rate else None
        if isinstance(node, cst.Call):
            return self._computed(node, depth)
        if isinstance(node, cst.Subscript):
            return self._sources(node.value, depth + 1)
        if isinstance(node, cst.IfExp):
            return self._all((node.body, node.orelse), depth)
        if isinstance(node, cst.BinaryOperation):
            return self._all((node.left, node.right), depth)
        if isinstance(node, cst.Comparison):
            return self._all([node.left, *(t.comparator for t in node.comparisons)], depth)
        if isinstance(node, cst.UnaryOperation):
            return self._sources(node.expression, depth + 1)
        if isinstance(node, (cst.Tuple, cst.List)):
            return self._all([element.value for element in node.elements], depth)
        return None

    def _all(self, nodes: tuple[cst.CSTNode, ...] | list[cst.BaseExpression], depth: int
             ) -> set[str] | None:  # fmt: skip
        found: set[str] = set()
        for node in nodes:
            sources = self._sources(node, depth + 1)
            if sources is None:
                return None
            found |= sources
        return found

    def _named(self, name: str, depth: int) -> set[str] | None:
        if name in self._rates:
            return {name}
        values = self.assigned.get(name)
        if values is not None:
            if name in self._inputs:
                return None
            return self._all(values, depth)
        if name in self._inputs:
            return None
        bound = self._names.lookup(name, self._function.scope)
        if bound is None or bound[0].is_function or len(bound[1]) != 1:
            return None
        value = bound[1][0].value
        return {name} if isinstance(value, (cst.Integer, cst.Float)) else None

    def _computed(self, node: cst.Call, depth: int) -> set[str] | None:
        tail = tail_of(node.func)
        values = [arg.value for arg in node.args if arg.keyword is None]
        if tail in FULL:
            named = [a.value for a in node.args if a.keyword and a.keyword.value == "fill_value"]
            place = 0 if tail == "new_full" and len(values) == 1 else 1
            number = (named or values[place : place + 1])[:1]
            return self._sources(number[0], depth + 1) if number else None
        if tail in ONES:
            return {""}
        if tail in SHAPES:
            return set()
        if tail in NUMBERS:
            if isinstance(node.func, cst.Attribute) and not self._is_library(node.func):
                values = [node.func.value, *values]
            return self._all(values, depth)
        if tail in LIKENESS and isinstance(node.func, cst.Attribute):
            of = values[0] if self._is_library(node.func) and values else node.func.value
            return self._sources(of, depth + 1)
        return None

    def _is_library(self, func: cst.Attribute) -> bool:
        return bool(self._names.qualified(func, self._function.scope))


def _is_rate(parameter: cst.Param) -> bool:
    """Whether a parameter is a rate, by its default or its name."""
    default, name = parameter.default, parameter.name.value
    if parameter.star or speaks_of_mode(name):
        return False
    if is_flag(parameter) or (parameter.annotation and _is_tensor(parameter.annotation)):
        return False
    return isinstance(default, (cst.Integer, cst.Float)) or is_called_rate(name)


def _is_input(parameter: cst.Param) -> bool:
    return not (is_flag(parameter) or speaks_of_mode(parameter.name.value))


def is_flag(parameter: cst.Param) -> bool:
    """Whether the default of a parameter is True or False."""
    default = parameter.default
    return isinstance(default, cst.Name) and default.value in ("True", "False")


def _is_tensor(annotation: cst.Annotation) -> bool:
    return any("Tensor" in tail_of(node) for node in walk(annotation.annotation))


def _paired(
    target: cst.BaseExpression, value: cst.BaseExpression
) -> Iterator[tuple[cst.CSTNode, cst.BaseExpression]]:
    if isinstance(target, cst.Tuple) and isinstance(value, cst.Tuple):
        if len(target.elements) == len(value.elements):
            for one, other in zip(target.elements, value.elements, strict=True):
                yield one.value, other.value
            return
    yield target, value


def _names_in(target: cst.CSTNode) -> Iterator[str]:
    if isinstance(target, cst.Name):
        yield target.value
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _names_in(element.value)
    elif isinstance(target, (cst.Subscript, cst.StarredElement)):
        yield from _names_in(target.value)
