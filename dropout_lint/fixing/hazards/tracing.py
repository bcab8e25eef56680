"""Where a tensor goes in one function: the names that hold it, the views of it, what changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from dropout_lint.fixing.hazards.module_effects import function_is_in_place
from dropout_lint.fixing.module_form.attributes import assigned
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope, placed_parameters

if TYPE_CHECKING:
    from dropout_lint.fixing.hazards.in_place import InPlace

# What an expression has to do with the tensor: nothing, it holds it, it is it (or a view of it).
NOT, HOLDS, IS = 0, 1, 2
_VIEW_ATTRIBUTES = frozenset("T mT H mH data real imag".split())
# Methods of tensors, and functions of torch, that may return their input or a view of it.
_VIEWS = frozenset(
    """view reshape view_as reshape_as transpose permute t swapaxes swapdims squeeze unsqueeze
    flatten unflatten ravel contiguous expand expand_as broadcast_to chunk split tensor_split unbind
    narrow select movedim moveaxis diagonal unfold to type type_as float half double bfloat16 cpu
    cuda detach real imag adjoint atleast_1d atleast_2d atleast_3d""".split()
)
_GROWS = frozenset("append extend insert add update setdefault".split())


class Trace:
    """Where a tensor goes in one function."""

    def __init__(
        self,
        files: InPlace,
        model: SemanticModel,
        function: FunctionInfo,
        starts: set[cst.CSTNode],
        held: dict[str, int],
        depth: int = 0,
    ) -> None:
        self._file, self._model, self._function, self._depth = files, model, function, depth
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
            and self._kind(node.value) != NOT
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
            self._hold(node.target, min(self._kind(node.value), HOLDS), loose=True)
        elif isinstance(node, (cst.For, cst.CompFor)):
            if self._kind(node.iter):
                for target in assigned(node):
                    self._hold(target, IS)
        elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            if node.func.attr.value in _GROWS and any(self._kind(a.value) for a in node.args):
                self._hold(node.func.value, HOLDS)
        elif isinstance(node, cst.Call):
            self._lend(node)

    def _lend(self, node: cst.Call) -> None:
        """A nested function gets it as a parameter."""
        inner = self._file.nested(node, self._function)
        if inner is not None:
            for argument, parameter in zip(node.args, placed_parameters(inner), strict=False):
                self._hold(parameter.name, self._kind(argument.value))

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
                    self._hold(element.value, IS)
        else:
            self._hold(target, self._kind(value))

    def _hold(self, target: cst.CSTNode, kind: int, loose: bool = False) -> None:
        if isinstance(target, cst.Subscript):  # d["x"] = h
            target, kind = target.value, min(kind, HOLDS)
        path = _path(target)
        if kind and path and not (loose and path in self.held):
            self.held[path] = max(kind, self.held.get(path, NOT))

    # --- expressions ------------------------------------------------------------------------

    def _kind(self, node: cst.CSTNode) -> int:
        if node in self._starts:
            return IS
        path = _path(node)
        if path in self.held:
            return self.held[path]
        if isinstance(node, cst.Attribute):
            return self._kind(node.value) if node.attr.value in _VIEW_ATTRIBUTES else NOT
        if isinstance(node, cst.Subscript):
            return IS if self._kind(node.value) else NOT
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
            return HOLDS if any(self._kind(e.value) for e in node.elements) else NOT
        if isinstance(node, (cst.ListComp, cst.GeneratorExp)):
            return HOLDS if self._kind(node.elt) else NOT
        return NOT

    def _of_call(self, node: cst.Call) -> int:
        func = node.func
        if isinstance(func, cst.Attribute):
            kind = self._kind(func.value)
            if kind:
                known = func.attr.value in _VIEWS or _is_in_place_name(func.attr.value)
                return kind if known or kind == HOLDS else NOT
        given = [at for at, arg in enumerate(node.args) if self._kind(arg.value)]
        if not given:
            return NOT
        if self._torch(node) in _VIEWS or self._is_drop(node) or self._is_in_place(node):
            return IS
        functions = self._file.callees(node, self._function)
        if any(
            self._file.effect(function, at, self._depth)[1]
            for function in functions
            for at in given
        ):
            return IS
        through = any(passes for _, passes in self._file.module_effects(node, self._function))
        return IS if through else NOT

    def _scope(self, node: cst.Call) -> Scope:
        return self._model.names.scope_at.get(node, self._function.scope)

    def _torch(self, node: cst.Call) -> str:
        for name in self._model.names.qualified(node.func, self._scope(node)):
            if name.startswith("torch."):
                return name.rpartition(".")[2]
        return ""

    def _is_drop(self, node: cst.Call) -> bool:
        if node in self._file.drops:
            return True
        names = self._model.names.qualified(node.func, self._scope(node))
        return any(self._model.catalog.function(name) is not None for name in names)

    def _is_in_place(self, node: cst.Call) -> bool:
        return function_is_in_place(self._model, node, self._scope(node))

    # --- changes ----------------------------------------------------------------------------

    def _changes(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.AugAssign):
            return self._kind(node.target) == IS
        if isinstance(node, (cst.AssignTarget, cst.For)):
            return any(
                (isinstance(target, cst.Subscript) and self._kind(target.value) == IS)
                or (
                    isinstance(target, cst.Attribute)
                    and target.attr.value == "data"
                    and self._kind(target.value) == IS
                )
                for target in assigned(node)
            )
        if not isinstance(node, cst.Call):
            return False
        if isinstance(node.func, cst.Attribute) and _is_in_place_name(node.func.attr.value):
            if self._kind(node.func.value) == IS:
                return True
        for at, arg in enumerate(node.args):
            if not self._kind(arg.value):
                continue
            named = arg.keyword.value if arg.keyword is not None else ""
            if named == "out" or (at == 0 and self._is_in_place(node)):
                return True
            functions = self._file.callees(node, self._function)
            if any(self._file.effect(function, at, self._depth)[0] for function in functions):
                return True
            if any(changes for changes, _ in self._file.module_effects(node, self._function)):
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
