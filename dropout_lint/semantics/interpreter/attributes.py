"""What ``self.name`` is worth in one mode, as far as its class settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from dropout_lint.semantics.interpreter.calls import Evaluator
from dropout_lint.semantics.interpreter.contrast import settled
from dropout_lint.semantics.interpreter.values import (
    MODE,
    NONE,
    Atom,
    Attribute,
    Const,
    Local,
    Method,
    Parameter,
    Partial,
    Ref,
    SelfObject,
    Value,
    depends,
)
from dropout_lint.semantics.syntax.classes import ClassInfo, Write
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import walk
from dropout_lint.vocabulary import speaks_of_mode

if TYPE_CHECKING:
    from dropout_lint.semantics.model import SemanticModel

_KEPT = (Const, Ref, Partial, Method, Local)
_MANY = 3


def is_switch(name: str, value: Value) -> bool:
    """Whether a name is there to be switched from outside: ``self.is_train = True``.

    Who uses the model writes ``model.is_train = False``, or edits ``IS_TRAIN = True`` at the head
    of a script; a value that nobody changes needs no such name.
    """
    return speaks_of_mode(name) and all(
        isinstance(atom, Const) and isinstance(atom.value, (bool, str)) for atom in value.atoms
    )


class Attributes:
    """The worth of attributes: from what ``train(mode)`` leaves, else from where they are set."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._known: dict[tuple[ClassInfo, str, bool], Value] = {}

    def worth(self, owner: ClassInfo, name: str, training: bool) -> Value:
        """What ``self.name`` is worth where the class settles it, else an unknown `Attribute`."""
        key = (owner, name, training)
        if key not in self._known:
            unknown = Value.of(Attribute(f"self.{name}"))
            self._known[key] = unknown  # for an attribute that is set from itself
            self._known[key] = self._worth(owner, name, training, unknown)
        return self._known[key]

    def _worth(self, owner: ClassInfo, name: str, training: bool, unknown: Value) -> Value:
        writes = owner.find_writes(name)
        for info in owner.derived:
            writes = writes + info.writes.get(name, [])
        if not writes:
            return unknown
        later = [
            function
            for function in map(self._function, writes)
            if function is not None and not function.builds
        ]
        left = self._left_by_mode(owner, name, training)
        if left is not None:
            return left if not later else Value.join((left, depends(unknown)))
        found = self._settled(owner, writes, training)
        if found is not None:
            return unknown if is_switch(name, found) else found
        if training:
            return unknown
        if any(self._follows_mode(function, name) for function in later):
            return depends(unknown)
        if any(self._asks_for_mode(write) for write in writes):
            return depends(unknown)
        return unknown

    def _function(self, write: Write) -> FunctionInfo | None:
        return self._model.functions.by_node.get(write.method) if write.method else None

    def _left_by_mode(self, owner: ClassInfo, name: str, training: bool) -> Value | None:
        """The attribute after ``train(mode)`` of the class itself, where that sets it."""
        for method in ("train", "eval"):
            function = self._model.functions.of_method(owner, method)
            if (
                function is not None
                and function.is_mode_override
                and (method == "train" or not training)
            ):
                found = self._model.run(function, training).left.get(f"self.{name}")
                if found is not None:
                    return found
        return None

    def _follows_mode(self, function: FunctionInfo, name: str) -> bool:
        """Whether a method leaves something else in the attribute in the other mode."""
        if not self._model.knows_mode(function):
            return False
        worth = []
        for training in (True, False):
            values = [
                written.value
                for written in self._model.alone(function, training).written
                if written.target.attr.value == name
            ]
            if any(value.mentions >= MODE for value in values):
                return True
            worth.append({settled(value) for value in values})
        return worth[0] != worth[1]

    def _asks_for_mode(self, write: Write) -> bool:
        """``self.rate = lambda: 0.5 if self.training else 0.0``: the mode is asked for later."""
        if write.value is None or write.method is None:
            return False
        scope = self._model.names.scopes[write.method]
        return any(
            self._model.mentions_mode(node, scope)
            for node in walk(write.value)
            if isinstance(node, cst.Lambda)
        )

    def _settled(self, owner: ClassInfo, writes: list[Write], training: bool) -> Value | None:
        """The constants or functions that a class keeps in an attribute, if only those.

        ``self.attend = attend or F.scaled_dot_product_attention``: beside a function that drops, a
        parameter of the constructor is what else may be called.
        """
        if len(writes) > _MANY:
            return None
        values = []
        for write in writes:
            value = self._written(owner, write, training)
            if value is None:
                return None
            values.append(value)
        joined = Value.join([value for value in values if value != NONE] or values)
        rest = [atom for atom in joined.atoms if not isinstance(atom, _KEPT)]
        if rest and not any(self._drops(atom) for atom in joined.atoms):
            return None
        if not all(isinstance(atom, Parameter) for atom in rest):
            return None
        other = Attribute(f"self.{writes[0].name}")
        return Value.join(
            Value.of(other if atom in rest else atom, guards)
            for atom, guards in joined.alternatives
        )

    def _drops(self, atom: Atom) -> bool:
        return isinstance(atom, Ref) and self._model.catalog.function(atom.name) is not None

    def _written(self, owner: ClassInfo, write: Write, training: bool) -> Value | None:
        if write.value is None:
            return None
        function = self._function(write)
        if function is None:
            return Evaluator(self._model, owner.scope, training, owner, None).eval(write.value)
        if not function.builds:  # what is set while the model runs is no constant
            return None
        evaluator = Evaluator(self._model, function.scope, True, owner, function.self_name)
        if function.self_name is not None:
            evaluator.state.env[function.self_name] = Value.of(SelfObject())
        return evaluator.eval(write.value)
