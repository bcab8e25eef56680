"""Expressions to values, in one mode: the abstract interpreter's lower half."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from dropout_lint.semantics.interpreter.contrast import Contrast
from dropout_lint.semantics.interpreter.operators import (
    arithmetic,
    compare,
    from_cond,
    item,
    opaque,
)
from dropout_lint.semantics.interpreter.state import State, as_data
from dropout_lint.semantics.interpreter.values import (
    MODE,
    UNKNOWN,
    YES,
    Atom,
    Attribute,
    Cond,
    Const,
    Guard,
    Guards,
    Instance,
    Items,
    Local,
    Method,
    ModeMethod,
    Opaque,
    Parameter,
    Ref,
    SelfObject,
    Super,
    Value,
    both,
    depends,
    truth,
)
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import children

if TYPE_CHECKING:
    from dropout_lint.semantics.model import SemanticModel

# What a tensor is asked for that no drop changes: `x.dim()`, `x.shape[0]`.
_FORM = frozenset("dim ndim ndimension size shape numel device dtype is_cuda".split())


class Expressions:
    """Evaluates expressions of one scope in one mode.

    `binding.Bindings` adds what binds names, `apply.Evaluator` the calls.
    """

    def __init__(
        self,
        model: SemanticModel,
        scope: Scope,
        training: bool,
        owner: ClassInfo | None,
        own: str | None,
    ) -> None:
        self.model = model
        self.scope = scope
        self.training = training
        self.owner = owner
        self.own = own
        self.state = State()
        self.contrast = Contrast()
        self.sets_mode = False  # whether this is the module's own `train` or `eval`
        self.differs = False  # whether an operand of the node at hand differs between the modes

    # --- what subclasses add ----------------------------------------------------------------

    def call(self, node: cst.Call) -> Value:
        raise NotImplementedError

    def walrus(self, node: cst.NamedExpr) -> Value:
        raise NotImplementedError

    def comprehension(self, node: cst.BaseComp) -> Value:
        raise NotImplementedError

    def closure(self, node: cst.FunctionDef | cst.Lambda) -> Value:
        """What a nested function or lambda is worth."""
        return UNKNOWN

    # --- entry ------------------------------------------------------------------------------

    def eval(self, node: cst.CSTNode) -> Value:
        outer, self.differs = self.differs, False
        handler = _EXPRESSIONS.get(type(node))
        if handler is not None:
            value = handler(self, node)
        else:
            value = opaque(*(self.eval(child) for child in children(node)))
        if self.differs:
            value = depends(value)
        self.differs = self.contrast.differs(node, value) or outer
        return value

    def cond(self, node: cst.CSTNode) -> Cond:
        return truth(self.eval(node))

    # --- names and attributes ---------------------------------------------------------------

    def name(self, node: cst.Name) -> Value:
        known = self.state.env.get(node.value)
        if known is not None:
            return self.met(node, known)
        if node.value in ("True", "False", "None"):
            return Value.of(Const({"True": True, "False": False}.get(node.value)))
        return self.met(node, self.model.static(node.value, self.scope))

    def met(self, node: cst.Name | cst.Attribute, value: Value) -> Value:
        """What a name or attribute is worth, as it is met; `run.Run` notes it."""
        return value

    def attribute(self, node: cst.Attribute) -> Value:
        base = self.eval(node.value)
        name = node.attr.value
        if name in _FORM and all(isinstance(a, (Opaque, Attribute, Parameter)) for a in base.atoms):
            self.differs = False  # whatever went into the data, its form is the same in both modes
            return self.met(node, Value.of(Attribute(f"….{name}")))
        value = Value.join(
            self.attribute_of(atom, name).behind(guards) for atom, guards in base.alternatives
        )
        return self.met(node, value)

    def attribute_of(self, atom: Atom, name: str) -> Value:
        if isinstance(atom, SelfObject):
            return self.self_attribute(name)
        if isinstance(atom, Super):
            return self.inherited(name)
        if isinstance(atom, Ref):
            return Value.of(Ref(self.model.project.catalog_name(f"{atom.name}.{name}")))
        if isinstance(atom, Instance):
            return atom.flag if name == "training" else Value.of(Attribute(f"{atom.name}.{name}"))
        if isinstance(atom, Attribute):
            return Value.of(Attribute(f"{atom.path}.{name}", atom.caller))
        if isinstance(atom, Local) and (function := self.model.functions.of_class(atom.node, name)):
            return Value.of(Local(name, function.node))
        if isinstance(atom, (Parameter, Local)):
            caller = atom.name if isinstance(atom, Parameter) else ""
            return Value.of(Attribute(f"{atom.name}.{name}", caller))
        if isinstance(atom, Opaque) and atom.mentions >= MODE:
            return Value.of(atom)
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
        if owner.imported_base_sets_by_mode(name):
            return Value.of(Opaque(frozenset({Guard("flag", f"self.{name}")})))
        if not owner.find_writes(name):
            if name in ("train", "eval") and owner.is_module:
                return Value.of(ModeMethod(name, (name == "train") == self.training))
            function = self.model.functions.of_method(owner, name)
            if function is not None:
                return (
                    self.model.returned(function, self.training)
                    if function.is_property
                    else Value.of(Method(name, function.node))
                )
        return self.model.attribute(owner, name, self.training)

    def inherited(self, name: str) -> Value:
        """``super().name``: the function itself, which no subclass overrides."""
        for info in self.owner.lineage[1:] if self.owner is not None else ():
            function = self.model.functions.by_node.get(info.methods.get(name))
            if function is not None and function.is_property:
                return self.model.returned(function, self.training)
            if function is not None:
                return Value.of(Local(name, function.node))
        return Value.of(Attribute(f"super().{name}"))

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
        kept: list[tuple[Atom, Guards]] = []
        for atom, guards in value.alternatives:
            cond = truth(Value.of(atom))
            reach = both(guards, cond.when_true if wanted else cond.when_false)
            if reach is not None:
                # An unknown that turned out false is False to whoever tests it next.
                kept.append((atom if wanted or isinstance(atom, Const) else Const(False), reach))
        return Value.join(Value.of(*pair) for pair in kept)

    def under(self, guards: Guards, node: cst.CSTNode) -> Value:
        """Evaluate behind further guards: the right side of ``and``, a branch of ``x if c``."""
        before = self.state.guards
        self.state.guards = both(before, guards)
        value = self.eval(node)
        self.state.guards = before
        return value

    def conditional(self, node: cst.IfExp) -> Value:
        cond = self.cond(node.test)
        found: list[Value] = []
        for guards, branch in ((cond.when_true, node.body), (cond.when_false, node.orelse)):
            if guards is not None:
                found.append(self.under(guards, branch).behind(guards))
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
        key = index.alternatives if index is not None and len(node.slice) == 1 else ()
        found: list[Value] = []
        for atom, guards in base.alternatives:
            picked = [(item(atom, k), k_guards) for k, k_guards in key]
            if picked and all(item is not None for item, _ in picked):
                found += [item.behind(guards | own) for item, own in picked if item is not None]
            elif isinstance(atom, Attribute):
                found.append(Value.of(Attribute(f"{atom.path}[]", atom.caller), guards))
            else:
                named = self._by_key(atom, index)
                found.append((named or opaque(Value.of(atom))).behind(guards))
        return Value.join(found)

    @staticmethod
    def _by_key(atom: Atom, index: Value | None) -> Value | None:
        """``vars(self)["training"]``: something unknown, under a name."""
        key = index.only if index is not None else None
        if isinstance(key, Const) and isinstance(key.value, str) and not isinstance(atom, Items):
            return opaque(Value.of(atom), Value.of(Attribute(f"….{key.value}")))
        return None

    def display(self, node: cst.Tuple | cst.List) -> Value:
        values = [as_data(self.eval(element.value)) for element in node.elements]
        if any(isinstance(element, cst.StarredElement) for element in node.elements):
            return opaque(*values)
        return Value.of(Items(tuple(values)))

    def wrapped(self, node: Any) -> Value:
        """A node that is worth what its expression is worth."""
        return self.eval(node.expression if isinstance(node, cst.Await) else node.value)

    def lambda_(self, node: cst.Lambda) -> Value:
        return self.closure(node)


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
    cst.Await: Expressions.wrapped,
    cst.Arg: Expressions.wrapped,
    cst.GeneratorExp: lambda self, node: self.comprehension(node),
    cst.ListComp: lambda self, node: self.comprehension(node),
    cst.SetComp: lambda self, node: self.comprehension(node),
    cst.DictComp: lambda self, node: self.comprehension(node),
    cst.Lambda: Expressions.lambda_,
    cst.Call: lambda self, node: self.call(node),
}
