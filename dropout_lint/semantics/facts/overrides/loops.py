"""Loops over modules: ``for child in self.children()``, ``for part in (self.a, self.b)``.

Their bodies are run for each module that is known, and once for all children.
"""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from dropout_lint.semantics.facts.overrides.modes import EVERY_CHILD, Modes
from dropout_lint.semantics.interpreter.arguments import Argument
from dropout_lint.semantics.interpreter.guards import FREE, Cond
from dropout_lint.semantics.interpreter.simple_statements import Loop
from dropout_lint.semantics.interpreter.state import State
from dropout_lint.semantics.interpreter.values import (
    UNKNOWN,
    Atom,
    Attribute,
    Items,
    Ref,
    SelfObject,
    Value,
)
from dropout_lint.vocabulary.methods import PASSES_ITEMS_ON

_MOST_ITEMS = 12
_EACH_CHILD = Value.of(Attribute(EVERY_CHILD))
_SELF = Value.of(SelfObject())


class Loops(Modes):
    """Goes through the modules that a loop goes through."""

    def _loop(self, enter: Callable[[], Cond], body: cst.CSTNode, orelse: cst.Else | None) -> None:
        node = self.surroundings.functions.tree.parent(body)
        items = _items_of(self.eval(node.iter)) if isinstance(node, cst.For) else None
        if items is None or not isinstance(node, cst.For):
            super()._loop(enter, body, orelse)
            return
        loop = Loop()
        self.loops.append(loop)
        for item in items:
            self.bind(node.target, item)
            self.block(body)
            self.state = State.join(self.state, *loop.continues)
            loop.continues.clear()
        self.loops.pop()
        self.block(orelse.body if orelse is not None else None)
        self.state = State.join(self.state, *loop.breaks)

    def comprehension(self, node: cst.BaseComp) -> Value:
        clause = node.for_in
        items = _items_of(self.eval(clause.iter)) if clause.inner_for_in is None else None
        if items is None or not isinstance(node, (cst.ListComp, cst.GeneratorExp, cst.SetComp)):
            return super().comprehension(node)
        values = []
        for item in items:
            outer = self.state
            self.state = outer.copy()
            self.bind(clause.target, item)
            for test in clause.ifs:
                reach = self.cond(test.test).when_true
                self.state.guards = FREE if reach is not None else None
            if self.state.is_alive:
                values.append(self.eval(node.elt))
            self.state = State.join(outer, self.state) if clause.ifs else self.state
        return Value.of(Items(tuple(values)))

    def passed_on(self, callee: Atom, arguments: list[Argument]) -> Value | None:
        """The items of ``self.children()``, ``enumerate(self.layers)`` and the like."""
        path = callee.path if isinstance(callee, Attribute) else ""
        holder, _, method = path.rpartition(".")
        each = (
            _EACH_CHILD
            if holder in ("self", "self._modules")
            else Value.of(Attribute(f"{holder}[]"))
        )
        if holder.startswith("self"):
            if method in ("children", "values"):
                return Value.of(Items((each,)))
            if method == "modules":
                whole = _SELF if holder == "self" else Value.of(Attribute(holder))
                return Value.of(Items((whole, each)))
            if method in ("named_children", "named_modules", "items"):
                return Value.of(Items((Value.of(Items((UNKNOWN, each))),)))
        name = callee.name.rpartition(".")[2] if isinstance(callee, Ref) else ""
        if name not in PASSES_ITEMS_ON or not arguments:
            return None
        parts = [_items_of(argument.value) for argument in arguments]
        if parts[0] is None:
            return None
        if name == "enumerate":
            pairs = (Value.of(Items((UNKNOWN, item))) for item in parts[0])
            return Value.of(Items(tuple(pairs)))
        if name == "chain":
            together = [item for part in parts for item in part or (UNKNOWN,)]
            return Value.of(Items(tuple(together))).bounded
        return Value.of(Items(tuple(parts[0]))).bounded


def _items_of(iterable: Value) -> tuple[Value, ...] | None:
    """The items of what a loop goes through, if they are modules or are known."""
    atom = iterable.only
    if isinstance(atom, Items) and len(atom.items) <= _MOST_ITEMS:
        return atom.items
    if isinstance(atom, Attribute) and atom.path.startswith("self."):
        return (Value.of(Attribute(f"{atom.path}[]")),)
    return None
