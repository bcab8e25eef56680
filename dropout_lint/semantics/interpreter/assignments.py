"""What binds names, attributes and elements of containers, in one mode."""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.interpreter.expressions import Expressions
from dropout_lint.semantics.interpreter.guards import both
from dropout_lint.semantics.interpreter.operators import (
    elements_at,
    opaque,
    part_of_input,
    parts_of,
)
from dropout_lint.semantics.interpreter.state import unlisted
from dropout_lint.semantics.interpreter.values import (
    UNKNOWN,
    Atom,
    Chain,
    Instance,
    Items,
    SelfObject,
    Value,
    depends,
)
from dropout_lint.semantics.syntax.tree import children


class Assignments(Expressions):
    """Assignment targets, ``:=``, comprehensions, and the mode of modules that are kept."""

    sets_mode = False  # whether this is the ``train`` or ``eval`` of the module itself

    def walrus(self, node: cst.NamedExpr) -> Value:
        value = self.eval(node.value)
        if isinstance(node.target, cst.Name):
            self.state.env[node.target.value] = value
        return value

    def comprehension(self, node: cst.BaseComp) -> Value:
        before = self.state
        self.state = before.copy()
        clause: cst.CompFor | None = node.for_in
        while clause is not None:
            self.bind_loop(clause.target, self.eval(clause.iter))
            for test in clause.ifs:
                self.state.guards = both(self.state.guards, self.cond(test.test).when_true)
            clause = clause.inner_for_in
        value = UNKNOWN
        if self.state.guards is not None:
            parts = [part for part in children(node) if not isinstance(part, cst.CompFor)]
            value = opaque(*(self.eval(part) for part in parts))
        self.state = before
        return value

    def bind_loop(self, target: cst.CSTNode, iterable: Value) -> None:
        """Bind a loop's target to any element of the iterable."""
        elements = []
        for atom, guards in iterable.alternatives:
            if isinstance(atom, Items) and atom.keys is not None:
                elements.append(UNKNOWN)
            elif isinstance(atom, Items) and atom.items:
                elements.append(Value.join(atom.items).behind(guards))
            else:
                elements += [element.behind(guards) for element in elements_at(atom)]
        self.bind(target, Value.join(elements))

    def bind(self, target: cst.CSTNode, value: Value) -> None:
        """Bind an assignment target to a value."""
        if isinstance(target, cst.Name):
            self.state.env[target.value] = value
        elif isinstance(target, (cst.Tuple, cst.List)):
            parts = parts_of(value, len(target.elements))
            for index, element in enumerate(target.elements):
                part = parts[index] if parts else opaque(value)
                part = unlisted(part) if value.only is not None else part
                if not parts and isinstance(element.value, cst.Name):
                    part = part_of_input(part, element.value.value)
                self.bind(element.value, part)
        elif isinstance(target, cst.Attribute):
            self.set_attribute(self.eval(target.value).only, target.attr.value, value)
        else:
            self.eval(target)
            if isinstance(target, cst.Subscript):
                self.put_into(target.value, value)

    def put_into(self, container: cst.CSTNode, *values: Value) -> None:
        """Put values into a container. Its elements are unknown from then on."""
        name = self.path(container)
        before = self.eval(container) if name is not None else None
        if name is None or before is None:
            return
        if self.operand_differs or any(isinstance(atom, Items) for atom in before.atoms):
            after = opaque(before, *values)
            self.state.env[name] = depends(after) if self.operand_differs else after

    def path(self, node: cst.CSTNode) -> str | None:
        """The name under which the state keeps a variable or an attribute of self."""
        if isinstance(node, cst.Name):
            return node.value
        if isinstance(node, cst.Attribute) and isinstance(self.eval(node.value).only, SelfObject):
            return f"self.{node.attr.value}"
        return None

    def set_attribute(self, holder: Atom | None, name: str, value: Value) -> None:
        """Do ``holder.name = value``, where the holder is the module itself or one built here."""
        if isinstance(holder, SelfObject):
            if any(isinstance(atom, Chain) for atom in value.atoms):
                value = UNKNOWN  # the module registers it, and so sets its mode
            self.state.env[f"self.{name}"] = value
        elif isinstance(holder, Instance) and name == "training":
            self.set_mode(holder, value)

    def set_mode(self, module: Atom, flag: Value) -> None:
        """Set the mode of a module that the function built, under every name that holds it."""
        for part in module.modules if isinstance(module, Chain) else ():
            self.set_mode(part, flag)
        if isinstance(module, Instance):
            for name, value in self.state.env.items():
                self.state.env[name] = value.with_mode(module.node, flag)

    def set_own_mode(self, flag: Value) -> None:
        """Set the mode of the module itself and of the modules that it has registered."""
        for name, value in self.state.env.items():
            if name.startswith("self."):
                self.state.env[name] = value.with_mode(None, flag)
        if self.sets_mode:
            self.state.env["self.training"] = flag
