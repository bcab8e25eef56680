"""Expressions and their values in one mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import libcst as cst

from dropout_lint.semantics.interpreter.contrast import Comparison, Record
from dropout_lint.semantics.interpreter.guards import YES, Cond, Guards, both, mode_guards
from dropout_lint.semantics.interpreter.lookups import Lookups
from dropout_lint.semantics.interpreter.operators import (
    arithmetic,
    compare,
    elements_at,
    from_cond,
    opaque,
)
from dropout_lint.semantics.interpreter.state import as_data
from dropout_lint.semantics.interpreter.surroundings import Surroundings
from dropout_lint.semantics.interpreter.values import (
    FALSY,
    UNKNOWN,
    Attribute,
    Const,
    Items,
    Opaque,
    Parameter,
    SelfObject,
    Value,
    depends,
    truth,
)
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.conditions import facts_where
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import children

# Attributes and methods of a tensor that are the same whatever is in it: `x.dim()`, `x.shape[0]`.
_METADATA = frozenset("dim ndim ndimension size shape numel device dtype is_cuda".split())


class Expressions(Lookups):
    """Evaluates expressions of one scope in one mode.

    `Assignments` adds what binds names, `Evaluator` the calls.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        scope: Scope,
        *,
        training: bool = True,
        owner: ClassInfo | None = None,
        self_name: str | None = None,
        contrast: Record | Comparison | None = None,
    ) -> None:
        super().__init__(surroundings, training=training, owner=owner)
        self.scope = scope
        self._steps = surroundings.steps
        self.self_name = self_name
        self.contrast = contrast or Record()
        # Whether an operand of the node that is evaluated differs between the modes. Set by the
        # methods of the next section only.
        self.operand_differs = False

    # --- evaluating one node ----------------------------------------------------------------

    def eval(self, node: cst.CSTNode) -> Value:
        """The value of an expression."""
        self._steps.take()
        outer, self.operand_differs = self.operand_differs, False
        handler = _EXPRESSIONS.get(type(node))
        if handler is not None:
            value = handler(self, node)
        else:
            value = opaque(*(self.eval(child) for child in children(node)))
        return self._compared(node, value, outer)

    def eval_member(self, node: cst.Attribute) -> tuple[Value, Value]:
        """The values of ``x`` and of ``x.name``."""
        outer, self.operand_differs = self.operand_differs, False
        base = self.eval(node.value)
        return base, self._compared(node, self.member(node, base), outer)

    def _compared(self, node: cst.CSTNode, value: Value, outer: bool) -> Value:
        """The value of a node, guarded where an operand differs between the modes."""
        if self.operand_differs:
            value = depends(value)
        self.operand_differs = self.contrast.differs(node, value) or outer
        return value

    @contextmanager
    def operands(self) -> Iterator[None]:
        """Evaluate the operands of something else than the node that is evaluated."""
        outer, self.operand_differs = self.operand_differs, False
        yield
        self.operand_differs = outer

    def forget_operands(self) -> None:
        """Say that the value of the node is the same in both modes, whatever its operands do."""
        self.operand_differs = False

    def cond(self, node: cst.CSTNode) -> Cond:
        """The condition that an expression is true."""
        return truth(self.eval(node))

    # --- what subclasses add ----------------------------------------------------------------

    def call(self, node: cst.Call) -> Value:
        raise NotImplementedError

    def walrus(self, node: cst.NamedExpr) -> Value:
        raise NotImplementedError

    def comprehension(self, node: cst.BaseComp) -> Value:
        raise NotImplementedError

    def closure(self, node: cst.FunctionDef | cst.Lambda) -> Value:
        """The value of a nested function or lambda."""
        return UNKNOWN

    def used(self, node: cst.Name | cst.Attribute, value: Value) -> Value:
        """The value of a name or attribute where it is used."""
        return value

    # --- names and attributes ---------------------------------------------------------------

    def name(self, node: cst.Name) -> Value:
        known = self.state.env.get(node.value)
        if known is not None:
            return self.used(node, self._unless_zero(known))
        if node.value in ("True", "False", "None"):
            return Value.of(Const({"True": True, "False": False}.get(node.value)))
        return self.used(node, self.surroundings.static(node.value, self.scope))

    def attribute(self, node: cst.Attribute) -> Value:
        return self.member(node, self.eval(node.value))

    def member(self, node: cst.Attribute, base: Value) -> Value:
        """The value of ``x.name``, by that of ``x``."""
        name = node.attr.value
        data = (Opaque, Attribute, Parameter)
        if name in _METADATA and all(isinstance(atom, data) for atom in base.atoms):
            self.forget_operands()
            return self.used(node, Value.of(Attribute(f"….{name}")))
        return self.used(node, self._unless_zero(self.attributes_of(base, name)))

    def _unless_zero(self, value: Value) -> Value:
        """A value as it is known on this path."""
        return FALSY if self.state.zeros and _place_of(value) in self.state.zeros else value

    # --- operators --------------------------------------------------------------------------

    def constant(self, node: cst.Integer | cst.Float | cst.SimpleString) -> Value:
        return Value.of(Const(node.evaluated_value))

    def boolean(self, node: cst.BooleanOperation) -> Value:
        left = self.eval(node.left)
        is_and = isinstance(node.operator, cst.And)
        cond = truth(left) if is_and else ~truth(left)
        results: list[Value] = []
        if cond.when_false is not None:
            results.append(_narrowed(left, to=not is_and))
        if cond.when_true is not None:
            zeros = self.zeros_where(node.left, is_and)
            results.append(self.behind(cond.when_true, node.right, zeros))
        return Value.join(results)

    def behind(self, guards: Guards, node: cst.CSTNode, zeros: frozenset[str]) -> Value:
        """Evaluate behind further guards: the right side of ``and``, a branch of ``x if c``."""
        before, known = self.state.guards, self.state.zeros
        self.state.guards, self.state.zeros = both(before, guards), known | zeros
        value = self.eval(node)
        self.state.guards, self.state.zeros = before, known
        return value.behind(guards)

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

    def conditional(self, node: cst.IfExp) -> Value:
        cond = self.cond(node.test)
        branches = ((cond.when_true, node.body, True), (cond.when_false, node.orelse, False))
        results = [
            self.behind(guards, part, self.zeros_where(node.test, holds))
            for guards, part, holds in branches
            if guards is not None
        ]
        return Value.join(results) if results else UNKNOWN

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
        return opaque(value)

    def binary(self, node: cst.BinaryOperation) -> Value:
        return arithmetic(type(node.operator), self.eval(node.left), self.eval(node.right))

    def comparison(self, node: cst.Comparison) -> Value:
        left = self.eval(node.left)
        cond = YES
        for target in node.comparisons:
            right = self.eval(target.comparator)
            cond = cond & compare(type(target.operator), left, right)
            left = right
        return from_cond(cond)

    def subscript(self, node: cst.Subscript) -> Value:
        base = self.eval(node.value)
        index: Value | None = None
        for element in node.slice:
            if isinstance(element.slice, cst.Index):
                index = self.eval(element.slice.value)
            else:
                self.eval(element.slice)
        is_one = len(node.slice) == 1
        return Value.join(
            element.behind(guards)
            for atom, guards in base.alternatives
            for element in elements_at(atom, index, is_one)
        )

    def display(self, node: cst.Tuple | cst.List) -> Value:
        values = [as_data(self.eval(element.value)) for element in node.elements]
        if any(isinstance(element, cst.StarredElement) for element in node.elements):
            return opaque(*values)
        return Value.of(Items(tuple(values))).bounded


def _place_of(value: Value) -> str | None:
    """What a value is always read from, if that is no mode: a parameter, or an attribute."""
    atom = value.only
    if not isinstance(atom, (Parameter, Attribute)) or mode_guards(value.mentions):
        return None
    if isinstance(atom, Parameter):
        return atom.name
    return None if "[]" in atom.path or "…" in atom.path else atom.path


def _narrowed(value: Value, to: bool) -> Value:
    """The alternatives of a value that can be true (or false)."""
    kept: list[Value] = []
    for atom, guards in value.alternatives:
        cond = truth(Value.of(atom))
        reach = both(guards, cond.when_true if to else cond.when_false)
        if reach is not None:
            # An unknown value that is not true is False for whatever tests it next.
            kept.append(Value.of(atom if to or isinstance(atom, Const) else Const(False), reach))
    return Value.join(kept)


_EXPRESSIONS: dict[type, Callable[[Any, Any], Value]] = {
    cst.Name: Expressions.name,
    cst.Attribute: Expressions.attribute,
    cst.Integer: Expressions.constant,
    cst.Float: Expressions.constant,
    cst.SimpleString: Expressions.constant,
    cst.BooleanOperation: Expressions.boolean,
    cst.IfExp: Expressions.conditional,
    cst.UnaryOperation: Expressions.unary,
    cst.BinaryOperation: Expressions.binary,
    cst.Comparison: Expressions.comparison,
    cst.Subscript: Expressions.subscript,
    cst.Tuple: Expressions.display,
    cst.List: Expressions.display,
    cst.NamedExpr: lambda self, node: self.walrus(node),
    cst.Await: lambda self, node: self.eval(node.expression),
    cst.Arg: lambda self, node: self.eval(node.value),
    cst.GeneratorExp: lambda self, node: self.comprehension(node),
    cst.ListComp: lambda self, node: self.comprehension(node),
    cst.SetComp: lambda self, node: self.comprehension(node),
    cst.DictComp: lambda self, node: self.comprehension(node),
    cst.Lambda: lambda self, node: self.closure(node),
    cst.Call: lambda self, node: self.call(node),
}
