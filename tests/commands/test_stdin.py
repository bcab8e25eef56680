"""Standard input: what is linted, fixed and configured by its name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.command import (
    CLEAN,
    FIXED,
    HARDCODED,
    MODEL,
    Result,
    places,
    run,
    write,
)
from support.runs import CONCISE

pytestmark = pytest.mark.usefixtures("here")


def stdin(*options: str, content: str = MODEL) -> Result:
    return run("-", *options, stdin=content.encode())


def test_stdin_is_linted_under_the_given_name() -> None:
    assert places(stdin(CONCISE)) == ["<stdin>:7:16"]
    result = stdin(CONCISE, "--stdin-filename", "pkg/model.py")
    assert (result.code, places(result), result.err) == (1, ["pkg/model.py:7:16"], "")
    assert "Found 1 finding in 1 file (1 error); 1 file checked.\n" in result.out
    assert stdin(content=CLEAN).code == 0


def test_stdin_is_fixed_to_stdout_and_reported_to_stderr() -> None:
    result = stdin("--fix")
    assert (result.code, result.out) == (0, FIXED)
    assert result.err == "Fixed 1 finding in 1 file.\nNo findings left; 1 file checked.\n"
    for content in CLEAN, "x = 1\n", "":
        assert stdin("--fix", content=content).out == content
    left = stdin("--fix", CONCISE, content=HARDCODED)
    assert (left.code, left.out) == (1, HARDCODED)
    assert left.err.startswith("<stdin>:7:16: DRP003 ")


def test_stdin_is_diffed_to_stdout() -> None:
    result = stdin("--diff", "--stdin-filename", "model.py")
    assert result.code == 1
    assert result.out.startswith("--- a/model.py\n+++ b/model.py\n")
    assert (
        result.err == "Would fix 1 finding in 1 file.\nNo findings would be left; 1 file checked.\n"
    )
    assert stdin("--diff", content=CLEAN).code == 0


def test_stdin_takes_the_other_options_too() -> None:
    assert stdin("--fix-only", "-q", content=HARDCODED).err == ""
    assert stdin("--fix-only", content=HARDCODED).code == 0
    assert stdin("--fix", "--exit-non-zero-on-fix").code == 1
    assert stdin("--exit-zero").code == 0
    assert stdin("--statistics", "-q").out == "1  DRP001  dropout-missing-training\n"
    assert stdin("--output-file", "report", "-q", CONCISE).out == ""
    assert Path("report").read_text().startswith("<stdin>:7:16: DRP001 ")
    assert stdin("--select", "DRP003").code == 0
    assert stdin("--stdin-filename", "a.py", "--per-file-ignores", "a.py:DRP001").code == 0


def test_stdin_is_configured_by_the_folder_of_its_name() -> None:
    write("pkg/pyproject.toml", "[tool.dropout-lint]\nignore = ['DRP001']\n")
    assert stdin("--stdin-filename", "pkg/sub/model.py").code == 0
    assert stdin("--stdin-filename", "model.py").code == 1


def test_stdin_of_an_excluded_name_comes_back_as_it_was() -> None:
    options = ["--stdin-filename", ".venv/model.py", "--force-exclude"]
    assert stdin(*options).code == 0
    assert stdin(*options, "--fix").out == MODEL
    assert stdin("--stdin-filename", ".venv/model.py").code == 1


def test_stdin_and_paths_do_not_mix() -> None:
    write("model.py")
    result = run("-", "model.py")
    assert result.code == 2
    assert result.problems == ["`-` stands for stdin and cannot be mixed with other paths"]


def test_stdin_survives_an_internal_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise ValueError("no")

    monkeypatch.setattr("dropout_lint.linting.pipeline._analyse", fail)
    result = stdin("--fix")
    assert (result.code, result.out) == (2, MODEL)
    assert re.match("<stdin>: internal error, ValueError at .+; the file .+", result.problems[0])
