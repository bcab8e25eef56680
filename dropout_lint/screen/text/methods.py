"""Bytes: ``train`` and ``eval`` as methods: taken for flags, overridden, hidden, called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dropout_lint.files.code import arguments, chain_before, last_before
from dropout_lint.screen.known_names import MODE_METHODS

MODES = tuple(word.encode() for word in MODE_METHODS)

_WORDS = [re.compile(word + rb"(?:ing)?(?![\w\x80-\xff])") for word in MODES]
# `self.train` that is neither called nor set.
_METHODS = [re.compile(word + rb"(?![\w\x80-\xff])(?![ \t\f]*(?:[(.]|=(?!=)))") for word in MODES]
_STATEMENT = re.compile(rb"\b(?:train|eval)[ \t\f]*(?=[\n;)]|\Z)")
_DECORATED = re.compile(rb"@[\w.]*(?:class|static)method\s*\Z")
_SET = re.compile(rb"\.\s*(?:train|eval)[ \t\f]*(?:[=,)\]]|:(?![^=\n]*\bin\b))(?!=)")
# What sets a mode while the module runs: ``x.train()``, ``x.training = True``, ``self.eval()``.
_TOLD = re.compile(
    rb"\.\s*(?:train\s*\(\s*(?:mode\s*=\s*)?(?:True\s*,?\s*)?\)|training\s*=\s*\(*\s*True"
    rb"|(?P<own>eval)\s*\()"
)
_OVERRIDE = re.compile(rb"def\s+(train|eval)(?=\s*[\[(])")


def may_speak(data: bytes) -> bool:
    """Whether a file may do any of that, its comments and strings not yet taken out."""
    return any(_may_be_reached(data, m.start()) for word in _WORDS for m in word.finditer(data))


def _may_be_reached(data: bytes, at: int) -> bool:
    """Whether a dot or a ``def`` may stand in front of a word."""
    before = at - 1
    while before >= 0 and data[before] in b" \t\f\r\n":
        before -= 1
    if data.endswith((b".", b"def", b"\\"), 0, before + 1):
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
    while at and code[at - 1] in b" \t\f(":
        at -= 1
    return not at or code[at - 1] in b"\n;:"


def overrides_mode(code: bytes) -> bool:
    """``def train(self, mode)`` or ``def eval(self)``, as nn.Module calls them."""
    for opening, is_train in _overrides(code):
        parameters = [p for p in arguments(code, opening) if p not in (b"/", b"*")]
        if len(parameters) <= (2 if is_train else 1):
            return True
        if all(parameter.startswith(b"*") for parameter in parameters[1:]):
            return True  # which may be handed on as they come
    return False


def replaces_mode(code: bytes) -> bool:
    """``def train(self, data, steps)``, ``self.train = True``, ``self.train()`` outside of both.

    All that matters in a module only.
    """
    if any(True for _ in _overrides(code)) or _SET.search(code) is not None:
        return True
    return any(
        match["own"] is None or _is_own(code, match.start()) for match in _TOLD.finditer(code)
    )


def _is_own(code: bytes, dot: int) -> bool:
    """Whether ``self`` or ``super()`` stands in front of a dot."""
    _, parts = chain_before(code, dot + 1)
    return len(parts) == 1 and (not parts[0] or _is_self(code, parts[0]))


def _overrides(code: bytes) -> Iterator[tuple[int, bool]]:
    """The opening brackets of methods ``train`` and ``eval``; whether it is ``train``."""
    for match in _OVERRIDE.finditer(code):
        if code[match.start() - 1 : match.start()] not in (b" ", b"\t", b"\f"):
            continue  # not in a class
        if _DECORATED.search(code, max(0, match.start() - 80), match.start()):
            continue  # no method of instances
        yield code.find(b"(", match.end()), match.group(1) == b"train"
