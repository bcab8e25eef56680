"""Drop rates that have the same value in ``__init__`` as at the call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from weakref import WeakKeyDictionary

import libcst as cst

from dropout_lint.fixing.instances.attributes import (
    AttributeUses,
    AttributeWrite,
    is_only_read,
    writes_to,
)
from dropout_lint.fixing.instances.inheritance import related_classes
from dropout_lint.fixing.module_form.numbers import is_number
from dropout_lint.fixing.module_form.refusal import Refusal
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, Write, is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import parameters_of, placed_parameters
from dropout_lint.semantics.syntax.tree import children, tail_of, walk


class ConstructorRate(NamedTuple):
    """A rate as written in ``__init__``, and the attributes that must be set before it."""

    code: str
    needs: tuple[str, ...] = ()


def rate_in_constructor(
    model: SemanticModel, function: FunctionInfo, value: cst.BaseExpression
) -> ConstructorRate:
    """The rate of a call as ``__init__`` would have it.

    Raises `Refusal` where the rate may have another value when the call runs.
    """
    owner = function.owner
    assert owner is not None
    root, attribute = _root(value, function)
    code = model.tree.outer_code(value)
    if isinstance(value, (cst.Integer, cst.Float)):
        return ConstructorRate(code)
    if attribute is not None:
        _check_attribute(model, owner, attribute, value)
        return ConstructorRate(_with_self(owner, function, code), (attribute,))
    if isinstance(root, cst.Name) and root is value and _is_constant(model, function, owner, root):
        return ConstructorRate(code)
    raise Refusal("the rate is known only where the call runs")


def _is_constant(
    model: SemanticModel, function: FunctionInfo, owner: ClassInfo, name: cst.Name
) -> bool:
    """Whether a name is one number, bound at module level before any instance is built."""
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


def _with_self(owner: ClassInfo, function: FunctionInfo, code: str) -> str:
    """The code with the ``self`` of ``__init__`` for that of the function."""
    init = owner.methods.get("__init__")
    first = placed_parameters(init)[:1] if init is not None else []
    if not first or first[0].name.value == function.self_name:
        return code
    assert function.self_name is not None
    return first[0].name.value + code.removeprefix(function.self_name)


def _check_attribute(
    model: SemanticModel, owner: ClassInfo, attribute: str, value: cst.BaseExpression
) -> None:
    """Raise `Refusal` unless ``__init__`` alone sets an attribute, and to a number."""
    writes = owner.find_writes(attribute)
    if not writes:
        raise Refusal(f"`self.{attribute}` is not set in this file")
    related = related_classes(model, owner)
    if any(attribute in info.methods for info in related):
        raise Refusal(f"`self.{attribute}` is a property or a method")
    for place in writes_to(model, related, attribute):
        if place.owner is None or not place.in_constructor:
            raise Refusal(f"`self.{attribute}` is also set outside `__init__`")
    for info in related - set(owner.lineage):
        if attribute in info.writes:
            raise Refusal(f"`{info.name}` sets `self.{attribute}` too")
    direct = isinstance(value, cst.Attribute) and _is_self_attribute(value, attribute)
    for write in writes:
        if write.method is not None and write.value is None:
            raise Refusal(f"`self.{attribute}` is not set by a plain assignment")
        if direct and not is_number(model, write.value, write.method, owner):
            raise Refusal(f"`self.{attribute}` may be no valid rate in `__init__`")
        if write.method is None and not direct:
            raise Refusal(f"`{attribute}` is shared by the instances")
        if not direct and _default_is_none(write):
            raise Refusal(f"`self.{attribute}` may be None")
    if not direct:
        _check_path(model, value, writes)
    last = value.attr.value if isinstance(value, cst.Attribute) else attribute
    plain = all(map(_is_given_as_number, writes)) and not _is_passed_none(model, writes)
    if any(_may_be_none(owner, name, truth=not plain) for name in {attribute, last}):
        raise Refusal(f"`self.{attribute}` may be None")


def _is_self_attribute(value: cst.Attribute, attribute: str) -> bool:
    return value.attr.value == attribute and isinstance(value.value, cst.Name)


def _check_path(model: SemanticModel, value: cst.CSTNode, writes: list[Write]) -> None:
    """Raise `Refusal` if a part of a path may change: of ``self.config.p``, of ``self.ps[0]``."""
    built = any(isinstance(write.value, cst.Call) for write in writes)
    while isinstance(value, (cst.Attribute, cst.Subscript)):
        inner = value.value
        if isinstance(value, cst.Subscript):
            if not isinstance(inner, cst.Attribute) or not is_only_read(model, inner.attr.value):
                raise Refusal("the rate is an item of a container that may change")
        elif isinstance(inner, (cst.Attribute, cst.Subscript)):
            name = value.attr.value
            for place in AttributeUses.of(model).that_may_be(name):
                if _schedules(place, built):
                    raise Refusal(f"`{name}` is also set outside `__init__`")
            if any(name in info.methods for info in model.classes):
                raise Refusal(f"`{name}` may be a property")
        value = inner


def _schedules(place: AttributeWrite, built: bool) -> bool:
    """Whether a write may change a rate of another object while the model is used.

    A configuration that is passed in is complete before. A module, or an object that the class has
    ``built`` itself, may change as long as the model lives.
    """
    if place.owner is None:
        return True
    return not place.in_constructor and (built or place.owner.is_module)


def _default_is_none(write: Write) -> bool:
    """Whether a write sets an attribute to a parameter whose default is None."""
    for parameter in parameters_of(write.method) if write.method is not None else ():
        if isinstance(write.value, cst.Name) and write.value.value == parameter.name.value:
            default = parameter.default
            return isinstance(default, cst.Name) and default.value == "None"
    return False


_TESTED: WeakKeyDictionary[ClassInfo, dict[bool, frozenset[str]]] = WeakKeyDictionary()


def _is_given_as_number(write: Write) -> bool:
    """Whether a write sets an attribute to a parameter that is not said to be None sometimes."""
    for parameter in parameters_of(write.method) if write.method is not None else ():
        if isinstance(write.value, cst.Name) and write.value.value == parameter.name.value:
            said = [n.value for n in walk(parameter) if isinstance(n, cst.Name)]
            return not {"None", "Optional", "Union", "Any"} & set(said)
    return isinstance(write.value, (cst.Integer, cst.Float))


def _is_passed_none(model: SemanticModel, writes: list[Write]) -> bool:
    """Whether the file passes None under the name of a parameter that is stored."""
    stored = {write.value.value for write in writes if isinstance(write.value, cst.Name)}
    return any(
        isinstance(node, cst.Arg)
        and node.keyword is not None
        and node.keyword.value in stored
        and isinstance(node.value, cst.Name)
        and node.value.value == "None"
        for node in walk(model.tree.module)
    )


def _may_be_none(owner: ClassInfo, attribute: str, *, truth: bool) -> bool:
    """Whether a method of the class tests an attribute as if it might be None or absent.

    With ``truth`` a plain ``if self.p:`` counts, which may also ask whether the rate is 0.
    """
    for info in owner.lineage:
        tested = _TESTED.setdefault(info, {})
        if truth not in tested:
            methods = info.methods.values()
            names = (name for each in methods for name in _attributes_tested(each, truth))
            tested[truth] = frozenset(names)
        if attribute in tested[truth]:
            return True
    return False


def _attributes_tested(method: cst.FunctionDef, truth: bool) -> set[str]:
    """The attributes that a method tests as if they might be None, also under other names."""
    held: dict[str, set[str]] = {}  # by a name the attributes that it is assigned
    attributes: set[str] = set()
    names: set[str] = set()
    for node in walk(method.body):
        if isinstance(node, cst.Assign) and isinstance(node.value, cst.Attribute):
            for target in node.targets:
                if isinstance(target.target, cst.Name):
                    held.setdefault(target.target.value, set()).add(node.value.attr.value)
        elif isinstance(node, (cst.If, cst.IfExp, cst.BooleanOperation)):
            test = node if isinstance(node, cst.BooleanOperation) else node.test
            for tested in _tested(test, truth):
                (attributes if isinstance(tested, cst.Attribute) else names).add(tail_of(tested))
    return attributes.union(*(held.get(name, ()) for name in names))


def _tested(node: cst.CSTNode, truth: bool = True) -> Iterator[cst.CSTNode]:
    """The attributes and names in a test like ``if self.p is None:``, or with ``truth`` ``self.p``.

    A number needs no such test.
    """
    if isinstance(node, (cst.Attribute, cst.Name)):
        if truth:
            yield node
    elif isinstance(node, cst.Comparison):
        sides = [node.left, *(target.comparator for target in node.comparisons)]
        if any(isinstance(s, cst.Name) and s.value == "None" for s in sides):
            for side in sides:
                yield from _tested(side)
    elif isinstance(node, (cst.BooleanOperation, cst.UnaryOperation, cst.NamedExpr)):
        for child in children(node):
            yield from _tested(child, truth)
