"""What is around the calls of a loop: conditions, ends, contexts and decorators."""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import tail_of, walk

# Decorators that leave what a function does to modes.
_PLAIN_DECORATORS = frozenset({"no_grad", "inference_mode", "staticmethod", "classmethod", "jit"})


def is_end(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and any(
        isinstance(small, (cst.Break, cst.Return, cst.Raise)) for small in statement.body
    )


def ends(body: cst.BaseSuite) -> bool:
    return any(is_end(statement) for statement in body.body)


def is_one_turn(test: cst.BaseExpression) -> bool:
    """Whether a condition holds in one turn of a loop: ``epoch == last``, not ``i % 5 == 0``."""
    if isinstance(test, cst.BooleanOperation):
        sides = [is_one_turn(test.left), is_one_turn(test.right)]
        return all(sides) if isinstance(test.operator, cst.Or) else any(sides)
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return False
    target = test.comparisons[0]
    return isinstance(target.operator, cst.Equal) and not any(
        isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Modulo)
        for node in walk(test)
    )


def is_no_grad(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Call) and tail_of(node.func) in ("no_grad", "inference_mode")


def runs_without_grad(function: FunctionInfo) -> bool:
    return any(
        _decorator_name(d) in ("no_grad", "inference_mode") for d in function.node.decorators
    )


def has_plain_decorators(function: FunctionInfo) -> bool:
    return all(_decorator_name(d) in _PLAIN_DECORATORS for d in function.node.decorators)


def _decorator_name(decorator: cst.Decorator) -> str:
    node = decorator.decorator
    return tail_of(node.func if isinstance(node, cst.Call) else node)
