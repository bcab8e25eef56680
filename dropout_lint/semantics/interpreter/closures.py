"""Functions and lambdas inside a function: what they capture, and where they escape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import libcst as cst

from dropout_lint.semantics.interpreter.arguments import ArgumentValues
from dropout_lint.semantics.interpreter.state import State
from dropout_lint.semantics.interpreter.values import Value
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.places import Places
from dropout_lint.semantics.syntax.tree import Tree

NestedFunction: TypeAlias = "cst.FunctionDef | cst.Lambda"


@dataclass(eq=False)
class Closure:
    """A nested function with the state where it is defined."""

    node: NestedFunction
    state: State
    defaults: ArgumentValues
    called: bool = False

    def writes(self, end: State, outer_names: set[str]) -> dict[str, Value]:
        """The nonlocal names and the attributes of self that a call leaves in the outer state."""
        if not end.is_alive:
            return {}
        return {
            name: value
            for name, value in end.env.items()
            if name in outer_names or name.startswith("self.")
        }


def attributes_that_keep(
    tree: Tree, places: Places, function: FunctionInfo, node: NestedFunction
) -> list[str] | None:
    """The attributes of self that keep a nested function; None if it escapes in another way."""
    names: list[str] = []
    for use in _escapes(tree, places, function, node):
        parent = tree.parent(use)
        if function.owner is None or not isinstance(parent, cst.Assign) or parent.value is not use:
            return None
        target = parent.targets[0].target
        if not isinstance(target, cst.Attribute) or not is_self(target.value, function.self_name):
            return None
        names.append(target.attr.value)
    return names


def _escapes(
    tree: Tree, places: Places, function: FunctionInfo, node: NestedFunction
) -> Iterator[cst.CSTNode]:
    """The uses of a nested function other than calls by its name."""
    if isinstance(node, cst.FunctionDef):
        name = node.name.value if not node.decorators else None
    else:
        parent = tree.parent(node)
        target = parent.targets[0].target if isinstance(parent, cst.Assign) else None
        name = target.value if isinstance(target, cst.Name) else None
    if name is None:
        yield node
        return
    for below in places.names(name, function.node.body):
        parent = tree.parent(below)
        is_called = isinstance(parent, cst.Call) and parent.func is below
        is_bound = isinstance(parent, (cst.AssignTarget, cst.FunctionDef, cst.Attribute))
        if not (is_called or is_bound):
            yield below
