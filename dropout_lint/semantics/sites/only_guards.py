"""Whether a function uses its mode parameter for its drops and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.semantics.sites.catalog_calls import sites_of
from dropout_lint.semantics.sites.imported_functions import Callee
from dropout_lint.semantics.syntax.hand_drawn.tensor_calls import (
    ADDS,
    COMPARES,
    FILLS,
    FULL,
    KEEPS,
    NUMBERS,
    ROUNDS,
    SAMPLERS,
    SCALES,
    SHAPES,
)
from dropout_lint.semantics.syntax.tree import tail_of, walk

# Calls by which a mask is drawn and applied: without them nothing else is missing.
_DRAWING = (
    SAMPLERS | SHAPES | FULL | KEEPS | NUMBERS | ROUNDS | COMPARES | SCALES | ADDS | FILLS
    | {"where", "tuple"}
)  # fmt: skip


def only_guards(callee: Callee, name: str, *, inverted: bool) -> bool:
    """Whether a function uses a mode parameter only for the calls that drop.

    It may hand it to them, or give back its input before them: ``if not training: return x``.
    """
    model, function = callee.model, callee.function
    sites = sites_of(model, model.alone(function, False)).values()
    flags = {site.flag.node for site in sites if site.flag is not None}
    drops = {site.node for site in sites}
    for node in walk(function.node.body):
        if not isinstance(node, cst.Name) or node.value != name:
            continue
        above = model.tree.parent(node)
        negated = isinstance(above, cst.UnaryOperation) and isinstance(above.operator, cst.Not)
        if negated:
            assert above is not None
            above = model.tree.parent(above)
        if isinstance(above, cst.Arg) and (above.keyword is node or above in flags):
            continue
        if not _decides_about_drops(callee, node, drops, is_off=negated is not inverted):
            return False
    return True


def _decides_about_drops(
    callee: Callee, node: cst.Name, drops: set[cst.Call], *, is_off: bool
) -> bool:
    """Whether a test with the mode in it skips nothing but drops.

    ``is_off``: it speaks of the mode in which the function does not drop.
    """
    tree = callee.model.tree
    statement: cst.If | None = None
    below: cst.CSTNode = node
    for above in tree.ancestors(node):
        if isinstance(above, cst.If):
            statement = above if below is above.test else None
            break
        plain = isinstance(above, cst.BooleanOperation) and isinstance(
            above.operator, cst.Or if is_off else cst.And
        )
        if not plain and not isinstance(above, cst.UnaryOperation):
            return False
        below = above
    if statement is None:
        return False
    skipped: list[cst.CSTNode] = [statement.body]
    if is_off:
        block = tree.parent(statement)
        if not _returns_input(callee, statement.body) or block is not callee.function.node.body:
            return False
        lines = callee.function.node.body.body
        skipped = [*lines[lines.index(statement) + 1 :]]
        skipped += [statement.orelse] if statement.orelse is not None else []
    elif statement.orelse is not None:
        return False
    calls = {each for part in skipped for each in walk(part) if isinstance(each, cst.Call)}
    return all(call in drops or tail_of(call.func) in _DRAWING for call in calls)


def _returns_input(callee: Callee, body: cst.BaseSuite) -> bool:
    """Whether all that a branch does is to return a parameter."""
    statements = list(_statements(body))
    only = statements[0] if len(statements) == 1 else None
    names = {parameter.name.value for parameter in callee.function.parameters}
    return (
        isinstance(only, cst.Return)
        and isinstance(only.value, cst.Name)
        and only.value.value in names
    )


def _statements(body: cst.BaseSuite) -> Iterator[cst.CSTNode]:
    for statement in body.body:
        if isinstance(statement, cst.SimpleStatementLine):
            yield from statement.body
        else:
            yield statement
