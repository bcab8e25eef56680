"""The values of ``self.name`` in one mode, as far as the class settles them."""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.interpreter.contrast import constants_of
from dropout_lint.semantics.interpreter.evaluator import Evaluator
from dropout_lint.semantics.interpreter.guards import MODE
from dropout_lint.semantics.interpreter.operators import functions_in
from dropout_lint.semantics.interpreter.state import as_built
from dropout_lint.semantics.interpreter.values import (
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
from dropout_lint.semantics.interprocedural.file_surroundings import FileSurroundings
from dropout_lint.semantics.interprocedural.instances import Instances
from dropout_lint.semantics.syntax.classes import ClassInfo, Write
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import walk
from dropout_lint.vocabulary.modes import speaks_of_mode

_FOLLOWED = (Const, Ref, Partial, Method, Local)
_MOST_WRITES = 6


def is_switch(name: str, value: Value) -> bool:
    """Whether a name is there to be switched from outside: ``self.is_train = True``.

    Users of the model write ``model.is_train = False``, or edit ``IS_TRAIN = True`` at the head of
    a script.
    """
    return speaks_of_mode(name) and all(
        isinstance(atom, Const) and isinstance(atom.value, (bool, str)) for atom in value.atoms
    )


class Attributes:
    """The values of attributes, from what ``train(mode)`` writes, else from all writes."""

    def __init__(self, surroundings: FileSurroundings) -> None:
        self._surroundings = surroundings
        self._functions = surroundings.functions
        self._instances = Instances(surroundings)
        self._values: dict[tuple[ClassInfo, str, bool], Value] = {}

    def value(self, owner: ClassInfo, name: str, training: bool) -> Value:
        """The value of ``self.name`` where the class settles it, else an unknown `Attribute`."""
        key = (owner, name, training)
        if key not in self._values:
            unknown = Value.of(Attribute(f"self.{name}"))
            self._values[key] = unknown  # for an attribute that is set from itself
            self._values[key] = self._value(owner, name, training, unknown)
        return self._values[key]

    def _value(self, owner: ClassInfo, name: str, training: bool, unknown: Value) -> Value:
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
        by_mode = self._written_by_train(owner, name, training)
        if by_mode is not None:
            return Value.join((by_mode, depends(unknown))) if later else by_mode
        settled = self._settled(owner, writes, training)
        if settled is not None:
            return unknown if is_switch(name, settled) else settled
        may_follow_mode = not training and (
            any(self._follows_mode(function, name) for function in later)
            or any(self._asks_for_mode(write) for write in writes)
        )
        return depends(unknown) if may_follow_mode else unknown

    def _function(self, write: Write) -> FunctionInfo | None:
        return self._functions.by_node.get(write.method) if write.method else None

    def _written_by_train(self, owner: ClassInfo, name: str, training: bool) -> Value | None:
        """The attribute after ``train(mode)`` of the class itself, where that sets it."""
        for method in ("train", "eval"):
            function = self._functions.of_method(owner, method)
            if (
                function is not None
                and function.is_mode_override
                and (method == "train" or not training)
            ):
                run = self._surroundings.run(function, training)
                value = run.exit_state.get(f"self.{name}")
                if value is not None:
                    return value
        return None

    def _follows_mode(self, function: FunctionInfo, name: str) -> bool:
        """Whether a method writes another value to the attribute in the other mode."""
        if not self._surroundings.knows_mode(function):
            return False
        constants = []
        for training in (True, False):
            values = [
                written.value
                for written in self._surroundings.alone(function, training).written
                if written.target.attr.value == name
            ]
            if any(value.mentions >= MODE for value in values):
                return True
            constants.append({constants_of(value) for value in values})
        return constants[0] != constants[1]

    def _asks_for_mode(self, write: Write) -> bool:
        """``self.rate = lambda: 0.5 if self.training else 0.0``: the mode is asked for later."""
        if write.value is None or write.method is None:
            return False
        return any(
            self._surroundings.mentions_mode(node)
            for node in walk(write.value)
            if isinstance(node, cst.Lambda)
        )

    def _settled(self, owner: ClassInfo, writes: list[Write], training: bool) -> Value | None:
        """The constants or functions that a class keeps in an attribute, if it keeps only those.

        ``self.attend = attend or F.scaled_dot_product_attention``: beside a function that drops,
        it may be a parameter of the constructor.
        """
        if len(writes) > _MOST_WRITES:
            return None
        values = []
        for write in writes:
            value = self._written(owner, write, training)
            if value is None:
                return None
            values.append(value)
        joined = Value.join([value for value in values if value != NONE] or values)
        drops = any(map(self._drops, joined.atoms))
        rest = [a for a in joined.atoms if not (isinstance(a, _FOLLOWED) or self._drops(a))]
        if rest and not drops:
            return None
        other = Attribute(f"self.{writes[0].name}")
        return Value.join(
            Value.of(other if atom in rest else atom, guards)
            for atom, guards in joined.alternatives
        )

    def _drops(self, atom: Atom) -> bool:
        """Whether a value is a function that drops, or a container of one."""
        return any(
            isinstance(each, Local) or self._surroundings.catalog.function(each.name) is not None
            for each in functions_in(atom)
        )

    def _written(self, owner: ClassInfo, write: Write, training: bool) -> Value | None:
        if write.value is None:
            return None
        function = self._function(write)
        if function is None:
            return Evaluator(self._surroundings, owner.scope, training=training, owner=owner).eval(
                write.value
            )
        if not function.builds:  # it may be written again while the model runs
            return None
        own = function.self_name
        evaluator = Evaluator(self._surroundings, function.scope, owner=owner, self_name=own)
        if own is not None:
            evaluator.state.env[own] = Value.of(SelfObject())
        return as_built(self._handed(owner, function, evaluator.eval(write.value)))

    def _handed(self, owner: ClassInfo, function: FunctionInfo, value: Value) -> Value:
        """A value of a constructor, with the functions that its parameters are known to get."""
        if function.name != "__init__" or not isinstance(value.only, Parameter):
            return value
        given = self._instances.given(owner, function, value.only.name)
        functions = [
            Value.of(atom)
            for each in given
            for atom in each.atoms
            if isinstance(atom, Local) or self._drops(atom)
        ]
        return Value.join([value, *functions]) if functions else value
