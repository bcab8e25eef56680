"""Errors of the program itself end in one sentence, and the other files are checked."""

from __future__ import annotations

import os
import re
import sys

import pytest
from support.command import FIXED, MODEL, places, run, write

import dropout_lint.linting.pipeline
import dropout_lint.linting.runner
from dropout_lint.files.source import Source

pytestmark = pytest.mark.usefixtures("here")


class Panic(BaseException):
    """What a panic in libcst's Rust code comes as."""


@pytest.mark.parametrize("error", [ValueError("two\nlines"), Panic("no"), MemoryError()], ids=repr)
def test_internal_error_is_one_sentence_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def lint(source: Source, *args: object) -> object:
        if source.name == "bad.py":
            raise error
        return original(source, *args)

    original = dropout_lint.linting.pipeline._analyse
    monkeypatch.setattr("dropout_lint.linting.pipeline._analyse", lint)
    bad, good = write("bad.py"), write("good.py")
    result = run("--fix", "--jobs", "1")
    assert result.code == 2
    assert len(result.problems) == len(result.err.splitlines()) == 1
    assert re.fullmatch(
        rf"bad\.py: internal error, {type(error).__name__} at test_internal_errors\.py:\d+ \(.*\); "
        "the file was left as it is, please report this as a bug of dropout-lint",
        result.problems[0],
    )
    assert (bad.read_text(), good.read_text()) == (MODEL, FIXED)


def test_fix_that_would_not_parse_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dropout_lint.fixing.edits.apply.splice", lambda *args: "def (")
    path = write("model.py")
    result = run("--fix", "--output-format", "concise")
    assert result.code == 2
    assert result.problems == [
        "model.py: a fix would not parse, so it was not made (DRP001 in line 7); "
        "please report this as a bug of dropout-lint"
    ]
    assert places(result) == ["model.py:7:16"]
    assert path.read_text() == MODEL


def test_fixes_without_end_are_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dropout_lint.fixing.edits.apply.splice", lambda text, *args: text + "#\n")
    path = write("model.py")
    result = run("--fix", "--output-format", "concise")
    assert result.code == 2
    assert result.problems == [
        "model.py: fixes leave something to fix without end, so the file was left as it was; "
        "please report this as a bug of dropout-lint"
    ]
    assert places(result) == ["model.py:7:16"]
    assert path.read_text() == MODEL


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the pool forks on Linux only")
def test_worker_that_is_killed_costs_its_file_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(path: str, *args: object, **options: object) -> object:
        if path == "bad_07.py":
            os._exit(1)
        return original(path, *args, **options)  # type: ignore[arg-type]

    original = dropout_lint.linting.runner.check_file
    monkeypatch.setattr("dropout_lint.linting.runner.check_file", check)
    for number in range(20):
        write(f"bad_{number:02}.py")
    result = run("--jobs", "2", "--output-format", "concise")
    assert result.code == 2
    assert result.problems == [
        "bad_07.py: the process that checked it was killed, perhaps for want of memory; "
        "exclude the file"
    ]
    assert len(places(result)) == 19
