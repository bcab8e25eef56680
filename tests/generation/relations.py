"""Changes of a text that leave its program as it is, and so its findings."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Callable, Iterator
from io import StringIO

import libcst as cst

Relation = Callable[[str], str]

_IMPORTED = {
    "import torch.nn.functional as F\n": "from torch.nn import functional as F\n",
    "from torch import nn\n": "import torch.nn as nn\n",
}


# What is imported under a name that everybody uses.
_ALIASES = {"F": "import torch.nn.functional as F", "nn": "from torch import nn"}


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


def other_aliases(text: str) -> str:
    """``F`` and ``nn`` under names that nobody uses."""
    for name, statement in _ALIASES.items():
        if re.search(rf"(?m)^{re.escape(statement)}$", text):
            text = _renamed(text, {name: f"lib_{name}"})
            other = f"{statement.removesuffix(' as F')} as lib_{name}"
            text = re.sub(rf"(?m)^{re.escape(statement)}$", other, text)
    return text


def self_called_this(text: str) -> str:
    return _renamed(text, {"self": "this"})


def methods_in_reverse(text: str) -> str:
    """The methods of each class from the last to the first."""
    return cst.parse_module(text).visit(_Reversed()).code


def an_unrelated_class(text: str) -> str:
    return text + "\n\nclass Unrelated:\n    def forward(self, x):\n        return x\n"


def returned_by_name(text: str) -> str:
    """What is returned has a name first."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Return) and node.value is not None:
            start = _offset(text, node.lineno, node.col_offset)
            value = _offset(text, node.value.lineno, node.value.col_offset)
            end = _offset(text, node.end_lineno or 0, node.end_col_offset or 0)
            if text[start:value] == "return " and _ends_line(text, end):
                found += [(start, "result = "), (end, "; return result")]
    text = _with(text, iter(found))
    return text.replace("result = return ", "result = ")


def rates_by_keyword(text: str) -> str:
    """``F.dropout(x, p)`` and ``nn.Dropout(p)`` with ``p=`` before the rate."""
    places = {"F.dropout": 1, "nn.Dropout": 0}
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            at = places.get(ast.unparse(node.func), 99)
            if len(node.args) == at + 1 and not isinstance(node.args[at], ast.Starred):
                rate = node.args[at]
                found.append((_offset(text, rate.lineno, rate.col_offset), "p="))
    return _with(text, iter(found))


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
        other_aliases,
        self_called_this,
        methods_in_reverse,
        an_unrelated_class,
        returned_by_name,
        rates_by_keyword,
    )
}


class _Reversed(cst.CSTTransformer):
    """Reverses the methods of classes that define each name once and without decorators."""

    def leave_ClassDef(self, original: cst.ClassDef, updated: cst.ClassDef) -> cst.ClassDef:
        body = list(updated.body.body)
        places = [at for at, node in enumerate(body) if isinstance(node, cst.FunctionDef)]
        methods = [node for node in body if isinstance(node, cst.FunctionDef)]
        names = {method.name.value for method in methods}
        if len(names) < len(methods) or any(method.decorators for method in methods):
            return updated
        for at, method in zip(places, reversed(methods), strict=True):
            body[at] = method
        return updated.with_deep_changes(updated.body, body=body)


def _renamed(text: str, names: dict[str, str]) -> str:
    """The text with other names; strings, comments, attributes and imports stay."""
    lines = text.splitlines(keepends=True)
    for token in reversed([*tokenize.generate_tokens(StringIO(text).readline)]):
        if token.type == tokenize.NAME and token.string in names:
            (row, start), (_, end) = token.start, token.end
            line = lines[row - 1]
            if line.lstrip().startswith(("import ", "from ")) or line[:start].endswith("."):
                continue
            lines[row - 1] = line[:start] + names[token.string] + line[end:]
    return "".join(lines)


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
