"""Each change of a text that leaves its program as it is leaves its findings as they are."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache

import pytest
from support.linting import MODELS, SCRIPTS, expectations

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import lint

from .relations import RELATIONS, Relation

TEXTS = {path.stem: expectations(path).source.text for path in (*MODELS, *SCRIPTS)}


@cache
def findings(text: str) -> Counter[tuple[str, str]]:
    """The findings by code and function, and whether each is taken to be intended."""
    report = lint(Source("test.py", text), Settings(select=("ALL",)))
    found = (*report.diagnostics, *report.intentional)
    return Counter((d.code, f"{d.function} {d.intentional is not None}") for d in found)


@pytest.mark.slow
@pytest.mark.parametrize("relation", RELATIONS.values(), ids=RELATIONS)
def test_findings_stay(relation: Relation) -> None:
    changed = 0
    for name, text in TEXTS.items():
        other = relation(text)
        if other == text:
            continue
        ast.parse(other)
        changed += 1
        assert findings(other) == findings(text), name
    assert changed
