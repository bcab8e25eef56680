"""Uses of a random draw: as a mask, as noise, or neither."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from weakref import WeakKeyDictionary

import libcst as cst

from dropout_lint.semantics.facts.sources import OTHER, Sources
from dropout_lint.semantics.facts.tensor_functions import (
    BERNOULLI,
    KEEPS_MASK,
    NORMAL,
    ROUNDS,
    STRENGTH_POSITION,
    UNIFORM,
)
from dropout_lint.semantics.interpreter.run import Called
from dropout_lint.semantics.interpreter.values import Attribute, Ref
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import tail_of, walk
from dropout_lint.vocabulary.words import words

NAMES = UNIFORM | NORMAL | BERNOULLI
METHODS = frozenset(name for name in NAMES if "." not in name)
# Calls that are computed from the draw and leave it a mask.
_KEEPS = ROUNDS | KEEPS_MASK
_HOPS = 3


def drawn_by(called: Called) -> str | None:
    """The name of the sampler that a call means; None if it means none."""
    callee = called.callee
    if isinstance(callee, Ref):
        return callee.name if callee.name in NAMES else None
    if isinstance(callee, Attribute):
        last = callee.path.rpartition(".")[2]
        return last if last in METHODS else None
    return None


# The reads of each name in a function.
_READS: WeakKeyDictionary[FunctionInfo, dict[str, list[cst.CSTNode]]] = WeakKeyDictionary()


class DrawUse:
    """The uses of one draw: in the expression around it, and by the names it is assigned to."""

    def __init__(self, model: SemanticModel, function: FunctionInfo, called: Called) -> None:
        self._model = model
        self._function = function
        self._node = called.node
        self._drawn = drawn_by(called) or ""
        self._sources = Sources(model, function)

    @cached_property
    def is_mask(self) -> bool:
        """A Bernoulli draw with a rate, or a uniform one that a rate cuts."""
        if self._drawn in BERNOULLI:
            return self._sources.is_rate(*self._probabilities())
        if self._drawn not in UNIFORM:
            return False
        if any(map(self._is_compared, self._places)):
            return True
        return self._has_offset() and any(map(self._is_rounded, self._places))

    @cached_property
    def is_noise(self) -> bool:
        """A draw of a given strength that is added to something, or multiplied with it."""
        if self._drawn not in NORMAL or not self._has_strength():  # uniform noise dequantizes
            return False
        return any(map(self._is_added, self._places))

    @cached_property
    def counts(self) -> bool:
        """Whether the draw has a use that depends neither on the mode nor on a caller."""
        reads = self._places[1:]
        if reads and all(map(self._is_passed_on, reads)):
            return False
        return self._is_free(self._node) and self._has_free_use(self._node, 0)

    def _is_passed_on(self, place: cst.CSTNode) -> bool:
        """Whether a read assigns the draw to a name, or passes it to a layer.

        A layer may read the mode.
        """
        top = self._top(place)
        call = self._model.tree.parent(top) if isinstance(top, cst.Arg) else None
        func: cst.CSTNode | None = call.func if isinstance(call, cst.Call) else None
        while isinstance(func, (cst.Attribute, cst.Subscript)):
            func = func.value
        by_layer = isinstance(func, cst.Name) and func.value == self._function.self_name
        return by_layer or (self._is_statement(top) and self._assigned_name(place) is not None)

    @property
    def beside(self) -> frozenset[str]:
        """The words of the identifiers in the expression around the draw."""
        top: cst.CSTNode = self._node
        for above in self._model.tree.ancestors(self._node):
            if isinstance(above, (cst.BaseStatement, cst.BaseSmallStatement)):
                break
            top = above
        names = [node.value for node in walk(top) if isinstance(node, cst.Name)]
        return frozenset().union(*map(words, names))

    # --- its data flow ------------------------------------------------------------------------

    @cached_property
    def _places(self) -> list[cst.CSTNode]:
        """The draw, and the reads of the names that it, or a value made of it, is assigned to."""
        places: list[cst.CSTNode] = [self._node]
        known: set[str] = set()
        for place in places:
            top = self._top(place)
            name = self._assigned_name(place) if self._is_statement(top) else None
            if name is not None and name not in known and len(known) < _HOPS:
                known.add(name)
                places += self._reads(name)
        return places

    def _assigned_name(self, place: cst.CSTNode) -> str | None:
        """The name that the statement of a place assigns to; for ``mask.bernoulli_()`` its own."""
        statement = next(
            (a for a in self._model.tree.ancestors(place) if isinstance(a, cst.BaseSmallStatement)),
            None,
        )
        target: cst.CSTNode | None = None
        if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
            target = statement.targets[0].target
        elif isinstance(statement, cst.AnnAssign):
            target = statement.target
        elif isinstance(statement, cst.Expr) and place is self._node:
            func = self._node.func
            target = func.value if isinstance(func, cst.Attribute) else None
        return target.value if isinstance(target, cst.Name) else None

    def _is_statement(self, node: cst.CSTNode) -> bool:
        """Whether a node is all of its statement's value."""
        return isinstance(self._model.tree.parent(node), cst.BaseSmallStatement)

    def _reads(self, name: str) -> list[cst.CSTNode]:
        model, function = self._model, self._function
        if function not in _READS:
            reads = _READS[function] = {}
            for node in walk(function.node.body):
                if isinstance(node, cst.Name) and node in model.names.scope_at:
                    if not isinstance(model.tree.parent(node), (cst.AssignTarget, cst.AnnAssign)):
                        reads.setdefault(node.value, []).append(node)
        return _READS[function].get(name, [])

    def _climb(self, place: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
        """The expressions around a place that are computed from it, each with the part below."""
        below = place
        for above in self._model.tree.ancestors(place):
            if isinstance(above, cst.Call):
                if tail_of(above.func) not in _KEEPS and below is not self._node.func:
                    return
            elif not isinstance(above, (cst.BaseExpression, cst.Arg, cst.ComparisonTarget)):
                if isinstance(above, cst.AugAssign):
                    yield below, above
                return
            yield below, above
            below = above

    def _top(self, place: cst.CSTNode) -> cst.CSTNode:
        """The outermost expression that is computed from the value of a place."""
        return [place, *(above for _, above in self._climb(place))][-1]

    def _is_compared(self, place: cst.CSTNode) -> bool:
        for below, above in self._climb(place):
            if isinstance(above, cst.Comparison):
                sides = [above.left, *(target.comparator for target in above.comparisons)]
                inside = below.comparator if isinstance(below, cst.ComparisonTarget) else below
                return self._sources.is_rate(*(side for side in sides if side is not inside))
        return False

    def _is_rounded(self, place: cst.CSTNode) -> bool:
        return any(
            isinstance(above, cst.Call) and tail_of(above.func) in ROUNDS
            for _, above in self._climb(place)
        )

    def _has_offset(self) -> bool:
        """Whether a rate is added: ``keep + torch.rand(…)``, but not ``mask += torch.rand(…)``."""
        return any(
            isinstance(above, cst.BinaryOperation)
            and isinstance(above.operator, (cst.Add, cst.Subtract))
            and self._sources.is_rate(_other(above, below))
            for place in self._places
            for below, above in self._climb(place)
        )

    def _has_strength(self) -> bool:
        """Whether the strength is known, as in ``… * self.std``; ``randn * std`` is a sample."""
        at = STRENGTH_POSITION.get(self._drawn)
        given = [arg.value for arg in self._node.args[: at + 1]] if at is not None else []
        factors = [
            _other(above, below)
            for place in self._places
            for below, above in self._climb(place)
            if isinstance(above, cst.BinaryOperation)
            and isinstance(above.operator, (cst.Multiply, cst.Divide))
        ]
        return self._sources.is_rate(*given, *factors)

    def _is_added(self, place: cst.CSTNode) -> bool:
        """Whether a place is added: ``x + noise``, ``x += noise``, ``x * (1 + noise)``."""
        is_factor = False
        for below, above in self._climb(place):
            if isinstance(above, cst.AugAssign) and below is above.value:
                return True
            if not isinstance(above, cst.BinaryOperation):
                continue
            adds = isinstance(above.operator, (cst.Add, cst.Subtract))
            if (adds or is_factor) and OTHER in self._sources.of(_other(above, below)):
                return True
            is_factor = is_factor or adds
        return False

    def _probabilities(self) -> list[cst.BaseExpression]:
        """What a Bernoulli draw draws with: its argument, or its object in ``p.bernoulli()``."""
        args = [arg.value for arg in self._node.args if arg.keyword is None or
                arg.keyword.value in ("p", "input")]  # fmt: skip
        func = self._node.func
        if not args and isinstance(func, cst.Attribute) and self._drawn in METHODS:
            return [func.value] if self._drawn == "bernoulli" else [cst.Float("0.5")]
        return args[1:2] if self._drawn == "numpy.random.binomial" else args[:1]

    # --- its path conditions -----------------------------------------------------------------

    def _is_free(self, place: cst.CSTNode) -> bool:
        """Whether no condition around a place depends on the mode or on a parameter."""
        below = place
        for above in self._model.tree.ancestors(place):
            if above is self._function.node:
                break
            asked: list[cst.CSTNode] = []
            if isinstance(above, (cst.If, cst.IfExp)) and below is not above.test:
                asked = [above.test]
            elif isinstance(above, cst.BooleanOperation):
                asked = [above.right if below is above.left else above.left]
            if any(self._decides(node) for node in asked):
                return False
            below = above
        return True

    def _decides(self, test: cst.CSTNode) -> bool:
        if self._model.mentions_mode(test):
            return True
        return any(
            isinstance(node, cst.Name) and self._is_parameter(node.value) for node in walk(test)
        )

    def _is_parameter(self, name: str) -> bool:
        bound = self._model.names.lookup(name, self._function.scope)
        return (
            name != self._function.self_name
            and bound is not None
            and any(binding.kind == "parameter" for binding in bound[1])
        )

    def _has_free_use(self, place: cst.CSTNode, hops: int) -> bool:
        name = self._assigned_name(place)
        if name is None or hops >= _HOPS:
            return True
        return any(
            self._is_free(read) and (read is place or self._has_free_use(read, hops + 1))
            for read in self._reads(name)
        )


def _other(operation: cst.BinaryOperation, side: cst.CSTNode) -> cst.BaseExpression:
    return operation.right if side is operation.left else operation.left
