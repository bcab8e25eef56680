"""The modes of a module and of its children, as one run of an override leaves them."""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.interpreter.execution import Execution
from dropout_lint.semantics.interpreter.run import Run
from dropout_lint.semantics.interpreter.surroundings import Surroundings
from dropout_lint.semantics.interpreter.values import (
    UNKNOWN,
    Atom,
    Attribute,
    Items,
    Opaque,
    Parameter,
    SelfObject,
    Super,
    Value,
)

OWN = "self.training"
# All children that are not known by name.
EVERY_CHILD = "self.*"
_FLAG = ".training"


def untouched(key: str) -> Value:
    """The mode that a module has before."""
    return Value.of(Attribute(key))


def key_of(path: str) -> str:
    """The name under which the state keeps the mode of what is at a path."""
    return path + _FLAG


class Modes(Execution):
    """Keeps modes in the state: that of ``self.head`` under ``self.head.training``.

    A module that is one of several alternatives has its new mode or the one before. ``setters`` are
    the calls and assignments that set each mode, in turn.
    """

    def __init__(self, surroundings: Surroundings, run: Run) -> None:
        super().__init__(surroundings, run)
        self.setters: dict[str, list[cst.CSTNode]] = {}
        self.setting: cst.CSTNode | None = None  # the call or target that sets a mode just now

    def children(self) -> list[str]:
        """The names under which the state keeps the modes of children."""
        return [name for name in self.state.env if name.endswith(_FLAG) and name != OWN]

    def tell(self, receiver: Value, flag: Value) -> None:
        """Do ``receiver.train(flag)``, where that is nn.Module's."""
        for atom in receiver.atoms:
            self._tell(atom, flag, receiver.only is not None)

    def lose_track(self, value: Value) -> None:
        """Say that something unknown may have set the modes of a module."""
        for atom in value.atoms:
            if isinstance(atom, (SelfObject, Super)):
                self._set(OWN, UNKNOWN, True)
                self._set_all(UNKNOWN, True)
            elif isinstance(atom, Attribute) and is_child(atom):
                self._set_child(atom.path, UNKNOWN, True)
            elif isinstance(atom, Items):
                for item in atom.items:
                    self.lose_track(item)

    def set_attribute(self, holder: Atom | None, name: str, value: Value) -> None:
        if name == "training" and isinstance(holder, Attribute) and is_child(holder):
            self._set_child(holder.path, value, True)
        elif name == "training" and isinstance(holder, SelfObject):
            self._set(OWN, value, True)
        else:
            super().set_attribute(holder, name, value)

    def set_mode_of(self, holders: Value, flag: Value) -> None:
        """Do ``holder.training = flag`` for one of several holders."""
        for atom in holders.atoms:
            if isinstance(atom, SelfObject):
                self._set(OWN, flag, False)
            elif isinstance(atom, Attribute) and is_child(atom):
                self._set_child(atom.path, flag, False)

    def _tell(self, atom: Atom, flag: Value, surely: bool) -> None:
        if isinstance(atom, (SelfObject, Super)):
            self._set(OWN, flag, surely)
            self._set_all(flag, surely)
        elif isinstance(atom, Attribute) and is_child(atom):
            self._set_child(atom.path, flag, surely)
        elif isinstance(atom, Items):
            for item in atom.items:
                self.tell(item, flag)
        elif isinstance(atom, (Attribute, Opaque, Parameter)):  # perhaps a child
            self._set_all(flag, False)

    def _set_all(self, flag: Value, surely: bool) -> None:
        for key in self.children():
            self._set(key, flag, surely)

    def _set_child(self, path: str, flag: Value, surely: bool) -> None:
        if path == EVERY_CHILD or path.startswith("self._modules"):
            self._set_all(flag, surely and path == EVERY_CHILD)
            return
        own = key_of(path)
        below = (f"{path}.", f"{path}[")
        for key in [own, *(k for k in self.children() if k.startswith(below) and k != own)]:
            self._set(key, flag, surely)
        for whole in _wholes(path):  # a part of it is told
            self._set(key_of(whole), flag, False)

    def _set(self, key: str, flag: Value, surely: bool) -> None:
        if self.setting is not None:
            self.setters.setdefault(key, []).append(self.setting)
        if surely:
            self.state.env[key] = flag
        else:
            before = self.state.env.get(key) or untouched(key)
            self.state.env[key] = Value.join([before, flag])


def is_child(atom: Attribute) -> bool:
    """Whether an attribute is one of the module itself: ``self.head``, ``self.layers[]``."""
    return atom.path.startswith("self.")


def _wholes(path: str) -> list[str]:
    """What a module is a part of: ``self.layers[]`` of ``self.layers``."""
    wholes: list[str] = []
    while True:
        path = path.removesuffix("[]") if path.endswith("[]") else path.rpartition(".")[0]
        if path in ("", "self"):
            return wholes
        wholes.append(path)
