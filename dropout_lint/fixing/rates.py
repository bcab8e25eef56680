"""Which drop rates mean the same in ``__init__`` as where the call stands."""

from __future__ import annotations

import libcst as cst

from dropout_lint.fixing.constructor import Refused
from dropout_lint.semantics.classes import ClassInfo, is_self
from dropout_lint.semantics.model import Model
from dropout_lint.semantics.tree import children, walk
from dropout_lint.semantics.units import Unit


def rate_in_constructor(
    model: Model, unit: Unit, value: cst.BaseExpression
) -> tuple[str, list[str]]:
    """The rate as written in ``__init__``, and the attributes that must be set before it.

    Raises `Refused` where the rate may be another one when the call runs.
    """
    owner = unit.owner
    assert owner is not None
    root, attribute = _root(value, unit)
    code = model.tree.outer_code(value)
    if isinstance(value, (cst.Integer, cst.Float)):
        return code, []
    if attribute is not None:
        _check_attribute(model, owner, attribute, value)
        return _with_self(model, owner, unit, code), [attribute]
    if isinstance(root, cst.Name) and root is value:
        found = model.names.lookup(root.value, unit.scope)
        constant = (
            found is not None
            and found[0].parent is None
            and len(found[0].bindings[root.value]) == 1
            and isinstance(found[1][0].value, (cst.Integer, cst.Float))
        )
        init = owner.methods.get("__init__")
        shadowed = init is not None and root.value in model.names.scopes[id(init)].bindings
        if constant and not shadowed:
            return code, []
    raise Refused("the rate is known only where the call runs")


def _root(value: cst.CSTNode, unit: Unit) -> tuple[cst.CSTNode, str | None]:
    """The root of ``self.a.b[0]`` and the first attribute on ``self`` (None: not on self)."""
    attribute = None
    while True:
        if isinstance(value, cst.Attribute):
            attribute = value.attr.value if is_self(value.value, unit.self_name) else None
            value = value.value
        elif isinstance(value, cst.Subscript) and _constant_index(value):
            value = value.value
        else:
            return value, attribute


def _constant_index(node: cst.Subscript) -> bool:
    return all(
        isinstance(element.slice, cst.Index)
        and isinstance(element.slice.value, (cst.Integer, cst.SimpleString))
        for element in node.slice
    )


def _with_self(model: Model, owner: ClassInfo, unit: Unit, code: str) -> str:
    init = owner.methods.get("__init__")
    first = [*init.params.posonly_params, *init.params.params][:1] if init is not None else []
    if not first or first[0].name.value == unit.self_name:
        return code
    assert unit.self_name is not None
    return first[0].name.value + code.removeprefix(unit.self_name)


def _check_attribute(
    model: Model, owner: ClassInfo, attribute: str, value: cst.BaseExpression
) -> None:
    writes = owner.find_writes(attribute)
    if not writes:
        raise Refused(f"`self.{attribute}` is not set in this file")
    for write in writes:
        if write.method is None:
            continue  # a class-level default
        if write.method.name.value != "__init__" or write.value is None:
            raise Refused(f"`self.{attribute}` is set outside `__init__`")
    own = owner.methods.get("__init__")
    if not any(
        write.method is own or write.method is None for write in owner.writes.get(attribute, ())
    ):
        inherited = [write for write in writes if write.method is not None]
        if not inherited or own is None:
            raise Refused(f"`self.{attribute}` is set by a base class")
    for info in model.classes:
        if owner in info.lineage[1:] and attribute in info.writes:
            raise Refused(f"the subclass `{info.name}` sets `self.{attribute}` too")
    last = value.attr.value if isinstance(value, cst.Attribute) else attribute
    _check_foreign_writes(model, last)
    if _may_be_none(model, owner, attribute):
        raise Refused(f"`self.{attribute}` may be None")


def _check_foreign_writes(model: Model, name: str) -> None:
    """``model.dropout = 0.1`` anywhere in the file: the rate is scheduled."""
    for node in walk(model.tree.module):
        targets: list[cst.CSTNode] = []
        if isinstance(node, cst.AssignTarget | cst.AnnAssign | cst.AugAssign):
            targets = [node.target]
        for target in targets:
            if (
                isinstance(target, cst.Attribute)
                and target.attr.value == name
                and not (isinstance(target.value, cst.Name) and target.value.value == "self")
            ):
                raise Refused(f"`{name}` is also set from outside the class")


def _may_be_none(model: Model, owner: ClassInfo, attribute: str) -> bool:
    """Whether the class treats the attribute as one that may be None or absent."""
    for write in owner.find_writes(attribute):
        if isinstance(write.value, cst.Name):
            if write.value.value == "None" or _default_is_none(write.method, write.value.value):
                return True
    for info in owner.lineage:
        for node in walk(info.node.body):
            if isinstance(node, (cst.If, cst.IfExp)) and _tests(node.test, attribute):
                return True
            if isinstance(node, cst.BooleanOperation) and _tests(node, attribute):
                return True
    return False


def _default_is_none(method: cst.FunctionDef | None, name: str) -> bool:
    if method is None:
        return False
    params = method.params
    for parameter in (*params.posonly_params, *params.params, *params.kwonly_params):
        if parameter.name.value == name:
            default = parameter.default
            return isinstance(default, cst.Name) and default.value == "None"
    return False


def _tests(node: cst.CSTNode, attribute: str) -> bool:
    """``if self.p:``, ``if self.p is None``: a test that a number alone would not need."""
    if isinstance(node, cst.Attribute):
        return node.attr.value == attribute
    if isinstance(node, cst.Comparison):
        identity = isinstance(node.comparisons[0].operator, (cst.Is, cst.IsNot))
        return identity and _tests(node.left, attribute)
    if isinstance(node, (cst.BooleanOperation, cst.UnaryOperation)):
        return any(_tests(child, attribute) for child in children(node))
    return False
