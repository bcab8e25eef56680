"""Masks that are drawn by hand, and that drop from what a function gets.

A draw is dropout if its data flow says so: it is Bernoulli's, or a uniform draw that is compared
with a rate or rounded down after one was added; the mask multiplies, zeroes or selects what comes
from a parameter (or decides whether a layer is skipped); and the result is returned. Besides
something has to say that this is dropout and no sample or augmentation: a name with `drop` or
`keep` in it, or a parameter that is the mode.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import libcst as cst

from dropout_lint.semantics.syntax.functions import FunctionInfo, Functions
from dropout_lint.semantics.syntax.hand_drawn.kinds import MASK, Kind, Kinds, Use, is_zero
from dropout_lint.semantics.syntax.hand_drawn.tensor_calls import SAMPLERS
from dropout_lint.semantics.syntax.tree import tail_of, walk
from dropout_lint.vocabulary.masks import is_other_mask, speaks_of_drop
from dropout_lint.vocabulary.modes import FLAG_NAMES

_MODES = FLAG_NAMES | {"deterministic"}
_MOST_PLACES = 60
_SCALING = (cst.MultiplyAssign, cst.BitAndAssign)


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


class _FunctionMasks(Kinds):
    """The masks of one function."""

    def drops(self) -> Iterator[tuple[cst.Call, list[cst.CSTNode]]]:
        """The draws that are dropout, and what drops by them."""
        for node in self._values.nodes:
            if isinstance(node, cst.Call) and tail_of(node.func) in SAMPLERS:
                use = Use()
                kind = self.drawn(node, use)
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
                after = self.after(above, below, kind, use)
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
            if base is not None and self._values.is_input(base) and is_zero(statement.value):
                use.results.append(below)

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


def _root_name(node: cst.CSTNode | None) -> str | None:
    """The variable that an expression begins with: that of ``mask.floor_()`` and ``x[mask]``."""
    while isinstance(node, (cst.Attribute, cst.Subscript, cst.Call)):
        node = node.func if isinstance(node, cst.Call) else node.value
    return node.value if isinstance(node, cst.Name) else None
