"""Bytes: code that exports models, and loops that train and evaluate them."""

from __future__ import annotations

from dropout_lint.files.code import first_from, identifiers, last_before
from dropout_lint.screen.known_names import EXPORTERS
from dropout_lint.vocabulary.driving import EVALUATION_STEMS

_STEMS = (b"trace", b"export")
_EXPORTERS = frozenset(name.encode() for name in EXPORTERS)
_EVALUATIONS = tuple(stem.encode() for stem in EVALUATION_STEMS)


def may_drive(data: bytes) -> bool:
    """Whether a file that names torch may export a model, or train one and evaluate it."""
    return _may_export(data) or _may_train(data)


def _may_export(data: bytes) -> bool:
    if b"jit" not in data and b"export" not in data:
        return False
    return any(
        data[start:end] in _EXPORTERS and data[at : at + 1] in (b"(", b"#", b"\\")
        for stem in _STEMS
        for start, end in identifiers(data, stem)
        for at in (first_from(data, end),)
    )


def _may_train(data: bytes) -> bool:
    """Whether there may be ``loss.backward()`` and a name that speaks of evaluating."""
    if b"backward" not in data:
        return False
    lower = data.lower()
    return any(stem in lower for stem in _EVALUATIONS) and any(
        data[start:end] == b"backward" and data[last_before(data, start)] in b".\\\n"
        for start, end in identifiers(data, b"backward")
    )
