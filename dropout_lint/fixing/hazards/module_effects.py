"""What modules and functions do to the tensor they get: change it in place, or hand it through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

import libcst as cst

from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import tail_of

# The place of `inplace` among the arguments of torch.nn's modules; functions have their input in
# front (torch 2.13, by inspect.signature).
_INPLACE_AT = {
    "ReLU": 0, "ReLU6": 0, "SELU": 0, "SiLU": 0, "Mish": 0, "Hardswish": 0, "Hardsigmoid": 0,
    "ELU": 1, "CELU": 1, "LeakyReLU": 1, "Dropout": 1, "Dropout1d": 1, "Dropout2d": 1,
    "Dropout3d": 1, "AlphaDropout": 1, "FeatureAlphaDropout": 1, "Hardtanh": 2, "Threshold": 2,
    "RReLU": 2,
}  # fmt: skip
_FUNCTION_INPLACE_AT = {
    "relu": 1, "relu6": 1, "selu": 1, "silu": 1, "mish": 1, "hardswish": 1, "hardsigmoid": 1,
    "elu": 2, "celu": 2, "leaky_relu": 2, "hardtanh": 3, "threshold": 3, "dropout": 3,
    "dropout1d": 3, "dropout2d": 3, "dropout3d": 3, "alpha_dropout": 3, "feature_alpha_dropout": 3,
    "rrelu": 4,
}  # fmt: skip
_HANDS_THROUGH = frozenset("Identity Flatten Unflatten".split())
_CONTAINERS = frozenset("Sequential ModuleList ModuleDict".split())


def function_is_in_place(model: SemanticModel, call: cst.Call, scope: Scope) -> bool:
    """Whether a call of torch's functions changes its first argument: ``F.relu(x, True)``."""
    if any(_says_in_place(arg) for arg in call.args):
        return True
    for name in model.names.qualified(call.func, scope):
        if name.startswith("torch."):
            last = name.rpartition(".")[2]
            if (last.endswith("_") and not last.endswith("__")) or _is_on_at(
                call, _FUNCTION_INPLACE_AT.get(last)
            ):
                return True
    return False


def _says_in_place(arg: cst.Arg) -> bool:
    return arg.keyword is not None and arg.keyword.value == "inplace" and not _is_false(arg.value)


def _is_on_at(call: cst.Call, at: int | None) -> bool:
    if at is None or len(call.args) <= at or any(a.keyword or a.star for a in call.args[: at + 1]):
        return False
    return not _is_false(call.args[at].value)


def _is_false(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Name) and node.value == "False"


class Modules:
    """The modules that the expressions of a function stand for, as the constructors build them."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model

    def effects(self, node: cst.BaseExpression, scope: Scope) -> list[tuple[bool, bool]]:
        """For each module an expression may be: whether it changes its input, hands it through."""
        return [self._effect(*built) for built in self.built(node, scope, 0)]

    def functions(self, node: cst.BaseExpression, scope: Scope) -> Iterator[FunctionInfo]:
        """The ``forward`` of each class of the file that an expression may be an instance of."""
        for call, where in self.built(node, scope, 0):
            info = self._model.classes.resolve(call.func, where)
            function = (
                self._model.functions.of_method(info, "forward") if info is not None else None
            )
            if function is not None:
                yield function

    def built(
        self, node: cst.BaseExpression, scope: Scope, depth: int
    ) -> Iterator[tuple[cst.Call, Scope]]:
        """The constructions behind ``self.act``, ``self.acts[1]``, a local, a loop variable."""
        if depth > 6:
            return
        if isinstance(node, cst.Call):
            yield node, scope
        elif isinstance(node, cst.IfExp):
            yield from self.built(node.body, scope, depth + 1)
            yield from self.built(node.orelse, scope, depth + 1)
        elif isinstance(node, cst.Subscript):
            for call, where in self.built(node.value, scope, depth + 1):
                yield from self._inside(call, where, depth)
        elif isinstance(node, (cst.Name, cst.Attribute)):
            for value, where, looped in self._values(node, scope):
                for call, at in self.built(value, where, depth + 1):
                    if looped:
                        yield from self._inside(call, at, depth)
                    else:
                        yield call, at
                if looped and isinstance(value, (cst.List, cst.Tuple)):
                    for element in value.elements:
                        yield from self.built(element.value, where, depth + 1)

    def _values(
        self, node: cst.Name | cst.Attribute, scope: Scope
    ) -> Iterator[tuple[cst.BaseExpression, Scope, bool]]:
        """What a name or an attribute of self is set to; True: it goes through that in a loop."""
        names = self._model.names
        if isinstance(node, cst.Name):
            found = names.lookup(node.value, scope)
            for binding in found[1] if found is not None else ():
                if binding.value is not None and found is not None:
                    yield binding.value, found[0], False
                loop = self._model.tree.parent(binding.node)
                around = binding.node if isinstance(binding.node, cst.For) else loop
                if binding.kind == "opaque" and isinstance(around, cst.For) and found is not None:
                    yield around.iter, found[0], True
            return
        function = self._model.functions.of_scope(scope)
        if (
            function is None
            or function.owner is None
            or not is_self(node.value, function.self_name)
        ):
            return
        for info in self._model.classes:
            if function.owner in info.lineage or info in function.owner.lineage:
                for write in info.writes.get(node.attr.value, ()):
                    value, target = write.value, write.target
                    if isinstance(target, cst.Call) and target.args:  # add_module("act", …)
                        value = target.args[-1].value
                    if value is not None:
                        at = names.scopes[write.method] if write.method else info.scope
                        yield value, at, False

    def _inside(self, call: cst.Call, scope: Scope, depth: int) -> Iterator[tuple[cst.Call, Scope]]:
        """The modules in a container, in order."""
        if self._torch_name(call, scope) not in _CONTAINERS:
            return
        for arg in call.args:
            value: cst.BaseExpression = arg.value
            if self._is_dict(value):  # nn.Sequential(OrderedDict(act=…)), OrderedDict([("act", …)])
                for inner_arg in value.args:
                    if inner_arg.keyword is not None:
                        yield from self.built(inner_arg.value, scope, depth + 1)
                    else:
                        yield from self._elements(inner_arg.value, scope, depth)
            elif isinstance(value, cst.Name) and (arg.star or self._is_list(value, scope)):
                for inner, where, _ in self._values(value, scope):
                    yield from self._elements(inner, where, depth)
            elif isinstance(value, (cst.List, cst.Tuple, cst.ListComp, cst.Dict)):
                yield from self._elements(value, scope, depth)
            else:
                yield from self.built(value, scope, depth + 1)

    @staticmethod
    def _is_dict(node: cst.BaseExpression) -> TypeGuard[cst.Call]:
        return isinstance(node, cst.Call) and tail_of(node.func) in ("OrderedDict", "dict")

    def _is_list(self, node: cst.Name, scope: Scope) -> bool:
        return any(
            isinstance(value, (cst.List, cst.Tuple, cst.ListComp))
            for value, _, _ in self._values(node, scope)
        )

    def _elements(
        self, node: cst.CSTNode, scope: Scope, depth: int
    ) -> Iterator[tuple[cst.Call, Scope]]:
        values: list[cst.BaseExpression] = []
        if isinstance(node, cst.ListComp):
            values = [node.elt]
        elif isinstance(node, (cst.List, cst.Tuple, cst.Dict)):
            values = [element.value for element in node.elements]
        for value in values:
            if isinstance(value, cst.Tuple) and len(value.elements) == 2:  # ("name", module)
                value = value.elements[1].value
            yield from self.built(value, scope, depth + 1)

    def _torch_name(self, call: cst.Call, scope: Scope) -> str:
        for name in self._model.names.qualified(call.func, scope):
            if name.startswith("torch.nn."):
                return name.rpartition(".")[2]
        return ""

    def _effect(self, call: cst.Call, scope: Scope) -> tuple[bool, bool]:
        name = self._torch_name(call, scope)
        if name in _CONTAINERS:
            for inner in self._inside(call, scope, 0):
                changes, hands_through = self._effect(*inner)
                if changes or not hands_through:
                    return changes, False
            return False, True
        if any(_says_in_place(arg) for arg in call.args):
            return True, True
        if _is_on_at(call, _INPLACE_AT.get(name)):
            return True, True
        return False, name in _HANDS_THROUGH or "Dropout" in name
