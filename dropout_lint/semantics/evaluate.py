"""Expressions to values, in one mode: the abstract interpreter's lower half."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import libcst as cst

from dropout_lint.catalog import canonical
from dropout_lint.semantics.calls import Argument
from dropout_lint.semantics.classes import ClassInfo
from dropout_lint.semantics.modes import (
    FREE,
    MAYBE,
    NO,
    NONE,
    UNKNOWN,
    YES,
    Atom,
    Attribute,
    Cond,
    Const,
    Gate,
    Gates,
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
    Value,
    both,
    mentions_of,
    speaks_of_mode,
    truth,
    weakest,
)
from dropout_lint.semantics.names import Scope
from dropout_lint.semantics.tree import children

if TYPE_CHECKING:
    from dropout_lint.semantics.model import Model

_ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    cst.Add: operator.add, cst.Subtract: operator.sub, cst.Multiply: operator.mul,
    cst.Divide: operator.truediv, cst.FloorDivide: operator.floordiv, cst.Modulo: operator.mod,
    cst.BitAnd: operator.and_, cst.BitOr: operator.or_,
}  # fmt: skip
_COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    cst.Equal: operator.eq, cst.NotEqual: operator.ne, cst.LessThan: operator.lt,
    cst.GreaterThan: operator.gt, cst.LessThanEqual: operator.le,
    cst.GreaterThanEqual: operator.ge, cst.Is: operator.is_, cst.IsNot: operator.is_not,
}  # fmt: skip
_CONVERSIONS: dict[str, Callable[[Any], Any]] = {"bool": bool, "int": int, "float": float}
_SAME_MODULE = frozenset(
    """to cuda cpu half float double bfloat16 type requires_grad_ apply""".split()
)


@dataclass
class State:
    """Where the run stands: local names, and the gates in front of the next line (None: dead)."""

    env: dict[str, Value] = field(default_factory=dict)
    gates: Gates | None = FREE

    def copy(self) -> State:
        return State(dict(self.env), self.gates)

    def known(self, name: str) -> Value | None:
        """The value of a name; an attribute that was not written here is unknown, not unbound."""
        unset = Value.of(Attribute(name)) if name.startswith("self.") else None
        return self.env.get(name, unset)

    @staticmethod
    def join(*states: State) -> State:
        """The state after paths have met."""
        alive = [state for state in states if state.gates is not None]
        if not alive:
            return State(dict(states[0].env), None)
        gates = weakest(*(state.gates for state in alive)) or FREE
        env: dict[str, Value] = {}
        for name in dict.fromkeys(name for state in alive for name in state.env):
            values = [
                (value, state.gates or FREE)
                for state in alive
                if (value := state.known(name)) is not None
            ]
            first = values[0][0]
            if all(value == first for value, _ in values):
                env[name] = first
            else:
                env[name] = Value.join(value.behind(own - gates) for value, own in values)
        return State(env, gates)


def as_data(value: Value) -> Value:
    """A value as it goes through a container or a parameter: functions are not followed there."""
    if not any(isinstance(atom, (Ref, Partial)) for atom in value.atoms):
        return value
    return Value.join(
        Value.of(Opaque() if isinstance(atom, (Ref, Partial)) else atom, gates)
        for atom, gates in value.alternatives
    )


def from_cond(cond: Cond) -> Value:
    """A boolean as a value."""
    found: list[tuple[Atom, Gates]] = []
    if cond.when_true is not None:
        found.append((Const(True), cond.when_true))
    if cond.when_false is not None:
        found.append((Const(False), cond.when_false))
    return Value(tuple(found))


class Evaluator:
    """Evaluates expressions of one scope in one mode; subclasses see the calls."""

    def __init__(
        self, model: Model, scope: Scope, training: bool, owner: ClassInfo | None, own: str | None
    ) -> None:
        self.model = model
        self.scope = scope
        self.training = training
        self.owner = owner
        self.own = own
        self.state = State()

    # --- what a run records; nothing here ---------------------------------------------------

    def on_call(
        self, node: cst.Call, callee: Atom, arguments: list[Argument], gates: Gates, sole: bool
    ) -> Value | None:
        """A call of something that is not folded away; the result's value if it is known.

        ``sole`` is False where the callee is one of several alternatives.
        """
        return None

    def closure(self, node: cst.FunctionDef | cst.Lambda) -> Value:
        return UNKNOWN

    # --- entry ------------------------------------------------------------------------------

    def eval(self, node: cst.CSTNode) -> Value:
        handler = _EXPRESSIONS.get(type(node))
        if handler is not None:
            return handler(self, node)
        values = [self.eval(child) for child in children(node)]
        return self.opaque(*values)

    def cond(self, node: cst.CSTNode) -> Cond:
        return truth(self.eval(node))

    @staticmethod
    def opaque(*values: Value) -> Value:
        return Value.of(Opaque(frozenset().union(*(value.mentions for value in values))))

    # --- names and attributes ---------------------------------------------------------------

    def name(self, node: cst.Name) -> Value:
        known = self.state.env.get(node.value)
        if known is not None:
            return known
        if node.value in ("True", "False", "None"):
            return Value.of(Const({"True": True, "False": False}.get(node.value)))
        return self.model.static(node.value, self.scope)

    def attribute(self, node: cst.Attribute) -> Value:
        base = self.eval(node.value)
        name = node.attr.value
        return Value.join(
            self.attribute_of(atom, name).behind(gates) for atom, gates in base.alternatives
        )

    def attribute_of(self, atom: Atom, name: str) -> Value:
        if isinstance(atom, SelfObject):
            return self.self_attribute(name)
        if isinstance(atom, Ref):
            return Value.of(Ref(canonical(f"{atom.name}.{name}")))
        if isinstance(atom, Instance):
            return atom.flag if name == "training" else Value.of(Attribute(f"{atom.name}.{name}"))
        if isinstance(atom, Attribute):
            return Value.of(Attribute(f"{atom.path}.{name}", atom.caller))
        if isinstance(atom, (Parameter, Local)):
            caller = atom.name if isinstance(atom, Parameter) else ""
            return Value.of(Attribute(f"{atom.name}.{name}", caller))
        return Value.of(Attribute(f"….{name}"))

    def self_attribute(self, name: str) -> Value:
        known = self.state.env.get(f"self.{name}")
        if known is not None:
            return known
        owner = self.owner
        if owner is None:
            return Value.of(Attribute(f"self.{name}"))
        if name == "training" and owner.may_be_module:
            return Value.of(Const(self.training))
        if not owner.find_writes(name):
            if name in ("train", "eval") and owner.is_module:
                return Value.of(ModeMethod(name, (name == "train") == self.training))
            unit = self.model.units.of_method(owner, name)
            if unit is not None:
                return (
                    self.model.returned(unit, self.training)
                    if unit.is_property
                    else Value.of(Method(name))
                )
        return self.model.attribute(owner, name, self.training)

    # --- operators --------------------------------------------------------------------------

    def constant(self, node: cst.Integer | cst.Float | cst.SimpleString) -> Value:
        return Value.of(Const(node.evaluated_value))

    def boolean(self, node: cst.BooleanOperation) -> Value:
        left = self.eval(node.left)
        is_and = isinstance(node.operator, cst.And)
        cond = truth(left) if is_and else ~truth(left)
        found: list[Value] = []
        if cond.when_false is not None:
            found.append(self._that_are(left, not is_and))
        if cond.when_true is not None:
            found.append(self.under(cond.when_true, node.right).behind(cond.when_true))
        return Value.join(found)

    @staticmethod
    def _that_are(value: Value, wanted: bool) -> Value:
        """The alternatives that can be true (or false)."""
        kept: list[tuple[Atom, Gates]] = []
        for atom, gates in value.alternatives:
            cond = truth(Value.of(atom))
            reach = both(gates, cond.when_true if wanted else cond.when_false)
            if reach is not None:
                # An unknown that turned out false is False to whoever tests it next.
                kept.append((atom if wanted or isinstance(atom, Const) else Const(False), reach))
        return Value.join(Value.of(*pair) for pair in kept)

    def under(self, gates: Gates, node: cst.CSTNode) -> Value:
        """Evaluate behind further gates: the right side of ``and``, a branch of ``x if c``."""
        before = self.state.gates
        self.state.gates = both(before, gates)
        value = self.eval(node)
        self.state.gates = before
        return value

    def conditional(self, node: cst.IfExp) -> Value:
        cond = self.cond(node.test)
        found: list[Value] = []
        for gates, branch in ((cond.when_true, node.body), (cond.when_false, node.orelse)):
            if gates is not None:
                found.append(self.under(gates, branch).behind(gates))
        return Value.join(found) if found else UNKNOWN

    def unary(self, node: cst.UnaryOperation) -> Value:
        value = self.eval(node.expression)
        if isinstance(node.operator, cst.Not):
            return from_cond(~truth(value))
        atom = value.only
        if isinstance(atom, Const) and isinstance(atom.value, (int, float)):
            if isinstance(node.operator, cst.Minus):
                return Value.of(Const(-atom.value))
            if isinstance(node.operator, cst.Plus):
                return value
        return self.opaque(value)

    def binary(self, node: cst.BinaryOperation) -> Value:
        return self.arithmetic(type(node.operator), self.eval(node.left), self.eval(node.right))

    def arithmetic(self, kind: type, left: Value, right: Value) -> Value:
        found: list[Value] = []
        for a, a_gates in left.alternatives:
            for b, b_gates in right.alternatives:
                found.append(self._arithmetic(kind, a, b).behind(a_gates | b_gates))
        return Value.join(found)

    def _arithmetic(self, kind: type, left: Atom, right: Atom) -> Value:
        a, b = _number(left), _number(right)
        if a is not None and b is not None and kind in _ARITHMETIC:
            try:
                return Value.of(Const(_ARITHMETIC[kind](a, b)))
            except (ArithmeticError, TypeError, ValueError):
                return UNKNOWN
        if kind is cst.Multiply and (a == 0 or b == 0):
            return Value.of(Const(0.0))
        if kind is cst.Multiply and (a == 1 or b == 1):
            return Value.of(right if a == 1 else left)
        if kind in (cst.Divide, cst.FloorDivide) and a == 0:
            return Value.of(Const(0.0))
        if kind in (cst.BitAnd, cst.BitOr):
            one, other = truth(Value.of(left)), truth(Value.of(right))
            return from_cond(one & other if kind is cst.BitAnd else one | other)
        return self.opaque(Value.of(left), Value.of(right))

    def comparison(self, node: cst.Comparison) -> Value:
        left = self.eval(node.left)
        cond = YES
        for target in node.comparisons:
            right = self.eval(target.comparator)
            cond = cond & self.compare(type(target.operator), left, right)
            left = right
        return from_cond(cond)

    def compare(self, kind: type, left: Value, right: Value) -> Cond:
        true: list[Gates | None] = []
        false: list[Gates | None] = []
        for a, a_gates in left.alternatives:
            for b, b_gates in right.alternatives:
                cond = _compare_atoms(kind, a, b)
                true.append(both(a_gates | b_gates, cond.when_true))
                false.append(both(a_gates | b_gates, cond.when_false))
        return Cond(weakest(*true), weakest(*false))

    def subscript(self, node: cst.Subscript) -> Value:
        base = self.eval(node.value)
        index: Value | None = None
        for element in node.slice:
            if isinstance(element.slice, cst.Index):
                index = self.eval(element.slice.value)
            else:
                self.eval(element.slice)
        key = index.alternatives if index is not None and len(node.slice) == 1 else ()
        found: list[Value] = []
        for atom, gates in base.alternatives:
            picked = [(_item(atom, k), k_gates) for k, k_gates in key]
            if picked and all(item is not None for item, _ in picked):
                found += [item.behind(gates | own) for item, own in picked if item is not None]
            elif isinstance(atom, Attribute):
                found.append(Value.of(Attribute(f"{atom.path}[]", atom.caller), gates))
            else:
                found.append(self.opaque(Value.of(atom)).behind(gates))
        return Value.join(found)

    def display(self, node: cst.Tuple | cst.List) -> Value:
        values = [as_data(self.eval(element.value)) for element in node.elements]
        if any(isinstance(element, cst.StarredElement) for element in node.elements):
            return self.opaque(*values)
        return Value.of(Items(tuple(values)))

    def walrus(self, node: cst.NamedExpr) -> Value:
        value = self.eval(node.value)
        if isinstance(node.target, cst.Name):
            self.state.env[node.target.value] = value
        return value

    def wrapped(self, node: Any) -> Value:
        """A node that is worth what its expression is worth."""
        return self.eval(node.expression if isinstance(node, cst.Await) else node.value)

    def comprehension(self, node: cst.BaseComp) -> Value:
        before = self.state
        self.state = before.copy()
        clause: cst.CompFor | None = node.for_in
        while clause is not None:
            self.bind_loop(clause.target, self.eval(clause.iter))
            for test in clause.ifs:
                self.state.gates = both(self.state.gates, self.cond(test.test).when_true)
            clause = clause.inner_for_in
        value = UNKNOWN
        if self.state.gates is not None:
            parts = [part for part in children(node) if not isinstance(part, cst.CompFor)]
            value = self.opaque(*(self.eval(part) for part in parts))
        self.state = before
        return value

    def bind_loop(self, target: cst.CSTNode, iterable: Value) -> None:
        """Bind a loop's target to any element of the iterable."""
        found = []
        for atom, gates in iterable.alternatives:
            if isinstance(atom, Items) and atom.items:
                found.append(Value.join(atom.items).behind(gates))
            elif isinstance(atom, Attribute):
                found.append(Value.of(Attribute(f"{atom.path}[]", atom.caller), gates))
            else:
                found.append(self.opaque(Value.of(atom)).behind(gates))
        self.bind(target, Value.join(found))

    def bind(self, target: cst.CSTNode, value: Value) -> None:
        """Bind an assignment target to a value."""
        if isinstance(target, cst.Name):
            self.state.env[target.value] = value
        elif isinstance(target, (cst.Tuple, cst.List)):
            items = value.only
            parts: tuple[Value, ...] | None = None
            if isinstance(items, Items) and len(items.items) == len(target.elements):
                parts = items.items
            for index, element in enumerate(target.elements):
                self.bind(element.value, parts[index] if parts else self.opaque(value))
        elif isinstance(target, cst.Attribute):
            self.bind_attribute(target, value)
        else:
            self.eval(target)

    def bind_attribute(self, target: cst.Attribute, value: Value) -> None:
        base = self.eval(target.value)
        if isinstance(base.only, SelfObject):
            self.state.env[f"self.{target.attr.value}"] = value
        elif isinstance(base.only, Instance) and isinstance(target.value, cst.Name):
            if target.attr.value == "training":
                changed = Instance(base.only.name, base.only.node, value)
                self.state.env[target.value.value] = Value.of(changed)

    def lambda_(self, node: cst.Lambda) -> Value:
        return self.closure(node)

    # --- calls ------------------------------------------------------------------------------

    def call(self, node: cst.Call) -> Value:
        receiver = self.eval(node.func.value) if isinstance(node.func, cst.Attribute) else None
        callee = self.eval(node.func)
        arguments = [Argument(arg, self.eval(arg.value)) for arg in node.args]
        if receiver is not None and any(isinstance(a, Instance) for a in receiver.atoms):
            return Value.join(
                self._on_instance(atom, node, arguments, gates)
                for atom, gates in receiver.alternatives
            )
        sole = callee.only is not None
        found = [
            self.apply(atom, node, arguments, gates, sole).behind(gates)
            for atom, gates in callee.alternatives
        ]
        return Value.join(found)

    def _on_instance(
        self, atom: Atom, node: cst.Call, arguments: list[Argument], gates: Gates
    ) -> Value:
        """``nn.Dropout(p).train(self.training)``, ``.eval()``, ``.to(device)``, ``.forward(x)``."""
        assert isinstance(node.func, cst.Attribute)
        name = node.func.attr.value
        if not isinstance(atom, Instance):
            return UNKNOWN
        if name in ("train", "eval"):
            flag = Value.of(Const(name == "train"))
            if name == "train" and arguments:
                flag = arguments[0].value
            changed = Value.of(Instance(atom.name, atom.node, flag))
            if isinstance(node.func.value, cst.Name):
                self.state.env[node.func.value.value] = changed
            return changed
        if name in _SAME_MODULE:
            return Value.of(atom)
        if name in ("forward", "__call__"):
            return self.apply(atom, node, arguments, gates)
        return UNKNOWN

    def apply(
        self,
        callee: Atom,
        node: cst.Call,
        arguments: list[Argument],
        gates: Gates,
        sole: bool = True,
    ) -> Value:
        if isinstance(callee, Ref):
            folded = self._builtin(callee.name, arguments)
            if folded is not None:
                return folded
            if callee.name == "functools.partial" and arguments:
                return Value.of(Partial(arguments[0].value, id(node)))
            if self.model.catalog.module(callee.name) is not None:
                self.on_call(node, callee, arguments, gates, sole)
                return Value.of(Instance(callee.name, id(node), Value.of(Const(True))))
        if isinstance(callee, Partial):
            call = self.model.nodes[callee.node]
            assert isinstance(call, cst.Call)
            held = [Argument(arg, self.eval(arg.value)) for arg in call.args[1:]]
            return Value.join(
                self.apply(atom, node, held + arguments, gates | own, sole)
                for atom, own in callee.function.alternatives
            )
        known = self.on_call(node, callee, arguments, gates, sole)
        if known is not None:
            return known
        mentions = [argument.value for argument in arguments]
        if isinstance(callee, Attribute) and callee.caller:
            mentions.append(Value.of(Parameter(callee.caller)))
        return self.opaque(*mentions, Value.of(callee))

    def _builtin(self, name: str, arguments: list[Argument]) -> Value | None:
        plain = [a.value for a in arguments if a.node.keyword is None and not a.node.star]
        if name == "torch.is_grad_enabled":
            return Value.of(Opaque(frozenset({Gate("flag", "is_grad_enabled")})))
        if name == "importlib.import_module" and len(plain) == 1:
            module = plain[0].only
            if isinstance(module, Const) and isinstance(module.value, str):
                return Value.of(Ref(module.value))
        if not name.startswith("builtins.") or len(plain) != len(arguments) or not plain:
            return None
        short = name[9:]
        if short == "bool" and len(plain) == 1:
            return from_cond(truth(plain[0]))
        if short in ("int", "float") and len(plain) == 1:
            return Value.join(
                Value.of(_convert(short, atom), gates) for atom, gates in plain[0].alternatives
            )
        if short in ("min", "max") and len(plain) == 2:
            one, other = (_number(value.only) for value in plain)
            if one is not None and other is not None:
                return Value.of(Const(min(one, other) if short == "min" else max(one, other)))
            if short == "max" and 0 in (one, other):
                return plain[1 if one == 0 else 0]
        if short == "getattr" and len(plain) >= 2:
            wanted = plain[1].only
            if isinstance(wanted, Const) and isinstance(wanted.value, str):
                return Value.join(
                    self.attribute_of(atom, wanted.value).behind(gates)
                    for atom, gates in plain[0].alternatives
                )
        return None


def _convert(kind: str, atom: Atom) -> Atom:
    if isinstance(atom, Const) and isinstance(atom.value, (bool, int, float)):
        return Const(_CONVERSIONS[kind](atom.value))
    return atom


def _number(atom: Atom | None) -> float | None:
    if isinstance(atom, Const) and isinstance(atom.value, (bool, int, float)):
        return atom.value
    return None


def _item(atom: Atom, key: Atom) -> Value | None:
    """``(a, b)[0]``, ``(a, b)[self.training]``."""
    if not isinstance(atom, Items) or not isinstance(key, Const):
        return None
    at = key.value
    if isinstance(at, int) and -len(atom.items) <= at < len(atom.items):
        return atom.items[at]
    return None


def _compare_atoms(kind: type, left: Atom, right: Atom) -> Cond:
    if kind not in _COMPARISONS:
        return _by_name(left, right)
    if isinstance(left, Const) and isinstance(right, Const):
        try:
            return YES if _COMPARISONS[kind](left.value, right.value) else NO
        except TypeError:
            return MAYBE
    for one, other in ((left, right), (right, left)):
        if isinstance(other, Const) and other.value is None:
            known = isinstance(one, (Ref, Instance, ModeMethod, Method, Items, SelfObject, Local))
            if not known:
                return MAYBE
            return NO if kind in (cst.Is, cst.Equal) else YES
        if (
            isinstance(other, Const)
            and isinstance(other.value, bool)
            and not isinstance(one, Const)
        ):
            same = kind in (cst.Is, cst.Equal)
            cond = truth(Value.of(one))
            return cond if same == other.value else ~cond
    return _by_name(left, right)


def _by_name(left: Atom, right: Atom) -> Cond:
    """A comparison that cannot be decided: a gate if one of its sides speaks of a mode."""
    gates: set[Gate] = set()
    for one, other in ((left, right), (right, left)):
        name = _name_of(one)
        if isinstance(other, Const) and isinstance(other.value, str):
            # `mode == "lstm"` speaks of no mode, `split == "train"` does.
            if name and speaks_of_mode(other.value):
                gates.add(Gate("flag", f"{name} == {other.value!r}"))
            return Cond(frozenset(gates), frozenset(gates))
        gates.update(gate for gate in mentions_of(one) if gate.guards)
        if isinstance(one, Ref) and speaks_of_mode(one.name.rpartition(".")[2]):
            gates.add(Gate("flag", one.name))
    return Cond(frozenset(gates), frozenset(gates))


def _name_of(atom: Atom) -> str:
    if isinstance(atom, (Parameter, Ref, Local)):
        return atom.name
    return atom.path if isinstance(atom, Attribute) else ""


def is_builtin(name: str) -> bool:
    return hasattr(builtins, name)


_EXPRESSIONS: dict[type, Callable[[Any, Any], Value]] = {
    cst.Name: Evaluator.name,
    cst.Attribute: Evaluator.attribute,
    cst.Integer: Evaluator.constant,
    cst.Float: Evaluator.constant,
    cst.SimpleString: Evaluator.constant,
    cst.BooleanOperation: Evaluator.boolean,
    cst.IfExp: Evaluator.conditional,
    cst.UnaryOperation: Evaluator.unary,
    cst.BinaryOperation: Evaluator.binary,
    cst.Comparison: Evaluator.comparison,
    cst.Subscript: Evaluator.subscript,
    cst.Tuple: Evaluator.display,
    cst.List: Evaluator.display,
    cst.NamedExpr: Evaluator.walrus,
    cst.Await: Evaluator.wrapped,
    cst.Arg: Evaluator.wrapped,
    cst.GeneratorExp: Evaluator.comprehension,
    cst.ListComp: Evaluator.comprehension,
    cst.SetComp: Evaluator.comprehension,
    cst.DictComp: Evaluator.comprehension,
    cst.Lambda: Evaluator.lambda_,
    cst.Call: Evaluator.call,
}
__all__ = ["NONE", "Evaluator", "State", "from_cond", "is_builtin"]
