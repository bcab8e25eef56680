"""Plain containers of modules kept on ``self``: what is put into them, and whether that drops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import libcst as cst

from dropout_lint.python_names import GROWING_METHODS
from dropout_lint.semantics.facts.dropping import builds_dropout, has_imported_layer
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.class_body import BUILDING_METHODS
from dropout_lint.semantics.syntax.classes import ClassInfo, Write, is_self, self_name
from dropout_lint.semantics.syntax.names import Scope

Kind: TypeAlias = Literal["list", "tuple", "dict"]

# Calls that read a container and register nothing of it.
_LOOKS = ("len", "print", "range")


@dataclass(eq=False)
class Contents:
    """A container attribute: its first write, and the expressions whose values it comes to hold.

    ``escapes`` says that its elements may be registered elsewhere (``nn.Sequential(*self.xs)``,
    ``self.add_module(…)``, ``setattr``).
    """

    kind: Kind
    write: Write
    elements: list[tuple[cst.BaseExpression, Scope]] = field(default_factory=list)
    escapes: bool = False


def contents_of(
    model: SemanticModel, info: ClassInfo, name: str, writes: list[Write]
) -> Contents | None:
    """What ``self.name`` holds, if every write gives it a plain container."""
    reader: _ContentsReader | None = None
    for write in writes:
        assert write.value is not None and write.method is not None
        scope = model.names.scopes[write.method]
        display = _display(model, write.value, scope)
        kind = kind_of(display) if display is not None else None
        if kind is None or display is None:
            return None
        reader = reader or _ContentsReader(model, Contents(kind, write))
        reader.add(display, scope)
        if isinstance(write.value, cst.Name):
            reader.read_local(write.value, write.method, scope)
    if reader is None:
        return None
    for method in info.methods.values():
        reader.read_attribute(method, name)
    return reader.contents


def drops(model: SemanticModel, contents: Contents) -> bool:
    """Whether some element is a module that drops in train mode and is nobody else's child."""
    return any(
        builds_dropout(model, element, scope) or has_imported_layer(model, element, scope)
        for element, scope in contents.elements
    )


class _ContentsReader:
    """Collects what is put into one container, from the uses of the names it has."""

    def __init__(self, model: SemanticModel, contents: Contents) -> None:
        self._model = model
        self.contents = contents

    def add(self, display: cst.BaseExpression, scope: Scope) -> None:
        """Add the elements of a display."""
        self.contents.elements += [(element, scope) for element in _elements(display)]

    def read_local(self, stored: cst.Name, method: cst.FunctionDef, scope: Scope) -> None:
        """Read the uses of the local variable that becomes the attribute."""
        for node in self._model.functions.places.names(stored.value, method.body):
            if node is not stored:
                if not (self._is_target(node) or self._grows(node, scope)):
                    self.contents.escapes = True

    def read_attribute(self, method: cst.FunctionDef, name: str) -> None:
        """Read the uses of the attribute in a method."""
        own, scope = self_name(method), self._model.names.scopes[method]
        if own is None:
            return
        for node in self._model.functions.places.attributes(name, method.body):
            if not is_self(node.value, own) or self._is_target(node):
                continue
            if node is self.contents.write.target or self._grows(node, scope):
                continue
            if self._serves_building(method) and not self._is_only_read(node):
                self.contents.escapes = True

    def _serves_building(self, method: cst.FunctionDef) -> bool:
        function = self._model.functions.by_node.get(method)
        return method.name.value in BUILDING_METHODS or (
            function is not None and self._model.functions.serves_building(function)
        )

    def _is_target(self, node: cst.CSTNode) -> bool:
        return isinstance(self._model.tree.parent(node), (cst.AssignTarget, cst.AnnAssign))

    def _is_only_read(self, node: cst.CSTNode) -> bool:
        """Whether a use registers nothing: ``len(self.xs)``."""
        parent = self._model.tree.parent(node)
        call = self._model.tree.parent(parent) if isinstance(parent, cst.Arg) else None
        func = call.func if isinstance(call, cst.Call) else None
        return isinstance(func, cst.Name) and func.value in _LOOKS

    def _grows(self, node: cst.CSTNode, scope: Scope) -> bool:
        """Whether a use only adds elements; if so they are noted."""
        tree = self._model.tree
        parent = tree.parent(node)
        above = tree.parent(parent) if parent is not None else None
        if isinstance(parent, cst.AugAssign) and parent.target is node:
            self.add(parent.value, scope)
            return True
        if isinstance(parent, cst.Attribute) and parent.attr.value in GROWING_METHODS:
            if isinstance(above, cst.Call) and above.func is parent:
                for arg in above.args:
                    inner = list(_elements(arg.value)) if kind_of(arg.value) else [arg.value]
                    self.contents.elements += [(element, scope) for element in inner]
                return True
        is_item = isinstance(parent, cst.Subscript) and parent.value is node
        if is_item and isinstance(above, cst.AssignTarget):
            statement = tree.parent(above)
            assert isinstance(statement, cst.Assign)
            self.contents.elements.append((statement.value, scope))
            return True
        return False


def _display(
    model: SemanticModel, value: cst.BaseExpression, scope: Scope
) -> cst.BaseExpression | None:
    """The expression behind a value: that of a local variable that is bound once, or the value."""
    if not isinstance(value, cst.Name):
        return value
    bound = model.names.lookup(value.value, scope)
    if bound is None or bound[0] is not scope or len(scope.bindings[value.value]) != 1:
        return None
    return bound[1][0].value


def kind_of(value: cst.BaseExpression) -> Kind | None:
    """The kind of container that an expression makes, if it makes a plain one."""
    if isinstance(value, (cst.List, cst.ListComp)):
        return "list"
    if isinstance(value, cst.Tuple):
        return "tuple"
    if isinstance(value, (cst.Dict, cst.DictComp)):
        return "dict"
    if isinstance(value, cst.BinaryOperation):
        joins = isinstance(value.operator, (cst.Multiply, cst.Add))
        return kind_of(value.left) or kind_of(value.right) if joins else None
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Name) and len(value.args) <= 1:
        return _CONSTRUCTORS.get(value.func.value)
    return None


_CONSTRUCTORS: dict[str, Kind] = {"list": "list", "tuple": "tuple", "dict": "dict"}


def _elements(value: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The expressions whose values a container holds."""
    if isinstance(value, (cst.List, cst.Tuple, cst.Dict)):
        yield from (element.value for element in value.elements)
    elif isinstance(value, (cst.ListComp, cst.GeneratorExp)):
        yield value.elt
    elif isinstance(value, cst.DictComp):
        yield value.value
    elif isinstance(value, cst.BinaryOperation):
        yield from _elements(value.left)
        yield from _elements(value.right)
    elif isinstance(value, cst.Call):
        for arg in value.args:
            yield from _elements(arg.value)
