"""Files that libcst surely reads."""

from __future__ import annotations

import ast
import tokenize
import warnings

# What libcst reads in no time; the linter itself tries files beyond this.
_MAX_DEPTH = 150
_MAX_OPERANDS = 1000
_MAX_BRACKETS = 8


def readable_text(path: str) -> str | None:
    """The text of a Python file that libcst surely reads; None for any other file."""
    try:
        with tokenize.open(path) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = file.read()
            tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return text if _is_plain(tree, text) else None


def _is_plain(tree: ast.Module, text: str) -> bool:
    """Whether a tree is neither deep nor has what makes libcst's parser slow."""
    lines = text.splitlines()
    level: list[ast.AST] = [tree]
    for _ in range(_MAX_DEPTH):
        if not level:
            return True
        for node in level:
            if isinstance(node, ast.BoolOp) and len(node.values) > _MAX_OPERANDS:
                return False
            if isinstance(node, ast.match_case):  # brackets in a pattern take it for ever
                head = lines[node.pattern.lineno - 1 : node.body[0].lineno]
                if sum(line.count("(") + line.count("[") for line in head) > _MAX_BRACKETS:
                    return False
        level = [below for node in level for below in ast.iter_child_nodes(node)]
    return False
