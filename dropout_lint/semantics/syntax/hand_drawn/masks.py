"""Masks that are drawn by hand, and that drop from what a function gets.

A draw is dropout if its data flow says so: it is Bernoulli's, or a uniform draw that is compared
with a rate or rounded down after one was added; the mask multiplies, zeroes or selects what comes
from a parameter (or decides whether a layer is skipped); and the result is returned. Besides
something has to say that this is dropout and no sample or augmentation: a name with `drop` or
`keep` in it, or a parameter that is the mode.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

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
    SAMPLERS,
    SCALES,
    SELECTS,
    UNIFORM,
    UNIFORM_METHODS,
)
from dropout_lint.semantics.syntax.tree import tail_of, walk
from dropout_lint.vocabulary.masks import is_other_mask, speaks_of_drop
from dropout_lint.vocabulary.modes import FLAG_NAMES

_MODES = FLAG_NAMES | {"deterministic"}
_MOST_PLACES = 60
_SCALING = (cst.MultiplyAssign, cst.BitAndAssign)


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


class Masks:
    """The masks by hand of one file's functions."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._found: dict[FunctionInfo, dict[cst.Call, list[cst.CSTNode]]] = {}

    def of(self, function: FunctionInfo) -> Mapping[cst.Call, list[cst.CSTNode]]:
        """The calls of a function that draw a mask, each with what drops by it."""
        if function not in self._candidates:
            return {}
        if function not in self._found:
            drops = _FunctionMasks(self._functions, function).drops()
            self._found[function] = dict(drops)
        return self._found[function]

    @cached_property
    def functions(self) -> list[FunctionInfo]:
        """The functions with such a call."""
        return [function for function in self._candidates if self.of(function)]

    @cached_property
    def _candidates(self) -> dict[FunctionInfo, None]:
        """The functions that mention a sampler."""
        found: dict[FunctionInfo, None] = {}
        for node, scope in self._functions.names.mentions:
            if tail_of(node) in SAMPLERS:
                function = self._functions.of_scope(scope)
                if function is not None:
                    found[function] = None
        return found


class _FunctionMasks:
    """The masks of one function."""

    def __init__(self, functions: Functions, function: FunctionInfo) -> None:
        self._tree = functions.tree
        self._names = functions.names
        self._function = function
        self._values = FunctionValues(functions.names, function)

    def drops(self) -> Iterator[tuple[cst.Call, list[cst.CSTNode]]]:
        """The draws that are dropout, and what drops by them."""
        for node in self._values.nodes:
            if isinstance(node, cst.Call) and tail_of(node.func) in SAMPLERS:
                use = Use()
                kind = self._drawn(node, use)
                if kind is not None:
                    self._follow(node, kind, use)
                    drops = self._dropping(use)
                    if drops:
                        yield node, drops

    def _dropping(self, use: Use) -> list[cst.CSTNode]:
        """What drops by a draw, if it is dropout."""
        function = self._function
        around = function.qualname.split(".")
        if is_other_mask(function.name, around):
            return []
        says_drop = any(map(speaks_of_drop, {*use.names, *around}))
        results = [result for result in use.results if self._is_returned(result)]
        if not results and says_drop:
            return [test for test in use.tests if self._skips(test)]
        takes_mode = any(p.name.value in _MODES for p in function.parameters)
        return results if says_drop or (takes_mode and not use.is_selection) else []

    # --- the draw ---------------------------------------------------------------------------

    def _drawn(self, node: cst.Call, use: Use) -> Kind | None:
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

    # --- what becomes of it -----------------------------------------------------------------

    def _follow(self, draw: cst.Call, kind: Kind, use: Use) -> None:
        """Follow a draw to what it drops from."""
        places: list[tuple[cst.CSTNode, Kind]] = [(draw, kind)]
        known: set[tuple[str, Kind]] = set()
        for place, of in places:
            if len(places) > _MOST_PLACES:
                return
            for name, kind in self._climb(place, of, use):
                if (name, kind) not in known:
                    known.add((name, kind))
                    use.names.add(name)
                    places += [(read, kind) for read in self._values.reads.get(name, ())]

    def _climb(self, place: cst.CSTNode, kind: Kind, use: Use) -> Iterator[tuple[str, Kind]]:
        """The names that are given what is made of a place."""
        below, root = place, place
        in_place = False
        for above in self._tree.ancestors(place):
            if isinstance(above, cst.NamedExpr) and isinstance(above.target, cst.Name):
                yield above.target.value, kind
            elif isinstance(above, (cst.Assign, cst.AnnAssign, cst.AugAssign)):
                yield from self._assigned(above, below, kind, use)
                return
            elif isinstance(above, cst.Expr):
                name = _root_name(root)
                if in_place and name is not None:
                    yield name, kind
                return
            elif isinstance(above, (cst.If, cst.While)):
                if below is above.test and kind is MASK:
                    use.tests.append(above)
                return
            elif isinstance(above, cst.IfExp) and below is above.test:
                if kind is MASK:
                    use.tests.append(above)
                return
            else:
                if isinstance(above, cst.Call) and isinstance(above.func, cst.Attribute):
                    in_place = above.func.attr.value.endswith("_")
                after = self._after(above, below, kind, use)
                if after is None:
                    return
                kind = after
            below = above

    def _assigned(
        self, statement: cst.Assign | cst.AnnAssign | cst.AugAssign, below: cst.CSTNode,
        kind: Kind, use: Use,
    ) -> Iterator[tuple[str, Kind]]:  # fmt: skip
        if isinstance(statement, cst.AugAssign):
            target = statement.target
            if below is target:
                return
            if kind is MASK and isinstance(statement.operator, _SCALING):
                if self._values.is_input(target):
                    use.results.append(statement)
        elif below is statement.value:
            targets = (
                [t.target for t in statement.targets] if isinstance(statement, cst.Assign)
                else [statement.target]
            )  # fmt: skip
            for target in targets:
                if isinstance(target, cst.Name):
                    yield target.value, kind
        elif kind is MASK and isinstance(below, cst.AssignTarget):  # `x[mask] = 0`
            base = below.target.value if isinstance(below.target, cst.Subscript) else None
            if base is not None and self._values.is_input(base) and _is_zero(statement.value):
                use.results.append(below)

    def _after(self, above: cst.CSTNode, below: cst.CSTNode, kind: Kind, use: Use) -> Kind | None:
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
            if self._values.is_input(others[0]) and any(map(_is_zero, others[1:])):
                use.results.append(call)
            return None
        if tail in CHOOSES and kind is MASK:
            data = [self._values.is_input(other) for other in others]
            if sum(data) == 1 and any(map(_is_zero, others)):
                use.results.append(call)
                return None
            return MASK if not any(data) else None
        if tail in SELECTS and kind is MASK and below is not func:
            if any(map(self._values.is_input, others)):
                use.is_selection = True
                use.results.append(call)
            return None
        return kind if tail in KEEPS else None

    # --- what is returned -------------------------------------------------------------------

    def _is_returned(self, result: cst.CSTNode) -> bool:
        """Whether a result, or something made of it, is returned."""
        places, known = [result], set[str]()
        for place in places:
            for above in (place, *self._tree.ancestors(place)):
                if isinstance(above, (cst.Return, cst.Yield)):
                    return True
                if isinstance(above, cst.AssignTarget):  # `x[mask] = 0`
                    names = {_root_name(above.target)}
                elif isinstance(above, cst.Assign):
                    names = {_root_name(target.target) for target in above.targets}
                    names |= {
                        n.value for t in above.targets if isinstance(t.target, cst.Tuple)
                        for n in walk(t.target) if isinstance(n, cst.Name)
                    }  # fmt: skip
                elif isinstance(above, (cst.AnnAssign, cst.AugAssign, cst.NamedExpr)):
                    names = {_root_name(above.target)}
                elif isinstance(above, cst.Expr):
                    names = {_root_name(above.value)}
                elif isinstance(above, cst.BaseStatement):
                    break
                else:
                    continue
                new = {name for name in names if name is not None} - known
                known |= new
                places += [read for name in new for read in self._values.reads.get(name, ())]
                break
        return False

    def _skips(self, test: cst.CSTNode) -> bool:
        """Whether a condition decides about a layer: one of its branches does without."""
        if isinstance(test, cst.IfExp):
            return self._is_returned(test) and self._values.is_input(test)
        if not isinstance(test, cst.If):
            return False
        first = test.body.body[0] if isinstance(test.body, cst.IndentedBlock) else test.body
        if isinstance(first, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
            statement = first.body[0]
            if isinstance(statement, cst.Continue):
                return True
            if isinstance(statement, cst.Return) and statement.value is not None:
                return self._values.is_input(statement.value)
        return False


def _argument(
    call: cst.Call, position: int, keywords: tuple[str, ...]
) -> cst.BaseExpression | None:
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value in keywords:
            return arg.value
    placed = [arg.value for arg in call.args if arg.keyword is None and not arg.star]
    return placed[position] if position < len(placed) else None


def _root_name(node: cst.CSTNode | None) -> str | None:
    """The variable that an expression begins with: that of ``mask.floor_()`` and ``x[mask]``."""
    while isinstance(node, (cst.Attribute, cst.Subscript, cst.Call)):
        node = node.func if isinstance(node, cst.Call) else node.value
    return node.value if isinstance(node, cst.Name) else None


def _is_number(node: cst.CSTNode) -> bool:
    return isinstance(node, (cst.Integer, cst.Float)) or (
        isinstance(node, cst.Name) and node.value in ("True", "False")
    )


def _is_zero(node: cst.CSTNode | None) -> bool:
    """``0``, ``0.0``, ``torch.zeros_like(x)``, ``x.new_zeros(1)``, ``torch.tensor(0.0)``."""
    if isinstance(node, (cst.Integer, cst.Float)):
        return not node.evaluated_value
    if isinstance(node, cst.Call):
        tail = tail_of(node.func)
        if tail in ("tensor", "as_tensor") and node.args:
            return _is_zero(node.args[0].value)
        return "zeros" in tail
    return False
