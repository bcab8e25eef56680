"""Related classes of a file, and the constructors that run when one of them is built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import libcst as cst

from dropout_lint.fixing.instances.nodes import is_super_call
from dropout_lint.fixing.library_names import BASES_WITHOUT_CONSTRUCTOR, BUILDS_PAST_INIT
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, MroEntry, is_self, self_name
from dropout_lint.semantics.syntax.tree import tail_of, walk


class ConstructorCall(NamedTuple):
    """A statement of ``__init__`` that calls the ``__init__`` of ``receiver``."""

    line: cst.SimpleStatementLine
    receiver: cst.BaseExpression


def related_classes(model: SemanticModel, owner: ClassInfo) -> frozenset[ClassInfo]:
    """The class with its bases and subclasses in the file, and theirs: they share one ``self``."""
    return model.classes.related_to(owner)


def and_subclasses(owner: ClassInfo) -> list[ClassInfo]:
    """The classes of the file whose instances run the methods of ``owner``, itself included."""
    return [owner, *owner.derived]


def is_base_or_subclass(one: ClassInfo | None, other: ClassInfo | None) -> bool:
    """Whether one of two classes derives from the other, or they are the same."""
    if one is None or other is None:
        return False
    return one.descends_from(other) or other.descends_from(one)


def constructor_calls(init: cst.FunctionDef) -> Iterator[ConstructorCall]:
    """The statements of ``__init__`` that surely call another class's ``__init__`` for self."""
    if not isinstance(init.body, cst.IndentedBlock):
        return
    for line in init.body.body:
        for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            call = statement.value if isinstance(statement, cst.Expr) else None
            if (
                isinstance(line, cst.SimpleStatementLine)
                and isinstance(call, cst.Call)
                and isinstance(call.func, cst.Attribute)
                and call.func.attr.value == "__init__"
                and not is_self(call.func.value, self_name(init))
            ):
                yield ConstructorCall(line, call.func.value)


def runs_constructor_of(model: SemanticModel, info: ClassInfo, owner: ClassInfo) -> bool:
    """Whether building ``info`` surely runs the ``__init__`` of ``owner``, had it one."""
    return _passes(model, info.resolution_order, 0, lambda entry: entry is owner)


def initialises(model: SemanticModel, owner: ClassInfo, bases: Callable[[MroEntry], bool]) -> bool:
    """Whether the constructor of ``owner`` surely runs that of a base for which ``bases`` holds."""
    return _passes(model, owner.resolution_order, 0, bases)


def is_followed_by(owner: ClassInfo, info: ClassInfo, base: str) -> bool:
    """Whether the next constructor after that of ``owner`` is that of ``base`` in ``info``."""
    order = info.resolution_order
    for entry in order[order.index(owner) + 1 :] if owner in order else ():
        if not _has_no_constructor(entry):
            return entry == base
    return False


def _passes(
    model: SemanticModel,
    order: Sequence[MroEntry],
    at: int,
    wanted: Callable[[MroEntry], bool],
    tried: set[tuple[MroEntry, int]] | None = None,
) -> bool:
    """Whether the constructors called from position ``at`` of an order reach the wanted one.

    ``tried`` are the first entries of orders and the positions that do not, or are being tried.
    """
    tried = set() if tried is None else tried
    start = (order[0] if order else None, at)
    if start in tried:
        return False
    tried.add(start)
    while at < len(order):
        entry = order[at]
        if wanted(entry):
            return True
        if not _has_no_constructor(entry):
            break
        at += 1
    else:
        return False
    if not isinstance(entry, ClassInfo):
        return False  # whether it calls the next one is not known
    init = entry.methods["__init__"]
    for _, receiver in constructor_calls(init):
        if is_super_call(receiver):
            after = _after(model, entry, receiver, order)
            if after is not None and _passes(model, order, after, wanted, tried):
                return True
            continue
        scope = model.names.scopes[init]
        named = model.classes.resolve(receiver, scope)
        if named is not None:
            above = named.resolution_order
            if named is not entry and _passes(model, above, 0, wanted, tried):
                return True
        elif any(wanted(name) for name in model.names.qualified(receiver, scope)):
            return True
    return False


def _has_no_constructor(entry: MroEntry) -> bool:
    if isinstance(entry, ClassInfo):
        return "__init__" not in entry.methods
    return entry is not None and entry.startswith(BASES_WITHOUT_CONSTRUCTOR)


def _after(
    model: SemanticModel, entry: ClassInfo, node: cst.BaseExpression, order: Sequence[MroEntry]
) -> int | None:
    """The position in the order of what ``super()`` or ``super(X, self)`` stands for."""
    start: ClassInfo | None = entry
    if isinstance(node, cst.Call) and node.args and isinstance(node.args[0].value, cst.Name):
        if node.args[0].value.value != "__class__":
            start = model.classes.resolve(node.args[0].value, entry.scope)
    return order.index(start) + 1 if start is not None and start in order else None


def built_past_init(model: SemanticModel, owner: ClassInfo) -> str | None:
    """How the file makes or copies instances without their ``__init__``; None if it does not."""
    related = related_classes(model, owner)
    for info in related:
        for name in BUILDS_PAST_INIT & (info.methods.keys() | info.writes.keys()):
            return f"`{info.name}` has a `{name}` of its own"
        if "__init__" in info.writes:
            return f"`{info.name}` is given its `__init__` by assignment"
        if any(arg.keyword is not None and not _is_abc(arg) for arg in info.node.keywords):
            return f"`{info.name}` has a metaclass or class arguments"
    for name, classes in _constructors_used(model):
        if not classes.isdisjoint(related):
            return f"the file uses `{name}` of the class itself"
    return None


_USED: WeakKeyDictionary[SemanticModel, list[tuple[str, set[ClassInfo]]]] = WeakKeyDictionary()


def _constructors_used(model: SemanticModel) -> list[tuple[str, set[ClassInfo]]]:
    """The uses of ``__new__``, and of ``__init__`` but by calls, with the classes there."""
    if model not in _USED:
        used = _USED[model] = []
        for node, scope in (
            *model.names.mentions_of("__init__"),
            *model.names.mentions_of("__new__"),
        ):
            parent = model.tree.parent(node)
            if not isinstance(node, cst.Attribute):
                continue
            if node.attr.value == "__init__" and isinstance(parent, cst.Call):
                continue
            around: cst.CSTNode = node if parent is None else parent
            names = [below for below in walk(around) if isinstance(below, cst.Name)]
            found = {model.classes.resolve(name, scope) for name in names}
            function = model.functions.of_scope(scope)
            found.add(function.owner if function is not None else None)
            used.append((node.attr.value, {info for info in found if info is not None}))
    return _USED[model]


def _is_abc(arg: cst.Arg) -> bool:
    return tail_of(arg.value) == "ABCMeta"
