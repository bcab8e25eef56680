"""What modules and functions of torch do to their input: change it in place, or return it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import libcst as cst

from dropout_lint.fixing.hazards.built_modules import BuiltModules, Construction, torch_name
from dropout_lint.fixing.library_names import (
    FRESH_CLASSES,
    FUNCTION_INPLACE_POSITION,
    MODULE_CONTAINERS,
    MODULE_INPLACE_POSITION,
    MODULES_OF_UNKNOWN_EFFECT,
    PASSES_INPUT_THROUGH,
)
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope


class Effect(NamedTuple):
    """Whether a module or function may change its input in place, and whether it may return it."""

    changes: bool = False
    returns: bool = False


NEW = Effect()
UNKNOWN = Effect(changes=False, returns=True)


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


class ModuleEffects:
    """The effects of modules of one file on their input.

    ``forward`` gives that of a function of the file, a ``forward``, on its first argument.
    """

    def __init__(self, modules: BuiltModules) -> None:
        self._modules, self._model = modules, modules.model

    def of(
        self,
        node: cst.BaseExpression,
        scope: Scope,
        forward: Callable[[FunctionInfo], Effect],
    ) -> Effect:
        """The effect of the module that an expression is, whichever that may be."""
        return _any(
            self._effect(built, forward) if built is not None else UNKNOWN
            for built in self._modules.built(node, scope)
        )

    def _effect(
        self,
        construction: Construction,
        forward: Callable[[FunctionInfo], Effect],
        around: frozenset[cst.CSTNode] = frozenset(),
    ) -> Effect:
        """The effect of a module; ``around`` are the containers that it is in."""
        name = torch_name(self._model, *construction, within="torch.nn.")
        if name in MODULE_CONTAINERS:
            return self._in_order(construction, forward, around | {construction.call})
        arguments = construction.call.args
        if any(map(_says_in_place, arguments)) or _is_on_at(
            construction.call, MODULE_INPLACE_POSITION.get(name)
        ):
            return Effect(changes=True, returns=True)
        if name:
            known = name[0].isupper() and name not in MODULES_OF_UNKNOWN_EFFECT
            passes = name in PASSES_INPUT_THROUGH or "Dropout" in name
            return NEW if known and not passes else UNKNOWN
        function = self._modules.forward(construction)
        if function is not None:
            return forward(function)
        called = self._model.names.qualified(*_callee(construction))
        return NEW if called and all(map(FRESH_CLASSES.match, called)) else UNKNOWN

    def _in_order(
        self,
        container: Construction,
        forward: Callable[[FunctionInfo], Effect],
        around: frozenset[cst.CSTNode],
    ) -> Effect:
        """The effect of modules that run one after the other.

        Those that a loop or a branch adds may be missing, all of them together.
        """
        changes, ended = False, set[cst.CSTNode | None]()
        for item in self._modules.items(container):
            if None in ended or not ended.isdisjoint(item.blocks):
                continue
            options = list(self._modules.built(item.value, item.scope)) if item.value else [None]
            options = [o for o in options if o is None or o.call not in around]
            if not options:  # `self.body = nn.Sequential(*self.body)`: the one before
                continue
            effect = _any(self._effect(o, forward, around) if o else UNKNOWN for o in options)
            changes = changes or effect.changes
            if effect.changes or not effect.returns:
                ended.add(item.blocks[-1] if item.blocks else None)
        return Effect(changes, returns=None not in ended)


def _callee(construction: Construction) -> tuple[cst.BaseExpression, Scope]:
    return construction.call.func, construction.scope


def _any(effects: Iterable[Effect]) -> Effect:
    changes = returns = False
    for effect in effects:
        changes, returns = changes or effect.changes, returns or effect.returns
    return Effect(changes, returns)
