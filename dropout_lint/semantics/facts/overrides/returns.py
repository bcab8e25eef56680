"""What has to change for an override to return ``self`` on every path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from dropout_lint.semantics.facts.overrides.outcomes import Outcomes
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import children


@dataclass(frozen=True)
class Returns:
    """The statements that return nothing; whether the end of the method is reached as well."""

    of_nothing: tuple[cst.Return, ...]
    at_end: bool


def returns_to_change(model: SemanticModel, function: FunctionInfo) -> Returns | None:
    """What returns None; None where ``return self`` in its place is not enough.

    So it is where an expression comes to None, and where code stands behind a ``return``.
    """
    found = list(_returns(function.node.body))
    nothing = tuple(node for node in found if _is_nothing(node))
    if any(_has_code_behind(model, node) for node in found):
        return None
    outcomes = Outcomes(model, function)
    runs = [outcomes.in_eval, *([outcomes.in_train] if function.name == "train" else [])]
    if any(run.computes_none for run in runs):
        return None
    return Returns(nothing, any(run.falls_through for run in runs))


def _is_nothing(node: cst.Return) -> bool:
    value = node.value
    return value is None or (isinstance(value, cst.Name) and value.value == "None")


def _has_code_behind(model: SemanticModel, node: cst.Return) -> bool:
    line = model.tree.parent(node)
    block = model.tree.parent(line) if isinstance(line, cst.SimpleStatementLine) else None
    return isinstance(block, cst.IndentedBlock) and block.body[-1] is not line


def _returns(body: cst.CSTNode) -> Iterator[cst.Return]:
    """The ``return`` statements of a method, those of nested functions left out."""
    for node in children(body):
        if isinstance(node, cst.Return):
            yield node
        elif not isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Lambda)):
            yield from _returns(node)
