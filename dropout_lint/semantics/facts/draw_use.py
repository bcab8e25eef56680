"""Uses of a random draw: as a mask, as noise, as an index, or none of these."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from weakref import WeakKeyDictionary

import libcst as cst

from dropout_lint.semantics.facts.drawing.branches import (
    branch_on,
    is_coin,
    is_moved_in_a_loop,
    skips,
)
from dropout_lint.semantics.facts.drawing.conditions import is_free
from dropout_lint.semantics.facts.drawing.samplers import METHODS, Sampler
from dropout_lint.semantics.facts.sources import OTHER, Sources
from dropout_lint.semantics.facts.tensor_functions import (
    BERNOULLI,
    CHOICES,
    INDICES,
    KEEPS_MASK,
    NORMAL,
    ROUNDS,
    STRENGTH_POSITION,
    UNIFORM,
)
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import tail_of, walk
from dropout_lint.vocabulary.words import words

# Calls that are computed from the draw and leave it a mask.
_KEEPS = ROUNDS | KEEPS_MASK
_HOPS = 3


# The reads of each name in a function.
_READS: WeakKeyDictionary[FunctionInfo, dict[str, list[cst.CSTNode]]] = WeakKeyDictionary()


class Kind(Enum):
    """What a draw is used as, in the words of a message."""

    MASK = "a mask"
    NOISE = "noise"
    CHOICE = "a choice"
    INDEX = "an index"
    START = "a start index"


class DrawUse:
    """The uses of one draw: in the expression around it, and by the names it is assigned to."""

    def __init__(
        self,
        model: SemanticModel,
        function: FunctionInfo,
        node: cst.Call,
        sampler: Sampler,
        own: frozenset[str] = frozenset(),
    ) -> None:
        self._model = model
        self._function = function
        self._node = node
        self._sampler = sampler
        self._drawn = sampler.name
        self._own = own
        self._sources = Sources(model, function, own)

    @cached_property
    def kind(self) -> Kind | None:
        """What the draw is used as; None if that is nothing like dropout."""
        if self.is_mask:
            return Kind.MASK
        if self.is_noise:
            return Kind.NOISE
        if self._drawn in CHOICES:
            return Kind.CHOICE
        if self._drawn not in INDICES:
            return None
        if is_moved_in_a_loop(self._function, self._node, self._assigned_name(self._node)):
            return Kind.START
        return Kind.INDEX if any(map(self._is_index, self._places)) else None

    @cached_property
    def is_mask(self) -> bool:
        """A Bernoulli draw with a rate, or a uniform one that a rate cuts."""
        if self._drawn in BERNOULLI:
            return self._sampler.is_kept or self._sources.is_rate(*self._probabilities())
        if self._drawn not in UNIFORM:
            return False
        if any(map(self._is_compared, self._places)):
            return True
        return self._has_offset() and any(map(self._is_rounded, self._places))

    @cached_property
    def is_noise(self) -> bool:
        """A draw of a given strength that is added to something, or multiplied with it."""
        if self._drawn not in NORMAL and not self._is_symmetric():
            return False
        if not self._has_strength():
            return False
        return any(map(self._is_added, self._places))

    @cached_property
    def counts(self) -> bool:
        """Whether the draw has a use that depends neither on the mode nor on a caller."""
        reads = self._places[1:]
        if reads and all(map(self._is_passed_on, reads)):
            return False
        return is_free(self._model, self._function, self._node, self._own) and self._has_free_use(
            self._node, 0
        )

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
                if not self._sources.is_rate(*(side for side in sides if side is not inside)):
                    return False
                return not is_coin(self._drawn, self._node) or self._leaves_out(above)
        return False

    def _leaves_out(self, comparison: cst.Comparison) -> bool:
        """Whether what a coin decides is a layer, and not which of two results there is."""
        tests: list[cst.CSTNode] = [comparison]
        if self._is_statement(comparison) and (name := self._assigned_name(comparison)):
            tests = list(self._reads(name))
        branches = [branch_on(self._model, test) for test in tests]
        return any(
            branch is None or skips(self._model, self._function, branch) for branch in branches
        )

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

    def _is_symmetric(self) -> bool:
        """Whether a uniform draw is centred on zero: noise. Any other one dequantizes."""
        low = self._sampler.argument(0, "low", "from", "a")
        return self._drawn in UNIFORM and isinstance(low, cst.UnaryOperation)

    def _is_index(self, place: cst.CSTNode) -> bool:
        """Whether a place picks items of something: ``x[:, i]``."""
        below = place
        for above in self._model.tree.ancestors(place):
            if isinstance(above, cst.Subscript):
                return below is not above.value
            if isinstance(above, (cst.Slice, cst.BaseStatement, cst.BaseSmallStatement, cst.Call)):
                return False
            below = above
        return False

    def _has_strength(self) -> bool:
        """Whether the strength is known, as in ``… * self.std``; ``randn * std`` is a sample."""
        at = STRENGTH_POSITION.get(self._drawn)
        at = 1 if at is None and self._is_symmetric() else at
        given = [arg.value for arg in self._sampler.arguments[: at + 1]] if at is not None else []
        given = [] if self._sampler.is_kept else given
        factors = [
            _other(above, below)
            for place in self._places
            for below, above in self._climb(place)
            if isinstance(above, cst.BinaryOperation)
            and isinstance(above.operator, (cst.Multiply, cst.Divide))
        ]
        if self._sampler.is_kept and not factors:
            return True
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
        args = [arg.value for arg in self._sampler.arguments if arg.keyword is None or
                arg.keyword.value in ("p", "input", "probs", "logits")]  # fmt: skip
        func = self._node.func
        if not args and isinstance(func, cst.Attribute) and self._drawn in METHODS:
            return [func.value] if self._drawn == "bernoulli" else [cst.Float("0.5")]
        return args[1:2] if self._drawn == "numpy.random.binomial" else args[:1]

    def _has_free_use(self, place: cst.CSTNode, hops: int) -> bool:
        name = self._assigned_name(place)
        if name is None or hops >= _HOPS:
            return True
        return any(
            is_free(self._model, self._function, read, self._own)
            and (read is place or self._has_free_use(read, hops + 1))
            for read in self._reads(name)
        )


def _other(operation: cst.BinaryOperation, side: cst.CSTNode) -> cst.BaseExpression:
    return operation.right if side is operation.left else operation.left
