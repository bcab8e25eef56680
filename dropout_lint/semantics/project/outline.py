"""Another file in outline: what its names stand for and what its classes are made of.

Read with the standard library's `ast`, eight to ten times as fast as libcst, and reduced at once to
a few small tables, so that the outlines of a whole project can be kept.
"""

from __future__ import annotations

import ast
import os
import stat
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dropout_lint.semantics.project.classes import (
    ClassOutline,
    class_outline,
    dotted_name,
    is_name,
    statements,
)

MAX_SIZE = 1_000_000
_KEPT = 4096


@dataclass(frozen=True)
class Meaning:
    """What a name stands for.

    ``kind`` is ``import`` (``name`` is the dotted name, relative ones with their dots), ``alias``
    (``name`` is a dotted expression of the same file), ``class``, ``function`` or ``opaque``.
    """

    kind: str
    name: str = ""
    line: int = 0
    cls: ClassOutline | None = None


@dataclass(frozen=True)
class Outline:
    """The module-level names of a file, each with the meanings it can have.

    ``stars`` are the modules of its star imports, ``exported`` its ``__all__`` where that can be
    read, ``torch`` whether it imports torch.
    """

    names: dict[str, tuple[Meaning, ...]]
    stars: tuple[str, ...] = ()
    exported: frozenset[str] | None = None
    torch: bool = False

    def exports(self, name: str) -> bool:
        """Whether a star import of the file brings the name, provided that the file has it."""
        return not name.startswith("_") if self.exported is None else name in self.exported


def size_of(path: str) -> int | None:
    """The size of a file that can be outlined; None for what is no file, or too large."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_SIZE else None


def outline_of(path: str) -> Outline | None:
    """The outline of a file as it is now; None if it cannot be read or is no Python."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return _outlined(path, status.st_mtime_ns, status.st_size)


@lru_cache(_KEPT)
def _outlined(path: str, changed: int, size: int) -> Outline | None:
    try:
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return outline(ast.parse(file.read()))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def outline(tree: ast.Module) -> Outline:
    """The outline of a parsed file."""
    reader = _Reader()
    for statement, certain in statements(tree.body, True):
        reader.read(statement, certain)
    names = {name: _in_force(met) for name, met in reader.met.items()}
    return Outline(names, tuple(reader.stars), reader.exported, reader.torch)


class _Reader:
    """Collects what the module-level statements of a file bind, in their order."""

    def __init__(self) -> None:
        self.met: dict[str, list[tuple[Meaning | None, bool]]] = {}
        self.stars: list[str] = []
        self.exported: frozenset[str] | None = None
        self.torch = False

    def read(self, node: ast.stmt, certain: bool) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                self._import(alias.asname or top, alias.name if alias.asname else top, certain)
        elif isinstance(node, ast.ImportFrom):
            self._import_from(node, certain)
        elif isinstance(node, ast.ClassDef):
            meaning = Meaning("class", node.name, node.lineno, class_outline(node))
            self._bind(node.name, meaning, certain)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._bind(node.name, Meaning("function", node.name, node.lineno), certain)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self._assign(target, node.value, certain)
        elif isinstance(node, ast.AugAssign) and is_name(node.target, "__all__"):
            more = _strings(node.value)
            known = self.exported is not None and more is not None
            self.exported = self.exported | more if known else None  # type: ignore[operator]
        else:
            for name in _bound(node):
                self._bind(name, Meaning("opaque"), certain)

    def _import(self, name: str, dotted: str, certain: bool) -> None:
        self.torch = self.torch or dotted.partition(".")[0] == "torch"
        self._bind(name, Meaning("import", dotted), certain)

    def _import_from(self, node: ast.ImportFrom, certain: bool) -> None:
        module = "." * node.level + (node.module or "")
        separator = "" if module.endswith(".") else "."
        for alias in node.names:
            if alias.name == "*":
                self.torch = self.torch or module.partition(".")[0] == "torch"
                self.stars.append(module)
            else:
                dotted = module + separator + alias.name
                self._import(alias.asname or alias.name, dotted, certain)

    def _assign(self, target: ast.expr, value: ast.expr | None, certain: bool) -> None:
        """Bind a target; ``value`` is None for what is no plain expression."""
        if is_name(target, "__all__"):
            self.exported = _strings(value)
        elif isinstance(target, ast.Name):
            for branch in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
                self._bind(target.id, _meaning(branch), certain)
                certain = False
        elif isinstance(target, (ast.Tuple, ast.List)):
            values: Sequence[ast.expr | None] = [None] * len(target.elts)
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(values):
                values = value.elts
            for element, part in zip(target.elts, values, strict=True):
                self._assign(element, part, certain)
        elif isinstance(target, ast.Starred):
            self._assign(target.value, None, certain)

    def _bind(self, name: str, meaning: Meaning | None, certain: bool) -> None:
        self.met.setdefault(name, []).append((meaning, certain))


def _meaning(value: ast.expr | None) -> Meaning | None:
    """What an assigned value is; None for `None`, the usual stand-in for a missing import."""
    if isinstance(value, ast.Constant) and value.value is None:
        return None
    dotted = dotted_name(value) if value is not None else None
    return Meaning("alias", dotted) if dotted else Meaning("opaque")


def _in_force(met: list[tuple[Meaning | None, bool]]) -> tuple[Meaning, ...]:
    """The meanings that a name has at the end: of its last certain binding, and of those behind."""
    last = max((i for i, (_, certain) in enumerate(met) if certain), default=0)
    return tuple(dict.fromkeys(meaning for meaning, _ in met[last:] if meaning is not None))


def _bound(node: ast.stmt) -> Iterator[str]:
    """The names that a loop, a ``with``, a ``del`` or ``+=`` binds at its head."""
    heads: list[ast.AST] = []
    if isinstance(node, (ast.For, ast.AsyncFor, ast.AugAssign)):
        heads = [node.target]
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        heads = [item.optional_vars for item in node.items if item.optional_vars is not None]
    elif isinstance(node, ast.Delete):
        heads = [*node.targets]
    for head in heads:
        yield from (n.id for n in ast.walk(head) if isinstance(n, ast.Name))


def _strings(value: ast.expr | None) -> frozenset[str] | None:
    """The strings of a display, or of several added up; None if there is anything else."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        left, right = _strings(value.left), _strings(value.right)
        return left | right if left is not None and right is not None else None
    if not isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        return None
    items = [e.value for e in value.elts if isinstance(e, ast.Constant)]
    found = frozenset(item for item in items if isinstance(item, str))
    return found if len(items) == len(value.elts) else None
