"""Whether the result of a drop may be changed in place.

In eval mode a gated dropout returns its input itself; a later ``h += …``, ``h.view(-1).add_(…)``
or in-place module would then change that input (seen by execution on torch 2.13). So every name,
attribute, container, view and function of the file is followed through which the result may go;
without regard to order, so that a name that ever holds it always counts as holding it.
"""

from __future__ import annotations

from functools import cached_property

import libcst as cst

from dropout_lint.fixing.attributes import assigned
from dropout_lint.fixing.module_effects import Modules, function_is_in_place
from dropout_lint.semantics.classes import is_self
from dropout_lint.semantics.model import Model
from dropout_lint.semantics.names import Scope
from dropout_lint.semantics.tree import walk
from dropout_lint.semantics.units import Unit

# What an expression has to do with the tensor: nothing, it holds it, it is it (or a view of it).
_NOT, _HOLDS, _IS = 0, 1, 2
_VIEW_ATTRIBUTES = frozenset("T mT H mH data real imag".split())
# Methods of tensors, and functions of torch, that may return their input or a view of it.
_VIEWS = frozenset(
    """view reshape view_as reshape_as transpose permute t swapaxes swapdims squeeze unsqueeze
    flatten unflatten ravel contiguous expand expand_as broadcast_to chunk split tensor_split unbind
    narrow select movedim moveaxis diagonal unfold to type type_as float half double bfloat16 cpu
    cuda detach real imag adjoint atleast_1d atleast_2d atleast_3d""".split()
)
# Operations whose result is new, is nobody else's and is not kept for the backward pass.
_NEW = frozenset(
    """Linear Bilinear Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d
    Embedding linear conv1d conv2d conv3d embedding matmul mm bmm baddbmm addmm einsum cat concat
    stack add sub mul clone""".split()
)
_GROWS = frozenset("append extend insert add update setdefault".split())
_DEPTH = 4
# The nodes that bind, change or return something.
_LOOKED_AT = (cst.Assign, cst.AnnAssign, cst.NamedExpr, cst.AugAssign, cst.For, cst.CompFor,
              cst.Call, cst.AssignTarget, cst.Return, cst.Yield)  # fmt: skip


class InPlace:
    """Answers for one file."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._modules = Modules(model)
        self._nodes: dict[Unit, list[cst.CSTNode]] = {}
        self._outcomes: dict[tuple[Unit, frozenset[tuple[str, int]]], tuple[bool, bool]] = {}

    def changes(self, call: cst.Call, unit: Unit) -> bool:
        """Whether the result of a call in a unit may be changed in place, there or by callers."""
        if not call.args or self._is_new(call.args[0].value, unit):
            return False
        return self._changed(unit, {id(call)}, set())

    def _changed(self, unit: Unit, starts: set[int], seen: set[Unit]) -> bool:
        seen.add(unit)
        trace = _Trace(self, self._model, unit, starts, {})
        trace.follow(self._paths(starts))
        held = frozenset(trace.held.items())
        changed, returned = self._outcome(unit, held, 0) if held else (False, False)
        if changed or trace.is_changed():
            return True
        return (returned or trace.is_returned()) and any(
            self._changed(user, calls, seen)
            for user, calls in self._users.get(unit, {}).items()
            if user not in seen
        )

    def _paths(self, starts: set[int]) -> list[cst.CSTNode]:
        """The nodes around the starts, up to their statements: the first to get hold of them."""
        found: dict[int, cst.CSTNode] = {}
        for start in starts:
            node: cst.CSTNode | None = self._model.nodes[start]
            while node is not None and not isinstance(node, cst.BaseSuite):
                found[id(node)] = node
                node = self._model.tree.parent(node)
            # An assignment target is below the statement, not on the way to it.
            for above in list(found.values()):
                if isinstance(above, cst.Assign):
                    found.update({id(target): target for target in above.targets})
        return list(found.values())

    def _outcome(
        self, unit: Unit, held: frozenset[tuple[str, int]], depth: int
    ) -> tuple[bool, bool]:
        """Whether what the names hold is changed in a unit, and whether it may be returned."""
        key = (unit, held)
        if key not in self._outcomes:
            self._outcomes[key] = (False, False)  # for a function that calls itself
            trace = _Trace(self, self._model, unit, set(), dict(held), depth)
            if unit not in self._nodes:
                self._nodes[unit] = [n for n in walk(unit.node.body) if isinstance(n, _LOOKED_AT)]
            trace.follow(self._nodes[unit])
            self._outcomes[key] = (trace.is_changed(), trace.is_returned())
        return self._outcomes[key]

    @cached_property
    def _users(self) -> dict[Unit, dict[Unit, set[int]]]:
        """For each unit its calls in the units of the file."""
        found: dict[Unit, dict[Unit, set[int]]] = {}
        for user in self._model.units:
            for node in walk(user.node.body):
                if isinstance(node, cst.Call):
                    for unit in self.callees(node, user):
                        found.setdefault(unit, {}).setdefault(user, set()).add(id(node))
        return found

    def callees(self, call: cst.Call, user: Unit) -> list[Unit]:
        """The functions of the file that a call may run."""
        func, model = call.func, self._model
        scope = model.names.scope_at.get(id(call), user.scope)
        if isinstance(func, cst.Attribute) and is_self(func.value, user.self_name):
            name = func.attr.value
            if user.owner is not None and user.owner.find_method(name) is not None:
                return [u for u in model.units if u.name == name and _akin(u, user)]
        if isinstance(func, cst.Name):
            found = model.names.lookup(func.value, scope)
            for binding in found[1] if found is not None else ():
                unit = model.units.by_node.get(id(binding.node))
                if unit is not None:
                    return [unit]
        return list(self._modules.units(func, scope))

    def effect(self, unit: Unit, position: int, depth: int) -> tuple[bool, bool]:
        """Whether a function changes its parameter, and whether it may return it."""
        if depth >= _DEPTH or position >= len(unit.positional):
            return False, False
        name = unit.positional[position].name.value
        return self._outcome(unit, frozenset({(name, _IS)}), depth + 1)

    def module_effects(self, call: cst.Call, unit: Unit) -> list[tuple[bool, bool]]:
        scope = self._model.names.scope_at.get(id(call), unit.scope)
        return self._modules.effects(call.func, scope)

    def _is_new(self, node: cst.BaseExpression, unit: Unit) -> bool:
        """Whether a value is made on the spot and kept nowhere else."""
        if isinstance(node, cst.BinaryOperation):
            return True
        if not isinstance(node, cst.Call):
            return False
        model = self._model
        scope = model.names.scope_at.get(id(node), unit.scope)
        called = model.names.qualified(node.func, scope)
        if called:
            return all(n.startswith("torch.") and n.rpartition(".")[2] in _NEW for n in called)
        if self.callees(node, unit):
            return False
        built = list(self._modules.built(node.func, scope, 0))
        return bool(built) and all(
            any(n.startswith("torch.nn.") and n.rpartition(".")[2] in _NEW for n in names)
            for c, where in built
            for names in [model.names.qualified(c.func, where)]
        )


def _akin(one: Unit, other: Unit) -> bool:
    if one.owner is None or other.owner is None:
        return False
    return one.owner in other.owner.lineage or other.owner in one.owner.lineage


class _Trace:
    """Where a tensor goes in one unit."""

    def __init__(
        self,
        files: InPlace,
        model: Model,
        unit: Unit,
        starts: set[int],
        held: dict[str, int],
        depth: int = 0,
    ) -> None:
        self._file, self._model, self._unit, self._depth = files, model, unit, depth
        self._starts, self.held = starts, held
        self._nodes: list[cst.CSTNode] = []

    def follow(self, nodes: list[cst.CSTNode]) -> None:
        """See which names come to hold it, until there are no more."""
        self._nodes = nodes
        before = -1
        while sum(self.held.values()) > before:
            before = sum(self.held.values())
            for node in nodes:
                self._bind(node)

    def is_changed(self) -> bool:
        return any(self._changes(node) for node in self._nodes)

    def is_returned(self) -> bool:
        return any(
            isinstance(node, (cst.Return, cst.Yield))
            and isinstance(node.value, cst.BaseExpression)
            and self._kind(node.value) != _NOT
            for node in self._nodes
        )

    # --- names ------------------------------------------------------------------------------

    def _bind(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.Assign):
            for assigning in node.targets:
                self._bind_target(assigning.target, node.value)
        elif isinstance(node, (cst.AnnAssign, cst.NamedExpr)) and node.value is not None:
            self._bind_target(node.target, node.value)
        elif isinstance(node, cst.AugAssign):
            self._hold(node.target, min(self._kind(node.value), _HOLDS), loose=True)
        elif isinstance(node, (cst.For, cst.CompFor)):
            if self._kind(node.iter):
                for target in assigned(node):
                    self._hold(target, _IS)
        elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            if node.func.attr.value in _GROWS and any(self._kind(a.value) for a in node.args):
                self._hold(node.func.value, _HOLDS)

    def _bind_target(self, target: cst.CSTNode, value: cst.BaseExpression) -> None:
        if isinstance(target, (cst.Tuple, cst.List)):
            values: list[cst.BaseExpression] = [value] * len(target.elements)
            apart = isinstance(value, (cst.Tuple, cst.List)) and len(value.elements) == len(values)
            if isinstance(value, (cst.Tuple, cst.List)) and apart:
                values = [element.value for element in value.elements]
            for element, part in zip(target.elements, values, strict=True):
                if apart:
                    self._bind_target(element.value, part)
                elif self._kind(part):
                    self._hold(element.value, _IS)
        else:
            self._hold(target, self._kind(value))

    def _hold(self, target: cst.CSTNode, kind: int, loose: bool = False) -> None:
        if isinstance(target, cst.Subscript):  # d["x"] = h
            target, kind = target.value, min(kind, _HOLDS)
        path = _path(target)
        if kind and path and not (loose and path in self.held):
            self.held[path] = max(kind, self.held.get(path, _NOT))

    # --- expressions ------------------------------------------------------------------------

    def _kind(self, node: cst.CSTNode) -> int:
        if id(node) in self._starts:
            return _IS
        path = _path(node)
        if path in self.held:
            return self.held[path]
        if isinstance(node, cst.Attribute):
            return self._kind(node.value) if node.attr.value in _VIEW_ATTRIBUTES else _NOT
        if isinstance(node, cst.Subscript):
            return _IS if self._kind(node.value) else _NOT
        if isinstance(node, cst.Call):
            return self._of_call(node)
        if isinstance(node, cst.IfExp):
            return max(self._kind(node.body), self._kind(node.orelse))
        if isinstance(node, cst.BooleanOperation):
            return max(self._kind(node.left), self._kind(node.right))
        if isinstance(node, cst.NamedExpr):
            return self._kind(node.value)
        if isinstance(node, cst.Await):
            return self._kind(node.expression)
        if isinstance(node, (cst.Tuple, cst.List, cst.Set, cst.Dict)):
            return _HOLDS if any(self._kind(e.value) for e in node.elements) else _NOT
        if isinstance(node, (cst.ListComp, cst.GeneratorExp)):
            return _HOLDS if self._kind(node.elt) else _NOT
        return _NOT

    def _of_call(self, node: cst.Call) -> int:
        func = node.func
        if isinstance(func, cst.Attribute):
            kind = self._kind(func.value)
            if kind:
                known = func.attr.value in _VIEWS or _is_in_place_name(func.attr.value)
                return kind if known or kind == _HOLDS else _NOT
        given = [at for at, arg in enumerate(node.args) if self._kind(arg.value)]
        if not given:
            return _NOT
        if self._torch(node) in _VIEWS or self._is_drop(node) or self._is_in_place(node):
            return _IS
        units = self._file.callees(node, self._unit)
        if any(self._file.effect(unit, at, self._depth)[1] for unit in units for at in given):
            return _IS
        through = any(passes for _, passes in self._file.module_effects(node, self._unit))
        return _IS if through else _NOT

    def _scope(self, node: cst.Call) -> Scope:
        return self._model.names.scope_at.get(id(node), self._unit.scope)

    def _torch(self, node: cst.Call) -> str:
        for name in self._model.names.qualified(node.func, self._scope(node)):
            if name.startswith("torch."):
                return name.rpartition(".")[2]
        return ""

    def _is_drop(self, node: cst.Call) -> bool:
        names = self._model.names.qualified(node.func, self._scope(node))
        return any(self._model.catalog.function(name) is not None for name in names)

    def _is_in_place(self, node: cst.Call) -> bool:
        return function_is_in_place(self._model, node, self._scope(node))

    # --- changes ----------------------------------------------------------------------------

    def _changes(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.AugAssign):
            return self._kind(node.target) == _IS
        if isinstance(node, (cst.AssignTarget, cst.For)):
            return any(
                (isinstance(target, cst.Subscript) and self._kind(target.value) == _IS)
                or (
                    isinstance(target, cst.Attribute)
                    and target.attr.value == "data"
                    and self._kind(target.value) == _IS
                )
                for target in assigned(node)
            )
        if not isinstance(node, cst.Call):
            return False
        if isinstance(node.func, cst.Attribute) and _is_in_place_name(node.func.attr.value):
            if self._kind(node.func.value) == _IS:
                return True
        for at, arg in enumerate(node.args):
            if not self._kind(arg.value):
                continue
            named = arg.keyword.value if arg.keyword is not None else ""
            if named == "out" or (at == 0 and self._is_in_place(node)):
                return True
            units = self._file.callees(node, self._unit)
            if any(self._file.effect(unit, at, self._depth)[0] for unit in units):
                return True
            if any(changes for changes, _ in self._file.module_effects(node, self._unit)):
                return True
        return False


def _path(node: cst.CSTNode) -> str:
    """``h``, ``self.h``; empty for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name):
        return f"{node.value.value}.{node.attr.value}"
    return ""


def _is_in_place_name(name: str) -> bool:
    return name.endswith("_") and not name.endswith("__")
