"""One run of the verify command over a folder of models, and its options."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.verifying import line_of, verify

from dropout_lint.verify.report.eval_report import Verdict, eval_report

pytestmark = pytest.mark.models


def test_each_model_of_a_folder_gets_its_own_result(rows: dict[str, dict[str, object]]) -> None:
    assert {target: row["status"] for target, row in rows.items()} == {
        "broken.py": "failed",
        "clean.py:Net": "clean",
        "noisy.py:build": "findings",
        "sticky.py:build": "findings",
        "two.py:First": "failed",
        "two.py:Second": "clean",
        "wrong.py": "failed",
    }


def test_json_has_everything(folder: Path, rows: dict[str, dict[str, object]]) -> None:
    noisy = rows["noisy.py:build"]
    report = eval_report(noisy["report"])  # type: ignore[arg-type]
    assert report.verdict is Verdict.RANDOM
    (site,) = report.sites
    assert (site.where.file, site.where.line) == (
        str(folder / "noisy.py"),
        line_of("noisy.py", "the line"),
    )
    assert report.spread is not None
    assert report.spread.relative_rms is not None and report.spread.relative_rms > 0.1
    assert (noisy["inputs"], noisy["synthesised"]) == ("example_inputs() of noisy", False)
    assert eval_report(rows["sticky.py:build"]["report"]).train.lost  # type: ignore[arg-type, union-attr]


def test_failures_in_json(folder: Path, rows: dict[str, dict[str, object]]) -> None:
    found = {
        target: (failure["kind"], failure["file"], failure["line"])
        for target, row in rows.items()
        if isinstance(failure := row["failure"], dict)
    }
    assert found == {
        "broken.py": (
            "import error",
            str(folder / "broken.py"),
            line_of("broken.py", "the import"),
        ),
        "two.py:First": ("crash", str(folder / "two.py"), line_of("two.py", "the crash")),
        "wrong.py": ("build error", None, 0),
    }
    assert rows["two.py:First"]["output"] == "hello from First\n"


def test_findings_are_joined_with_what_ran(rows: dict[str, dict[str, object]]) -> None:
    joined = {
        (match["code"], match["status"])  # type: ignore[index]
        for row in rows.values()
        for match in row["lint"]  # type: ignore[attr-defined]
    }
    assert joined == {("DRP001", "confirmed"), ("DRP009", "confirmed")}


def test_constructor_arguments_and_sizes() -> None:
    result = verify("wrong.py:Net", "--init", '{"width": 5}', "--input-size", "3,5", "-v")
    assert result.code == 0, result.out
    assert "ok     wrong.py:Net: deterministic in eval mode\n" in result.out
    assert "  inputs: --input-size 3,5\n" in result.out


def test_made_up_inputs_are_called_so(folder: Path) -> None:
    (folder / "bare.py").write_text(
        "from torch import nn\n\n\ndef build():\n    return nn.Linear(3, 2)\n"
    )
    result = verify("bare.py")
    assert result.code == 0
    assert result.out == (
        "ok     bare.py:build: no randomness seen in eval mode, with inputs that were made up\n"
        "1 model: 1 clean (1 with made-up inputs).\n"
    )


@pytest.mark.parametrize("options", [["--fast"], ["--device=meta"], ["--seeds", "7,8"]])
def test_other_ways_to_run(options: list[str]) -> None:
    result = verify("noisy.py", "--output-format=json", *options)
    assert result.code == 1
    (row,) = json.loads(result.out)
    assert [site["op"] for site in row["report"]["sites"]] == ["F.dropout"]
    if "7,8" in options:
        assert row["report"]["seeds"] == [7, 8]


def test_a_hang_ends_with_the_deadline(folder: Path) -> None:
    code = "import time\n\n\ndef build():\n    time.sleep(1000)  # the line\n"
    (folder / "slow.py").write_text(code)
    result = verify("slow.py:build", "two.py:Second", "--timeout=3")
    assert result.code == 3
    assert "FAILED slow.py:build: hang\n  building the model did not end within 3 s" in result.out
    assert "--> slow.py:5\n" in result.out
    assert "ok     two.py:Second" in result.out


def test_too_much_memory(folder: Path) -> None:
    (folder / "big.py").write_text("def build():\n    return bytearray(1 << 36)\n")
    result = verify("big.py:build", "--memory=1GB")
    assert result.code == 3
    assert "FAILED big.py:build: out of memory\n" in result.out


def test_declared_randomness(folder: Path) -> None:
    settings = folder / "declared.toml"
    settings.write_text(
        '[tool.dropout-lint.verify.declared]\n"noisy.py:*" = "on purpose"\n"head.mc" = "unused"\n'
    )
    result = verify("noisy.py", "--config", str(settings))
    assert result.code == 0
    row = line_of("noisy.py", "the line")
    assert result.out == (
        "ok     noisy.py:build: random in eval mode, as declared\n"
        "  out moves between seeds by " + result.out.split(" by ")[1].split("\n")[0] + "\n"
        f"  declared: noisy.py:{row} F.dropout: on purpose\n"
        "  warning: head.mc is declared random and drew nothing\n"
        "1 model: 1 clean.\n"
    )


def test_targets_from_the_configuration(folder: Path) -> None:
    settings = folder / "targets.toml"
    settings.write_text(
        "[tool.dropout-lint.verify]\ntargets = ['clean.py']\noutput-format='json'\n"
    )
    result = verify("--config", str(settings))
    assert [row["target"] for row in json.loads(result.out)] == ["clean.py:Net"]
