"""Every rule on its own examples, in every variant that must not matter."""

from __future__ import annotations

import ast
import re
import tokenize
from io import StringIO

import pytest
from support.layouts import crlf, lone_cr, tabs
from support.linting import codes, fixed, run

from dropout_lint.config import Settings
from dropout_lint.diagnostics import Severity
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import lint
from dropout_lint.rules.base import HEADINGS, Invalid, Rule, all_rules

RULES = all_rules()
VALID = [pytest.param(r, c, id=f"{r.code}-{i}") for r in RULES for i, c in enumerate(r.VALID)]
INVALID = [pytest.param(r, e, id=f"{r.code}-{i}") for r in RULES for i, e in enumerate(r.INVALID)]


def found(rule: type[Rule], code: str) -> int:
    return codes(code, select=(rule.code,)).count(rule.code)


@pytest.mark.parametrize(("rule", "code"), VALID)
def test_valid_code_is_left_alone(rule: type[Rule], code: str) -> None:
    assert found(rule, code) == 0


@pytest.mark.parametrize(("rule", "example"), INVALID)
def test_invalid_code_is_reported(rule: type[Rule], example: Invalid) -> None:
    assert found(rule, example.code) == example.count


def outcomes(example: Invalid) -> dict[str, str]:
    """What each way of fixing must make of an example."""
    safe = example.fixed or example.code
    return {
        "module": safe,
        "flag": example.flag or safe,
        "unsafe": example.unsafe or safe,
    }


def options(rule: type[Rule], way: str) -> dict[str, object]:
    style = "flag" if way == "flag" else "module"
    return {"select": (rule.code,), "fix_style": style, "unsafe_fixes": way == "unsafe"}


@pytest.mark.parametrize("way", ["module", "flag", "unsafe"])
@pytest.mark.parametrize(("rule", "example"), INVALID)
def test_fix(rule: type[Rule], example: Invalid, way: str) -> None:
    want = outcomes(example)[way]
    assert fixed(example.code, **options(rule, way)) == want
    assert fixed(want, **options(rule, way)) == want, "a second run changes something"
    ast.parse(want)
    if want != example.code:
        assert found(rule, want) < example.count, "the fix does not cure the finding"
    assert comments(example.code) == comments(want), "a comment is lost"


def comments(code: str) -> list[str]:
    tokens = tokenize.generate_tokens(StringIO(code).readline)
    return sorted(t.string for t in tokens if t.type == tokenize.COMMENT)


def renamed(code: str) -> str:
    """Other variables, attributes of the user's own and class names: nothing may hang on a name."""
    for old, new in {"x": "übergabe", "q": "frage", "Net": "Netz", "fc": "λ1"}.items():
        code = re.sub(rf"\b{old}\b", new, code)
    return code


def no_final_newline(code: str) -> str:
    return code.rstrip("\n")


def after_text(code: str) -> str:
    return '"""Überschrift: 🐍."""\n' + code


VARIANTS = [crlf, lone_cr, tabs, renamed, no_final_newline, after_text]


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.__name__)
@pytest.mark.parametrize(("rule", "example"), INVALID)
def test_fix_of_a_variant_is_the_variant_of_the_fix(
    rule: type[Rule], example: Invalid, variant: object
) -> None:
    for way, want in outcomes(example).items():
        assert fixed(variant(example.code), **options(rule, way)) == variant(want), way  # type: ignore[operator]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_metadata(rule: type[Rule]) -> None:
    assert re.fullmatch(r"DRP\d{3}", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
    assert isinstance(rule.severity, Severity)
    assert tuple(rule.sections()) == HEADINGS
    assert all(rule.sections().values())
    assert rule.summary().endswith(".")
    assert rule.VALID and rule.INVALID


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES) == len({rule.name for rule in RULES})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_documented_example_shows_the_finding_and_its_cure(rule: type[Rule]) -> None:
    def code(section: str) -> str:
        match = re.search(r"```python\n(.*?)```", rule.sections()[section], re.DOTALL)
        assert match is not None
        return match.group(1)

    assert found(rule, code("Example")) >= 1
    assert found(rule, code("Use instead")) == 0
    assert not run(code("Use instead")).diagnostics


UNSET = """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return F.dropout(self.fc(x), self.rate)
"""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("self.fc = nn.Linear(4, 4)", True),
        ("self.rate = rate", False),
        ("setattr(self, 'rate', rate)", False),
        ("self.__dict__ = {}", False),
        ("for self.rate in (rate,): pass", False),
    ],
)
def test_a_rate_that_nothing_sets_is_remarked_on(line: str, said: bool) -> None:
    code = UNSET.replace("self.fc = nn.Linear(4, 4)", line)
    (found,) = lint(Source("net.py", code), Settings(select=("DRP001",))).diagnostics
    assert found.message.endswith(". Nothing in this file sets `self.rate`") == said
