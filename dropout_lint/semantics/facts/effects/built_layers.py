"""Whether what a constructor puts on self is a dropout module that may drop, and on a copy."""

from __future__ import annotations

import libcst as cst

from dropout_lint.catalog import ModuleClass
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import Write


def holds_dropout(model: SemanticModel, write: Write) -> bool:
    """``self.name = nn.Dropout(p)`` in ``__init__``, with a rate that is not the constant zero.

    Or a choice between such a module and ``nn.Identity()``.
    """
    value, method = write.value, write.method
    if method is None or method.name.value != "__init__" or value is None:
        return False
    if isinstance(value, cst.IfExp):
        either = (value.body, value.orelse)
        return any(_is_dropout(model, v) for v in either) and all(
            _is_dropout(model, v) or _names(model, v) == {"torch.nn.Identity"} for v in either
        )
    return _is_dropout(model, value)


def _names(model: SemanticModel, node: cst.BaseExpression) -> set[str]:
    if not isinstance(node, cst.Call):
        return set()
    return set(model.names.qualified(node.func, model.names.scope_at[node]))


def _is_dropout(model: SemanticModel, value: cst.BaseExpression) -> bool:
    names = _names(model, value)
    rows = [model.catalog.module(name) for name in names]
    if not rows or not all(row is not None and _is_plain_drop(row) for row in rows):
        return False
    assert isinstance(value, cst.Call)
    for word, arg in zip(("p", "inplace"), value.args, strict=False):
        word = arg.keyword.value if arg.keyword is not None else word
        if arg.star or (word == "inplace" and not _is_constant(arg.value, False)):
            return False
        if word == "p" and _is_constant(arg.value, 0):
            return False
    return True


def _is_plain_drop(row: ModuleClass) -> bool:
    return row.functional is not None and "ropout" in row.functional


def _is_constant(node: cst.BaseExpression, wanted: object) -> bool:
    if isinstance(node, cst.Name):
        return node.value == repr(wanted)
    return isinstance(node, (cst.Integer, cst.Float)) and node.evaluated_value == wanted
