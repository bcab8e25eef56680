"""The layout of source text: lines, indentation, comments, argument lists."""

from __future__ import annotations

import io
import re
import tokenize

import libcst as cst

from dropout_lint.diagnostics import Edit
from dropout_lint.semantics.syntax.tree import Tree, walk

_LINE_END = re.compile(r"\r\n|\r|\n")


def line_start(text: str, offset: int) -> int:
    """The offset at which the line of ``offset`` begins."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_end(text: str, offset: int) -> int:
    """The offset at which the line of ``offset`` ends, before its line end."""
    end = _LINE_END.search(text, offset)
    return end.start() if end else len(text)


def newline_at(text: str, offset: int) -> str:
    """The line end of the line of ``offset``; that of the file's first line where it has none."""
    end = _LINE_END.search(text, offset) or _LINE_END.search(text)
    return end.group() if end else "\n"


def indentation(text: str, offset: int) -> str:
    """The white space at the beginning of the line of ``offset``."""
    start = line_start(text, offset)
    end = start
    while end < len(text) and text[end] in " \t\f":
        end += 1
    return text[start:end]


def end_of_block(tree: Tree, node: cst.CSTNode) -> int:
    """The offset at which the last line of code in a statement ends, after its trailing comment."""
    last = node
    for below in walk(node):
        if isinstance(below, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
            last = below
    return line_end(tree.text, tree.span(last)[1])


def new_line(tree: Tree, beside: cst.CSTNode, code: str) -> str:
    """The text of a further line with ``code``, indented as the statement ``beside`` is."""
    start = tree.span(beside)[0]
    return newline_at(tree.text, start) + indentation(tree.text, start) + code


def begins_line(text: str, offset: int) -> bool:
    """Whether only white space comes before ``offset`` on its line."""
    return not text[line_start(text, offset) : offset].strip()


def has_comment(text: str) -> bool:
    """Whether a piece of source holds a comment."""
    if "#" not in text:
        return False
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(f"({text})").readline))
    except (tokenize.TokenError, SyntaxError):
        return True
    return any(token.type == tokenize.COMMENT for token in tokens)


def add_argument(tree: Tree, call: cst.Call, argument: str) -> tuple[Edit, ...]:
    """The edits that append an argument to a call, in the call's own layout."""
    text = tree.text
    if not call.args:
        end = tree.span(call)[1] - 1
        return (Edit(end, end, argument),)
    last = call.args[-1]
    start = tree.outer_span(last)[0]
    end = tree.outer_span(last.value)[1]
    closing = tree.span(call)[1] - 1
    own_line = begins_line(text, start) and begins_line(text, closing)
    if not own_line:
        return (Edit(end, end, f", {argument}"),)
    row_end = line_end(text, end)
    row = newline_at(text, end) + indentation(text, start) + argument
    if isinstance(last.comma, cst.Comma):
        return (Edit(row_end, row_end, f"{row},"),)
    if row_end == end:
        return (Edit(end, end, f",{row}"),)
    return (Edit(end, end, ","), Edit(row_end, row_end, row))


def needs_parentheses(node: cst.BaseExpression) -> bool:
    """Whether an expression needs parentheses before ``if``/``else`` or an operator."""
    if node.lpar:
        return False
    return isinstance(node, (cst.IfExp, cst.Lambda, cst.NamedExpr, cst.Yield, cst.BooleanOperation,
                             cst.Comparison, cst.StarredElement))  # fmt: skip
