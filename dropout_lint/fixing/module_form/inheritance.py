"""Which constructors run when a class is built: Python's order of bases, as the file shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import libcst as cst

from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self, self_name
from dropout_lint.semantics.syntax.tree import tail_of, walk

Entry = ClassInfo | str | None

# Bases that have no constructor of their own and stand anywhere in the order.
_WITHOUT_CONSTRUCTOR = ("builtins.object", "abc.", "typing.", "typing_extensions.")
# Methods and class attributes that build, copy or restore an instance past its `__init__`.
_MAKERS = frozenset(
    """__new__ __deepcopy__ __copy__ __reduce__ __reduce_ex__ __setstate__ __getstate__""".split()
)


def family(model: SemanticModel, owner: ClassInfo) -> set[ClassInfo]:
    """The class with its bases and subclasses in the file, and theirs: they share one ``self``."""
    found = set(owner.lineage)
    for info in model.classes:
        if found & set(info.lineage):
            found.add(info)
    return found


def heirs(model: SemanticModel, owner: ClassInfo) -> list[ClassInfo]:
    """The classes of the file whose instances run the methods of ``owner``, itself included."""
    return [info for info in model.classes if owner in info.lineage]


def order(info: ClassInfo) -> list[Entry]:
    """The method resolution order (C3), bases of other files as leaves; empty if there is none."""
    sequences: list[list[Entry]] = []
    for base in info.bases:
        above: list[Entry] = order(base) if isinstance(base, ClassInfo) else [base]
        if not above:
            return []
        sequences.append(above)
    sequences.append(list(info.bases))
    found: list[Entry] = [info]
    while any(sequences):
        tails = [entry for sequence in sequences for entry in sequence[1:]]
        head = next((s[0] for s in sequences if s and s[0] not in tails), info)
        if head is info:
            return []
        found.append(head)
        sequences = [[entry for entry in s if entry != head] for s in sequences]
    return found


def constructor_calls(
    info: ClassInfo, init: cst.FunctionDef
) -> Iterator[tuple[cst.SimpleStatementLine, cst.Call, cst.Attribute]]:
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
                yield line, call, call.func


def runs_constructor_of(model: SemanticModel, info: ClassInfo, owner: ClassInfo) -> bool:
    """Whether building ``info`` surely runs the ``__init__`` of ``owner``, had it one."""
    return _passes(model, order(info), 0, lambda entry: entry is owner)


def initialises(model: SemanticModel, owner: ClassInfo, bases: Callable[[Entry], bool]) -> bool:
    """Whether the constructor of ``owner`` surely runs that of a base for which ``bases`` holds."""
    return _passes(model, order(owner), 0, bases)


def is_followed_by(owner: ClassInfo, info: ClassInfo, base: str) -> bool:
    """Whether in ``info`` the constructor next after ``owner`` is that of ``base``."""
    rest = order(info)
    for entry in rest[rest.index(owner) + 1 :] if owner in rest else ():
        if not _has_no_constructor(entry):
            return entry == base
    return False


def _passes(
    model: SemanticModel, line: Sequence[Entry], at: int, wanted: Callable[[Entry], bool]
) -> bool:
    """Whether the constructors called from place ``at`` of an order come to the wanted one."""
    while at < len(line):
        entry = line[at]
        if wanted(entry):
            return True
        if not _has_no_constructor(entry):
            break
        at += 1
    else:
        return False
    if not isinstance(entry, ClassInfo):
        return False  # nobody knows whether it goes on
    init = entry.methods["__init__"]
    for _, _, func in constructor_calls(entry, init):
        if _is_super(func.value):
            after = _after(model, entry, func.value, line)
            if after is not None and _passes(model, line, after, wanted):
                return True
            continue
        scope = model.names.scopes[init]
        named = model.classes.resolve(func.value, scope)
        if named is not None:
            if named is not entry and _passes(model, order(named), 0, wanted):
                return True
        elif any(wanted(name) for name in model.names.qualified(func.value, scope)):
            return True
    return False


def _has_no_constructor(entry: Entry) -> bool:
    if isinstance(entry, ClassInfo):
        return "__init__" not in entry.methods
    return entry is not None and entry.startswith(_WITHOUT_CONSTRUCTOR)


def _is_super(node: cst.BaseExpression) -> bool:
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and node.func.value == "super"
    )


def _after(
    model: SemanticModel, entry: ClassInfo, node: cst.BaseExpression, line: Sequence[Entry]
) -> int | None:
    """The place at which ``super()`` or ``super(X, self)`` goes on."""
    start: ClassInfo | None = entry
    if isinstance(node, cst.Call) and node.args and isinstance(node.args[0].value, cst.Name):
        start = model.classes.resolve(node.args[0].value, entry.scope)
    return line.index(start) + 1 if start is not None and start in line else None


def made_otherwise(model: SemanticModel, owner: ClassInfo) -> str | None:
    """How the file makes or copies instances without their ``__init__``; None if it does not."""
    kin = family(model, owner)
    for info in kin:
        for name in _MAKERS & (info.methods.keys() | info.writes.keys()):
            return f"`{info.name}` has a `{name}` of its own"
        if "__init__" in info.writes:
            return f"`{info.name}` is given its `__init__` by assignment"
        if any(arg.keyword is not None and not _is_abc(arg) for arg in info.node.keywords):
            return f"`{info.name}` has a metaclass or class arguments"
    for node, scope in model.names.mentions:
        if isinstance(node, cst.Attribute) and node.attr.value in ("__init__", "__new__"):
            parent = model.tree.parent(node)
            if node.attr.value == "__init__" and isinstance(parent, cst.Call):
                continue
            around: cst.CSTNode = node if parent is None else parent
            names = [below for below in walk(around) if isinstance(below, cst.Name)]
            function = model.functions.of_scope(scope)
            mine = function is not None and function.owner in kin
            if mine or any(model.classes.resolve(name, scope) in kin for name in names):
                return f"the file uses `{node.attr.value}` of the class itself"
    return None


def _is_abc(arg: cst.Arg) -> bool:
    return tail_of(arg.value) == "ABCMeta"
