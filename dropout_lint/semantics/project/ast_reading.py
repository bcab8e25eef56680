"""Reading of `ast` trees: dotted names, imports, and the statements of a module."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence


def is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def dotted_name(node: ast.AST) -> str | None:
    """``a.b.c`` as text; None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])


def imported_names(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """The names that an import binds, each with its dotted name; a star with its module.

    Relative imports keep their dots.
    """
    if isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            yield alias.asname or top, alias.name if alias.asname else top
        return
    module = "." * node.level + (node.module or "")
    separator = "" if module.endswith(".") else "."
    for alias in node.names:
        if alias.name == "*":
            yield "*", module
        else:
            yield alias.asname or alias.name, module + separator + alias.name


def assignments(node: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The targets of an assignment with a value, each with that value."""
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield target, node.value


def statements(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements that run when the body does, and whether each surely does."""
    stack = [(node, True) for node in reversed(body)]
    while stack:
        node, certain = stack.pop()
        yield node, certain
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        inner = certain and isinstance(node, (ast.With, ast.AsyncWith))
        nested = [s for part in ast.iter_child_nodes(node) for s in _statements_in(part)]
        stack.extend((s, inner) for s in reversed(nested))


def _statements_in(part: ast.AST) -> list[ast.stmt]:
    if isinstance(part, ast.stmt):
        return [part]
    return part.body if isinstance(part, (ast.ExceptHandler, ast.match_case)) else []
