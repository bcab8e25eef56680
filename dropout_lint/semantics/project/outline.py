"""Another file in outline: what its names stand for and what its classes are made of.

Read with the standard library's `ast`, eight to ten times as fast as libcst, and reduced at once to
a few small tables, so that the outlines of a whole project can be kept.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from dropout_lint.semantics.project.ast_reading import (
    assignments,
    dotted_name,
    imported_names,
    is_name,
    statements,
)
from dropout_lint.semantics.project.class_outline import ClassOutline, class_outline
from dropout_lint.semantics.project.modules import FileVersion, version_of

MAX_SIZE = 1_000_000
_KEPT = 4096


@dataclass(frozen=True)
class Meaning:
    """What a name stands for.

    ``kind`` is ``import`` (``name`` is the dotted name, relative ones with their dots), ``alias``
    (``name`` is a dotted expression of the same file), ``class``, ``function`` or ``opaque``.
    ``line`` tells definitions of one name apart.
    """

    kind: Literal["import", "alias", "class", "function", "opaque"]
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


def outline_of(path: str) -> Outline | None:
    """The outline of a file as it is now; None if it cannot be read or is no Python."""
    version = version_of(path)
    return _outlined(path, version) if version is not None else None


@lru_cache(_KEPT)
def _outlined(path: str, version: FileVersion) -> Outline | None:
    try:
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return outline(ast.parse(file.read()))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def outline(tree: ast.Module) -> Outline:
    """The outline of a parsed file."""
    reader = _OutlineReader()
    for statement, certain in statements(tree.body):
        reader.read(statement, certain)
    names = {name: _in_force(bindings) for name, bindings in reader.bindings.items()}
    return Outline(names, tuple(reader.stars), reader.exported, reader.torch)


class _OutlineReader:
    """Collects what the module-level statements of a file bind, in their order."""

    def __init__(self) -> None:
        self.bindings: dict[str, list[tuple[Meaning | None, bool]]] = {}
        self.stars: list[str] = []
        self.exported: frozenset[str] | None = None
        self.torch = False

    def read(self, node: ast.stmt, certain: bool) -> None:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for name, dotted in imported_names(node):
                self.torch = self.torch or dotted.partition(".")[0] == "torch"
                if name == "*":
                    self.stars.append(dotted)
                else:
                    self._bind(name, Meaning("import", dotted), certain)
        elif isinstance(node, ast.ClassDef):
            meaning = Meaning("class", node.name, node.lineno, class_outline(node))
            self._bind(node.name, meaning, certain)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._bind(node.name, Meaning("function", node.name, node.lineno), certain)
        elif isinstance(node, ast.AugAssign) and is_name(node.target, "__all__"):
            more = _strings(node.value)
            known = self.exported is not None and more is not None
            self.exported = self.exported | more if known else None  # type: ignore[operator]
        else:
            for target, value in assignments(node):
                self._assign(target, value, certain)
            for name in _bound(node):
                self._bind(name, Meaning("opaque"), certain)

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
        self.bindings.setdefault(name, []).append((meaning, certain))


def _meaning(value: ast.expr | None) -> Meaning | None:
    """What an assigned value is; None for `None`, the usual stand-in for a missing import."""
    if isinstance(value, ast.Constant) and value.value is None:
        return None
    dotted = dotted_name(value) if value is not None else None
    return Meaning("alias", dotted) if dotted else Meaning("opaque")


def _in_force(bindings: list[tuple[Meaning | None, bool]]) -> tuple[Meaning, ...]:
    """The meanings that a name has at the end: of its last certain binding, and of those behind."""
    last = max((i for i, (_, certain) in enumerate(bindings) if certain), default=0)
    return tuple(dict.fromkeys(meaning for meaning, _ in bindings[last:] if meaning is not None))


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
    strings = frozenset(item for item in items if isinstance(item, str))
    return strings if len(items) == len(value.elts) else None
