"""Mutations of a program's text: tokens and lines are removed, doubled, swapped and brought in."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable

# Rough tokens: names and numbers, strings, operators, spaces, and whatever is left.
_TOKENS = re.compile(r'"""|\'\'\'|"[^"\n]*"|\'[^\'\n]*\'|\w+|[ \t]+|\*\*|//|->|:=|==|!=|<=|>=|\n|.')
_WRAPS = (
    "if self.training:", "if not self.training:", "if x is None:", "for _ in range(2):",
    "while True:", "try:", "with torch.no_grad():", "else:", "def inner(x):", "class Inner:",
    "elif self.training:", "except ValueError:", "match x:", "async def inner(x):",
)  # fmt: skip
_SNIPPETS = (
    "self.training", "not self.training", "self.train", "self.eval()", "training=self.training",
    "training=True", "True", "False", "None", "0.5", "0.0", "1", "p", "self.p", "x", "F.dropout",
    "nn.Dropout", "F.dropout(x, 0.5)", "nn.Dropout(0.5)(x)", "F.alpha_dropout(x)", "self.drop(x)",
    "lambda y: y", "*args", "**kwargs", "(x := x)", "await x", "yield x", "[x for x in x]",
    "partial(F.dropout, p=0.5)", "super().__init__()", "return", "return self", "pass", "continue",
    "global x", "del x", "# noqa", "# dropout-lint: intentional", "\\\n", "\f", "\t", "\r\n",
    "f'{x}'", "é", "(", ")", "[", "]", ":", ",", ".", ";", "=", "@", "...",
)  # fmt: skip


def mutate(text: str, donor: str, rng: random.Random) -> str:
    """One to six mutations of the text; the donor lends tokens and lines.

    Two thirds of the results parse: what Python refuses is tried again a few times first.
    """
    for _ in range(6):
        changed = text
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4, 6))):
            changed = rng.choice(_KINDS)(changed, donor, rng)
        if parses(changed) or rng.random() < 0.08:
            return changed
    return changed


def parses(text: str) -> bool:
    """Whether this Python accepts the text."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _tokens(text: str) -> list[str]:
    return _TOKENS.findall(text)


def _place(items: list[str], rng: random.Random) -> int:
    """An index; spaces are rarely worth a mutation, so they are mostly passed over."""
    for _ in range(4):
        at = rng.randrange(len(items))
        if items[at].strip():
            return at
    return at


def _drop_token(text: str, donor: str, rng: random.Random) -> str:
    items = _tokens(text)
    if items:
        del items[_place(items, rng)]
    return "".join(items)


def _double_token(text: str, donor: str, rng: random.Random) -> str:
    items = _tokens(text)
    if items:
        at = _place(items, rng)
        items.insert(at, items[at])
    return "".join(items)


def _swap_tokens(text: str, donor: str, rng: random.Random) -> str:
    items = _tokens(text)
    if items:
        one, other = _place(items, rng), _place(items, rng)
        items[one], items[other] = items[other], items[one]
    return "".join(items)


def _lend_token(text: str, donor: str, rng: random.Random) -> str:
    items, lent = _tokens(text), _tokens(donor)
    if items and lent:
        items[_place(items, rng)] = lent[_place(lent, rng)]
    return "".join(items)


def _snippet(text: str, donor: str, rng: random.Random) -> str:
    items = _tokens(text)
    if items:
        at = _place(items, rng)
        items[at : at + rng.randrange(2)] = [rng.choice(_SNIPPETS)]
    return "".join(items)


def _rename(text: str, donor: str, rng: random.Random) -> str:
    """One name becomes another one everywhere."""
    names = sorted(set(re.findall(r"\b[A-Za-z_]\w*\b", text)))
    if len(names) < 2:
        return text
    old, new = rng.sample(names, 2)
    return re.sub(rf"\b{old}\b", new, text)


def _drop_line(text: str, donor: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    if lines:
        del lines[rng.randrange(len(lines))]
    return "".join(lines)


def _double_line(text: str, donor: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    if lines:
        at = rng.randrange(len(lines))
        lines.insert(at, lines[at])
    return "".join(lines)


def _move_line(text: str, donor: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    if lines:
        line = lines.pop(rng.randrange(len(lines)))
        lines.insert(rng.randrange(len(lines) + 1), line)
    return "".join(lines)


def _lend_line(text: str, donor: str, rng: random.Random) -> str:
    """A line of the donor, as deep as the line before which it comes."""
    lines, lent = text.splitlines(keepends=True), donor.splitlines(keepends=True)
    if lines and lent:
        at = rng.randrange(len(lines))
        deep = re.match(r"[ \t]*", lines[at])
        lines.insert(at, (deep[0] if deep else "") + rng.choice(lent).lstrip(" \t"))
    return "".join(lines)


def _lend_block(text: str, donor: str, rng: random.Random) -> str:
    """Some lines of the donor at top level, whole."""
    lines, lent = text.splitlines(keepends=True), donor.splitlines(keepends=True)
    start = rng.randrange(len(lent)) if lent else 0
    at = rng.randrange(len(lines) + 1)
    lines[at:at] = lent[start : start + rng.randrange(1, 12)]
    return "".join(lines)


def _wrap(text: str, donor: str, rng: random.Random) -> str:
    """A few lines become the body of a statement."""
    lines = text.splitlines(keepends=True)
    if not lines:
        return text
    start = rng.randrange(len(lines))
    end = min(len(lines), start + rng.randrange(1, 4))
    deep = re.match(r"[ \t]*", lines[start])
    indent = deep[0] if deep else ""
    body = [f"    {line}" for line in lines[start:end]]
    after = [f"{indent}finally:\n{indent}    pass\n"] if rng.random() < 0.2 else []
    lines[start:end] = [f"{indent}{rng.choice(_WRAPS)}\n", *body, *after]
    return "".join(lines)


def _join_lines(text: str, donor: str, rng: random.Random) -> str:
    """A line end becomes a semicolon, a continuation, a CR, a CRLF or nothing."""
    ends = [match.start() for match in re.finditer("\n", text)]
    if not ends:
        return text
    at = rng.choice(ends)
    return (
        text[:at]
        + rng.choice(("; ", " \\\n", "\r", "\r\n", "", "\n\n", "  # x\n"))
        + text[at + 1 :]
    )


def _indent(text: str, donor: str, rng: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    if lines:
        at = rng.randrange(len(lines))
        deeper = rng.choice(("    ", "\t", " "))
        lines[at] = deeper + lines[at] if rng.random() < 0.5 else lines[at].removeprefix("    ")
    return "".join(lines)


_KINDS: tuple[Callable[[str, str, random.Random], str], ...] = (
    _drop_token, _double_token, _swap_tokens, _lend_token, _lend_token, _snippet, _snippet,
    _rename, _drop_line, _double_line, _move_line, _lend_line, _lend_line, _lend_block, _wrap,
    _wrap, _join_lines, _indent,
)  # fmt: skip
