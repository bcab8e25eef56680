"""What modules and functions of torch do to their input: change it in place, or return it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeGuard

import libcst as cst

from dropout_lint.fixing.instances.inheritance import is_base_or_subclass
from dropout_lint.fixing.library_names import (
    FUNCTION_INPLACE_POSITION,
    MODULE_CONTAINERS,
    MODULE_INPLACE_POSITION,
    PASSES_INPUT_THROUGH,
)
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import tail_of


class Effect(NamedTuple):
    """Whether a module or function may change its input in place, and whether it may return it."""

    changes: bool = False
    returns: bool = False


class Construction(NamedTuple):
    """A call that builds a module, and the scope it is in."""

    call: cst.Call
    scope: Scope


class Stored(NamedTuple):
    """A value that a name or attribute is set to; ``looped``: it gets each element in turn."""

    value: cst.BaseExpression
    scope: Scope
    looped: bool = False


def torch_name(model: SemanticModel, call: cst.Call, scope: Scope, within: str = "torch.") -> str:
    """The last name of a call's callee if that is torch's; empty for any other."""
    for name in model.names.qualified(call.func, scope):
        if name.startswith(within):
            return name.rpartition(".")[2]
    return ""


def function_is_in_place(model: SemanticModel, call: cst.Call, scope: Scope) -> bool:
    """Whether a call changes its first argument, by torch's rules: ``F.relu(x, True)``."""
    if any(_says_in_place(arg) for arg in call.args):
        return True
    for name in model.names.qualified(call.func, scope):
        if name.startswith("torch."):
            last = name.rpartition(".")[2]
            if (last.endswith("_") and not last.endswith("__")) or _is_on_at(
                call, FUNCTION_INPLACE_POSITION.get(last)
            ):
                return True
    return False


def _says_in_place(arg: cst.Arg) -> bool:
    """Whether an argument is ``inplace=`` anything but False."""
    return arg.keyword is not None and arg.keyword.value == "inplace" and not _is_false(arg.value)


def _is_on_at(call: cst.Call, at: int | None) -> bool:
    """Whether the positional argument ``at`` is given and anything but False."""
    if at is None or len(call.args) <= at or any(a.keyword or a.star for a in call.args[: at + 1]):
        return False
    return not _is_false(call.args[at].value)


def _is_false(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Name) and node.value == "False"


class BuiltModules:
    """The modules that expressions of a file may be, by the calls that build them."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model

    def effects(self, node: cst.BaseExpression, scope: Scope) -> list[Effect]:
        """The effect of each module that an expression may be."""
        return [self._effect(construction) for construction in self.built(node, scope)]

    def forwards(self, node: cst.BaseExpression, scope: Scope) -> Iterator[FunctionInfo]:
        """The ``forward`` of each class of the file that an expression may be an instance of."""
        for call, where in self.built(node, scope):
            info = self._model.classes.resolve(call.func, where)
            function = (
                self._model.functions.of_method(info, "forward") if info is not None else None
            )
            if function is not None:
                yield function

    def built(
        self, node: cst.BaseExpression, scope: Scope, depth: int = 0
    ) -> Iterator[Construction]:
        """The constructions behind ``self.act``, ``self.acts[1]``, a local, a loop variable."""
        if depth > 6:
            return
        if isinstance(node, cst.Call):
            yield Construction(node, scope)
        elif isinstance(node, cst.IfExp):
            yield from self.built(node.body, scope, depth + 1)
            yield from self.built(node.orelse, scope, depth + 1)
        elif isinstance(node, cst.Subscript):
            for container in self.built(node.value, scope, depth + 1):
                yield from self._inside(container, depth)
        elif isinstance(node, (cst.Name, cst.Attribute)):
            for value, where, looped in self._values(node, scope):
                for construction in self.built(value, where, depth + 1):
                    if looped:
                        yield from self._inside(construction, depth)
                    else:
                        yield construction
                if looped and isinstance(value, (cst.List, cst.Tuple)):
                    for element in value.elements:
                        yield from self.built(element.value, where, depth + 1)

    def _values(self, node: cst.Name | cst.Attribute, scope: Scope) -> Iterator[Stored]:
        """The values that a name or an attribute of self is set to."""
        names = self._model.names
        if isinstance(node, cst.Name):
            found = names.lookup(node.value, scope)
            if found is None:
                return
            for binding in found[1]:
                if binding.value is not None:
                    yield Stored(binding.value, found[0])
                loop = self._model.tree.parent(binding.node)
                around = binding.node if isinstance(binding.node, cst.For) else loop
                if binding.kind == "opaque" and isinstance(around, cst.For):
                    yield Stored(around.iter, found[0], looped=True)
            return
        function = self._model.functions.of_scope(scope)
        if (
            function is None
            or function.owner is None
            or not is_self(node.value, function.self_name)
        ):
            return
        for info in self._model.classes:
            if is_base_or_subclass(info, function.owner):
                for write in info.writes.get(node.attr.value, ()):
                    value, target = write.value, write.target
                    if isinstance(target, cst.Call) and target.args:  # add_module("act", …)
                        value = target.args[-1].value
                    if value is not None:
                        at = names.scopes[write.method] if write.method else info.scope
                        yield Stored(value, at)

    def _inside(self, container: Construction, depth: int) -> Iterator[Construction]:
        """The modules in a container of torch.nn, in order."""
        call, scope = container
        if self._torch_name(container) not in MODULE_CONTAINERS:
            return
        for arg in call.args:
            value: cst.BaseExpression = arg.value
            if self._is_dict(value):  # nn.Sequential(OrderedDict(act=…)), OrderedDict([("act", …)])
                for inner_arg in value.args:
                    if inner_arg.keyword is not None:
                        yield from self.built(inner_arg.value, scope, depth + 1)
                    else:
                        yield from self._elements(inner_arg.value, scope, depth)
            elif isinstance(value, (cst.Name, cst.Attribute)) and (
                arg.star or self._is_list(value, scope)
            ):
                for inner, where, _ in self._values(value, scope):
                    if isinstance(value, cst.Attribute) and isinstance(inner, cst.Call):
                        yield Construction(inner, where)
                    yield from self._elements(inner, where, depth)
            elif isinstance(value, (cst.List, cst.Tuple, cst.ListComp, cst.Dict)):
                yield from self._elements(value, scope, depth)
            else:
                yield from self.built(value, scope, depth + 1)

    @staticmethod
    def _is_dict(node: cst.BaseExpression) -> TypeGuard[cst.Call]:
        return isinstance(node, cst.Call) and tail_of(node.func) in ("OrderedDict", "dict")

    def _is_list(self, node: cst.Name | cst.Attribute, scope: Scope) -> bool:
        return any(
            isinstance(value, (cst.List, cst.Tuple, cst.ListComp))
            for value, _, _ in self._values(node, scope)
        )

    def _elements(self, node: cst.CSTNode, scope: Scope, depth: int) -> Iterator[Construction]:
        """The modules in a display or a list comprehension."""
        values: list[cst.BaseExpression] = []
        if isinstance(node, cst.ListComp):
            values = [node.elt]
        elif isinstance(node, (cst.List, cst.Tuple, cst.Dict)):
            values = [element.value for element in node.elements]
        for value in values:
            if isinstance(value, cst.Tuple) and len(value.elements) == 2:  # ("name", module)
                value = value.elements[1].value
            yield from self.built(value, scope, depth + 1)

    def _torch_name(self, construction: Construction) -> str:
        return torch_name(self._model, *construction, within="torch.nn.")

    def _effect(
        self, construction: Construction, around: frozenset[cst.CSTNode] = frozenset()
    ) -> Effect:
        """The effect of a module; ``around`` are the containers that it is in."""
        name = self._torch_name(construction)
        if name in MODULE_CONTAINERS:
            around |= {construction.call}
            for inner in self._inside(construction, 0):
                if inner.call in around:  # `self.body = nn.Sequential(*self.body)`: the one before
                    continue
                effect = self._effect(inner, around)
                if effect.changes or not effect.returns:
                    return Effect(effect.changes, returns=False)
            return Effect(changes=False, returns=True)
        arguments = construction.call.args
        is_in_place = any(map(_says_in_place, arguments)) or _is_on_at(
            construction.call, MODULE_INPLACE_POSITION.get(name)
        )
        if is_in_place:
            return Effect(changes=True, returns=True)
        return Effect(changes=False, returns=name in PASSES_INPUT_THROUGH or "Dropout" in name)
