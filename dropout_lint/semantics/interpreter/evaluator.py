"""Calls in one mode: calls that can be computed, and calls that build or change modules."""

from __future__ import annotations

import libcst as cst

from dropout_lint.catalog import canonical
from dropout_lint.semantics.interpreter.arguments import (
    Argument,
    function_arguments,
    with_arguments,
)
from dropout_lint.semantics.interpreter.assignments import Assignments
from dropout_lint.semantics.interpreter.guards import MODE, Guard, Guards
from dropout_lint.semantics.interpreter.operators import (
    computed,
    elements_at,
    opaque,
    text_of,
)
from dropout_lint.semantics.interpreter.values import (
    UNKNOWN,
    Atom,
    Attribute,
    Chain,
    Const,
    Instance,
    Items,
    Local,
    Method,
    ModeMethod,
    Opaque,
    Parameter,
    Partial,
    Ref,
    SelfObject,
    Super,
    Value,
    depends,
)
from dropout_lint.vocabulary.methods import SAME_MODULE

# Methods of lists, sets and dictionaries that change them.
_MUTATORS = frozenset("append extend insert pop remove clear sort reverse update".split())


def _modules(atom: Atom | None) -> tuple[Instance, ...]:
    if isinstance(atom, Chain):
        return atom.modules
    return (atom,) if isinstance(atom, Instance) else ()


class Evaluator(Assignments):
    """Evaluates all expressions; `Execution` adds the calls of functions of the project."""

    entry: cst.CSTNode | None = None  # the element of a container that is called, if it is one

    def on_call(
        self, node: cst.Call, callee: Atom, arguments: list[Argument], guards: Guards, sole: bool
    ) -> Value | None:
        """The value of a call that cannot be computed here, if it is known.

        ``sole`` is False where the callee is one of several alternatives.
        """
        return None

    def call(self, node: cst.Call) -> Value:
        func = node.func
        if isinstance(func, cst.Attribute):
            receiver, callee = self.eval_member(func)
        else:
            receiver, callee = None, self.eval(func)
        arguments = [Argument(arg, self.eval(arg.value)) for arg in node.args]
        if receiver is not None and isinstance(func, cst.Attribute):
            method = func.attr.value
            if any(isinstance(atom, Items) and atom.keys is not None for atom in receiver.atoms):
                found = _looked_up(receiver, method, [argument.value for argument in arguments])
                if found is not None:
                    return found
            if method in _MUTATORS:
                self.put_into(func.value, *(argument.value for argument in arguments))
            if any(isinstance(atom, (Instance, Chain)) for atom in receiver.atoms):
                return Value.join(
                    self._on_instance(atom, method, node, arguments, guards)
                    for atom, guards in receiver.alternatives
                )
            if method in ("train", "eval"):
                self._train_or_eval(method, callee, arguments)
        if self.operand_differs or any(self._knows_mode(atom) for atom in callee.atoms):
            for argument in arguments:  # it may set the mode of what it gets
                for atom in argument.value.atoms:
                    self.set_mode(atom, depends(UNKNOWN))
        sole = callee.only is not None
        return Value.join(
            self.apply(atom, node, arguments, guards, sole).behind(guards)
            for atom, guards in callee.alternatives
        )

    def _knows_mode(self, callee: Atom) -> bool:
        if not isinstance(callee, Local):
            return False
        function = self.surroundings.functions.by_node.get(callee.node)
        return function is not None and self.surroundings.knows_mode(function)

    def _train_or_eval(self, name: str, callee: Value, arguments: list[Argument]) -> None:
        """``self.eval()``, ``super().train(mode)``, ``nn.Module.train(self, mode)``."""
        given = [argument.value for argument in arguments]
        atom = callee.only
        if given and isinstance(given[0].only, SelfObject):
            given = given[1:]
        elif not isinstance(atom, (ModeMethod, Local)):
            if not isinstance(atom, Attribute) or not atom.path.startswith("super()."):
                return
        flag = Value.of(Const(name == "train"))
        self.set_own_mode(given[0] if name == "train" and given else flag)

    def _on_instance(
        self, atom: Atom, name: str, node: cst.Call, arguments: list[Argument], guards: Guards
    ) -> Value:
        """``nn.Dropout(p).train(self.training)``, ``.eval()``, ``.to(device)``, ``.forward(x)``."""
        if not isinstance(atom, (Instance, Chain)):
            return UNKNOWN
        if name in ("train", "eval"):
            flag = Value.of(Const(name == "train"))
            if name == "train" and arguments:
                flag = arguments[0].value
            self.set_mode(atom, flag)
            return Value.of(atom).with_mode(None, flag)
        if name in SAME_MODULE:
            return Value.of(atom)
        if name in ("forward", "__call__"):
            return self.apply(atom, node, arguments, guards)
        return UNKNOWN

    def apply(
        self,
        callee: Atom,
        node: cst.Call,
        arguments: list[Argument],
        guards: Guards,
        sole: bool = True,
    ) -> Value:
        """The value of a call of one callee."""
        if isinstance(callee, Ref):
            value = self._by_name(callee.name, arguments)
            if value is not None:
                return value
            if callee.name == "functools.partial" and arguments:
                held = tuple((argument.node, argument.value) for argument in arguments[1:])
                return Value.of(Partial(arguments[0].value, node, held)).bounded
            if self.surroundings.catalog.function(callee.name) is not None:
                self.forget_operands()  # it returns data, whatever the mode
            if self.surroundings.catalog.module(callee.name) is not None:
                self.on_call(node, callee, arguments, guards, sole)
                return Value.of(Instance(callee.name, node, Value.of(Const(True))))
            if canonical(callee.name) == "torch.nn.Sequential":
                built = [argument.value.only for argument in arguments]
                parts = [part for atom in built for part in _modules(atom)]
                return Value.of(Chain(tuple(parts))).bounded if parts else UNKNOWN
        if isinstance(callee, Chain):
            for part in callee.modules:
                self.on_call(node, part, arguments, guards, sole)
        if isinstance(callee, Partial):
            return self._apply_partial(callee, node, arguments, guards, sole)
        value = self.on_call(node, callee, arguments, guards, sole)
        if value is None:
            value = self._made(callee, arguments)
        if value is not None:
            return value
        mentions = [argument.value for argument in arguments]
        if isinstance(callee, Attribute) and callee.caller:
            mentions.append(Value.of(Parameter(callee.caller)))
        if isinstance(callee, (Local, Method)) and any(_is_off(a.value) for a in arguments):
            mentions.append(Value.of(Opaque(MODE)))  # the flag may decide about a drop there
        return opaque(*mentions, Value.of(callee))

    def _apply_partial(
        self, callee: Partial, node: cst.Call, given: list[Argument], guards: Guards, sole: bool
    ) -> Value:
        """The value of a call of a partial, or of an element of a container."""
        arguments = [*(Argument(arg, value) for arg, value in callee.held), *given]
        outer = self.entry
        self.entry = callee.node if callee.listed else outer
        value = Value.join(
            self.apply(
                atom, node, arguments, guards | own, sole and callee.function.only is not None
            )
            for atom, own in callee.function.alternatives
        )
        self.entry = outer
        return value

    def _made(self, callee: Atom, arguments: list[Argument]) -> Value | None:
        """The functions that a call of a function of the file returns, with what they capture."""
        made = self.surroundings.made(callee)
        if made is None:
            return None
        value = with_arguments(made.value, made.maker, arguments)
        given = function_arguments(made.maker, arguments)
        for parameter in made.maker.parameters:
            if parameter.default is not None and parameter.name.value not in given:
                given[parameter.name.value] = self.eval(parameter.default)
        return Value.join(
            Value.of(_capturing(atom, tuple(given.items())), guards)
            for atom, guards in value.alternatives
        ).bounded

    def _by_name(self, name: str, arguments: list[Argument]) -> Value | None:
        """The value of a call of a builtin or of a known function of Python's and of torch's."""
        plain = [a.value for a in arguments if a.node.keyword is None and not a.node.star]
        if name == "builtins.super" and self.owner is not None:
            return Value.of(Super())
        if name == "torch.is_grad_enabled":
            return Value.of(Opaque(frozenset({Guard("flag", "is_grad_enabled")})))
        if name == "importlib.import_module" and len(plain) == 1 and (module := text_of(plain[0])):
            return Value.of(Ref(module))
        if not name.startswith("builtins.") or len(plain) != len(arguments) or not plain:
            return None
        if name == "builtins.staticmethod":
            return plain[0]
        key = text_of(plain[1]) if len(plain) > 1 else None
        if key is not None and name == "builtins.setattr" and len(plain) == 3:
            self.set_attribute(plain[0].only, key, plain[2])
        if key is not None and name == "builtins.getattr":
            return self.attributes_of(plain[0], key)
        return computed(name.removeprefix("builtins."), plain)


def _is_off(value: Value) -> bool:
    """Whether an argument may be a flag that is off."""
    return any(isinstance(atom, Const) and atom.value is False for atom in value.atoms)


def _looked_up(receiver: Value, method: str, given: list[Value]) -> Value | None:
    """What ``table.get(key)``, ``table.values()`` and the like return for a dict display."""
    found: list[Value] = []
    for atom, guards in receiver.alternatives:
        if not isinstance(atom, Items) or atom.keys is None:
            return None
        if method in ("get", "__getitem__") and given:
            found += [each.behind(guards) for each in elements_at(atom, given[0], True)]
        elif method == "values":
            found.append(Value.of(Items(atom.items), guards))
        elif method == "items":
            pairs = zip(atom.keys, atom.items, strict=True)
            rows = (Items((Value.of(key or Opaque()), item)) for key, item in pairs)
            found.append(Value.of(Items(tuple(map(Value.of, rows))), guards))
        else:
            return None
    return Value.join([*found, *given[1:]])


def _capturing(atom: Atom, captured: tuple[tuple[str, Value], ...]) -> Atom:
    if isinstance(atom, Local):
        return Local(atom.name, atom.node, captured)
    return atom
