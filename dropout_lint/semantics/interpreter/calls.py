"""Calls in one mode: what is folded away, what builds a module, what is handed to the run."""

from __future__ import annotations

import libcst as cst

from dropout_lint.catalog import canonical
from dropout_lint.semantics.interpreter.arguments import Argument
from dropout_lint.semantics.interpreter.assignments import Bindings
from dropout_lint.semantics.interpreter.operators import convert, from_cond, number, opaque
from dropout_lint.semantics.interpreter.values import (
    MODE,
    UNKNOWN,
    Atom,
    Attribute,
    Chain,
    Const,
    Guard,
    Guards,
    Instance,
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
    truth,
)

_SAME_MODULE = frozenset("to cuda cpu half float double bfloat16 type requires_grad_ apply".split())
_MUTATORS = frozenset("append extend insert pop remove clear sort reverse update".split())


def _modules(atom: Atom | None) -> tuple[Instance, ...]:
    if isinstance(atom, Chain):
        return atom.modules
    return (atom,) if isinstance(atom, Instance) else ()


class Evaluator(Bindings):
    """Evaluates expressions with their calls; `flow.Run` records what it meets."""

    def on_call(
        self, node: cst.Call, callee: Atom, arguments: list[Argument], guards: Guards, sole: bool
    ) -> Value | None:
        """A call of something that is not folded away; the result's value if it is known.

        ``sole`` is False where the callee is one of several alternatives.
        """
        return None

    def call(self, node: cst.Call) -> Value:
        before = self.differs
        receiver = self.eval(node.func.value) if isinstance(node.func, cst.Attribute) else None
        self.differs = before
        callee = self.eval(node.func)
        arguments = [Argument(arg, self.eval(arg.value)) for arg in node.args]
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in _MUTATORS:
            self.put_into(node.func.value, *(argument.value for argument in arguments))
        if receiver is not None and any(isinstance(a, (Instance, Chain)) for a in receiver.atoms):
            return Value.join(
                self._on_instance(atom, node, arguments, guards)
                for atom, guards in receiver.alternatives
            )
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in ("train", "eval"):
            self._train_or_eval(node.func.attr.value, callee, arguments)
        if self.differs or any(self._knows_mode(atom) for atom in callee.atoms):
            for argument in arguments:  # it may set the mode of what it gets
                for atom in argument.value.atoms:
                    self.set_mode(atom, depends(UNKNOWN))
        sole = callee.only is not None
        found = [
            self.apply(atom, node, arguments, guards, sole).behind(guards)
            for atom, guards in callee.alternatives
        ]
        return Value.join(found)

    def _knows_mode(self, callee: Atom) -> bool:
        function = (
            self.model.functions.by_node.get(callee.node) if isinstance(callee, Local) else None
        )
        return function is not None and self.model.knows_mode(function)

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
        self, atom: Atom, node: cst.Call, arguments: list[Argument], guards: Guards
    ) -> Value:
        """``nn.Dropout(p).train(self.training)``, ``.eval()``, ``.to(device)``, ``.forward(x)``."""
        assert isinstance(node.func, cst.Attribute)
        name = node.func.attr.value
        if not isinstance(atom, (Instance, Chain)):
            return UNKNOWN
        if name in ("train", "eval"):
            flag = Value.of(Const(name == "train"))
            if name == "train" and arguments:
                flag = arguments[0].value
            self.set_mode(atom, flag)
            return Value.of(atom).with_mode(None, flag)
        if name in _SAME_MODULE:
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
        if isinstance(callee, Ref):
            folded = self._builtin(callee.name, arguments)
            if folded is not None:
                return folded
            if callee.name == "functools.partial" and arguments:
                return Value.of(Partial(arguments[0].value, node))
            if self.model.catalog.function(callee.name) is not None:
                self.differs = False  # what comes out is data, whatever the mode
            if self.model.catalog.module(callee.name) is not None:
                self.on_call(node, callee, arguments, guards, sole)
                return Value.of(Instance(callee.name, node, Value.of(Const(True))))
            if canonical(callee.name) == "torch.nn.Sequential":
                built = [argument.value.only for argument in arguments]
                parts = [part for atom in built for part in _modules(atom)]
                return Value.of(Chain(tuple(parts))) if parts else UNKNOWN
        if isinstance(callee, Chain):
            for part in callee.modules:
                self.on_call(node, part, arguments, guards, sole)
        if isinstance(callee, Partial):
            call = callee.node
            assert isinstance(call, cst.Call)
            held = [Argument(arg, self.eval(arg.value)) for arg in call.args[1:]]
            sole = sole and callee.function.only is not None
            return Value.join(
                self.apply(atom, node, held + arguments, guards | own, sole)
                for atom, own in callee.function.alternatives
            )
        known = self.on_call(node, callee, arguments, guards, sole)
        if known is not None:
            return known
        mentions = [argument.value for argument in arguments]
        if isinstance(callee, Attribute) and callee.caller:
            mentions.append(Value.of(Parameter(callee.caller)))
        if isinstance(callee, (Local, Method)) and any(_is_off(a.value) for a in arguments):
            mentions.append(Value.of(Opaque(MODE)))  # what a flag that is off decides there
        return opaque(*mentions, Value.of(callee))

    def _builtin(self, name: str, arguments: list[Argument]) -> Value | None:
        plain = [a.value for a in arguments if a.node.keyword is None and not a.node.star]
        if name == "builtins.super" and self.owner is not None:
            return Value.of(Super())
        if name == "torch.is_grad_enabled":
            return Value.of(Opaque(frozenset({Guard("flag", "is_grad_enabled")})))
        if name == "importlib.import_module" and len(plain) == 1:
            module = plain[0].only
            if isinstance(module, Const) and isinstance(module.value, str):
                return Value.of(Ref(module.value))
        if not name.startswith("builtins.") or len(plain) != len(arguments) or not plain:
            return None
        short = name[9:]
        if short in ("isinstance", "issubclass", "hasattr", "callable"):
            return UNKNOWN  # a question about the kind of a thing, not about its worth
        if short == "bool" and len(plain) == 1:
            return from_cond(truth(plain[0]))
        if short in ("int", "float") and len(plain) == 1:
            return Value.join(
                Value.of(convert(short, atom), guards) for atom, guards in plain[0].alternatives
            )
        if short in ("min", "max") and len(plain) == 2:
            one, other = (number(value.only) for value in plain)
            if one is not None and other is not None:
                return Value.of(Const(min(one, other) if short == "min" else max(one, other)))
            if short == "max" and 0 in (one, other):
                return plain[1 if one == 0 else 0]
        if short == "setattr" and len(plain) == 3:
            wanted = plain[1].only
            if isinstance(wanted, Const) and isinstance(wanted.value, str):
                self.set_attribute(plain[0].only, wanted.value, plain[2])
        if short == "getattr" and len(plain) >= 2:
            wanted = plain[1].only
            if isinstance(wanted, Const) and isinstance(wanted.value, str):
                return Value.join(
                    self.attribute_of(atom, wanted.value).behind(guards)
                    for atom, guards in plain[0].alternatives
                )
        return None


def _is_off(value: Value) -> bool:
    return any(isinstance(atom, Const) and atom.value is False for atom in value.atoms)
