"""The values of attributes in one mode, by the value that they are an attribute of."""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.interpreter.guards import MODE, Guard, mode_guards
from dropout_lint.semantics.interpreter.state import State
from dropout_lint.semantics.interpreter.surroundings import Surroundings
from dropout_lint.semantics.interpreter.values import (
    FALSY,
    UNKNOWN,
    Atom,
    Attribute,
    Const,
    Instance,
    Local,
    Method,
    ModeMethod,
    Opaque,
    Parameter,
    Ref,
    SelfObject,
    Super,
    Value,
)
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.conditions import facts_where
from dropout_lint.semantics.syntax.functions import FunctionInfo


class Lookups:
    """Looks up attributes of values, and what methods return."""

    def __init__(
        self, surroundings: Surroundings, *, training: bool = True, owner: ClassInfo | None = None
    ) -> None:
        self.surroundings = surroundings
        self.training = training
        self.owner = owner
        self.state = State()

    def attributes_of(self, base: Value, name: str) -> Value:
        """The value of ``base.name``."""
        return Value.join(
            self.attribute_of(atom, name).behind(guards) for atom, guards in base.alternatives
        )

    def attribute_of(self, atom: Atom, name: str) -> Value:
        """The value of ``atom.name``."""
        if isinstance(atom, SelfObject):
            return self.self_attribute(name)
        if isinstance(atom, Super):
            return self.inherited(name)
        if isinstance(atom, Ref):
            return Value.of(Ref(self.surroundings.catalog_name(f"{atom.name}.{name}")))
        if isinstance(atom, Instance):
            return atom.flag if name == "training" else Value.of(Attribute(f"{atom.name}.{name}"))
        if isinstance(atom, Attribute):
            return Value.of(Attribute(f"{atom.path}.{name}", atom.caller))
        if isinstance(atom, Local):
            function = self.surroundings.functions.of_class(atom.node, name)
            if function is not None:
                return Value.of(Local(name, function.node))
        if isinstance(atom, (Parameter, Local)):
            caller = atom.name if isinstance(atom, Parameter) else ""
            return Value.of(Attribute(f"{atom.name}.{name}", caller))
        if isinstance(atom, Opaque) and atom.mentions >= MODE:
            return Value.of(atom)
        return Value.of(Attribute(f"….{name}"))

    def self_attribute(self, name: str) -> Value:
        """The value of ``self.name``, as the run or its class sets it."""
        known = self.state.env.get(f"self.{name}")
        if known is not None:
            return known
        owner = self.owner
        if owner is None:  # a function that is put on a module
            if name == "training":
                return Value.of(Const(self.training))
            return Value.of(Attribute(f"self.{name}"))
        if name == "training" and owner.may_be_module:
            return Value.of(Const(self.training))
        if owner.imported_base_sets_by_mode(name):
            return Value.of(Opaque(frozenset({Guard("flag", f"self.{name}")})))
        if not owner.find_writes(name):
            if name in ("train", "eval") and owner.is_module:
                return Value.of(ModeMethod(name, (name == "train") == self.training))
            function = self.surroundings.functions.of_method(owner, name)
            if function is not None and function.is_property:
                made = self.surroundings.made(Method(name, function.node))
                return made.value if made is not None else self.returned(function)
            if function is not None:
                return Value.of(Method(name, function.node))
            if owner.imported_method_reads_mode(name):
                return Value.of(Opaque(MODE))
        return self.surroundings.attribute(owner, name, self.training)

    def inherited(self, name: str) -> Value:
        """The value of ``super().name``: the function itself, which no subclass overrides."""
        for info in self.owner.lineage[1:] if self.owner is not None else ():
            function = self.surroundings.functions.by_node.get(info.methods.get(name))
            if function is not None and function.is_property:
                return self.returned(function)
            if function is not None:
                return Value.of(Local(name, function.node))
        if self.owner is not None and self.owner.imported_method_reads_mode(name):
            return Value.of(Opaque(MODE))
        return Value.of(Attribute(f"super().{name}"))

    def returned(self, function: FunctionInfo) -> Value:
        """What a function that knows the mode returns, its parameters left symbolic."""
        if not self.surroundings.knows_mode(function):
            return UNKNOWN
        return self.surroundings.alone(function, self.training).returned

    # --- what is known to be zero ------------------------------------------------------------

    def unless_zero(self, value: Value) -> Value:
        """A value as it is known on this path."""
        return FALSY if self.state.zeros and _place_of(value) in self.state.zeros else value

    def zeros_where(self, test: cst.CSTNode, holds: bool) -> frozenset[str]:
        """The parameters and attributes that are zero where a condition holds, or fails."""
        zeros: set[str] = set()
        for path, is_true in facts_where(test, holds) or ():
            place = self._place_of_path(path)
            owner, _, name = (place or "").partition(".")
            if owner == "self" and "." not in name and self.owner is not None:
                zeros |= self.surroundings.zeros_where(self.owner, name, is_true)
            if place is not None and not is_true:
                zeros.add(place)
        return frozenset(zeros)

    def _place_of_path(self, path: str) -> str | None:
        """What a dotted name is always read from."""
        root, *steps = path.split(".")
        value = self.state.env.get(root)
        if value is None or not (steps and isinstance(value.only, SelfObject)):
            place = _place_of(value) if value is not None else None
        else:
            place = _place_of(self.self_attribute(steps[0])) or f"self.{steps[0]}"
            steps = steps[1:]
        return ".".join((place, *steps)) if place is not None else None


def _place_of(value: Value) -> str | None:
    """What a value is always read from, if that is no mode: a parameter, or an attribute."""
    atom = value.only
    if not isinstance(atom, (Parameter, Attribute)) or mode_guards(value.mentions):
        return None
    if isinstance(atom, Parameter):
        return atom.name
    return None if "[]" in atom.path or "…" in atom.path else atom.path
