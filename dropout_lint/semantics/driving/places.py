"""Expressions in their places: what is passed, returned and set on self."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import walk

# Methods of nn.Module that return the module, and say nothing of its mode.
SAME_MODULE = frozenset(
    "to cuda cpu float double half bfloat16 type requires_grad_ to_empty".split()
)


@dataclass(frozen=True)
class Place:
    """An expression in its file and scope."""

    model: SemanticModel
    node: cst.BaseExpression
    scope: Scope


def passed(function: FunctionInfo, call: cst.Call) -> dict[str, cst.BaseExpression]:
    """The arguments of a call by the parameters of the function; none that come from a star."""
    given: dict[str, cst.BaseExpression] = {}
    placed = [parameter.name.value for parameter in function.positional]
    for index, arg in enumerate(call.args):
        if arg.star == "*":
            placed = []
        elif arg.keyword is not None:
            given[arg.keyword.value] = arg.value
        elif not arg.star and index < len(placed):
            given[placed[index]] = arg.value
    return given


def handed_on(model: SemanticModel, function: FunctionInfo) -> list[Scope]:
    """The scopes that pass a function as an argument, for others to call it."""
    return [
        scope
        for node, scope in model.names.mentions
        if isinstance(node, cst.Name)
        and node.value == function.name
        and isinstance(model.tree.parent(node), cst.Arg)
    ]


def unwrapped(node: cst.BaseExpression) -> cst.BaseExpression:
    """An expression without the calls of methods that return the same module."""
    while (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and node.func.attr.value in SAME_MODULE
    ):
        node = node.func.value
    return node


def returned(model: SemanticModel, function: FunctionInfo) -> Iterator[Place]:
    """The results of a function, without those of functions in it."""
    for node in walk(function.node.body):
        if isinstance(node, cst.Return) and node.value is not None:
            scopes = (model.names.scopes.get(n) for n in model.tree.ancestors(node))
            if next(scope for scope in scopes if scope is not None) is function.scope:
                yield Place(model, node.value, function.scope)


def parts_of(model: SemanticModel, owner: ClassInfo) -> Iterator[tuple[cst.BaseExpression, Scope]]:
    """What a class and its bases in the file set on self."""
    for cls in owner.lineage:
        for write in (each for writes in cls.writes.values() for each in writes):
            function = model.functions.by_node.get(write.method)
            if write.value is not None and function is not None:
                yield write.value, function.scope
