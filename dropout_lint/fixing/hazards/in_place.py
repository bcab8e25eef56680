"""Whether the result of a drop may be changed in place.

In eval mode a guarded dropout returns its input itself. A later ``h += …``, ``h.view(-1).add_(…)``
or in-place module then changes that input (seen by execution on torch 2.13). So the result, and
its input with it, is followed through every name, attribute, container, view and function of the
file, in the order of the statements (`flow`): what ``x = self.fc(x)`` makes is another tensor.

Where that order does not tell everything (inner functions, ``match``, a result that is kept on self
for the next call) a name that ever holds the result counts as always holding it (`tracing`). Only
changes that surely ran before the drop are left out then: ``x = self.relu(x)`` above it.

The tests that guard it: the cases "in place …" of ``tests/wrong_fixes.py``, each executed by
``tests/fixing/test_wrong_fixes.py``, and ``python -m tests.generation``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence, Set
from functools import cached_property

import libcst as cst

from dropout_lint.fixing.hazards.call_effects import CallEffects
from dropout_lint.fixing.hazards.flow import outcome_of
from dropout_lint.fixing.hazards.local_calls import LocalCalls, may_return_its_input
from dropout_lint.fixing.hazards.memory import NotRun, Object
from dropout_lint.fixing.hazards.module_effects import UNKNOWN, Effect
from dropout_lint.fixing.hazards.tracing import Relation, Trace
from dropout_lint.fixing.hazards.values import Outcome
from dropout_lint.fixing.instances.nodes import assigned, innermost_function
from dropout_lint.fixing.library_names import NEW_TENSORS
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import walk

# The nodes that bind, change or return something.
_RELEVANT = (cst.Assign, cst.AnnAssign, cst.NamedExpr, cst.AugAssign, cst.For, cst.CompFor,
             cst.Call, cst.AssignTarget, cst.Return, cst.Yield)  # fmt: skip
_MAX_DEPTH = 4
_MOST_RUNNING = 40
# How many nodes of one file are followed in any order. Past that a result counts as changed.
_MOST_FOLLOWED = 40_000

# What holds the tensor at the start of a function: names and attributes, each with its relation.
Aliases = frozenset[tuple[str, Relation]]


class InPlace:
    """The in-place changes of drops in one file."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._calls = LocalCalls(model)
        self._of_calls = CallEffects(self._calls)
        self._depth = 0
        self._outcomes: dict[FunctionInfo, Outcome | None] = {}
        self._nodes: dict[FunctionInfo, list[cst.CSTNode]] = {}
        self._changes: dict[tuple[cst.Call, FunctionInfo], bool] = {}
        self._effects: dict[tuple[FunctionInfo, Aliases], Effect] = {}
        self._followed = 0

    def changes(self, call: cst.Call, function: FunctionInfo) -> bool:
        """Whether the result of a call may be changed in place, in its function or by callers."""
        if not call.args or self._is_new(call.args[0].value, function):
            return False
        key = (call, function)
        if key not in self._changes:
            starts = self._calls.with_nested(call, function)
            self._changes[key] = self._changed(function, starts, set())
        return self._changes[key]

    def _changed(
        self, function: FunctionInfo, starts: set[cst.CSTNode], seen: set[FunctionInfo]
    ) -> bool:
        """Whether the tensor that the nodes ``starts`` make may be changed, here or by callers."""
        outcome = self._outcome(function)
        if outcome is None or not starts.isdisjoint(outcome.drops_kept):
            return self._changed_in_any_order(function, starts, seen)
        seen.add(function)
        if not starts.isdisjoint(outcome.drops_changed):
            return True
        return not starts.isdisjoint(outcome.drops_returned) and any(
            self._changed(caller, calls, seen)
            for caller, calls in self._calls.callers.get(function, {}).items()
            if caller not in seen
        )

    def _outcome(self, function: FunctionInfo) -> Outcome | None:
        """What a function does, run in order; None where it is not run."""
        if function not in self._outcomes:
            if self._depth >= _MOST_RUNNING:
                return None
            self._outcomes[function] = None  # for a function that calls itself
            starts = self._calls.of_the_file.get(function, set()) | self._drops.get(function, set())
            known = self._of_parameter(0)
            self._depth += 1
            with contextlib.suppress(NotRun):
                self._outcomes[function] = outcome_of(function, self._of_calls, known, starts)
            self._depth -= 1
        return self._outcomes[function]

    @cached_property
    def _drops(self) -> dict[FunctionInfo, set[cst.CSTNode]]:
        """The calls of each function that drop."""
        drops: dict[FunctionInfo, set[cst.CSTNode]] = {}
        for site in self._model.sites:
            if may_return_its_input(site):
                drops.setdefault(site.function, set()).add(site.call or site.node)
        return drops

    def _of_parameter(self, depth: int) -> Callable[[FunctionInfo, int | str], Effect]:
        """What a function of the file does to a parameter."""

        def effect(callee: FunctionInfo, place: int | str) -> Effect:
            name = place if isinstance(place, str) else ""
            if isinstance(place, int):
                if place >= len(callee.positional):
                    return UNKNOWN
                name = callee.positional[place].name.value
            outcome = self._outcome(callee)
            if outcome is not None:
                given = Object("parameter", name)
                return Effect(given in outcome.changed, given in outcome.returned)
            if depth >= _MAX_DEPTH:
                return UNKNOWN
            return self._effect(callee, frozenset({(name, Relation.ALIAS)}), depth + 1)

        return effect

    def changes_what_depends_on(self, test: cst.CSTNode, function: FunctionInfo) -> bool:
        """Whether a name that the statement of a condition binds is changed in place."""
        statement: cst.CSTNode | None = test
        while not isinstance(statement, (cst.BaseCompoundStatement, cst.BaseSmallStatement)):
            if statement is None:
                return False
            statement = self._model.tree.parent(statement)
        bound = {
            (target.value, Relation.ALIAS)
            for node in walk(statement)
            for target in assigned(node)
            if isinstance(target, cst.Name)
        }
        return bool(bound) and self._effect(function, frozenset(bound), 0).changes

    def _changed_in_any_order(
        self, function: FunctionInfo, starts: set[cst.CSTNode], seen: set[FunctionInfo]
    ) -> bool:
        """Whether the tensor that the nodes ``starts`` make may be changed, here or by callers."""
        seen.add(function)
        if self._followed > _MOST_FOLLOWED:
            return True
        trace = self._trace(function, self._paths(starts), starts=starts)
        aliases = frozenset(trace.aliases.items())
        effect = self._effect(function, aliases, 0) if aliases else Effect()
        if trace.is_changed() or (
            effect.changes and self._changed_later(function, starts, trace.aliases)
        ):
            return True
        return (effect.returns or trace.is_returned()) and any(
            self._changed(caller, calls, seen)
            for caller, calls in self._calls.callers.get(function, {}).items()
            if caller not in seen
        )

    def _changed_later(
        self, function: FunctionInfo, starts: set[cst.CSTNode], aliases: Mapping[str, Relation]
    ) -> bool:
        """Whether an alias may be changed by code that runs after the starts.

        Code before them has run, except in loops and inner functions. Attributes, containers and
        names of other scopes may outlive the call, so that the next call runs that code on them.
        """
        tree = self._model.tree
        done = min(self._first_repeated(start, function) for start in starts)
        later = [
            node
            for node in self._relevant_nodes(function)
            if tree.outer_span(node)[1] > done
            or innermost_function(tree, node) is not function.node
        ]
        trace = self._trace(function, later, starts=starts, aliases=aliases)
        local = function.scope.bindings
        outlives = any(
            relation is not Relation.ALIAS or path not in local
            for path, relation in trace.aliases.items()
        )
        return outlives or trace.is_changed()

    def _first_repeated(self, start: cst.CSTNode, function: FunctionInfo) -> int:
        """The offset of the first code that may run after a node: its outermost loop, or itself."""
        tree = self._model.tree
        first = start
        for node in tree.ancestors(start):
            if node is function.node:
                break
            if isinstance(node, (cst.For, cst.While, cst.CompFor, cst.BaseComp)):
                first = node
        return tree.outer_span(first)[0]

    def _paths(self, starts: set[cst.CSTNode]) -> list[cst.CSTNode]:
        """The nodes around the starts, up to their statements, with the targets of assignments."""
        paths: dict[cst.CSTNode, None] = {}
        targets: dict[cst.CSTNode, None] = {}
        for start in starts:
            node: cst.CSTNode | None = start
            while node is not None and not isinstance(node, cst.BaseSuite):
                paths[node] = None
                if isinstance(node, cst.Assign):
                    targets.update(dict.fromkeys(node.targets))
                node = self._model.tree.parent(node)
        return [*paths, *(target for target in targets if target not in paths)]

    def _relevant_nodes(self, function: FunctionInfo) -> list[cst.CSTNode]:
        """The nodes of a function that bind, change or return something."""
        if function not in self._nodes:
            self._nodes[function] = [
                node for node in walk(function.node.body) if isinstance(node, _RELEVANT)
            ]
        return self._nodes[function]

    def _effect(self, function: FunctionInfo, aliases: Aliases, depth: int) -> Effect:
        """What a function does to a tensor that the aliases hold."""
        key = (function, aliases)
        if key not in self._effects:
            self._effects[key] = Effect()  # for a function that calls itself
            nodes = self._relevant_nodes(function)
            trace = self._trace(function, nodes, aliases=dict(aliases), depth=depth)
            self._effects[key] = Effect(trace.is_changed(), trace.is_returned())
        return self._effects[key]

    def _trace(
        self,
        function: FunctionInfo,
        nodes: Sequence[cst.CSTNode],
        *,
        starts: Set[cst.CSTNode] = frozenset(),
        aliases: Mapping[str, Relation] | None = None,
        depth: int = 0,
    ) -> Trace:
        self._followed += len(nodes)
        return Trace(
            self._calls,
            self._of_calls,
            function,
            nodes,
            starts,
            aliases or {},
            self._of_parameter(depth),
        )

    def _is_new(self, node: cst.BaseExpression, function: FunctionInfo) -> bool:
        """Whether the value of an expression is a new tensor without another alias."""
        if isinstance(node, cst.BinaryOperation):
            return True
        if not isinstance(node, cst.Call):
            return False
        names = self._model.names
        scope = self._calls.scope_of(node, function)
        called = names.qualified(node.func, scope)
        if called:
            return all(
                n.startswith("torch.") and n.rpartition(".")[2] in NEW_TENSORS for n in called
            )
        if self._calls.callees(node, function):
            return False
        built = list(self._calls.modules.built(node.func, scope))
        return bool(built) and all(
            construction is not None
            and any(
                name.startswith("torch.nn.") and name.rpartition(".")[2] in NEW_TENSORS
                for name in names.qualified(construction.call.func, construction.scope)
            )
            for construction in built
        )
