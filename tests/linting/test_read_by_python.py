"""What Python reads is linted, also where libcst refuses a statement or a stack is short."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.cases import Case, cases
from support.linting import fixed, run

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import AnalysisError, lint

CASES = cases(Path(__file__).parent / "cases" / "read_by_python")
NOT_LAST = """\
import torch.nn.functional as F


def noise(x):
    try: x = F.dropout(x, 0.2)
    except: pass
    except ValueError: pass
    return x
"""


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_findings_are_at_their_places(case: Case) -> None:
    found = run(case.text).diagnostics
    assert [f"{d.code}:{d.location.row}" for d in found] == list(case.findings)
    assert all(case.text[d.start : d.end].startswith("F.dropout(") for d in found)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_fixes_change_their_lines_only(case: Case) -> None:
    text = fixed(case.text, fix_style="flag")
    assert run(text).diagnostics == ()
    assert text.replace(", training=self.training", "") == case.text


def test_what_python_compiles_not_is_a_syntax_error() -> None:
    with pytest.raises(AnalysisError, match="line 6: syntax error, default 'except:' must be last"):
        lint(Source("test.py", NOT_LAST), Settings())


def test_endless_recursion_is_no_depth(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*args: object) -> object:
        return endless(*args)

    monkeypatch.setattr("dropout_lint.linting.pipeline._analyse", endless)
    with pytest.raises(RecursionError):
        lint(Source("test.py", CASES["lambda_behind_return"].text), Settings())
