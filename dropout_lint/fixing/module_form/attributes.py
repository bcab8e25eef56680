"""Who sets an attribute, anywhere in the file and in whatever way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar
from weakref import WeakKeyDictionary

import libcst as cst

from dropout_lint.fixing.module_form.computed_names import beginnings
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import children, walk

# Calls that set the attribute named by their first argument (for `setattr`: by their second).
_BY_NAME = frozenset(
    """__setattr__ __delattr__ register_buffer register_parameter register_module
    add_module""".split()
)
_CHANGES_DICT = frozenset("update setdefault pop popitem clear __setitem__ __ior__".split())
# Targets are in these; asked by type, for `isinstance` is slow on nodes.
_TOUCHING = frozenset(
    {cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.For, cst.CompFor, cst.Del,
     cst.WithItem, cst.Call}
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Touch:
    """One place that sets or deletes an attribute.

    ``name`` is None where it is known at run time only; it surely begins with one of ``beginnings``
    (None: nobody knows). ``owner`` is the class on whose ``self`` it happens, None for any other
    object; ``function`` is the function directly around it.
    """

    name: str | None
    node: cst.CSTNode
    owner: ClassInfo | None
    function: cst.CSTNode
    beginnings: frozenset[str] | None = None

    def may_be(self, name: str) -> bool:
        """Whether it may be the attribute of this name."""
        if self.name is not None or self.beginnings is None:
            return self.name in (name, None)
        return name.startswith(tuple(self.beginnings))

    @property
    def in_constructor(self) -> bool:
        """Whether ``__init__`` itself does it, not a function that it leaves behind."""
        return isinstance(self.function, cst.FunctionDef) and self.function.name.value == "__init__"


class Index:
    """What a file does with attributes, and the names that it deletes: one walk for all."""

    _known: ClassVar[WeakKeyDictionary[SemanticModel, Index]] = WeakKeyDictionary()

    def __init__(self, model: SemanticModel) -> None:
        self.touches: list[Touch] = []
        self._attributes: dict[str, list[cst.Attribute]] = {}
        self._deletions: dict[str, list[cst.CSTNode]] = {}
        for node in walk(model.tree.module):
            if type(node) is cst.Attribute:
                self._attributes.setdefault(node.attr.value, []).append(node)
            elif type(node) in _TOUCHING:
                self.touches += _touches(model, node)
            if type(node) is cst.Del:
                for part in assigned(node):
                    if isinstance(part, cst.Name):
                        self._deletions.setdefault(part.value, []).append(part)

    @classmethod
    def of(cls, model: SemanticModel) -> Index:
        if model not in cls._known:
            cls._known[model] = cls(model)
        return cls._known[model]

    def attributes(self, name: str) -> list[cst.Attribute]:
        """Every place that mentions ``….name``."""
        return self._attributes.get(name, [])

    def deletions(self, name: str) -> list[cst.CSTNode]:
        """Every ``del name``."""
        return self._deletions.get(name, [])


def targets_in(model: SemanticModel) -> list[Touch]:
    """Every place of the file that sets or deletes an attribute."""
    return Index.of(model).touches


def touches_of(model: SemanticModel, kin: set[ClassInfo], name: str) -> list[Touch]:
    """The places that may set ``name`` on an instance of ``kin``."""
    return [
        touch
        for touch in targets_in(model)
        if touch.may_be(name) and (touch.owner is None or touch.owner in kin)
    ]


def parts(target: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The single targets of an assignment target: ``a, (b, *c)`` has three."""
    if isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from parts(element.value)
    else:
        yield target


def assigned(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """What a statement or clause assigns or deletes, taken apart."""
    if isinstance(
        node, (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.For, cst.CompFor, cst.Del)
    ):
        yield from parts(node.target)
    elif isinstance(node, cst.WithItem) and node.asname is not None:
        yield from parts(node.asname.name)


def _touches(model: SemanticModel, node: cst.CSTNode) -> Iterator[Touch]:
    for target in assigned(node):
        if isinstance(target, cst.Attribute):
            name = None if target.attr.value == "__dict__" else target.attr
            yield _touch(model, name, target, target.value)
        elif isinstance(target, cst.Subscript):
            base = _of_dict(target.value)
            key = target.slice[0].slice
            if base is not None:
                value = key.value if isinstance(key, cst.Index) else None
                yield _touch(model, value, target, base)
    if isinstance(node, cst.Call):
        yield from _in_call(model, node)


def _in_call(model: SemanticModel, node: cst.Call) -> Iterator[Touch]:
    func, values = node.func, [arg.value for arg in node.args]
    if isinstance(func, cst.Name) and func.value in ("setattr", "delattr") and len(values) > 1:
        yield _touch(model, values[1], node, values[0])
    elif isinstance(func, cst.Attribute) and func.attr.value in _BY_NAME and values:
        on, name = func.value, values[0]
        if len(values) > 1 + (func.attr.value != "__delattr__") and func.attr.value[:2] == "__":
            on, name = values[0], values[1]  # object.__setattr__(self, "p", 0.1)
        yield _touch(model, name, node, on)
    elif isinstance(func, cst.Attribute) and func.attr.value in _CHANGES_DICT:
        base = _of_dict(func.value)
        if base is not None:
            yield _touch(model, None, node, base)


def _of_dict(node: cst.CSTNode) -> cst.BaseExpression | None:
    """The object behind ``x.__dict__`` and ``vars(x)``."""
    if isinstance(node, cst.Attribute) and node.attr.value == "__dict__":
        return node.value
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.args:
        return node.args[0].value if node.func.value == "vars" else None
    return None


def _literal(node: cst.CSTNode | None) -> str | None:
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None


def _touch(
    model: SemanticModel, name: cst.CSTNode | None, node: cst.CSTNode, base: cst.CSTNode
) -> Touch:
    """``name`` is the text that names the attribute, or the attribute as it is spelled."""
    function: cst.CSTNode = model.tree.module
    for above in model.tree.ancestors(node):
        if isinstance(above, (cst.FunctionDef, cst.Lambda)):
            function = above
            break
    owner = owner_of(model, base)
    if isinstance(node, cst.Attribute) and name is node.attr:
        return Touch(node.attr.value, node, owner, function)
    literal = _literal(name)
    begins = beginnings(model, name) if literal is None else None
    return Touch(literal, node, owner, function, begins)


def owner_of(model: SemanticModel, node: cst.CSTNode) -> ClassInfo | None:
    """The class whose instance a ``self`` (or ``super()``) is; None for anything else."""
    is_super = (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and node.func.value == "super"
    )
    scope: Scope | None = model.names.scope_at.get(node)
    function = model.functions.of_scope(scope)
    if function is None or not (is_super or is_self(node, function.self_name)):
        return None
    return function.owner


def is_only_read(model: SemanticModel, name: str) -> bool:
    """Whether every container kept under the attribute is only looked into, never changed."""
    return all(_looks_into(model, node) for node in Index.of(model).attributes(name))


def _looks_into(model: SemanticModel, node: cst.Attribute) -> bool:
    parent = model.tree.parent(node)
    if isinstance(parent, (cst.AssignTarget, cst.AnnAssign)):
        return parent.target is node
    if isinstance(parent, cst.Subscript):
        above = model.tree.parent(parent)
        return parent.value is node and not (above is not None and parent in assigned(above))
    if isinstance(parent, cst.Attribute):
        return parent.attr.value in ("get", "items", "keys", "values", "index", "count")
    if isinstance(parent, (cst.For, cst.CompFor)):
        return parent.iter is node
    call = model.tree.parent(parent) if isinstance(parent, cst.Arg) else None
    if isinstance(call, cst.Call) and isinstance(call.func, cst.Name):
        return call.func.value in ("len", "enumerate", "zip", "sum", "min", "max", "list", "tuple")
    return False


def own_nodes(function: cst.FunctionDef) -> Iterator[cst.CSTNode]:
    """A function's nodes but those of functions and classes nested in it."""
    stack: list[cst.CSTNode] = [function.body]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Lambda)):
            stack.extend(children(node))
