"""The exit codes of a run."""

from __future__ import annotations

import pytest
from support.command import (
    CLEAN,
    HARDCODED,
    INTENTIONAL,
    MODEL,
    run,
    run_process,
    write,
)

pytestmark = pytest.mark.usefixtures("here")


@pytest.mark.parametrize(
    ("content", "options", "code"),
    [
        (CLEAN, [], 0),
        (MODEL, [], 1),
        (INTENTIONAL, [], 0),
        (INTENTIONAL, ["--show-intentional"], 0),
        (MODEL, ["--exit-zero"], 0),
        (MODEL, ["--fix"], 0),
        (MODEL, ["--fix", "--exit-non-zero-on-fix"], 1),
        (MODEL, ["--fix", "--exit-non-zero-on-fix", "--exit-zero"], 0),
        (CLEAN, ["--fix", "--exit-non-zero-on-fix"], 0),
        (HARDCODED, ["--fix"], 1),
        (HARDCODED, ["--fix", "--unsafe-fixes"], 0),
        (HARDCODED, ["--fix-only"], 0),
        (MODEL, ["--fix-only"], 0),
        (MODEL, ["--fix-only", "--exit-non-zero-on-fix"], 1),
        (MODEL, ["--diff"], 1),
        (MODEL, ["--diff", "--exit-zero"], 0),
        (CLEAN, ["--diff"], 0),
        (HARDCODED, ["--diff"], 0),
        (HARDCODED, ["--diff", "--unsafe-fixes"], 1),
        (MODEL, ["--statistics"], 1),
        (MODEL, ["--quiet"], 1),
        (MODEL, ["--no-cache"], 1),
        ("from torch.nn.functional import dropout\ndropout(\n", ["--exit-zero"], 2),
        (MODEL, ["--select", "NONE"], 2),
        (MODEL, ["--no-such-option"], 2),
        (MODEL, ["--fix-style", "other"], 2),
        (MODEL, ["--output-format", "xml"], 2),
        (MODEL, ["--jobs", "0"], 2),
        (MODEL, ["--per-file-ignores", "model.py"], 2),
        (MODEL, ["--per-file-ignores", "model.py:NONE"], 2),
        (MODEL, ["--config", "missing.toml"], 2),
        (MODEL, ["missing.py", "--exit-zero"], 2),
        (MODEL, ["-", "model.py"], 2),
        (MODEL, ["--output-file", "missing/report.txt"], 2),
    ],
)
def test_exit_code(content: str, options: list[str], code: int) -> None:
    write("model.py", content)
    assert run(*options).code == code


@pytest.mark.slow
def test_exit_codes_of_a_process_are_those_of_the_command() -> None:
    write("model.py")
    assert [run_process(*options).code for options in ([], ["--exit-zero"], ["-j0"])] == [1, 0, 2]


def test_no_files_is_no_error() -> None:
    assert (run().code, run().out) == (0, "No findings; 0 files checked.\n")


def test_interrupt_is_neither_success_nor_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*args: object) -> None:
        raise KeyboardInterrupt

    write("model.py")
    monkeypatch.setattr("dropout_lint.linting.runner.run", interrupt)
    result = run()
    assert (result.code, result.problems) == (2, ["interrupted, so not everything was done"])
