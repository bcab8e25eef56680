"""Expressions and their values in one mode."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import libcst as cst

from dropout_lint.semantics.interpreter.contrast import Comparison, Record
from dropout_lint.semantics.interpreter.guards import YES, Cond, Guards, both
from dropout_lint.semantics.interpreter.lookups import Lookups
from dropout_lint.semantics.interpreter.operators import (
    arithmetic,
    compare,
    elements_at,
    from_cond,
    functions_in,
    opaque,
)
from dropout_lint.semantics.interpreter.state import listed
from dropout_lint.semantics.interpreter.surroundings import Surroundings
from dropout_lint.semantics.interpreter.values import (
    UNKNOWN,
    Attribute,
    Const,
    Items,
    Opaque,
    Parameter,
    Value,
    depends,
    truth,
)
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import children

# Attributes and methods of a tensor that are the same whatever is in it: `x.dim()`, `x.shape[0]`.
_METADATA = frozenset("dim ndim ndimension size shape numel device dtype is_cuda".split())


class Expressions(Lookups, ABC):
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

    @abstractmethod
    def call(self, node: cst.Call) -> Value:
        """The value of a call."""

    @abstractmethod
    def walrus(self, node: cst.NamedExpr) -> Value:
        """The value of ``name := expression``, which is assigned."""

    @abstractmethod
    def comprehension(self, node: cst.BaseComp) -> Value:
        """The value of a comprehension or generator."""

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
            return self.used(node, self.unless_zero(known))
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
        return self.used(node, self.unless_zero(self.attributes_of(base, name)))

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
        values = [listed(self.eval(element.value), element.value) for element in node.elements]
        if any(isinstance(element, cst.StarredElement) for element in node.elements):
            return opaque(*values)
        return Value.of(Items(tuple(values))).bounded

    def dictionary(self, node: cst.Dict) -> Value:
        """A dict display: its elements are known where they are functions."""
        keys = [
            self.eval(element.key) if isinstance(element, cst.DictElement) else UNKNOWN
            for element in node.elements
        ]
        values = [listed(self.eval(element.value), element.value) for element in node.elements]
        is_plain = all(isinstance(element, cst.DictElement) for element in node.elements)
        if not is_plain or not _hold_functions(values):
            return opaque(*keys, *values)
        known = (key.only for key in keys)
        names = tuple(key if isinstance(key, Const) else None for key in known)
        return Value.of(Items(tuple(values), names)).bounded


def _hold_functions(values: Iterable[Value]) -> bool:
    return any(True for value in values for atom in value.atoms for _ in functions_in(atom))


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
    cst.Dict: Expressions.dictionary,
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
