"""Which drop rates mean the same in ``__init__`` as where the call stands."""

from __future__ import annotations

import libcst as cst

from dropout_lint.fixing.module_form.attributes import Touch, is_only_read, targets_in, touches_of
from dropout_lint.fixing.module_form.inheritance import family
from dropout_lint.fixing.module_form.numbers import is_number
from dropout_lint.fixing.module_form.refusal import Refused
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, Write, is_self, self_name
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import parameters_of, placed_parameters
from dropout_lint.semantics.syntax.tree import children, walk


def rate_in_constructor(
    model: SemanticModel, function: FunctionInfo, value: cst.BaseExpression
) -> tuple[str, list[str]]:
    """The rate as written in ``__init__``, and the attributes that must be set before it.

    Raises `Refused` where the rate may be another one when the call runs.
    """
    owner = function.owner
    assert owner is not None
    root, attribute = _root(value, function)
    code = model.tree.outer_code(value)
    if isinstance(value, (cst.Integer, cst.Float)):
        return code, []
    if attribute is not None:
        _check_attribute(model, owner, attribute, value)
        return _with_self(model, owner, function, code), [attribute]
    if isinstance(root, cst.Name) and root is value and _is_constant(model, function, owner, root):
        return code, []
    raise Refused("the rate is known only where the call runs")


def _is_constant(
    model: SemanticModel, function: FunctionInfo, owner: ClassInfo, name: cst.Name
) -> bool:
    """Whether a name stands for one number, bound at module level before any instance is built."""
    found = model.names.lookup(name.value, function.scope)
    if found is None or found[0].parent is not None or len(found[0].bindings[name.value]) != 1:
        return False
    init = owner.methods.get("__init__")
    if init is not None and name.value in model.names.scopes[init].bindings:
        return False
    bound = found[1][0]
    return (
        bound.certain
        and isinstance(bound.value, (cst.Integer, cst.Float))
        and model.tree.span(bound.value)[0] < model.tree.span(owner.node)[0]
    )


def _root(value: cst.CSTNode, function: FunctionInfo) -> tuple[cst.CSTNode, str | None]:
    """The root of ``self.a.b[0]`` and the first attribute on ``self`` (None: not on self)."""
    attribute = None
    while True:
        if isinstance(value, cst.Attribute):
            attribute = value.attr.value if is_self(value.value, function.self_name) else None
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


def _with_self(model: SemanticModel, owner: ClassInfo, function: FunctionInfo, code: str) -> str:
    init = owner.methods.get("__init__")
    first = placed_parameters(init)[:1] if init is not None else []
    if not first or first[0].name.value == function.self_name:
        return code
    assert function.self_name is not None
    return first[0].name.value + code.removeprefix(function.self_name)


def _check_attribute(
    model: SemanticModel, owner: ClassInfo, attribute: str, value: cst.BaseExpression
) -> None:
    writes = owner.find_writes(attribute)
    if not writes:
        raise Refused(f"`self.{attribute}` is not set in this file")
    kin = family(model, owner)
    if any(attribute in info.methods for info in kin):
        raise Refused(f"`self.{attribute}` is a property or a method")
    for touch in touches_of(model, kin, attribute):
        if touch.owner is None or not touch.in_constructor:
            raise Refused(f"`self.{attribute}` is also set outside `__init__`")
    for info in kin - set(owner.lineage):
        if attribute in info.writes:
            raise Refused(f"`{info.name}` sets `self.{attribute}` too")
    direct = isinstance(value, cst.Attribute) and is_self_attribute(value, attribute)
    for write in writes:
        if write.method is not None and write.value is None:
            raise Refused(f"`self.{attribute}` is not set by a plain assignment")
        if direct and not is_number(model, write.value, write.method, owner):
            raise Refused(f"`self.{attribute}` may be no valid rate in `__init__`")
        if write.method is None and not direct:
            raise Refused(f"`{attribute}` is shared by the instances")
        if not direct and _default_is_none(write):
            raise Refused(f"`self.{attribute}` may be None")
    if not direct:
        _check_path(model, value, writes)
    last = value.attr.value if isinstance(value, cst.Attribute) else attribute
    if _may_be_none(owner, attribute) or _may_be_none(owner, last):
        raise Refused(f"`self.{attribute}` may be None")


def is_self_attribute(value: cst.Attribute, attribute: str) -> bool:
    return value.attr.value == attribute and isinstance(value.value, cst.Name)


def _check_path(model: SemanticModel, value: cst.CSTNode, writes: list[Write]) -> None:
    """``self.config.p``, ``self.ps[0]``: nobody may change what lies along the way."""
    built = any(isinstance(write.value, cst.Call) for write in writes)
    while isinstance(value, (cst.Attribute, cst.Subscript)):
        inner = value.value
        if isinstance(value, cst.Subscript):
            if not isinstance(inner, cst.Attribute) or not is_only_read(model, inner.attr.value):
                raise Refused("the rate is an item of a container that may change")
        elif isinstance(inner, (cst.Attribute, cst.Subscript)):
            name = value.attr.value
            for touch in targets_in(model):
                if touch.may_be(name) and _schedules(touch, built):
                    raise Refused(f"`{name}` is also set outside `__init__`")
            if any(name in info.methods for info in model.classes):
                raise Refused(f"`{name}` may be a property")
        value = inner


def _schedules(touch: Touch, built: bool) -> bool:
    """Whether a place may change a rate kept on another object while the model is used.

    A configuration that is handed in fills itself before; a module, or an object that the class
    has ``built`` for itself, goes on living with it.
    """
    if touch.owner is None:
        return True
    return not touch.in_constructor and (built or touch.owner.is_module)


def _default_is_none(write: Write) -> bool:
    for parameter in parameters_of(write.method) if write.method is not None else ():
        if isinstance(write.value, cst.Name) and write.value.value == parameter.name.value:
            default = parameter.default
            return isinstance(default, cst.Name) and default.value == "None"
    return False


def _may_be_none(owner: ClassInfo, attribute: str) -> bool:
    """Whether the class treats the rate as one that may be None or absent."""
    for info in owner.lineage:
        for method in info.methods.values():
            own = self_name(method)
            names = {
                target.target.value
                for node in walk(method.body)
                if isinstance(node, cst.Assign) and _is_attribute(node.value, attribute, own)
                for target in node.targets
                if isinstance(target.target, cst.Name)
            }
            for node in walk(method.body):
                test = node.test if isinstance(node, (cst.If, cst.IfExp)) else node
                if isinstance(node, (cst.If, cst.IfExp, cst.BooleanOperation)):
                    if _tests(test, attribute, names):
                        return True
    return False


def _is_attribute(node: cst.CSTNode, attribute: str, own: str | None) -> bool:
    return isinstance(node, cst.Attribute) and node.attr.value == attribute


def _tests(node: cst.CSTNode, attribute: str, names: set[str]) -> bool:
    """``if self.p:``, ``if self.p is None``: a test that a number alone would not need."""
    if isinstance(node, cst.Attribute):
        return node.attr.value == attribute
    if isinstance(node, cst.Name):
        return node.value in names
    if isinstance(node, cst.Comparison):
        sides = [node.left, *(target.comparator for target in node.comparisons)]
        with_none = any(isinstance(s, cst.Name) and s.value == "None" for s in sides)
        return with_none and any(_tests(side, attribute, names) for side in sides)
    if isinstance(node, (cst.BooleanOperation, cst.UnaryOperation, cst.NamedExpr)):
        return any(_tests(child, attribute, names) for child in children(node))
    return False
