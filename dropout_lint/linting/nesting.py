"""Whether a file is too large or nested too deeply for libcst's parser."""

from __future__ import annotations

import ast
import re

from dropout_lint.files.source import Source

_BRACKETS = re.compile(rb"[(\[{]|[)\]}]")
# The limits within which libcst 1.9 parses a file in a few seconds: levels of the tree; nested
# brackets in a pattern, each of which multiplies the time by two to four; operands of an `and`, of
# which a million are a SIGSEGV.
_MAX_DEPTH = 1000
# Nodes of `ast`; libcst takes some 3 kB for each. The largest real file over 250 kB has 36,113.
MOST_NODES = 500_000
_MAX_BRACKETS = 8
_MAX_OPERANDS = 10_000


def has_too_many_nodes(tree: ast.Module) -> bool:
    """Whether the tree of libcst would take more than about 1.5 GB of memory."""
    return any(at >= MOST_NODES for at, _ in enumerate(ast.walk(tree)))


def is_too_deep(tree: ast.Module, source: Source, levels: int = _MAX_DEPTH) -> bool:
    """Whether libcst's parser would crash on the file or not end in a reasonable time.

    `ast` refuses most of these files itself, but its limits depend on the version of Python.
    """
    level: list[ast.AST] = [tree]
    depth = 0
    while level and depth <= levels:
        depth += 1
        below: list[object] = []
        for node in level:
            if isinstance(node, ast.BoolOp) and len(node.values) > _MAX_OPERANDS:
                return True
            if isinstance(node, ast.Match) and _has_deep_pattern(node, source):
                return True
            for name in node._fields:  # pyflakes sets further attributes, such as the parent
                value = getattr(node, name, None)
                if isinstance(value, list):
                    below += value
                else:
                    below.append(value)
        level = [node for node in below if isinstance(node, ast.AST)]
    return depth > levels


def _has_deep_pattern(match: ast.Match, source: Source) -> bool:
    """Whether a pattern has many nested brackets. Redundant ones count, which `ast` omits."""
    before: ast.expr | ast.stmt = match.subject
    for case in match.cases:
        depth = 0
        for bracket in _BRACKETS.findall(_between(source, before, case.guard or case.body[0])):
            depth += 1 if bracket in b"([{" else -1
            if depth > _MAX_BRACKETS:
                return True
        before = case.body[-1]
    return False


def _between(source: Source, one: ast.expr | ast.stmt, other: ast.expr | ast.stmt) -> bytes:
    """The text between two nodes, as the UTF-8 that `ast` counts its columns in."""
    first, last = one.end_lineno or one.lineno, other.lineno
    rows = [source.line(row).encode("utf-8", "surrogatepass") for row in range(first, last + 1)]
    rows[-1] = rows[-1][: other.col_offset]
    rows[0] = rows[0][one.end_col_offset :]
    return b"\n".join(rows)
