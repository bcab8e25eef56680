"""Bytes: ``train`` and ``eval`` as methods that are taken for flags, or overridden."""

from __future__ import annotations

import re

from dropout_lint.files.code import arguments, chain_before, last_before
from dropout_lint.screen.known_names import MODE_METHODS

MODES = tuple(word.encode() for word in MODE_METHODS)

_WORDS = [re.compile(word + rb"(?![\w\x80-\xff])") for word in MODES]
# A new line may begin another statement: only in brackets it is a blank.
_CALLED_OR_SET = re.compile(rb"\w+[ \t\f]*(?:[(.]|=(?!=))")
# `self.train` that is neither called nor set.
_METHODS = [re.compile(word + rb"(?![\w\x80-\xff])(?![ \t\f]*(?:[(.]|=(?!=)))") for word in MODES]
_STATEMENT = re.compile(rb"\b(?:train|eval)[ \t\f]*(?=[\n;]|\Z)")
_DECORATED = re.compile(rb"@[\w.]*(?:class|static)method\s*\Z")
_OVERRIDE = re.compile(rb"def\s+(train|eval)(?=\s*[\[(])")


def may_speak(data: bytes) -> bool:
    """Whether a file may do one or the other, its comments and strings not yet taken out."""
    return any(_may_be_reached(data, m.start()) for word in _WORDS for m in word.finditer(data))


def _may_be_reached(data: bytes, at: int) -> bool:
    """Whether a dot or a ``def`` may stand in front of a word, and not as in ``x.train()``."""
    before = at - 1
    while before >= 0 and data[before] in b" \t\f\r\n":
        before -= 1
    if data.endswith(b".", 0, before + 1):
        return before < at - 1 or _CALLED_OR_SET.match(data, at) is None
    if data.endswith((b"def", b"\\"), 0, before + 1):
        return True
    # A comment may stand between the dot and the word.
    line = max(data.rfind(b"\n", 0, before + 1), data.rfind(b"\r", 0, before + 1)) + 1
    return before < at - 1 and data.find(b"#", line, before + 1) >= 0


def takes_method(code: bytes) -> bool:
    """``if self.train:``, a method taken for a flag."""
    for method in _METHODS:
        for match in method.finditer(code):
            dot = last_before(code, match.start())
            if dot >= 0 and code[dot] == 46:
                _, parts = chain_before(code, match.start())
                if len(parts) == 1 and (not parts[0] or _is_self(code, parts[0])):
                    return True
    return False


def _is_self(code: bytes, name: bytes) -> bool:
    """Whether a name is the first parameter of some function."""
    return re.search(rb"\bdef\s+\w+\s*(?:\[[^()]*\])?\(\s*" + name + rb"\b", code) is not None


def names_method(code: bytes) -> bool:
    """``model.eval`` as a whole statement, which calls nothing."""
    for match in _STATEMENT.finditer(code):
        start, parts = chain_before(code, match.start())
        if parts and (not parts[0] or _begins_statement(code, start)):
            return True
    return False


def _begins_statement(code: bytes, at: int) -> bool:
    while at and code[at - 1] in b" \t\f":
        at -= 1
    return not at or code[at - 1] in b"\n;:"


def overrides_mode(code: bytes) -> bool:
    """``def train(self, mode)`` or ``def eval(self)``: with more to fill in it is a loop."""
    for match in _OVERRIDE.finditer(code):
        if code[match.start() - 1 : match.start()] not in (b" ", b"\t", b"\f"):
            continue  # not in a class
        if _DECORATED.search(code, max(0, match.start() - 80), match.start()):
            continue  # no method of instances
        opening = code.find(b"(", match.end())
        parameters = [p for p in arguments(code, opening) if p not in (b"/", b"*")]
        if len(parameters) <= (2 if match.group(1) == b"train" else 1):
            return True
        if all(parameter.startswith(b"*") for parameter in parameters[1:]):
            return True  # which may be handed on as they come
    return False
