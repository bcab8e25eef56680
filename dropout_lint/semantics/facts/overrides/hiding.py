"""Attributes that hide a module's ``train`` or ``eval``: ``self.train = True``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.class_body import Write
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.tree import walk
from dropout_lint.vocabulary.modes import FLAG_PARAMETERS

_NOT_CALLABLE = (
    cst.Integer, cst.Float, cst.SimpleString, cst.FormattedString, cst.Comparison, cst.List,
    cst.Tuple, cst.Dict, cst.Set,
)  # fmt: skip


def hiding_writes(model: SemanticModel, info: ClassInfo) -> Iterator[tuple[str, Write]]:
    """The assignments by which a class hides nn.Module's methods behind what cannot be called."""
    if not info.has_module_base:
        return
    for name in ("train", "eval"):
        for write in info.writes.get(name, ()):
            if write.value is None or write.method is None:
                continue
            if _is_no_function(model, info, name, write):
                yield name, write
                break


def _is_no_function(model: SemanticModel, info: ClassInfo, name: str, write: Write) -> bool:
    value = write.value
    if isinstance(value, cst.UnaryOperation):
        return isinstance(value.operator, cst.Not)
    if isinstance(value, _NOT_CALLABLE):
        return True
    if isinstance(value, cst.Name) and value.value in ("True", "False", "None"):
        return True
    return _is_bool_parameter(value, write.method) or _is_tested(model, info, name)


def _is_bool_parameter(value: cst.BaseExpression | None, method: cst.FunctionDef | None) -> bool:
    """Whether a value is a parameter that is a bool, by its default or its annotation."""
    if method is None or not isinstance(value, cst.Name):
        return False
    for parameter in (*method.params.params, *method.params.kwonly_params):
        if parameter.name.value == value.value:
            default, annotation = parameter.default, parameter.annotation
            by_default = isinstance(default, cst.Name) and default.value in ("True", "False")
            return by_default or (annotation is not None and is_self(annotation.annotation, "bool"))
    return False


def _is_tested(model: SemanticModel, info: ClassInfo, name: str) -> bool:
    """Whether the class asks for the attribute as for a flag: ``if self.train:``."""
    for method in info.methods.values():
        function = model.functions.by_node.get(method)
        own = function.self_name if function is not None else None
        for node in walk(method.body):
            if not (isinstance(node, cst.Attribute) and node.attr.value == name):
                continue
            if not is_self(node.value, own):
                continue
            parent = model.tree.parent(node)
            if isinstance(parent, (cst.If, cst.IfExp, cst.While)) and parent.test is node:
                return True
            if isinstance(parent, cst.UnaryOperation) and isinstance(parent.operator, cst.Not):
                return True
            if isinstance(parent, cst.Arg) and parent.keyword is not None:
                if parent.keyword.value in FLAG_PARAMETERS:
                    return True
    return False
