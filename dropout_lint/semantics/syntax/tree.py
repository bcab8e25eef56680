"""One parsed file: libcst's tree with parents and offsets.

libcst's own metadata providers cost eight to nine times the parse; a walk over cached field names
and a recording code generator give the same facts for a fraction of it.
"""

from __future__ import annotations

import dataclasses
import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

import libcst as cst
from libcst._nodes.internal import CodegenState

Span = tuple[int, int]

# Fields that hold layout, never code. A node type that libcst adds later is walked in full.
_LAYOUT = re.compile(
    r"whitespace|leading_lines|lines_after|header|footer|[lr]par$|[lr]brace|[lr]bracket|comma$"
    r"|semicolon|equal$|(first_|second_)?colon$|dot$|indent|newline|star$|asynchronous|posonly_ind"
    r"|separator|conversion|encoding|relative|default_|has_trailing|^operator$"
)
_LONE_CR = re.compile(r"\r(?!\n)")
_LINE_END = re.compile(r"\r\n|\r|\n")
_fields: dict[type, tuple[str, ...]] = {}


# What a field may hold besides nodes. (`isinstance` is slow here: nodes have abstract bases.)
_PLAIN = frozenset({type(None), str, bool, int, cst.MaybeSentinel})


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The code-carrying children of a node, in source order."""
    kind = type(node)
    names = _fields.get(kind)
    if names is None:
        fields = [f for f in dataclasses.fields(kind) if f.type is not str]
        names = tuple(f.name for f in fields if not _LAYOUT.search(f.name))
        _fields[kind] = names
    nodes: list[cst.CSTNode] = []
    for name in names:
        value = getattr(node, name)
        of = type(value)
        if of is tuple or of is list:
            nodes += value
        elif of not in _PLAIN:
            nodes.append(value)
    return nodes


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The node and everything below it, parents before children, in source order."""
    stack = [node]
    while stack:
        top = stack.pop()
        yield top
        stack += reversed(children(top))


def tail_of(node: cst.CSTNode | None) -> str:
    """The last name of a dotted expression; empty for anything else."""
    if type(node) is cst.Attribute:
        return node.attr.value
    return node.value if type(node) is cst.Name else ""


def chain_of(node: cst.CSTNode) -> list[cst.CSTNode]:
    """A dotted expression and all that it starts with: ``a.b.c``, ``a.b``, ``a``."""
    chain = [node]
    while isinstance(node, cst.Attribute):
        node = node.value
        chain.append(node)
    return chain


def dotted_name(node: cst.CSTNode) -> str:
    """A dotted expression as one word, ``self.model``; empty for anything else."""
    chain = chain_of(node)
    if not isinstance(chain[-1], cst.Name):
        return ""
    return ".".join(tail_of(part) for part in reversed(chain))


def unpacked(
    target: cst.Tuple | cst.List, value: cst.BaseExpression | None
) -> Iterator[tuple[cst.BaseElement, cst.BaseExpression | None]]:
    """The elements of an unpacking target, each with its part of the value (None: not known)."""
    parts: list[cst.BaseExpression | None] = [None] * len(target.elements)
    if isinstance(value, (cst.Tuple, cst.List)) and len(value.elements) == len(parts):
        parts = [element.value for element in value.elements]
    return zip(target.elements, parts, strict=True)


def choices(node: cst.CSTNode | None) -> Iterator[cst.CSTNode]:
    """The expressions of which one is the value: ``a`` and ``b`` of ``a if c else b``."""
    if isinstance(node, cst.IfExp):
        yield from choices(node.body)
        yield from choices(node.orelse)
    elif isinstance(node, cst.BooleanOperation):
        yield from choices(node.left)
        yield from choices(node.right)
    elif node is not None:
        yield node


def assigned(node: cst.Assign | cst.AnnAssign) -> list[cst.BaseExpression]:
    """The targets of an assignment."""
    if isinstance(node, cst.Assign):
        return [target.target for target in node.targets]
    return [node.target]


class Unreadable(Exception):
    """A text that libcst's parser fails on, and the row if it says one."""

    def __init__(self, row: int | None = None) -> None:
        super().__init__(row)
        self.row = row


def _parsed(text: str) -> cst.Module:
    """The tree of a text. Raises `Unreadable`."""
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise Unreadable(error.raw_line) from None
    except (cst.CSTValidationError, TypeError):  # `return(lambda: 0)()`, in libcst's own checks
        raise Unreadable from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of its Rust code
            raise
        raise Unreadable from None


def _reads(text: str) -> bool:
    try:
        _parsed(text)
    except Unreadable:
        return False
    return True


class Tree:
    """A file's text, its libcst module, the parent of every node and (on demand) its offsets.

    Statements that only libcst refuses are a ``pass`` in the tree; ``left_out`` has them with
    their rows. Raises `Unreadable` when libcst cannot parse the rest either.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        # libcst does not bring lone CR line ends back; as LF they keep every offset.
        self._parsed_text = _LONE_CR.sub("\n", text) if "\r" in text else text
        self.left_out: tuple[tuple[int, str], ...] = ()
        try:
            self.module = _parsed(self._parsed_text)
        except Unreadable:
            from dropout_lint.semantics.syntax.leaving_out import rest_of

            rest = rest_of(self._parsed_text, _reads)
            if rest is None:
                raise
            self._parsed_text, self.left_out = rest
            self.module = _parsed(self._parsed_text)
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}
        stack: list[cst.CSTNode] = [self.module]
        while stack:
            top = stack.pop()
            for child in children(top):
                self.parents[child] = top
                stack.append(child)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return self.parents.get(node)

    @cached_property
    def order(self) -> dict[cst.CSTNode, int]:
        """Where each node comes in source order, parents before children."""
        return {node: place for place, node in enumerate(walk(self.module))}

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes around ``node``, innermost first."""
        above = self.parents.get(node)
        while above is not None:
            yield above
            above = self.parents.get(above)

    def span(self, node: cst.CSTNode) -> Span:
        """Where the node's code stands, without its own parentheses and surrounding layout."""
        spans = self._recorder.inner
        return self._in_text(spans.get(node) or self._recorder.outer[node])

    def outer_span(self, node: cst.CSTNode) -> Span:
        """Like `span`, with the parentheses (expressions) or own lines (statements) of the node."""
        return self._in_text(self._recorder.outer[node])

    def code(self, node: cst.CSTNode) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def outer_code(self, node: cst.CSTNode) -> str:
        start, end = self.outer_span(node)
        return self.text[start:end]

    def line(self, node: cst.CSTNode) -> int:
        """The line that a node begins on, from 1."""
        return len(_LINE_END.findall(self.text, 0, self.span(node)[0])) + 1

    @property
    def exact(self) -> bool:
        """Whether every offset is certain: libcst's code generator gave the text back."""
        return self._shifts is not None

    @cached_property
    def _recorder(self) -> _Recorder:
        recorder = _Recorder(self.module.default_indent, self.module.default_newline)
        self.module._codegen(recorder)
        return recorder

    @cached_property
    def _shifts(self) -> list[Span] | None:
        """Breakpoints ``(generated offset, shift)``; None when the texts do not align.

        libcst 1.9 loses white space in a few places (``except E :``, form feeds); what it
        generates is then the text minus white space, and the shifts follow.
        """
        generated = "".join(self._recorder.tokens)
        text = self._parsed_text
        if generated == text:
            return []
        shifts: list[Span] = []
        at = 0
        for index, char in enumerate(generated):
            start = at
            while at < len(text) and text[at] != char and text[at] in " \t\f\n\r\\":
                at += 1
            if at >= len(text) or text[at] != char:
                return None
            if at != start:
                shifts.append((index, at - index))
            at += 1
        return shifts if not text[at:].strip() else None

    def _in_text(self, span: Span) -> Span:
        shifts = self._shifts
        if not shifts:
            return span
        return (self._shifted(span[0], shifts), self._shifted(span[1] - 1, shifts) + 1)

    @staticmethod
    def _shifted(offset: int, shifts: list[Span]) -> int:
        at = bisect_right(shifts, (offset, 1 << 60)) - 1
        return offset + (shifts[at][1] if at >= 0 else 0)


class _Recorder(CodegenState):
    """libcst's code generator, noting the offset at which each node begins and ends."""

    def __init__(self, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent, default_newline)
        self.offset = 0
        self.inner: dict[cst.CSTNode, Span] = {}
        self.outer: dict[cst.CSTNode, Span] = {}
        self._starts: list[int] = []

    def add_indent_tokens(self) -> None:
        self.tokens.extend(self.indent_tokens)
        self.offset += sum(map(len, self.indent_tokens))

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.offset += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._starts.append(self.offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        self.outer[node] = (self._starts.pop(), self.offset)

    def record_syntactic_position(  # type: ignore[override]  # a generator would be slow
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> _Position:
        return _Position(self, node, start_node, end_node)

    def span_of(self, node: cst.CSTNode | None) -> Span | None:
        return self.inner.get(node) or self.outer.get(node) if node is not None else None


class _Position:
    """What is generated while this is entered is a node's code."""

    __slots__ = ("_first", "_last", "_node", "_recorder", "_start")

    def __init__(
        self,
        recorder: _Recorder,
        node: cst.CSTNode,
        first: cst.CSTNode | None,
        last: cst.CSTNode | None,
    ) -> None:
        self._recorder, self._node, self._first, self._last = recorder, node, first, last

    def __enter__(self) -> None:
        self._start = self._recorder.offset

    def __exit__(self, *error: object) -> None:
        recorder = self._recorder
        first, last = recorder.span_of(self._first), recorder.span_of(self._last)
        start = first[0] if first else self._start
        recorder.inner[self._node] = (start, last[1] if last else recorder.offset)
