"""Changes of a text that leave its program as it is, and so its findings."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

Relation = Callable[[str], str]

_IMPORTED = {
    "import torch.nn.functional as F\n": "from torch.nn import functional as F\n",
    "from torch import nn\n": "import torch.nn as nn\n",
}


def commented(text: str) -> str:
    """A comment behind every statement that ends a line."""
    return _with(text, ((end, "  # n") for _, end in _simple(text) if _ends_line(text, end)))


def spaced(text: str) -> str:
    """A blank line above every statement that begins a line and has no comment above."""
    starts = {text.rfind("\n", 0, start) + 1 for start, _ in _simple(text)}
    above = {at: text[:at].rstrip("\n").rpartition("\n")[2] for at in starts}
    return _with(text, ((at, "\n") for at in starts if "#" not in above[at]))


def crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def cr(text: str) -> str:
    return text.replace("\n", "\r")


def ended(text: str) -> str:
    """No line end at the end."""
    return text.rstrip("\n")


def calls_in_brackets(text: str) -> str:
    return _bracketed(text, ast.Call)


def attributes_in_brackets(text: str) -> str:
    return _bracketed(text, ast.Attribute)


def names_in_brackets(text: str) -> str:
    return _bracketed(text, ast.Name)


def under_a_condition(text: str) -> str:
    """Everything under ``if True:``."""
    tree = ast.parse(text)
    kept = {
        row
        for node in ast.walk(tree)
        if isinstance(node, (ast.Constant, ast.JoinedStr))
        for row in range(node.lineno + 1, (node.end_lineno or 0) + 1)
    }
    if "from __future__" in text or "import *" in text:
        return text
    lines = text.splitlines(keepends=True)
    return "if True:\n" + "".join(
        line if row in kept or not line.strip() else f"    {line}"
        for row, line in enumerate(lines, 1)
    )


def other_imports(text: str) -> str:
    for one, other in _IMPORTED.items():
        text = re.sub(rf"(?m)^{re.escape(one)}", other, text)
    return text


def ellipses(text: str) -> str:
    """A ``...`` behind every assignment."""
    return _with(
        text,
        (
            (_offset(text, node.end_lineno or 0, node.end_col_offset or 0), "; ...")
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Assign)
        ),
    )


RELATIONS: dict[str, Relation] = {
    relation.__name__: relation
    for relation in (
        commented,
        spaced,
        crlf,
        cr,
        ended,
        calls_in_brackets,
        attributes_in_brackets,
        names_in_brackets,
        under_a_condition,
        other_imports,
        ellipses,
    )
}


def _with(text: str, insertions: Iterator[tuple[int, str]]) -> str:
    for at, new in sorted(insertions, reverse=True):
        text = text[:at] + new + text[at:]
    return text


def _simple(text: str) -> Iterator[tuple[int, int]]:
    """The offsets of the statements without a block."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            start = _offset(text, node.lineno, node.col_offset)
            yield start, _offset(text, node.end_lineno or 0, node.end_col_offset or 0)


def _ends_line(text: str, at: int) -> bool:
    return text[at : at + 1] in ("\n", "")


def _offset(text: str, row: int, column: int) -> int:
    lines = text.splitlines(keepends=True)
    before = lines[row - 1].encode()[:column].decode()
    return sum(map(len, lines[: row - 1])) + len(before)


def _bracketed(text: str, kind: type[ast.expr]) -> str:
    """The expressions of a kind in brackets, where these may stand."""
    tree = ast.parse(text)
    plain: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            plain |= {below for d in node.decorator_list for below in ast.walk(d)}
        if isinstance(node, (ast.JoinedStr, ast.match_case, ast.AnnAssign, ast.Delete)):
            plain |= {*ast.walk(node)}
        if isinstance(node, (ast.NamedExpr, ast.AugAssign, ast.With, ast.AsyncWith)):
            plain |= {*ast.iter_child_nodes(node)}
    insertions = []
    for node in ast.walk(tree):
        if isinstance(node, kind) and node not in plain:
            first = _offset(text, node.lineno, node.col_offset)
            last = _offset(text, node.end_lineno or 0, node.end_col_offset or 0)
            insertions += [(first, "("), (last, ")")]
    return _with(text, iter(insertions))
