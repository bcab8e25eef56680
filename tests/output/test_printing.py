"""What is printed where, in which order, in which encoding, and the closing lines."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.command import (
    CLEAN,
    HARDCODED,
    INTENTIONAL,
    MODEL,
    hear_interrupts,
    places,
    run,
    run_encoded,
    run_process,
    write,
)
from support.linting import ROOT
from support.runs import BOTH, CONCISE

from dropout_lint.commands.command_line import FORMATS

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def four_files(here: Path) -> None:
    write("b.py", BOTH)
    write("a/z.py")
    write("a.py", INTENTIONAL)
    write("clean.py", CLEAN)


@pytest.mark.usefixtures("four_files")
@pytest.mark.parametrize("output_format", FORMATS)
def test_every_format_goes_to_stdout_or_into_a_file(output_format: str) -> None:
    options = ["--output-format", output_format]
    printed = run(*options, "--quiet")
    filed = run(*options, "--output-file", "report")
    assert printed.code == filed.code == 1
    assert printed.err == filed.out == ""
    assert Path("report").read_text() == printed.out
    assert filed.err == ("" if output_format in ("json", "github", "sarif") else run(*options).out[
        len(printed.out):])  # fmt: skip


@pytest.mark.usefixtures("four_files")
def test_output_is_ordered_by_path_then_line() -> None:
    want = ["a/z.py:7:16", "b.py:7:16", "b.py:16:16"]
    assert places(run(CONCISE)) == want
    assert places(run(CONCISE, "b.py", "a")) == want
    want.insert(0, "a.py:7:16")
    assert places(run(CONCISE, "--show-intentional")) == want


@pytest.mark.usefixtures("four_files")
def test_problems_are_ordered_by_path() -> None:
    for name in "d.py", "c.py":
        write(name, "from torch.nn.functional import dropout\ndropout(\n")
    for jobs in "1", "2":
        problems = run("-j", jobs, "nowhere", ".").problems
        assert [problem.partition(":")[0] for problem in problems] == ["nowhere", "c.py", "d.py"]


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--output-format", "json"], ["--diff"], ["--fix"]])
def test_two_jobs_print_what_one_does(here: Path, options: list[str]) -> None:
    contents = itertools.cycle(
        [
            MODEL,
            CLEAN,
            BOTH,
            INTENTIONAL,
            "from torch.nn.functional import dropout\ndropout(\n",
            HARDCODED,
        ]
    )
    written = {}
    for number, content in zip(range(150), contents, strict=False):
        path = write(f"pkg{number % 7}/model{number}.py", content)
        written[path] = content
    one = run("--jobs", "1", *options)
    after = {path: path.read_text() for path in written}
    for path, content in written.items():
        path.write_text(content)
    two = run_process("--jobs", "2", *options)
    assert two == one
    assert {path: path.read_text() for path in written} == after


@pytest.mark.usefixtures("four_files")
def test_summary_counts_what_the_json_holds() -> None:
    write("broken.py", "from torch.nn.functional import dropout\ndropout(\n")
    rows = json.loads(run("--output-format", "json").out)
    result = run()
    by_severity = [row["severity"] for row in rows]
    names = {row["filename"] for row in rows}
    assert result.out.splitlines()[-4:] == [
        f"Found {len(rows)} findings in {len(names)} files ({by_severity.count('error')} errors, "
        f"{by_severity.count('warning')} warning); 4 files checked.",
        "[*] 2 fixable with `--fix`, 1 more with `--fix --unsafe-fixes`.",
        "Declared intentional: 1 (list with `--show-intentional`).",
        "1 path could not be checked, see above.",
    ]
    everything = json.loads(run("--output-format", "json", "--show-intentional").out)
    assert len(everything) - len(rows) == 1


@pytest.mark.usefixtures("four_files")
def test_summary_of_fixing_counts_what_is_gone() -> None:
    before = json.loads(run("--output-format", "json").out)
    summary = run("--fix", CONCISE).out.splitlines()
    after = json.loads(run("--output-format", "json").out)
    assert f"Fixed {len(before) - len(after)} findings in 2 files." in summary
    assert f"Left {len(after)} finding in 1 file (1 warning); 4 files checked." in summary


@pytest.mark.usefixtures("four_files")
def test_statistics_count_by_rule() -> None:
    result = run("--statistics", "-q")
    assert result.out == "2  DRP001  dropout-missing-training\n1  DRP003  hardcoded-training-flag\n"
    assert json.loads(run("--statistics", "--output-format", "json").out) == [
        {"code": "DRP001", "name": "dropout-missing-training", "count": 2},
        {"code": "DRP003", "name": "hardcoded-training-flag", "count": 1},
    ]
    assert run("--statistics", "clean.py", "-q").out == ""


def test_intentional_drops_are_counted_and_listed_on_demand() -> None:
    write("model.py", INTENTIONAL)
    hidden = run(CONCISE)
    assert hidden.out == (
        "No findings; 1 file checked.\nDeclared intentional: 1 (list with `--show-intentional`).\n"
    )
    shown = run(CONCISE, "--show-intentional")
    assert shown.code == 0
    assert places(shown) == ["model.py:7:16"]
    assert "[intentional: the name `Prenet` says so]" in shown.out


@pytest.mark.parametrize("verb", ["intentional", "ignore[DRP001]"])
def test_marker_above_a_statement_covers_what_begins_on_a_later_row(verb: str) -> None:
    line = "        return F.dropout(x, 0.5)\n"
    marker = f"        # dropout-lint: {verb} wanted\n"
    spread = "        return abs(\n            F.dropout(x, 0.5)\n        )\n"
    write("model.py", MODEL.replace(line, marker + spread))
    assert run(CONCISE).code == 0
    write("model.py", MODEL.replace(line, f"{marker}        x = x + 1\n{spread}"))
    assert run(CONCISE).code == 1


def test_quiet_prints_findings_only_and_verbose_says_more() -> None:
    write("model.py")
    quiet, verbose = run(CONCISE, "-q"), run(CONCISE, "-v")
    assert len(quiet.out.splitlines()) == 1 and quiet.err == ""
    assert verbose.out == run(CONCISE).out
    assert verbose.err == f"1 file, configured in {os.getcwd()}\n"


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"NO_COLOR": "", "FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": ""}, False),
    ],
)
def test_colours(
    variables: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("model.py")
    plain = run()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = run()
    assert ("\x1b[" in result.out) is coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", result.out) == plain.out
    assert "\x1b[" not in run("--output-format", "json").out
    run("--output-file", "report")
    assert "\x1b[" not in Path("report").read_text()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8:strict"])
@pytest.mark.parametrize(
    "output_format",
    [pytest.param(name, marks=pytest.mark.slow if name == "text" else ()) for name in FORMATS],
)
def test_no_character_ends_a_run(output_format: str, encoding: str) -> None:
    write("größe.py", "# 😀\n" + MODEL.replace("(x, 0.5)", "(x, p=0.5)  # 😀"))
    with contextlib.suppress(OSError):  # a file system that knows text only
        write("\udcff.py")
    for options in [], ["--diff"]:
        arguments = ["--output-format", output_format, *options]
        if output_format == "text":
            result = run_process(*arguments, PYTHONIOENCODING=encoding)
        else:
            result = run_encoded(encoding, *arguments)
        assert result.code == 1
        assert "Traceback" not in result.err


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no head")
def test_reader_that_goes_away_ends_the_run_quietly() -> None:
    for number in range(200):
        write(f"model{number}.py")
    command = f"{sys.executable} -m dropout_lint | head -1"
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=variables)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="signals and forks")
def test_ctrl_c_ends_a_run_of_several_processes_in_one_sentence() -> None:
    slow = "x = 1\n" * 20_000 + MODEL
    for number in range(40):
        write(f"model{number}.py", slow)
    process = subprocess.Popen(
        [sys.executable, "-m", "dropout_lint", "--jobs", "2", "--verbose"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=hear_interrupts,
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith("40 files")
    time.sleep(2)  # of the minute that it would take
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert err == "dropout-lint: interrupted, so not everything was done\n"
