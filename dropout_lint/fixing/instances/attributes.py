"""The places of a file that set or delete an attribute, in whatever way."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import ClassVar
from weakref import WeakKeyDictionary

import libcst as cst

from dropout_lint.fixing.instances.computed_names import possible_starts
from dropout_lint.fixing.instances.nodes import (
    assigned,
    innermost_function,
    is_super_call,
    string_of,
)
from dropout_lint.fixing.library_names import CONTAINER_READS, DICT_CHANGES, READING_FUNCTIONS
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.class_body import REGISTERS
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.tree import walk

# Calls that set or delete the attribute named by their first argument.
SETS_ATTRIBUTE_BY_NAME = REGISTERS | {"__delattr__"}
# The nodes that may set an attribute. (They are asked by type: `isinstance` is slow on nodes.)
_WRITING = frozenset(
    {cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.For, cst.CompFor, cst.Del,
     cst.WithItem, cst.Call}
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class AttributeWrite:
    """One place that sets or deletes an attribute.

    ``name`` is None where it is computed at run time. It then starts with one of ``starts``; None
    means that its start is not known. ``owner`` is the class on whose ``self`` it happens, None
    for any other object. ``function`` is the function directly around it, None at module level.
    """

    name: str | None
    node: cst.CSTNode
    owner: ClassInfo | None
    function: cst.FunctionDef | cst.Lambda | None
    starts: frozenset[str] | None = None

    def may_be(self, name: str) -> bool:
        """Whether the attribute may have this name."""
        if self.name is not None or self.starts is None:
            return self.name in (name, None)
        return name.startswith(tuple(self.starts))

    @property
    def in_constructor(self) -> bool:
        """Whether it happens in ``__init__`` itself, not in a function nested in it."""
        return isinstance(self.function, cst.FunctionDef) and self.function.name.value == "__init__"


class AttributeUses:
    """The attribute writes, attribute mentions and deleted names of a file, from one walk."""

    _known: ClassVar[WeakKeyDictionary[SemanticModel, AttributeUses]] = WeakKeyDictionary()

    def __init__(self, model: SemanticModel) -> None:
        self.computed: list[AttributeWrite] = []
        self._computed_on: dict[ClassInfo | None, list[AttributeWrite]] = {}
        self._named: dict[str, list[AttributeWrite]] = {}
        self._names_on: dict[ClassInfo | None, set[str]] = {}
        self._mentions: dict[str, list[cst.Attribute]] = {}
        self._deletions: dict[str, list[cst.CSTNode]] = {}
        for node in walk(model.tree.module):
            if type(node) is cst.Attribute:
                self._mentions.setdefault(node.attr.value, []).append(node)
            elif type(node) in _WRITING:
                for write in _writes(model, node):
                    self._add(write)
            if type(node) is cst.Del:
                for target in assigned(node):
                    if isinstance(target, cst.Name):
                        self._deletions.setdefault(target.value, []).append(target)

    def _add(self, write: AttributeWrite) -> None:
        if write.name is None:
            self.computed.append(write)
            self._computed_on.setdefault(write.owner, []).append(write)
        else:
            self._named.setdefault(write.name, []).append(write)
            self._names_on.setdefault(write.owner, set()).add(write.name)

    @classmethod
    def of(cls, model: SemanticModel) -> AttributeUses:
        """The uses in the file of a model, collected once."""
        if model not in cls._known:
            cls._known[model] = cls(model)
        return cls._known[model]

    def named(self, name: str) -> list[AttributeWrite]:
        """The writes that name an attribute of this name."""
        return self._named.get(name, [])

    def that_may_be(self, name: str) -> list[AttributeWrite]:
        """The writes to what may be an attribute of this name."""
        return [*self.named(name), *(write for write in self.computed if write.may_be(name))]

    def computed_on(self, owner: ClassInfo | None) -> list[AttributeWrite]:
        """The writes under computed names on the ``self`` of a class; None: on other objects."""
        return self._computed_on.get(owner, [])

    def names_on(self, owner: ClassInfo | None) -> Set[str]:
        """The names that are written on the ``self`` of a class; None: on any other object."""
        return self._names_on.get(owner, frozenset())

    def mentions(self, name: str) -> list[cst.Attribute]:
        """Every ``….name`` of the file."""
        return self._mentions.get(name, [])

    def deletions(self, name: str) -> list[cst.CSTNode]:
        """Every ``del name`` of the file."""
        return self._deletions.get(name, [])


def writes_to(model: SemanticModel, related: Set[ClassInfo], name: str) -> list[AttributeWrite]:
    """The places that may set ``name`` on an instance of the related classes."""
    writes = AttributeUses.of(model).that_may_be(name)
    return [write for write in writes if write.owner is None or write.owner in related]


def _writes(model: SemanticModel, node: cst.CSTNode) -> Iterator[AttributeWrite]:
    for target in assigned(node):
        if isinstance(target, cst.Attribute):
            name = None if target.attr.value == "__dict__" else target.attr
            yield _write(model, name, target, target.value)
        elif isinstance(target, cst.Subscript):
            base = _object_of_dict(target.value)
            key = target.slice[0].slice
            if base is not None:
                value = key.value if isinstance(key, cst.Index) else None
                yield _write(model, value, target, base)
    if isinstance(node, cst.Call):
        yield from _writes_of_call(model, node)


def _writes_of_call(model: SemanticModel, node: cst.Call) -> Iterator[AttributeWrite]:
    func, values = node.func, [arg.value for arg in node.args]
    if isinstance(func, cst.Name) and func.value in ("setattr", "delattr") and len(values) > 1:
        yield _write(model, values[1], node, values[0])
    elif isinstance(func, cst.Attribute) and func.attr.value in SETS_ATTRIBUTE_BY_NAME and values:
        on, name = func.value, values[0]
        if len(values) > 1 + (func.attr.value != "__delattr__") and func.attr.value[:2] == "__":
            on, name = values[0], values[1]  # object.__setattr__(self, "p", 0.1)
        yield _write(model, name, node, on)
    elif isinstance(func, cst.Attribute) and func.attr.value in DICT_CHANGES:
        base = _object_of_dict(func.value)
        if base is not None:
            yield _write(model, None, node, base)


def _object_of_dict(node: cst.CSTNode) -> cst.BaseExpression | None:
    """The object of ``x.__dict__`` and ``vars(x)``."""
    if isinstance(node, cst.Attribute) and node.attr.value == "__dict__":
        return node.value
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.args:
        return node.args[0].value if node.func.value == "vars" else None
    return None


def _write(
    model: SemanticModel, name: cst.CSTNode | None, node: cst.CSTNode, base: cst.CSTNode
) -> AttributeWrite:
    """The write at ``node`` to an attribute of ``base``.

    ``name`` is the string that names the attribute, or the attribute's own name.
    """
    function, owner = innermost_function(model.tree, node), owner_of(model, base)
    if isinstance(node, cst.Attribute) and name is node.attr:
        return AttributeWrite(node.attr.value, node, owner, function)
    literal = string_of(name)
    starts = possible_starts(model, name) if literal is None else None
    return AttributeWrite(literal, node, owner, function, starts)


def owner_of(model: SemanticModel, node: cst.CSTNode) -> ClassInfo | None:
    """The class whose instance a ``self`` (or ``super()``) is; None for anything else."""
    function = model.functions.of_scope(model.names.scope_at.get(node))
    if function is None or not (is_super_call(node) or is_self(node, function.self_name)):
        return None
    return function.owner


def is_only_read(model: SemanticModel, name: str) -> bool:
    """Whether the file only reads the container that the attribute holds, and never changes it."""
    return all(_is_read(model, node) for node in AttributeUses.of(model).mentions(name))


def _is_read(model: SemanticModel, node: cst.Attribute) -> bool:
    parent = model.tree.parent(node)
    if isinstance(parent, (cst.AssignTarget, cst.AnnAssign)):
        return parent.target is node
    if isinstance(parent, cst.Subscript):
        above = model.tree.parent(parent)
        return parent.value is node and not (above is not None and parent in assigned(above))
    if isinstance(parent, cst.Attribute):
        return parent.attr.value in CONTAINER_READS
    if isinstance(parent, (cst.For, cst.CompFor)):
        return parent.iter is node
    call = model.tree.parent(parent) if isinstance(parent, cst.Arg) else None
    if isinstance(call, cst.Call) and isinstance(call.func, cst.Name):
        return call.func.value in READING_FUNCTIONS
    return False
