"""One run of an override: whom it tells which mode.

It goes into the methods of the class that the override calls, as the class has them. nn.Module's
own ``train`` and ``eval`` do what they do: ``eval()`` is ``self.train(False)``, and ``train(mode)``
hands the mode to every child. Whatever unknown gets the module or a child may set any mode.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from dropout_lint.semantics.facts.overrides.binding import bound_by_position, default_of
from dropout_lint.semantics.facts.overrides.loops import Loops
from dropout_lint.semantics.facts.overrides.modes import (
    EVERY_CHILD,
    OWN,
    is_child,
    untouched,
)
from dropout_lint.semantics.interpreter.arguments import Argument, function_arguments
from dropout_lint.semantics.interpreter.guards import Guards
from dropout_lint.semantics.interpreter.run import TrainRun
from dropout_lint.semantics.interpreter.state import State
from dropout_lint.semantics.interpreter.values import (
    NONE,
    UNKNOWN,
    Atom,
    Attribute,
    Const,
    Items,
    Local,
    Method,
    ModeMethod,
    Ref,
    SelfObject,
    Value,
)
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.vocabulary.methods import LEAVES_MODE

_DEPTH = 5
_MOST_ITEMS = 12
_EACH_CHILD = Value.of(Attribute(EVERY_CHILD))
_SELF = Value.of(SelfObject())


class Telling(Loops):
    """A run of an override of ``train`` or ``eval``.

    ``before`` is the mode in which the module is; ``known`` are values of its attributes.
    """

    def __init__(
        self, model: SemanticModel, function: FunctionInfo, before: bool, known: dict[str, Value]
    ) -> None:
        super().__init__(model, TrainRun(function))
        self._model = model
        self._before = Value.of(Const(before))
        self._known = known
        self._stack = [function]
        self.falls_through = False
        self.raises_type_error = False
        self.computes_none = False  # whether some `return f(x)` of it returns None
        self.asks_base = False  # whether it calls nn.Module's own method

    def start(self, arguments: dict[str, Value], children: Sequence[str]) -> None:
        """Run the override on a module whose children have these keys."""
        env = self._parameters(arguments)
        env.update((key, untouched(key)) for key in (OWN, *children))
        self.state = State(env)
        self.block(self.function.node.body)
        self.falls_through = self.state.is_alive
        ends = [*self.exits, self.state]
        self.run.raises = not any(state.is_alive for state in ends)
        self.run.exit_state = State.join(*ends).env

    # --- attributes and conditions ----------------------------------------------------------

    def self_attribute(self, name: str) -> Value:
        if name == "training":
            known = self.state.env.get(OWN)
            if known is None:  # a function that another one has made, with names of its own
                return UNKNOWN
            return self._before if known == untouched(OWN) else known
        if name in self._known and f"self.{name}" not in self.state.env:
            return self._known[name]
        return super().self_attribute(name)

    def inherited(self, name: str) -> Value:
        at = self._stack[-1].owner
        for info in at.lineage[1:] if at is not None else ():
            function = self.surroundings.functions.by_node.get(info.methods.get(name))
            if function is not None:
                return Value.of(Local(name, function.node))
        return Value.of(Attribute(f"super().{name}"))

    def eval(self, node: cst.CSTNode) -> Value:
        value = super().eval(node)
        if len(self._stack) == 1 and not isinstance(node, cst.Name):
            is_returned = isinstance(self.surroundings.functions.tree.parent(node), cst.Return)
            self.computes_none = self.computes_none or (is_returned and Const(None) in value.atoms)
        if isinstance(node, cst.Comparison) and len(node.comparisons) == 1:
            target = node.comparisons[0]
            is_none = isinstance(target.comparator, cst.Name) and target.comparator.value == "None"
            atom = super().eval(node.left).only if is_none else None
            is_asked = isinstance(target.operator, (cst.Is, cst.IsNot))
            if is_asked and isinstance(atom, Attribute) and is_child(atom):
                return Value.of(Const(isinstance(target.operator, cst.IsNot)))  # it is there
        return value

    def bind(self, target: cst.CSTNode, value: Value) -> None:
        if isinstance(target, cst.Attribute) and target.attr.value == "training":
            self.setting = target
            holders = self.eval(target.value)
            if holders.only is None:
                self.set_mode_of(holders, value)
                return
        super().bind(target, value)

    def leave_through(self, node: cst.Finally, exits: list[State]) -> None:
        outer, made = self.state, self.exits
        for state in exits:
            self.state, self.exits = state.copy(), []
            self.block(node.body)
            if self.state.is_alive:
                state.env = self.state.env
        self.state, self.exits = outer, made

    # --- calls ------------------------------------------------------------------------------

    def _train_or_eval(self, name: str, callee: Value, arguments: list[Argument]) -> None:
        """Nothing: `apply` does it."""

    def apply(
        self,
        callee: Atom,
        node: cst.Call,
        arguments: list[Argument],
        guards: Guards,
        sole: bool = True,
    ) -> Value:
        arguments = _expanded(arguments)
        self.setting = node
        name = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
        value = self._told(callee, name, node, arguments) if name in ("train", "eval") else None
        if value is None:
            value = self.passed_on(callee, arguments)
        if value is not None:
            return value
        function = self._method(callee)
        if function is not None:
            return self._enter_method(function, arguments)
        self._lose_track_of(callee, arguments)
        return super().apply(callee, node, arguments, guards, sole)

    def _told(
        self, callee: Atom, name: str, node: cst.Call, arguments: list[Argument]
    ) -> Value | None:
        """The value of a call of some module's ``train`` or ``eval``; None if it is none."""
        given = _given(arguments)
        if isinstance(callee, ModeMethod):
            if _is_named(node, self._stack[-1].self_name):
                return self._tell_self(name, arguments)
            self.set_mode_of(_SELF, _flag(name, given))
            return _SELF
        function = self._method(callee)
        if function is not None:  # super().train(mode), of a class in this file
            return self._enter_method(function, arguments)
        path = callee.path if isinstance(callee, Attribute) else ""
        if path.startswith("super()."):
            return self._tell_base(name, arguments)
        if given and (isinstance(callee, Ref) or not path.startswith("self.")):
            if given[0] == _SELF:  # nn.Module.train(self, mode)
                return self._call_of_class(path, name, arguments[1:])
            child = given[0].only
            if isinstance(callee, Ref) and isinstance(child, Attribute):
                self.tell(given[0], _flag(name, given[1:]))
                return given[0]
        if not isinstance(callee, Attribute):
            return None
        receiver = Value.of(Attribute(path.rpartition(".")[0], callee.caller))
        self.tell(receiver, _flag(name, given))
        return receiver

    def _call_of_class(self, path: str, name: str, arguments: list[Argument]) -> Value:
        """``Base.train(self, mode)``."""
        for info in self.owner.lineage if self.owner is not None else ():
            function = self.surroundings.functions.by_node.get(info.methods.get(name))
            if info.name == path.rpartition(".")[0] and function is not None:
                return self._enter_method(function, arguments)
        return self._tell_base(name, arguments)

    def _tell_base(self, name: str, arguments: list[Argument]) -> Value:
        """nn.Module's own method, called on the module."""
        self.asks_base = True
        if name == "eval" and self.owner is not None and self.owner.find_method("train"):
            off = Argument(cst.Arg(cst.Name("False")), Value.of(Const(False)))
            return self._tell_self("train", [off])
        self.tell(_SELF, _flag(name, _given(arguments)))
        return _SELF

    def _tell_self(self, name: str, arguments: list[Argument]) -> Value:
        """``self.train(mode)`` as the class has it."""
        owner = self.owner
        function = self.surroundings.functions.of_method(owner, name) if owner else None
        if function is None:
            return self._tell_base(name, arguments)
        return self._enter_method(function, arguments)

    def _method(self, callee: Atom) -> FunctionInfo | None:
        """The method of the module's class that a callee is."""
        if not isinstance(callee, (Method, Local)):
            return None
        function = self.surroundings.functions.by_node.get(callee.node)
        is_own = function is not None and function.self_name is not None and self.owner is not None
        return function if is_own and function.owner in self.owner.lineage else None  # type: ignore[union-attr]

    def _enter_method(self, function: FunctionInfo, arguments: list[Argument]) -> Value:
        """Run a method of the module where it is called."""
        if function in self._stack or len(self._stack) > _DEPTH:
            self.lose_track(_SELF)
            return UNKNOWN
        plain = _plain(arguments)
        values = bound_by_position(self._model, function, plain)
        if len(plain) != len(arguments):
            values = dict(function_arguments(function, arguments))
            for parameter in function.parameters:
                if parameter.name.value not in values:
                    default = default_of(self._model, function, parameter)
                    values[parameter.name.value] = default
        if values is None:
            self.raises_type_error = True
            self.leave()
            return UNKNOWN
        outer, returns, exits, loops = self.state, self.returns, self.exits, self.loops
        scope = self.scope
        kept = {name: value for name, value in outer.env.items() if name.startswith("self.")}
        values |= kept
        if function.self_name is not None:
            values[function.self_name] = _SELF
        self.state, self.returns, self.exits, self.loops = State(values, outer.guards), [], [], []
        self.scope = function.scope
        self._stack.append(function)
        self.block(function.node.body)
        self._stack.pop()
        if self.state.is_alive:
            self.returns.append(NONE)
        value = Value.join(self.returns) if self.returns else NONE
        end = State.join(*self.exits, self.state)
        self.state, self.returns, self.exits, self.loops = outer, returns, exits, loops
        self.scope = scope
        if not end.is_alive:
            self.leave()
        outer.env.update((name, v) for name, v in end.env.items() if name.startswith("self."))
        return value

    def _lose_track_of(self, callee: Atom, arguments: list[Argument]) -> None:
        """Forget the modes of what an unknown function gets, or is a method of."""
        is_known = isinstance(callee, Ref) and callee.name.startswith(("builtins.", "torch."))
        if is_known or (isinstance(callee, Local) and callee.node in self._closures):
            return
        path = callee.path if isinstance(callee, Attribute) else ""
        holder, _, method = path.rpartition(".")
        is_kept = holder == "self" and self.owner and self.owner.find_writes(method)
        if method in LEAVES_MODE or is_kept:
            return
        if holder in ("self", "super()"):
            self.lose_track(_SELF)
        elif holder.startswith("self."):
            self.lose_track(Value.of(Attribute(holder)))
        for argument in arguments:
            self.lose_track(argument.value)


def _expanded(arguments: list[Argument]) -> list[Argument]:
    """The arguments with those of a known ``*args`` one by one."""
    expanded: list[Argument] = []
    for argument in arguments:
        atom = argument.value.only
        if argument.node.star and isinstance(atom, Items):
            expanded += [Argument(cst.Arg(cst.Name("_")), item) for item in atom.items]
        else:
            expanded.append(argument)
    return expanded


def _plain(arguments: list[Argument]) -> list[Value]:
    return [a.value for a in arguments if a.node.keyword is None and not a.node.star]


def _given(arguments: list[Argument]) -> list[Value]:
    """The arguments by position, and the mode if it has a keyword."""
    by_name = [
        a for a in arguments if a.node.keyword is not None and a.node.keyword.value == "mode"
    ]
    starred = [UNKNOWN for argument in arguments if argument.node.star]
    return [*_plain(arguments), *(a.value for a in by_name), *starred]


def _flag(name: str, given: Sequence[Value]) -> Value:
    """The mode that a call of ``train`` or ``eval`` with these arguments sets."""
    return given[0] if name == "train" and given else Value.of(Const(name == "train"))


def _is_named(node: cst.Call, own: str | None) -> bool:
    """Whether a method is called as ``self.train``."""
    func = node.func
    return (
        isinstance(func, cst.Attribute)
        and isinstance(func.value, cst.Name)
        and func.value.value == own
    )
