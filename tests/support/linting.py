"""Shared helpers of the tests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import fix, lint
from dropout_lint.linting.report import Report
from dropout_lint.rules.base import all_rules

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
# The fixtures are models, and scripts that run models.
MODELS = sorted(FIXTURES.glob("*.py"))
SCRIPTS = sorted(FIXTURES.glob("scripts/*.py"))

# How far the fixes of a fixture are proved where it is not whole, and words of the reason.
_PROOF = re.compile(r"#\s*expect-proof:\s*(?P<level>[^,\n]*), (?P<words>[^\n]*)")
_EXPECT = re.compile(r"#\s*expect(?P<intentional>-intentional)?:\s*(?P<what>[^\n#]*)")


def run(code: str, **settings: object) -> Report:
    return lint(Source("test.py", code), Settings(**settings))  # type: ignore[arg-type]


def codes(code: str, **settings: object) -> list[str]:
    return [diagnostic.code for diagnostic in run(code, **settings).diagnostics]


def fixed(code: str, **settings: object) -> str:
    return fix(Source("test.py", code), Settings(**settings)).text  # type: ignore[arg-type]


@dataclass(frozen=True)
class Expectations:
    """A fixture's source without its expectation comments, and what they expect."""

    source: Source
    findings: list[tuple[int, int, str]]
    intentional: list[tuple[int, int, str]]
    proof_level: str = "proved"
    proof_words: str = ""


def by_default(places: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Those of the expected places that a run without any selection reports."""
    codes = {rule.code for rule in all_rules() if rule.default}
    return [place for place in places if place[2] in codes]


def expectations(path: Path) -> Expectations:
    source = Source.read(str(path))
    found: dict[bool, list[tuple[int, int, str]]] = {False: [], True: []}
    for row, line in enumerate(source.text.splitlines(), 1):
        for match in _EXPECT.finditer(line):
            for part in match["what"].split(","):
                code, column = part.strip().split(":")
                found[bool(match["intentional"])].append((row, int(column), code))
    proof = _PROOF.search(source.text)
    # Blank them out, so that no comment of ours speaks for or against a finding.
    text = source.text
    for pattern in (_PROOF, _EXPECT):
        text = pattern.sub(lambda match: " " * len(match.group()), text)
    places = sorted(found[False]), sorted(found[True])
    return Expectations(source.with_text(text), *places, *(proof.groups() if proof else ()))
