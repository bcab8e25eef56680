"""Witnesses of the rules about callers: scripts, run before and after their fixes.

A script's ``drive()`` runs each of its functions and says by their names whether the models ran in
the mode that is meant, and the numbers that came out, in order.
"""

from __future__ import annotations

import linecache
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import pytest
from support.linting import SCRIPTS, expectations

from dropout_lint.config import Settings
from dropout_lint.linting.pipeline import fix, lint
from dropout_lint.linting.report import Report
from dropout_lint.rules.base import all_rules

torch = pytest.importorskip("torch", reason="running the scripts needs torch")
pytestmark = pytest.mark.models

# Whether the mode is the one that is meant, and the numbers, by function.
Driven: TypeAlias = "dict[str, tuple[bool, list[float]]]"
ALL = Settings(select=("ALL",))
UNSAFE = Settings(select=("ALL",), unsafe_fixes=True)
RULES = [rule for rule in all_rules() if rule.about_callers]
by_path = pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)


@cache
def driven(path: Path, fixed: bool) -> tuple[Report, Driven]:
    """A script as it is, or with all fixes: what is found in it, and what running it shows."""
    source = expectations(path).source
    if fixed:
        source = source.with_text(fix(source, UNSAFE).text)
    module = ModuleType(path.stem)
    linecache.cache[str(path)] = (len(source.text), None, source.text.splitlines(True), str(path))
    exec(compile(source.text, str(path), "exec"), module.__dict__)
    return lint(source, ALL), module.drive()


def functions(report: Report, code: str | None = None) -> set[str]:
    return {d.function for d in report.diagnostics if code in (None, d.code)}


@by_path
def test_the_wrong_mode_shows_where_a_finding_is_and_nowhere_else(path: Path) -> None:
    found, seen = driven(path, False)
    assert {name for name, (as_meant, _) in seen.items() if not as_meant} == functions(found)
    assert any(as_meant for as_meant, _ in seen.values()), "a twin without the bug"


@by_path
def test_a_fix_cures_and_leaves_what_comes_before_it(path: Path) -> None:
    found, seen = driven(path, False)
    left, healed = driven(path, True)
    assert healed.keys() == seen.keys()
    for name, (as_meant, numbers) in healed.items():
        before = seen[name][1]
        assert as_meant is (name not in functions(left))
        if name in functions(found) - functions(left):
            assert numbers[0] == before[0] and numbers != before
        else:
            assert numbers == before


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_about_callers_has_a_witness(rule: Any) -> None:
    shown = [path for path in SCRIPTS if functions(driven(path, False)[0], rule.code)]
    assert shown, f"no script shows the bug of {rule.code}"
    if rule.fixable() != "never":
        assert any(not functions(driven(path, True)[0], rule.code) for path in shown)


def test_no_fix_of_a_rule_about_callers_is_safe() -> None:
    """Each changes the mode from some line on, and so what the program does."""
    for rule in RULES:
        assert not any(example.fixed or example.flag for example in rule.INVALID)
