"""Other layouts of a source: the same program with other white space."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Iterator

_SKIPPED = frozenset(
    {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT,
     tokenize.ENDMARKER}
)  # fmt: skip


def gaps(code: str) -> Iterator[tuple[int, bool]]:
    """The offsets between two tokens of a line, and whether they are inside of brackets."""
    starts = [0]
    for line in code.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    depth = formatted = 0
    before = tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        name = tokenize.tok_name[token.type]
        if before not in _SKIPPED and token.type not in _SKIPPED and not formatted:
            yield starts[token.start[0] - 1] + token.start[1], depth > 0
        formatted += (name == "FSTRING_START") - (name == "FSTRING_END")
        if token.type == tokenize.OP and not formatted:
            depth += (token.string in "([{") - (token.string in ")]}")
        before = token.type


def with_gaps(code: str, inside: str, outside: str) -> str:
    """The code with something put into every gap, inside and outside of brackets."""
    for offset, in_brackets in reversed([*gaps(code)]):
        code = code[:offset] + (inside if in_brackets else outside) + code[offset:]
    return code


def blanks(code: str) -> str:
    return with_gaps(code, "  ", "  ")


def tabs_between(code: str) -> str:
    return with_gaps(code, "\t", "\t")


def comments_in_brackets(code: str) -> str:
    return with_gaps(code, "  # a, (b training=self.training\n", " ")


def breaks_in_brackets(code: str) -> str:
    return with_gaps(code, "\n", "")


def continued_lines(code: str) -> str:
    return with_gaps(code, " \\\n\t", " \\\n  ")


def tabs(code: str) -> str:
    return code.replace("    ", "\t")


def crlf(code: str) -> str:
    return code.replace("\n", "\r\n")


def lone_cr(code: str) -> str:
    return code.replace("\n", "\r")


def byte_order_mark(code: str) -> str:
    return "\ufeff" + code.lstrip("\n")


def self_renamed(code: str) -> str:
    return re.sub(r"\bself\b", "this", code)


LAYOUTS: list[Callable[[str], str]] = [
    blanks, tabs_between, comments_in_brackets, breaks_in_brackets, continued_lines, tabs, crlf,
    lone_cr, byte_order_mark, self_renamed,
]  # fmt: skip
