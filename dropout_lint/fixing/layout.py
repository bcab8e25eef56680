"""How a piece of source text is laid out: lines, indentation, comments, in-place use."""

from __future__ import annotations

import io
import re
import tokenize

import libcst as cst

from dropout_lint.diagnostics import Edit
from dropout_lint.semantics.tree import Tree, children, walk

_LINE_END = re.compile(r"\r\n|\r|\n")


def line_start(text: str, offset: int) -> int:
    """Offset at which the line of ``offset`` begins."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_end(text: str, offset: int) -> int:
    """Offset at which the line of ``offset`` ends, before its line end."""
    found = _LINE_END.search(text, offset)
    return found.start() if found else len(text)


def newline_at(text: str, offset: int) -> str:
    """The line end of the line of ``offset``; that of the file's first line at the last line."""
    found = _LINE_END.search(text, offset) or _LINE_END.search(text)
    return found.group() if found else "\n"


def indentation(text: str, offset: int) -> str:
    """The white space at the beginning of the line of ``offset``."""
    start = line_start(text, offset)
    end = start
    while end < len(text) and text[end] in " \t\f":
        end += 1
    return text[start:end]


def end_of_block(tree: Tree, node: cst.CSTNode) -> int:
    """Offset of the end of the last line of code in a statement, its trailing comment included."""
    last = node
    for below in walk(node):
        if isinstance(below, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
            last = below
    return line_end(tree.text, tree.span(last)[1])


def new_line(tree: Tree, beside: cst.CSTNode, code: str) -> str:
    """``code`` as a line of its own behind another, indented as the statement ``beside`` is."""
    start = tree.span(beside)[0]
    return newline_at(tree.text, start) + indentation(tree.text, start) + code


def begins_line(text: str, offset: int) -> bool:
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
    """Edits that append an argument to a call, in the call's own layout."""
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
    """Whether an expression must be bracketed to stand before ``if``/``else`` or an operator."""
    if node.lpar:
        return False
    return isinstance(node, (cst.IfExp, cst.Lambda, cst.NamedExpr, cst.Yield, cst.BooleanOperation,
                             cst.Comparison, cst.StarredElement))  # fmt: skip


def used_in_place(
    tree: Tree, call: cst.Call, function: cst.FunctionDef, in_place: frozenset[str] = frozenset()
) -> bool:
    """Whether the result of a call may be changed in place later.

    In eval mode a gated dropout returns its input itself; a later ``h += …`` or ``h.add_(…)``
    would then change that input (seen by execution on torch 2.13). ``in_place`` names the
    attributes that hold in-place modules, such as ``nn.ReLU(inplace=True)``.
    """
    if _is_changed_here(tree, call, in_place):
        return True
    names = _names_of_result(tree, call)
    if not names:
        return False
    stack: list[cst.CSTNode] = [function.body]
    while stack:
        node = stack.pop()
        if _changes(node, names, in_place):
            return True
        stack.extend(children(node))
    return False


def _names_of_result(tree: Tree, call: cst.Call) -> set[str]:
    """The plain names that the call's result is assigned to."""
    for above in tree.ancestors(call):
        if isinstance(above, (cst.Assign, cst.AnnAssign, cst.NamedExpr)):
            targets = (
                [target.target for target in above.targets]
                if isinstance(above, cst.Assign)
                else [above.target]
            )
            return {target.value for target in targets if isinstance(target, cst.Name)}
        if not isinstance(above, (cst.IfExp, cst.Await)):
            break
    return set()


def _is_changed_here(tree: Tree, call: cst.Call, in_place: frozenset[str]) -> bool:
    """``F.dropout(x).add_(y)``, ``F.relu(F.dropout(x), inplace=True)``, ``F.dropout(x)[0] = …``."""
    parent = tree.parent(call)
    if isinstance(parent, cst.Attribute):
        return _is_in_place_name(parent.attr.value)
    if isinstance(parent, cst.Arg):
        outer = tree.parent(parent)
        return isinstance(outer, cst.Call) and _is_in_place_call(outer, in_place)
    return False


def _changes(node: cst.CSTNode, names: set[str], in_place: frozenset[str]) -> bool:
    if isinstance(node, cst.AugAssign):
        return _root(node.target) in names
    if isinstance(node, cst.AssignTarget):
        return isinstance(node.target, cst.Subscript) and _root(node.target) in names
    if isinstance(node, cst.Call):
        func = node.func
        if isinstance(func, cst.Attribute) and _is_in_place_name(func.attr.value):
            return _root(func.value) in names or _first_is(node, names)
        return _is_in_place_call(node, in_place) and _first_is(node, names)
    return False


def _first_is(node: cst.Call, names: set[str]) -> bool:
    return any(_root(arg.value) in names for arg in node.args)


def _is_in_place_name(name: str) -> bool:
    return name.endswith("_") and not name.endswith("__")


def _is_in_place_call(node: cst.Call, in_place: frozenset[str]) -> bool:
    for arg in node.args:
        keyword = arg.keyword.value if arg.keyword is not None else ""
        if keyword == "out":
            return True
        if keyword == "inplace" and not (
            isinstance(arg.value, cst.Name) and arg.value.value == "False"
        ):
            return True
    func = node.func
    if not isinstance(func, (cst.Name, cst.Attribute)):
        return False
    return _is_in_place_name(_last(func)) or (
        isinstance(func, cst.Attribute) and func.attr.value in in_place
    )


def _last(node: cst.Name | cst.Attribute) -> str:
    return node.attr.value if isinstance(node, cst.Attribute) else node.value


def _root(node: cst.CSTNode) -> str:
    """The name at the root of ``h``, ``h[0]``, ``h.data``."""
    while isinstance(node, (cst.Subscript, cst.Attribute)):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""
