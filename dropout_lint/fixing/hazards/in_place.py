"""Whether the result of a drop may be changed in place.

In eval mode a guarded dropout returns its input itself; a later ``h += …``, ``h.view(-1).add_(…)``
or in-place module would then change that input (seen by execution on torch 2.13). So every name,
attribute, container, view and function of the file is followed through which the result may go;
without regard to order, so that a name that ever holds it always counts as holding it. Only what
surely ran before the drop itself is left out in the end: ``x = self.relu(x)`` above it.
"""

from __future__ import annotations

from functools import cached_property

import libcst as cst

from dropout_lint.fixing.hazards.module_effects import Modules
from dropout_lint.fixing.hazards.tracing import IS, Trace
from dropout_lint.fixing.module_form.attributes import assigned
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import walk

# Operations whose result is new, is nobody else's and is not kept for the backward pass.
_NEW = frozenset(
    """Linear Bilinear Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d
    Embedding linear conv1d conv2d conv3d embedding matmul mm bmm baddbmm addmm einsum cat concat
    stack add sub mul clone""".split()
)
_GROWS = frozenset("append extend insert add update setdefault".split())
# The nodes that bind, change or return something.
_LOOKED_AT = (cst.Assign, cst.AnnAssign, cst.NamedExpr, cst.AugAssign, cst.For, cst.CompFor,
              cst.Call, cst.AssignTarget, cst.Return, cst.Yield)  # fmt: skip


_DEPTH = 4


class InPlace:
    """Answers for one file."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._modules = Modules(model)
        self._nodes: dict[FunctionInfo, list[cst.CSTNode]] = {}
        self._outcomes: dict[
            tuple[FunctionInfo, frozenset[tuple[str, int]]], tuple[bool, bool]
        ] = {}

    def changes(self, call: cst.Call, function: FunctionInfo) -> bool:
        """Whether the result of a call may be changed in place, in its function or by callers."""
        if not call.args or self._is_new(call.args[0].value, function):
            return False
        return self._changed(function, self._with_nested(call, function), set())

    def changes_what_hangs_on(self, test: cst.CSTNode, function: FunctionInfo) -> bool:
        """Whether a name that is bound where a condition decides is changed in place."""
        statement: cst.CSTNode = test
        while not isinstance(statement, (cst.BaseCompoundStatement, cst.BaseSmallStatement)):
            above = self._model.tree.parent(statement)
            if above is None:
                return False
            statement = above
        bound = {
            (target.value, IS)
            for node in walk(statement)
            for target in assigned(node)
            if isinstance(target, cst.Name)
        }
        return bool(bound) and self._outcome(function, frozenset(bound), 0)[0]

    def _changed(
        self, function: FunctionInfo, starts: set[cst.CSTNode], seen: set[FunctionInfo]
    ) -> bool:
        seen.add(function)
        trace = Trace(self, self._model, function, starts, {})
        trace.follow(self._paths(starts))
        held = frozenset(trace.held.items())
        changed, returned = self._outcome(function, held, 0) if held else (False, False)
        if trace.is_changed() or (changed and self._changed_later(function, starts, held)):
            return True
        return (returned or trace.is_returned()) and any(
            self._changed(caller, calls, seen)
            for caller, calls in self._callers.get(function, {}).items()
            if caller not in seen
        )

    def _changed_later(
        self, function: FunctionInfo, starts: set[cst.CSTNode], held: frozenset[tuple[str, int]]
    ) -> bool:
        """Whether one of the names may be changed by what runs after the starts.

        What stands before them has run, but for loops and inner functions. Attributes, containers
        and names of other scopes may outlive the call and meet the same lines in the next one.
        """
        tree = self._model.tree
        done = min(self._first_again(start, function) for start in starts)
        later = [
            node
            for node in self._nodes[function]
            if tree.outer_span(node)[1] > done or self._around(node, function) is not None
        ]
        trace = Trace(self, self._model, function, starts, dict(held))
        trace.follow(later)
        local = function.scope.bindings
        stay = all(kind == IS and path in local for path, kind in trace.held.items())
        return not stay or trace.is_changed()

    def _first_again(self, start: cst.CSTNode, function: FunctionInfo) -> int:
        """Where that begins which may run after a node: the outermost loop around it, or itself."""
        tree = self._model.tree
        first = start
        for node in tree.ancestors(start):
            if node is function.node:
                break
            if isinstance(node, (cst.For, cst.While, cst.CompFor, cst.BaseComp)):
                first = node
        return tree.outer_span(first)[0]

    def _paths(self, starts: set[cst.CSTNode]) -> list[cst.CSTNode]:
        """The nodes around the starts, up to their statements: the first to get hold of them."""
        found: dict[cst.CSTNode, cst.CSTNode] = {}
        for start in starts:
            node: cst.CSTNode | None = start
            while node is not None and not isinstance(node, cst.BaseSuite):
                found[node] = node
                node = self._model.tree.parent(node)
            # An assignment target is below the statement, not on the way to it.
            for above in list(found.values()):
                if isinstance(above, cst.Assign):
                    found.update({target: target for target in above.targets})
        return list(found.values())

    def _outcome(
        self, function: FunctionInfo, held: frozenset[tuple[str, int]], depth: int
    ) -> tuple[bool, bool]:
        """Whether what the names hold is changed in a function, and whether it may be returned."""
        key = (function, held)
        if key not in self._outcomes:
            self._outcomes[key] = (False, False)  # for a function that calls itself
            trace = Trace(self, self._model, function, set(), dict(held), depth)
            if function not in self._nodes:
                self._nodes[function] = [
                    n for n in walk(function.node.body) if isinstance(n, _LOOKED_AT)
                ]
            trace.follow(self._nodes[function])
            self._outcomes[key] = (trace.is_changed(), trace.is_returned())
        return self._outcomes[key]

    @cached_property
    def drops(self) -> set[cst.CSTNode]:
        """The calls that drop, under whatever name: partials, choices, functions of the project."""
        found = {site.node for site in self._model.sites}
        return found | {site.call for site in self._model.sites if site.call is not None}

    @cached_property
    def _callers(self) -> dict[FunctionInfo, dict[FunctionInfo, set[cst.CSTNode]]]:
        """For each function its calls in the functions of the file."""
        found: dict[FunctionInfo, dict[FunctionInfo, set[cst.CSTNode]]] = {}
        for caller in self._model.functions:
            for node in walk(caller.node.body):
                if isinstance(node, cst.Call):
                    for function in self.callees(node, caller):
                        found.setdefault(function, {}).setdefault(caller, set()).add(node)
        return found

    def _with_nested(self, call: cst.Call, function: FunctionInfo) -> set[cst.CSTNode]:
        """A call and, where it stands in a nested function, the calls of that: its result too."""
        found: set[cst.CSTNode] = {call}
        queue = [call]
        while queue:
            inner = self._around(queue.pop(), function)
            for node in walk(function.node.body) if inner is not None else ():
                if isinstance(node, cst.Call) and node not in found:
                    if self.nested(node, function) is inner:
                        found.add(node)
                        queue.append(node)
        return found

    def _around(self, node: cst.CSTNode, function: FunctionInfo) -> cst.CSTNode | None:
        """The nested function or lambda around a node; it may run at any time."""
        for above in self._model.tree.ancestors(node):
            if isinstance(above, (cst.FunctionDef, cst.Lambda)):
                return above if above is not function.node else None
        return None

    def nested(self, call: cst.Call, function: FunctionInfo) -> cst.FunctionDef | cst.Lambda | None:
        """The function or lambda inside the function that a call runs, by its name."""
        if not isinstance(call.func, cst.Name):
            return None
        scope = self._model.names.scope_at.get(call, function.scope)
        found = self._model.names.lookup(call.func.value, scope)
        if found is None or found[0] is self._model.names.module:
            return None
        for binding in found[1]:
            for node in (binding.node, binding.value):
                if isinstance(node, (cst.FunctionDef, cst.Lambda)):
                    return node
        return None

    def callees(self, call: cst.Call, caller: FunctionInfo) -> list[FunctionInfo]:
        """The functions of the file that a call may run."""
        func, model = call.func, self._model
        scope = model.names.scope_at.get(call, caller.scope)
        if isinstance(func, cst.Attribute) and is_self(func.value, caller.self_name):
            name = func.attr.value
            if caller.owner is not None and caller.owner.find_method(name) is not None:
                return [u for u in model.functions if u.name == name and _akin(u, caller)]
        if isinstance(func, cst.Name):
            found = model.names.lookup(func.value, scope)
            for binding in found[1] if found is not None else ():
                function = model.functions.by_node.get(binding.node)
                if function is not None:
                    return [function]
        return list(self._modules.functions(func, scope))

    def effect(self, function: FunctionInfo, position: int, depth: int) -> tuple[bool, bool]:
        """Whether a function changes its parameter, and whether it may return it."""
        if depth >= _DEPTH or position >= len(function.positional):
            return False, False
        name = function.positional[position].name.value
        return self._outcome(function, frozenset({(name, IS)}), depth + 1)

    def module_effects(self, call: cst.Call, function: FunctionInfo) -> list[tuple[bool, bool]]:
        scope = self._model.names.scope_at.get(call, function.scope)
        return self._modules.effects(call.func, scope)

    def _is_new(self, node: cst.BaseExpression, function: FunctionInfo) -> bool:
        """Whether a value is made on the spot and kept nowhere else."""
        if isinstance(node, cst.BinaryOperation):
            return True
        if not isinstance(node, cst.Call):
            return False
        model = self._model
        scope = model.names.scope_at.get(node, function.scope)
        called = model.names.qualified(node.func, scope)
        if called:
            return all(n.startswith("torch.") and n.rpartition(".")[2] in _NEW for n in called)
        if self.callees(node, function):
            return False
        built = list(self._modules.built(node.func, scope, 0))
        return bool(built) and all(
            any(n.startswith("torch.nn.") and n.rpartition(".")[2] in _NEW for n in names)
            for c, where in built
            for names in [model.names.qualified(c.func, where)]
        )


def _akin(one: FunctionInfo, other: FunctionInfo) -> bool:
    if one.owner is None or other.owner is None:
        return False
    return one.owner in other.owner.lineage or other.owner in one.owner.lineage
