"""What a call does to each of its arguments: change it in place, or return it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from dropout_lint.fixing.hazards.local_calls import LocalCalls
from dropout_lint.fixing.hazards.module_effects import (
    NEW,
    UNKNOWN,
    Effect,
    ModuleEffects,
    function_is_in_place,
)
from dropout_lint.fixing.instances.inheritance import is_base_or_subclass
from dropout_lint.fixing.library_names import (
    FRESH_FUNCTIONS,
    MODULES_OF_NEW_TENSORS,
    READS_A_TENSOR,
    TENSOR_OPERATIONS,
    VIEWS,
)
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope

# What a function of the file does to the parameter at a position, or under a name.
OfParameter = Callable[[FunctionInfo, "int | str"], Effect]


class CallEffects:
    """The effects of the calls of one file on their arguments."""

    def __init__(self, calls: LocalCalls) -> None:
        self._calls, self._model = calls, calls.model
        self._modules = ModuleEffects(calls.modules)

    def on(self, call: cst.Call, at: int, function: FunctionInfo, known: OfParameter) -> Effect:
        """The effect of a call in a function on its argument at a position."""
        model, arg = self._model, call.args[at]
        scope = self._calls.scope_of(call, function)
        if arg.keyword is not None and arg.keyword.value == "out":
            return Effect(changes=True, returns=True)
        if at == 0 and function_is_in_place(model, call, scope):
            return Effect(changes=True, returns=True)
        place = at if arg.keyword is None else arg.keyword.value
        drops = self._calls.is_drop(call, function)
        functions = self._calls.functions(call, function)
        if functions:
            effects = [known(callee, place) for callee in functions]
            changes = any(effect.changes for effect in effects)
            return Effect(changes, drops or any(effect.returns for effect in effects))
        if drops:
            return UNKNOWN
        named = self._names(call.func, scope)
        if named:
            changes = any(is_in_place_name(name.rpartition(".")[2]) for name in named)
            return Effect(at == 0 and changes, any(map(_may_return, named)))
        func = call.func
        if isinstance(func, cst.Name) and model.names.lookup(func.value, scope) is None:
            return NEW if func.value in READS_A_TENSOR else UNKNOWN
        if isinstance(func, cst.Attribute) and not is_self(func.value, function.self_name):
            if func.attr.value in TENSOR_OPERATIONS:
                return NEW
        return self._modules.of(func, scope, lambda forward: known(forward, place))

    def _names(self, func: cst.BaseExpression, scope: Scope) -> Sequence[str]:
        """The dotted names of the functions that a callee may be; empty if one is not known."""
        names = self._model.names.qualified(func, scope)
        if names or not isinstance(func, cst.Attribute):
            return names
        function = self._model.functions.of_scope(scope)
        if function is None or not is_self(func.value, function.self_name):
            return ()
        found: list[str] = []
        for info in self._model.classes:  # self.act = F.relu
            if is_base_or_subclass(info, function.owner):
                for write in info.writes.get(func.attr.value, ()):
                    at = self._model.names.scopes[write.method] if write.method else info.scope
                    if not isinstance(write.value, (cst.Name, cst.Attribute)):
                        return ()
                    named = self._model.names.qualified(write.value, at)
                    if not named:
                        return ()
                    found += named
        return found


def _may_return(name: str) -> bool:
    """Whether a function of a library may return what it is given, or a view of it."""
    if FRESH_FUNCTIONS.match(name):
        return False
    module, _, tail = name.rpartition(".")
    return module not in MODULES_OF_NEW_TENSORS or tail in VIEWS or is_in_place_name(tail)


def is_in_place_name(name: str) -> bool:
    """Whether a function or a method of a tensor changes it, by its name."""
    return name.endswith("_") and not name.endswith("__")
