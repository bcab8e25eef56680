"""The parent half of `--prove`: what is proved, who is to blame, and what may be written."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.linting import fixed

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import chosen_fix, lint
from dropout_lint.verify.process.prove_session import prove_changes
from dropout_lint.verify.proof.changes import Change, Hunk, edited_lines, hunks, rewritten
from dropout_lint.verify.proof.synthetic import pattern
from dropout_lint.verify.report.fix_proof import Level
from dropout_lint.verify.report.results import Failure, FailureKind
from dropout_lint.verify.targets.target_specs import parse

NET = """import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p=0.4):
        super().__init__()
        self.p = p
        self.fc = nn.Linear(6, 6)

    def forward(self, x):
        if x.dim() == 5:
            x = F.dropout3d(x, 0.2)
        return F.dropout(self.fc(x), self.p)


def build():
    return Net()


def example_inputs():
    return (torch.ones(2, 6),)
"""


def test_hunks() -> None:
    before, after = "a\nb\nc\nd\n", "a\nB\nc\n"
    assert hunks(before, after) == [Hunk((2,), (2,)), Hunk((4,), (3,))]
    assert edited_lines("a\n", "new\na\n") == [1]
    assert edited_lines("gone\na\n", "a\n") == [1]
    assert hunks("a\r\n", "a\n") == []
    assert hunks("a\nb\n", "A\nB\n") == [Hunk((1,), (1,)), Hunk((2,), (2,))]


def test_loading_the_parent_half_does_not_import_torch() -> None:
    modules = "sys, dropout_lint.verify.process.prove_session, dropout_lint.verify.proof.synthetic"
    code = f"import {modules}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# --- patterns -------------------------------------------------------------------------------------


def patterns(code: str, **settings: Any) -> list[dict[str, Any] | None]:
    source, chosen = Source("net.py", code), Settings(unsafe_fixes=True, **settings)
    found = [(d, chosen_fix(d, True)) for d in lint(source, chosen).diagnostics]
    return [pattern(code, d, fix, chosen.catalog) for d, fix in found if fix is not None]


CALLS = [
    "F.dropout(x)",
    "F.dropout(self.fc(x), self.p)",
    "F.dropout(input=x, p=self.p, inplace=True)",
    "F.dropout2d(x, 0.3) + torch.nn.functional.dropout1d(x)",
    "torch.dropout(x, p=0.2, train=True)",
    "torch.feature_dropout_(x, 0.2, True)",
    "F.alpha_dropout(F.dropout(x), 0.3, True)",
    "F.feature_alpha_dropout(x, self.p, training=True)",
    "F.rrelu(x, training=True)",
    "F.scaled_dot_product_attention(x, x, x, dropout_p=self.p)",
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("style", ["module", "flag"])
@pytest.mark.models
def test_rewritten_calls_are_proved_by_themselves(call: str, style: str) -> None:
    pytest.importorskip("torch", reason="the calls are executed")
    from dropout_lint.verify.process.prove_job import prove_patterns
    from dropout_lint.verify.report.fix_proof import fix_proof

    code = NET.replace("F.dropout(self.fc(x), self.p)", call).replace("F.dropout3d(x, 0.2)", "x")
    made = patterns(code, fix_style=style)
    assert made and all(made)
    for proof in map(fix_proof, prove_patterns({"patterns": made})["proofs"]):
        assert proof.level is Level.PATTERN, proof.reason


def test_a_pattern_keeps_the_form_of_the_fix() -> None:
    (made,) = patterns(NET.replace("F.dropout3d(x, 0.2)", "x"), fix_style="module")
    assert made is not None
    assert made["name"] == "F.dropout(x0, self.rate) -> self.dropout(x0)"
    assert "self.dropout = nn.Dropout(self.rate)" in made["after"]
    assert made["has_rate"]
    compile(made["after"], "after", "exec")


@pytest.mark.parametrize(
    "call",
    [
        "F.dropout(x, *self.arguments)",
        "F.dropout(x, **self.arguments)",
        "F.dropout(x, 0.5, inplace=self.flag)",
        "F.scaled_dot_product_attention(x, x, x, attn_mask=self.mask, dropout_p=0.5)",
    ],
)
def test_what_is_no_plain_call_has_no_pattern(call: str) -> None:
    code = NET.replace("F.dropout(self.fc(x), self.p)", call).replace("F.dropout3d(x, 0.2)", "x")
    assert not any(patterns(code))


# --- who is to blame ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    value: dict[str, Any] | None = None
    failure: Failure | None = None


def here(function: str, arguments: dict[str, Any], /) -> Answer:
    """Runs a job in this process."""
    from dropout_lint.verify.process import prove_job

    return Answer(getattr(prove_job, function.partition(":")[2])(arguments))


def change(path: Path, before: str, after: str | None = None, style: str = "module") -> Change:
    path.write_text(before)
    settings = Settings(unsafe_fixes=True, fix_style=style)
    source = Source(str(path), before)
    after = fixed(before, unsafe_fixes=True, fix_style=style) if after is None else after
    return Change(str(path), before, after, rewritten(source, settings))


@pytest.mark.models
def test_each_edit_has_its_level(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the models are executed")
    path = tmp_path / "net.py"
    result = prove_changes([change(path, NET, style="flag")], [parse(f"{path}:build")], here)
    assert result.refused == {}
    assert [(e.rows, e.codes, e.level) for e in result.edits] == [
        ((14,), ("DRP001",), Level.PATTERN),
        ((15,), ("DRP001",), Level.PROVED),
    ]


@pytest.mark.models
def test_only_the_guilty_file_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the models are executed")
    (tmp_path / "__init__.py").write_text("")
    wrong = NET.replace("class Net", "class Head")
    good = change(
        tmp_path / "net.py",
        NET.replace("from torch import nn", "from torch import nn\nfrom .head import Head")
        .replace("self.fc = ", "self.head = Head()\n        self.fc = ")
        .replace("self.fc(x)", "self.fc(self.head(x))"),
    )
    bad = change(tmp_path / "head.py", wrong, wrong.replace("self.p)", "self.p, training=True)"))
    result = prove_changes([good, bad], [parse(f"{tmp_path / 'net.py'}:build")], here)
    assert list(result.refused) == [bad.path]
    assert "obligation 9" in result.refused[bad.path]
    assert {edit.path for edit in result.edits} == {good.path}


@pytest.mark.models
def test_without_a_model_that_runs_the_calls_are_proved_by_themselves(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the models are executed")
    before = NET.replace("return Net()", "raise OSError('no weights')")
    path = tmp_path / "net.py"
    result = prove_changes([change(path, before)], [parse(f"{path}:build")], here)
    assert result.refused == {}
    assert {edit.level for edit in result.edits} == {Level.PATTERN}
    assert "no weights" in result.proofs[0].reason


@pytest.mark.models
def test_a_target_that_fails_is_told_and_refuses_nothing(tmp_path: Path) -> None:
    failure = Failure(FailureKind.IMPORT, "importing it raises ImportError")
    path = tmp_path / "net.py"
    target = parse(f"{change(path, NET).path}:build")
    result = prove_changes([change(path, NET)], [target], lambda *_: Answer(failure=failure))
    assert result.failures == {target.spec: failure}
    assert result.refused == {}
    assert {edit.level for edit in result.edits} == {None}


@pytest.mark.models
def test_in_processes_of_their_own(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the models are executed")
    from dropout_lint.verify.process.isolation import run_isolated

    path = tmp_path / "net.py"
    changes = [change(path, NET, style="flag")]
    result = prove_changes(changes, [parse(f"{path}:build")], run_isolated)
    assert result.failures == {}
    assert Level.PROVED in {edit.level for edit in result.edits}
