"""What the expressions of a function may hold, and what they change, in the order they run."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

import libcst as cst

from dropout_lint.fixing.hazards.call_effects import CallEffects, OfParameter, is_in_place_name
from dropout_lint.fixing.hazards.memory import NOTHING, Memory, Object, Objects
from dropout_lint.fixing.instances.nodes import path_of
from dropout_lint.fixing.library_names import TENSOR_FACTS, VIEW_ATTRIBUTES, VIEWS
from dropout_lint.python_names import GROWING_METHODS
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import children


class Outcome:
    """What a function is seen to do.

    ``changed`` and ``returned`` are objects; ``drops_changed`` and ``drops_returned`` the drops
    whose result (or input, which they may return) is changed after they ran, or is returned.
    ``drops_kept`` are those whose result outlives the call elsewhere.
    """

    def __init__(self) -> None:
        self.changed: set[Object] = set()
        self.returned: set[Object] = set()
        self.drops_changed: set[cst.CSTNode] = set()
        self.drops_returned: set[cst.CSTNode] = set()
        self.drops_kept: set[cst.CSTNode] = set()


class Values:
    """The evaluation of expressions on a `Memory`, which it changes."""

    def __init__(
        self,
        function: FunctionInfo,
        effects: CallEffects,
        known: OfParameter,
        starts: Set[cst.CSTNode],
        outcome: Outcome,
    ) -> None:
        self._function, self._effects, self._known = function, effects, known
        self._starts, self._outcome = starts, outcome
        self.memory = Memory()

    def of(self, node: cst.BaseExpression) -> Objects:
        """The objects that the value of an expression may be, once it has run."""
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            return handler(self, node)
        self.run_below(node)
        return NOTHING

    def run_below(self, node: cst.CSTNode) -> None:
        """Run the expressions below a node for what they do."""
        for child in children(node):
            if isinstance(child, cst.BaseExpression):
                self.of(child)
            else:
                self.run_below(child)

    def inside(self, objects: Objects) -> Objects:
        """What is taken out of a container, or a view of a tensor."""
        return self.memory.reach(objects)

    def change(self, objects: Objects) -> None:
        """Note that some objects are changed in place."""
        self._outcome.changed |= {obj.before for obj in objects}
        self._outcome.drops_changed |= self.memory.drops_of(objects)

    def give_back(self, objects: Objects) -> None:
        """Note that some objects are returned."""
        reached = self.memory.reach(objects)
        self._outcome.returned |= {obj.before for obj in reached}
        self._outcome.drops_returned |= self.memory.drops_of(reached)

    # --- targets ----------------------------------------------------------------------------

    def assign(self, target: cst.CSTNode, objects: Objects) -> None:
        """Note what an assignment gives to a target."""
        memory = self.memory
        if isinstance(target, cst.Name):
            memory.bind(target.value, objects)
        elif isinstance(target, cst.Attribute):
            base = self.of(target.value)
            if target.attr.value == "data":
                self.change(base)
            else:
                self._keep(base, objects)
                if path_of(target):
                    memory.bind(path_of(target), objects)
        elif isinstance(target, cst.Subscript):
            base = self.of(target.value)
            self.run_below(target)
            self.change(base)
            self._keep(base, objects)
        elif isinstance(target, (cst.Tuple, cst.List)):
            for element in target.elements:
                self.assign(element.value, self._part(element, objects))
        elif isinstance(target, cst.StarredElement):
            self.assign(target.value, objects)

    def _part(self, element: cst.BaseElement, objects: Objects) -> Objects:
        """What a part of an unpacked value may be: a tensor of its own, if all of it is new."""
        (only, *others) = objects or (None,)
        if only is not None and not others and only.kind == "new":
            if not self.memory.held.get(only) and isinstance(only.origin, cst.Call):
                return frozenset({self._made(element, NOTHING)[0]})
        return self.inside(objects)

    def unpack(self, target: cst.BaseExpression, value: cst.BaseExpression) -> None:
        """Note what ``target = value`` gives to the target, part by part where both are tuples."""
        shapes = (cst.Tuple, cst.List)
        if (
            isinstance(target, shapes)
            and isinstance(value, shapes)
            and len(target.elements) == len(value.elements)
            and not any(
                isinstance(e, cst.StarredElement) for e in (*target.elements, *value.elements)
            )
        ):
            parts = [self.of(element.value) for element in value.elements]
            for element, part in zip(target.elements, parts, strict=True):
                self.assign(element.value, part)
        else:
            self.assign(target, self.of(value))

    def augment(self, node: cst.AugAssign) -> None:
        """Run ``x += y``, which changes x."""
        given = self.of(node.value)
        target = self.of(node.target)
        if isinstance(node.target, cst.Subscript):
            target = self.inside(target)
        self.change(target)
        self._keep(target, self.inside(given) - given)

    def _keep(self, containers: Objects, objects: Objects) -> None:
        """Note that containers, which a caller may see, may hold some objects from now on."""
        self.memory.hold(containers, objects)
        if any(obj.outlasts for obj in containers):
            drops = self.memory.drops_of(self.memory.reach(objects))
            self._outcome.drops_kept |= drops

    def _made(self, node: cst.CSTNode, held: Objects) -> tuple[Object, Objects]:
        """What a node makes and what that holds, which a former turn of a loop may have made."""
        made = self.memory.new(node)
        if made in held:
            held = held - {made} | {Object("old", node)}
        self.memory.hold((made,), held)
        return made, held

    # --- expressions ------------------------------------------------------------------------

    def _name(self, node: cst.Name) -> Objects:
        return self.memory.get(node.value)

    def _attribute(self, node: cst.Attribute) -> Objects:
        base = self.of(node.value)
        if node.attr.value in VIEW_ATTRIBUTES:
            return base
        if node.attr.value in TENSOR_FACTS:
            return NOTHING
        return self.memory.get(path_of(node)) if path_of(node) else self.inside(base)

    def _subscript(self, node: cst.Subscript) -> Objects:
        base = self.of(node.value)
        for element in node.slice:
            self.run_below(element)
        return self.inside(base)

    def _choice(self, node: cst.IfExp) -> Objects:
        self.of(node.test)
        return self.of(node.body) | self.of(node.orelse)

    def _boolean(self, node: cst.BooleanOperation) -> Objects:
        return self.of(node.left) | self.of(node.right)

    def _walrus(self, node: cst.NamedExpr) -> Objects:
        objects = self.of(node.value)
        self.assign(node.target, objects)
        return objects

    def _await(self, node: cst.Await) -> Objects:
        return self.of(node.expression)

    def _yield(self, node: cst.Yield) -> Objects:
        value = node.value.item if isinstance(node.value, cst.From) else node.value
        if value is not None:
            self.give_back(self.of(value))
        return NOTHING

    def _display(self, node: cst.Tuple | cst.List | cst.Set | cst.Dict) -> Objects:
        held = NOTHING
        for element in node.elements:
            value = self.of(element.value)
            if isinstance(element, (cst.StarredElement, cst.StarredDictElement)):
                value = self.inside(value)
            held |= value
        return frozenset({self._made(node, held)[0]})

    def _comprehension(self, node: cst.BaseSimpleComp | cst.DictComp) -> Objects:
        held = NOTHING
        for _ in range(2):  # what one turn leaves may reach the next
            clause: cst.CompFor | None = node.for_in
            while clause is not None:
                self.assign(clause.target, self.inside(self.of(clause.iter)))
                for condition in clause.ifs:
                    self.of(condition.test)
                clause = clause.inner_for_in
            value = node.value if isinstance(node, cst.DictComp) else node.elt
            held |= self.of(value)
        return frozenset({self._made(node, held)[0]})

    def _binary(self, node: cst.BinaryOperation) -> Objects:
        sides = self.of(node.left) | self.of(node.right)
        return frozenset({self._made(node, self.inside(sides) - sides)[0]})

    def _unary(self, node: cst.UnaryOperation) -> Objects:
        value = self.of(node.expression)
        return value if isinstance(node.operator, cst.Plus) else NOTHING

    def _call(self, node: cst.Call) -> Objects:
        memory, func = self.memory, node.func
        method = func.attr.value if isinstance(func, cst.Attribute) else ""
        receiver = self.of(func.value) if isinstance(func, cst.Attribute) else NOTHING
        if not isinstance(func, (cst.Attribute, cst.Name)):
            self.of(func)
        given = [self.of(arg.value) for arg in node.args]
        returned = NOTHING
        for at, objects in enumerate(given):
            if objects:
                effect = self._effects.on(node, at, self._function, self._known)
                if effect.changes:
                    self.change(self.inside(objects))
                if effect.returns:
                    returned |= self.inside(objects)
        if receiver:
            if is_in_place_name(method):
                self.change(self.inside(receiver))
                returned |= receiver
            elif method in VIEWS:
                returned |= self.inside(receiver)
            else:
                returned |= self.inside(receiver) - receiver
            if method in GROWING_METHODS:
                self._keep(receiver, self.inside(NOTHING.union(*given)))
        made, returned = self._made(node, returned)
        result = returned | {made}
        if node in self._starts:
            memory.drop(node, result)
        return result


_HANDLERS: dict[type, Callable[[Values, Any], Objects]] = {
    cst.Name: Values._name,
    cst.Attribute: Values._attribute,
    cst.Subscript: Values._subscript,
    cst.IfExp: Values._choice,
    cst.BooleanOperation: Values._boolean,
    cst.NamedExpr: Values._walrus,
    cst.Await: Values._await,
    cst.Yield: Values._yield,
    cst.Tuple: Values._display,
    cst.List: Values._display,
    cst.Set: Values._display,
    cst.Dict: Values._display,
    cst.ListComp: Values._comprehension,
    cst.SetComp: Values._comprehension,
    cst.GeneratorExp: Values._comprehension,
    cst.DictComp: Values._comprehension,
    cst.BinaryOperation: Values._binary,
    cst.UnaryOperation: Values._unary,
    cst.Call: Values._call,
}
