"""The rule that CONTRIBUTING.md shows is found, run and right."""

from __future__ import annotations

import ast
import gc
import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command import run
from support.linting import ROOT, expectations

import dropout_lint.rules
from dropout_lint.config import Settings
from dropout_lint.linting import selection
from dropout_lint.linting.pipeline import lint
from dropout_lint.plugins.flake8 import DropoutChecker
from dropout_lint.rules.base import HEADINGS, Rule, all_rules

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CODE = "DRP016"


def block(name: str) -> str:
    """The fenced block below a comment."""
    match = re.search(rf"<!-- {name} -->\n(````?)python\n(.*?)\1\n", PAGE, re.DOTALL)
    assert match is not None
    return match[2]


@pytest.fixture
def examples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[list[str], list[str]]]:
    """The invalid and the valid examples of the rule, which is registered meanwhile."""
    folder = tmp_path / "more_rules"
    folder.mkdir()
    (folder / "shown_rule.py").write_text(block("rule"), encoding="utf-8")
    before = all_rules()
    assert CODE not in {rule.code for rule in before}, "show a code that is free"
    monkeypatch.setattr(dropout_lint.rules, "__path__", [*dropout_lint.rules.__path__, str(folder)])
    importlib.invalidate_caches()
    yield _examples()
    monkeypatch.undo()
    sys.modules.pop("dropout_lint.rules.shown_rule", None)
    vars(dropout_lint.rules).pop("shown_rule", None)
    selection._enabled.cache_clear()
    gc.collect()
    assert all_rules() == before


def _examples() -> tuple[list[str], list[str]]:
    rule: type[Rule] = next(rule for rule in all_rules() if rule.code == CODE)
    assert tuple(rule.sections()) == HEADINGS
    return [example.code for example in rule.INVALID], list(rule.VALID)


def test_the_command_finds_its_examples(examples: tuple[list[str], list[str]], here: Path) -> None:
    for codes, wanted in zip(examples, (1, 0), strict=True):
        assert codes
        for code in codes:
            (here / "net.py").write_text(code, encoding="utf-8")
            assert run("--output-format=concise", "net.py").out.count(CODE) == wanted, code


def test_flake8_finds_its_examples(examples: tuple[list[str], list[str]], here: Path) -> None:
    for codes, wanted in zip(examples, (1, 0), strict=True):
        for code in codes:
            (here / "net.py").write_text(code, encoding="utf-8")
            checker = DropoutChecker(ast.parse(code), "net.py", code.splitlines(keepends=True))
            assert [text[:6] for _, _, text, _ in checker.run()].count(CODE) == wanted, code


def test_its_fixture_is_right(examples: tuple[list[str], list[str]], here: Path) -> None:
    (here / "net.py").write_text(block("fixture"), encoding="utf-8")
    expected = expectations(here / "net.py")
    places = [
        (d.location.row, d.location.column, d.code)
        for d in lint(expected.source, Settings()).diagnostics
    ]
    assert places == expected.findings != []


def test_the_rule_is_short() -> None:
    code = block("rule")
    docstring = re.search(r'    """.*?"""\n', code, re.DOTALL)
    assert docstring is not None
    assert len(code.splitlines()) - len(docstring[0].splitlines()) < 80
