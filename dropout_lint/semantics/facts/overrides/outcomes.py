"""What an override comes to: after ``train(True)``, after ``train(False)``, after ``eval()``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import libcst as cst

from dropout_lint.semantics.facts.overrides.binding import bound_by_position
from dropout_lint.semantics.facts.overrides.modes import EVERY_CHILD, OWN, key_of, untouched
from dropout_lint.semantics.facts.overrides.telling import Telling
from dropout_lint.semantics.interpreter.values import NONE, Const, Value
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import walk

_MODES = ("train", "eval", "training")


@dataclass(frozen=True)
class Outcome:
    """What one call of an override leaves.

    ``attributes`` are those of self, the modes of children among them. ``raises`` says that no path
    returns, ``falls_through`` that the end of the body is reached, ``asks_base`` that nn.Module's
    own method is called, ``computes_none`` that some ``return f(x)`` returns None.
    """

    attributes: Mapping[str, Value]
    returned: Value
    raises: bool = False
    type_error: bool = False
    falls_through: bool = False
    asks_base: bool = False
    computes_none: bool = False

    @property
    def own(self) -> Value:
        """The mode of the module itself."""
        return self.attributes.get(OWN, untouched(OWN))

    @property
    def tells_nobody(self) -> bool:
        """Whether all modes are as they were before."""
        return all(value == untouched(name) for name, value in self.modes.items())

    @property
    def modes(self) -> Mapping[str, Value]:
        """The modes of the module and of its children, by the names that the state has."""
        return {name: v for name, v in self.attributes.items() if name.endswith(".training")}

    def mode_of(self, child: str) -> Value:
        key = key_of(f"self.{child}")
        return self.attributes.get(key, self.attributes.get(key_of(EVERY_CHILD), untouched(key)))

    def leaves(self, child: str) -> bool:
        """Whether the child is surely not told."""
        return self.mode_of(child) == untouched(key_of(f"self.{child}"))

    def puts(self, child: str, mode: bool) -> bool:
        """Whether the child is surely put into a mode."""
        return is_surely(self.mode_of(child), mode)


_RAISES_TYPE_ERROR = Outcome({}, NONE, raises=True, type_error=True)


def is_surely(value: Value, mode: bool) -> bool:
    """Whether a flag has one truth value."""
    return all(isinstance(a, Const) and bool(a.value) is mode for a in value.atoms)


class Outcomes:
    """The outcomes of one override. ``owner`` is the class, ``function`` its method."""

    def __init__(self, model: SemanticModel, function: FunctionInfo) -> None:
        assert function.owner is not None
        self._model = model
        self.function = function
        self.owner: ClassInfo = function.owner

    @cached_property
    def in_eval(self) -> Outcome:
        """Of ``train(False)``, which is what ``eval()`` of nn.Module calls, or of ``eval()``."""
        return self._of(False, *([] if self.function.name == "eval" else [False]))

    @cached_property
    def in_train(self) -> Outcome:
        """Of ``train(True)``."""
        return self._of(True, True)

    @cached_property
    def by_default(self) -> Outcome:
        """Of ``train()``."""
        return self._of(True)

    @cached_property
    def with_default_options(self) -> tuple[Outcome, list[str]]:
        """Like ``in_eval``, of a module that was built without options; and the options."""
        options = _default_options(self._model, self.owner)
        given = [] if self.function.name == "eval" else [False]
        asked = [name for name in options if f"self.{name}" in self._read]
        return self._of(False, *given, known=options), asked

    @cached_property
    def _read(self) -> set[str]:
        own = self.function.self_name
        return {
            f"self.{node.attr.value}"
            for node in walk(self.function.node.body)
            if isinstance(node, cst.Attribute)
            and isinstance(node.value, cst.Name)
            and node.value.value == own
        }

    def _of(self, asked: bool, *given: bool, known: dict[str, Value] | None = None) -> Outcome:
        values = [Value.of(Const(mode)) for mode in given]
        arguments = bound_by_position(self._model, self.function, values)
        if arguments is None:
            return _RAISES_TYPE_ERROR
        run = Telling(self._model, self.function, not asked, known or {})
        run.start(arguments, child_keys(self.owner))
        returned = [*run.run.returns, *([NONE] if run.falls_through else [])]
        return Outcome(
            {name: v for name, v in run.run.exit_state.items() if name.startswith("self.")},
            Value.join(returned) if returned else NONE,
            run.run.raises,
            run.run.raises and run.raises_type_error,
            run.falls_through,
            run.asks_base,
            run.computes_none,
        )


def child_keys(owner: ClassInfo) -> Sequence[str]:
    """The names under which the modes of the class's children are kept."""
    paths = {EVERY_CHILD: None}
    for info in owner.lineage:
        paths |= _paths_in(info)
    return [key_of(path) for path in paths]


def _paths_in(info: ClassInfo) -> dict[str, None]:
    """The children that one class writes or sets the mode of."""
    if info in _known:
        return _known[info]
    paths = {f"self.{name}": None for name in info.writes if name != "training"}
    for method in info.methods.values():
        for node in walk(method.body):
            if isinstance(node, cst.Attribute) and node.attr.value in _MODES:
                path = _path(node.value)
                paths |= {path: None} if path else {}
    _known[info] = paths
    return paths


_known: WeakKeyDictionary[ClassInfo, dict[str, None]] = WeakKeyDictionary()


def _path(node: cst.CSTNode) -> str:
    """``self.a.b``, whatever the first name is; empty for anything else."""
    names: list[str] = []
    while isinstance(node, cst.Attribute):
        names.append(node.attr.value)
        node = node.value
    return ".".join(["self", *reversed(names)]) if names and isinstance(node, cst.Name) else ""


def _default_options(model: SemanticModel, owner: ClassInfo) -> dict[str, Value]:
    """The attributes that the constructor sets to its parameters, with the parameters' defaults.

    And those that it sets to a constant. Nothing else sets them.
    """
    options: dict[str, Value] = {}
    for name in {name for info in owner.lineage for name in info.writes}:
        writes = owner.find_writes(name)
        constructor = writes[0].method
        if len(writes) != 1 or constructor is None or owner.dynamic:
            continue
        if constructor.name.value != "__init__" or name in owner.methods:
            continue
        value = _given_by_default(writes[0].value, constructor)
        if isinstance(value, cst.Name) and value.value in ("True", "False"):
            options[name] = Value.of(Const(value.value == "True"))
    return options


def _given_by_default(
    value: cst.BaseExpression | None, constructor: cst.FunctionDef
) -> cst.BaseExpression | None:
    """The default of the parameter that a value is, else the value."""
    for parameter in (*constructor.params.params, *constructor.params.kwonly_params):
        if isinstance(value, cst.Name) and parameter.name.value == value.value:
            return parameter.default
    return value
