"""Methods of plain objects that a module keeps on self and calls: ``self.noise = Noise(0.1)``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.semantics.facts.calling.callers import Caller
from dropout_lint.semantics.interpreter.guards import FREE
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo


def holder_of(model: SemanticModel, function: FunctionInfo) -> Caller | None:
    """A module's method that calls a method of a plain object in eval mode."""
    owner = function.owner
    if owner is None or owner.may_be_module or function.self_name is None:
        return None
    for holder, name in _kept(model, owner):
        for caller in model.functions:
            if caller.owner is None or not model.classes.are_related(caller.owner, holder):
                continue
            if caller.in_module and not model.functions.serves_building(caller):
                for called in model.run(caller, False).calls:
                    if called.guards == FREE and _is_meant(
                        called.node.func, caller, name, function
                    ):
                        return Caller(caller, model, called.node)
    return None


def _kept(model: SemanticModel, owner: ClassInfo) -> Iterator[tuple[ClassInfo, str]]:
    """The attributes of modules of the file that hold an object of a class."""
    for info in model.classes:
        for name, writes in info.writes.items() if info.is_module else ():
            values = [write.value for write in writes if write.method is not None]
            for value in values:
                if isinstance(value, cst.Call) and len(values) == len(writes) == 1:
                    scope = model.names.scope_at.get(value)
                    if scope is not None and model.classes.resolve(value.func, scope) is owner:
                        yield info, name


def _is_meant(
    func: cst.BaseExpression, caller: FunctionInfo, name: str, function: FunctionInfo
) -> bool:
    """Whether a call is ``self.name(…)`` of a ``__call__``, or ``self.name.method(…)``."""
    if function.name != "__call__":
        if not isinstance(func, cst.Attribute) or func.attr.value != function.name:
            return False
        func = func.value
    return (
        isinstance(func, cst.Attribute)
        and func.attr.value == name
        and is_self(func.value, caller.self_name)
    )
