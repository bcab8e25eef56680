"""What is made of a draw: random numbers, numbers that a rate was added to, a mask."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import libcst as cst

from dropout_lint.semantics.syntax.functions import FunctionInfo, Functions
from dropout_lint.semantics.syntax.hand_drawn.function_values import FunctionValues
from dropout_lint.semantics.syntax.hand_drawn.tensor_calls import (
    ADDS,
    BERNOULLI,
    BERNOULLI_METHODS,
    CHOOSES,
    COMPARES,
    DISTRIBUTIONS,
    FILLS,
    KEEPS,
    ROUNDS,
    SCALES,
    SELECTS,
    UNIFORM,
    UNIFORM_METHODS,
)
from dropout_lint.semantics.syntax.tree import tail_of, walk


class Kind(Enum):
    """What a value made of a draw is."""

    UNIFORM = "numbers from 0 to 1"
    SHIFTED = "the same, to which a rate was added"
    MASK = "zeros and ones, perhaps scaled"


UNIFORM_VALUE, SHIFTED, MASK = Kind


@dataclass
class Use:
    """What is known of the use of one draw: the names of rates and masks, and what comes of it."""

    names: set[str] = field(default_factory=set)
    results: list[cst.CSTNode] = field(default_factory=list)
    tests: list[cst.CSTNode] = field(default_factory=list)
    is_selection: bool = False


class Kinds:
    """The kinds of the values of one function that are made of a draw."""

    def __init__(self, functions: Functions, function: FunctionInfo) -> None:
        self._tree = functions.tree
        self._names = functions.names
        self._function = function
        self._values = FunctionValues(functions.names, function)

    def drawn(self, node: cst.Call, use: Use) -> Kind | None:
        """What a call draws, if it draws with a rate or is uniform."""
        func, tail = node.func, tail_of(node.func)
        scope = self._function.scope
        for name in self._names.qualified(func, scope):
            if name in UNIFORM:
                return UNIFORM_VALUE
            if name in BERNOULLI:
                return self._with_rate(_argument(node, BERNOULLI[name], ("p", "input")), use)
        if not isinstance(func, cst.Attribute) or self._names.qualified(func, scope):
            return None
        if tail in UNIFORM_METHODS:
            return UNIFORM_VALUE
        if tail in BERNOULLI_METHODS:
            rate = _argument(node, 0, ("p",))
            if rate is None:
                rate = func.value if tail == "bernoulli" else cst.Float("0.5")
            return self._with_rate(rate, use)
        built = func.value if tail == "sample" else None
        if isinstance(built, cst.Name):
            values = self._values.assigned.get(built.value, [])
            built = values[0] if len(values) == 1 else None
        if isinstance(built, cst.Call):
            if any(n in DISTRIBUTIONS for n in self._names.qualified(built.func, scope)):
                return self._with_rate(_argument(built, 0, ("probs",)), use)
        return None

    def _with_rate(self, rate: cst.BaseExpression | None, use: Use) -> Kind | None:
        return MASK if rate is not None and self._takes_rate(rate, use) else None

    def _takes_rate(self, node: cst.BaseExpression, use: Use) -> bool:
        if not self._values.is_rate(node):
            return False
        use.names |= self._values.rate_names(node)
        use.names |= {n.value for n in walk(node) if isinstance(n, cst.Name)}
        return True

    def after(self, above: cst.CSTNode, below: cst.CSTNode, kind: Kind, use: Use) -> Kind | None:
        """What an expression around a value made of a draw is; None where the trail ends."""
        if isinstance(above, cst.BinaryOperation):
            return self._operation(above, below, kind, use)
        if isinstance(above, cst.Comparison):
            sides = [above.left, *(target.comparator for target in above.comparisons)]
            inside = below.comparator if isinstance(below, cst.ComparisonTarget) else below
            others = [side for side in sides if side is not inside]
            if kind is MASK:
                return MASK if all(map(_is_number, others)) else None
            return MASK if all(self._takes_rate(side, use) for side in others) else None
        if isinstance(above, (cst.ComparisonTarget, cst.UnaryOperation, cst.BooleanOperation,
                              cst.Index, cst.SubscriptElement, cst.Arg)):  # fmt: skip
            return kind
        if isinstance(above, cst.Element):
            return kind if isinstance(self._tree.parent(above), cst.Tuple) else None
        if isinstance(above, cst.Tuple):
            parent = self._tree.parent(above)
            return kind if isinstance(parent, (cst.Index, cst.Subscript)) else None
        if isinstance(above, cst.IfExp):
            return kind
        if isinstance(above, cst.Attribute):
            return kind
        if isinstance(above, cst.Subscript):
            if below is above.value:
                return kind
            parent = self._tree.parent(above)
            if isinstance(parent, cst.AssignTarget):
                return kind
            if kind is MASK and self._values.is_input(above.value):
                use.is_selection = True
                use.results.append(above)
            return None
        if isinstance(above, cst.AssignTarget):
            return kind
        return self._called(above, below, kind, use) if isinstance(above, cst.Call) else None

    def _operation(
        self, above: cst.BinaryOperation, below: cst.CSTNode, kind: Kind, use: Use
    ) -> Kind | None:
        other = above.right if below is above.left else above.left
        if isinstance(above.operator, (cst.Multiply, cst.Divide)):
            return self._scaled(above, other, kind, use)
        if isinstance(above.operator, (cst.Add, cst.Subtract)):
            return self._shifted(other, kind, use)
        if isinstance(above.operator, (cst.BitAnd, cst.BitOr)) and kind is MASK:
            return MASK
        return None

    def _scaled(
        self, above: cst.CSTNode, other: cst.BaseExpression, kind: Kind, use: Use
    ) -> Kind | None:
        if kind is not MASK:
            return None
        if self._values.is_input(other):
            use.results.append(above)
            return None
        self._takes_rate(other, use)
        return MASK

    def _shifted(self, other: cst.BaseExpression, kind: Kind, use: Use) -> Kind | None:
        if kind is MASK:
            return MASK if _is_number(other) else None
        return SHIFTED if self._takes_rate(other, use) else None

    def _called(self, call: cst.Call, below: cst.CSTNode, kind: Kind, use: Use) -> Kind | None:
        tail, func = tail_of(call.func), call.func
        others = [arg.value for arg in call.args if arg is not below]
        receiver = func.value if isinstance(func, cst.Attribute) else None
        if below is not func and receiver is not None:
            if not self._names.qualified(func, self._function.scope):
                others = [receiver, *others]
        if tail in ROUNDS:
            return MASK if kind in (SHIFTED, MASK) else None
        if tail in COMPARES:
            if kind is MASK:
                return MASK
            return MASK if others and self._takes_rate(others[0], use) else None
        if tail in ADDS and others:
            return self._shifted(others[0], kind, use)
        if tail in SCALES and others:
            return self._scaled(call, others[0], kind, use)
        if tail in FILLS and kind is MASK and below is not func:
            if self._values.is_input(others[0]) and any(map(is_zero, others[1:])):
                use.results.append(call)
            return None
        if tail in CHOOSES and kind is MASK:
            data = [self._values.is_input(other) for other in others]
            if sum(data) == 1 and any(map(is_zero, others)):
                use.results.append(call)
                return None
            return MASK if not any(data) else None
        if tail in SELECTS and kind is MASK and below is not func:
            if any(map(self._values.is_input, others)):
                use.is_selection = True
                use.results.append(call)
            return None
        return kind if tail in KEEPS else None


def _argument(
    call: cst.Call, position: int, keywords: tuple[str, ...]
) -> cst.BaseExpression | None:
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value in keywords:
            return arg.value
    placed = [arg.value for arg in call.args if arg.keyword is None and not arg.star]
    return placed[position] if position < len(placed) else None


def _is_number(node: cst.CSTNode) -> bool:
    return isinstance(node, (cst.Integer, cst.Float)) or (
        isinstance(node, cst.Name) and node.value in ("True", "False")
    )


def is_zero(node: cst.CSTNode | None) -> bool:
    """``0``, ``0.0``, ``torch.zeros_like(x)``, ``x.new_zeros(1)``, ``torch.tensor(0.0)``."""
    if isinstance(node, (cst.Integer, cst.Float)):
        return not node.evaluated_value
    if isinstance(node, cst.Call):
        tail = tail_of(node.func)
        if tail in ("tensor", "as_tensor") and node.args:
            return is_zero(node.args[0].value)
        return "zeros" in tail
    return False
