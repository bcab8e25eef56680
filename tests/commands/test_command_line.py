"""The command line: what each option does, what is printed where, and with which exit code."""

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
    FIXED,
    FLAGGED,
    HARDCODED,
    INTENTIONAL,
    MODEL,
    Result,
    hear_interrupts,
    places,
    run,
    run_process,
    write,
)
from support.linting import ROOT

from dropout_lint import __version__
from dropout_lint.commands.command_line import FORMATS
from dropout_lint.config import KEYS
from dropout_lint.rules.base import all_rules

pytestmark = pytest.mark.usefixtures("here")

CODES = [rule.code for rule in all_rules()]
CONCISE = "--output-format=concise"


def found(*args: str) -> list[str]:
    """The codes that a run reports, in order."""
    return re.findall(r"^\S+:\d+:\d+: (DRP\d+)", run(CONCISE, *args).out, re.MULTILINE)


def files(*args: str) -> list[str]:
    """The files in which a run finds something."""
    return [place.partition(":")[0] for place in places(run(CONCISE, *args))]


# --- exit codes ---------------------------------------------------------------------------------


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


# --- fixing -------------------------------------------------------------------------------------


def test_fix_writes_and_says_what_it_did() -> None:
    path = write("model.py")
    result = run("--fix")
    assert path.read_text() == FIXED
    assert result.out == "Fixed 1 finding in 1 file.\nNo findings left; 1 file checked.\n"


def test_fix_reports_what_is_left_where_it_now_stands() -> None:
    write("model.py", MODEL + "\n\n" + HARDCODED.replace("class Net", "class Other"))
    result = run("--fix", CONCISE)
    assert places(result) == ["model.py:20:16"]
    assert result.out.splitlines()[1:] == [
        "Fixed 1 finding in 1 file.",
        "Left 1 finding in 1 file (1 warning); 1 file checked.",
        "1 unsafe fix available with `--unsafe-fixes`.",
    ]


def test_fix_twice_changes_nothing_more() -> None:
    path = write("model.py")
    run("--fix")
    before = path.stat().st_mtime_ns, path.stat().st_ino
    assert run("--fix").out == "No findings; 1 file checked.\n"
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before, "it was written"


@pytest.mark.parametrize(("style", "fixed"), [("module", FIXED), ("flag", FLAGGED)])
def test_fix_style(style: str, fixed: str) -> None:
    path = write("model.py")
    run("--fix", "--fix-style", style)
    assert path.read_text() == fixed


def test_diff_shows_what_fix_would_do_and_writes_nothing() -> None:
    path = write("pkg/model.py")
    result = run("--diff")
    assert (result.code, path.read_text()) == (1, MODEL)
    assert result.out.startswith("--- a/pkg/model.py\n+++ b/pkg/model.py\n@@ -3,5 +3,9 @@\n")
    assert "\n-        return F.dropout(x, 0.5)\n+        return self.dropout(x)\n" in result.out
    assert (
        result.err == "Would fix 1 finding in 1 file.\nNo findings would be left; 1 file checked.\n"
    )


def test_diff_wins_over_fix() -> None:
    path = write("model.py")
    for option in "--fix", "--fix-only":
        assert run("--diff", option).code == 1
        assert path.read_text() == MODEL


@pytest.mark.parametrize("name", ["with space.py", "größe.py"])
def test_diff_of_a_file_with_an_odd_name_applies(name: str) -> None:
    path = write(name)
    subprocess.run(["git", "apply", "-"], input=run("--diff").raw, check=True)
    assert path.read_text() == FIXED


def test_fix_only_reports_nothing() -> None:
    path = write("model.py", MODEL + "\n\n" + HARDCODED.replace("class Net", "class Other"))
    result = run("--fix-only", "-q")
    assert (result.code, result.out, result.err) == (0, "", "")
    assert "self.dropout(x)" in path.read_text()


def test_unsafe_fixes_are_counted_and_not_shown() -> None:
    path = write("model.py", HARDCODED)
    result = run()
    assert "help: " in result.out and "(unsafe fix)" in result.out
    assert "+         return" not in result.out
    assert result.out.endswith("1 unsafe fix available with `--unsafe-fixes`.\n")
    assert run("--fix").out.endswith("1 unsafe fix available with `--unsafe-fixes`.\n")
    assert path.read_text() == HARDCODED


def test_unsafe_fixes_are_shown_and_applied_where_wanted() -> None:
    path = write("model.py", HARDCODED)
    result = run("--unsafe-fixes")
    assert "+         return F.dropout(x, 0.5, training=self.training)" in result.out
    assert result.out.endswith("[*] 1 fixable with `--fix`.\n")
    assert run("--unsafe-fixes", "--fix").code == 0
    assert path.read_text() == FLAGGED


def test_hint_counts_safe_and_unsafe_fixes() -> None:
    write("a.py")
    write("b.py", HARDCODED)
    hint = "[*] 1 fixable with `--fix`, 1 more with `--fix --unsafe-fixes`.\n"
    assert run().out.endswith(hint)


def test_configured_fixing_can_be_taken_back() -> None:
    write("pyproject.toml", "[tool.dropout-lint]\nfix = true\nunsafe-fixes = true\n")
    path = write("model.py", HARDCODED)
    assert run("--no-fix").code == 1
    assert run("--no-unsafe-fixes").code == 1
    assert path.read_text() == HARDCODED
    assert run().code == 0
    assert path.read_text() == FLAGGED


# --- which rules --------------------------------------------------------------------------------

BOTH = MODEL + "\n\n" + HARDCODED.replace("class Net", "class Other")


@pytest.mark.parametrize(
    ("configured", "options", "want"),
    [
        ("", [], ["DRP001", "DRP003"]),
        ("", ["--select", "DRP001"], ["DRP001"]),
        ("", ["--select", "DRP001,DRP003"], ["DRP001", "DRP003"]),
        ("", ["--select", "DRP001", "--select", "DRP003"], ["DRP001", "DRP003"]),
        ("", ["--select", "DRP"], ["DRP001", "DRP003"]),
        ("", ["--select", "DRP00"], ["DRP001", "DRP003"]),
        ("", ["--select", "ALL"], ["DRP001", "DRP003"]),
        ("", ["--ignore", "DRP001"], ["DRP003"]),
        ("", ["--ignore", "ALL"], []),
        ("", ["--extend-ignore", "DRP003"], ["DRP001"]),
        ("", ["--ignore", "DRP001", "--extend-ignore", "DRP003"], []),
        # The longest prefix decides, and of two equal ones the ignored.
        ("", ["--select", "ALL", "--ignore", "DRP"], []),
        ("", ["--select", "DRP001", "--ignore", "DRP"], ["DRP001"]),
        ("", ["--select", "DRP", "--ignore", "DRP001"], ["DRP003"]),
        ("", ["--select", "DRP001", "--ignore", "DRP001"], []),
        ("", ["--ignore", "DRP", "--extend-select", "DRP003"], ["DRP003"]),
        # The command line has its say after the configuration.
        ("select = ['DRP001']", [], ["DRP001"]),
        ("select = []", [], []),
        ("select = []", ["--extend-select", "DRP003"], ["DRP003"]),
        ("select = ['DRP001']", ["--select", "DRP003"], ["DRP003"]),
        ("select = ['DRP001']", ["--extend-select", "DRP003"], ["DRP001", "DRP003"]),
        ("select = ['DRP001']", ["--ignore", "DRP"], []),
        ("ignore = ['DRP001']", [], ["DRP003"]),
        ("ignore = ['DRP001']", ["--ignore", "DRP003"], []),
        ("ignore = ['DRP001']", ["--select", "DRP"], ["DRP001", "DRP003"]),
        ("ignore = ['DRP001']", ["--extend-select", "DRP001"], ["DRP001", "DRP003"]),
        ("extend-ignore = ['DRP001']", ["--extend-ignore", "DRP003"], []),
        ("select = ['DRP001']\nextend-select = ['DRP003']", [], ["DRP001", "DRP003"]),
    ],
)
def test_selection(configured: str, options: list[str], want: list[str]) -> None:
    write("pyproject.toml", f"[tool.dropout-lint]\n{configured}\n")
    write("model.py", BOTH)
    assert found(*options) == want


@pytest.mark.parametrize(
    "options",
    [
        ["--select", "XYZ"],
        ["--ignore", "DRP999"],
        ["--extend-select", "drp001"],
        ["--extend-ignore", "DRP001,F401"],
        ["--per-file-ignores", "*.py:E501"],
    ],
)
def test_unknown_rule_is_an_error_that_lists_the_rules(options: list[str]) -> None:
    write("model.py")
    result = run(*options)
    assert (result.code, result.out) == (2, "")
    assert len(result.problems) == 1
    assert re.match("unknown rule '.+'; the rules are DRP001, ", result.problems[0])
    assert result.problems[0].endswith(", ".join(CODES))


@pytest.mark.parametrize(
    ("option", "want"),
    [
        ("tests/*.py:DRP001", ["a.py", "pkg/b.py"]),
        ("tests:DRP001", ["a.py", "pkg/b.py"]),
        ("a.py:DRP,b.py:DRP", ["tests/c.py"]),
        ("*.py:DRP003", ["a.py", "pkg/b.py", "tests/c.py"]),
        ("*.py:ALL", []),
        ("*.py:DRP00", []),
        ("!tests:DRP001", ["tests/c.py"]),
        ("./a.py:DRP001", ["pkg/b.py", "tests/c.py"]),
    ],
)
def test_per_file_ignores(option: str, want: list[str]) -> None:
    for name in "a.py", "pkg/b.py", "tests/c.py":
        write(name)
    assert files("--per-file-ignores", option) == want


# --- which files --------------------------------------------------------------------------------


def test_default_excludes_are_left_out_unless_named() -> None:
    for folder in ".venv", "venv", "node_modules", "build", "dist", ".tox", "pkg/__pycache__":
        write(f"{folder}/model.py")
    write("pkg/model.py")
    assert files() == ["pkg/model.py"]
    assert files(".venv") == [".venv/model.py"]
    assert files("build/model.py", "pkg") == ["build/model.py", "pkg/model.py"]
    assert files(".venv", "--force-exclude") == []
    assert files("build/model.py", "pkg", "--force-exclude") == ["pkg/model.py"]


@pytest.mark.parametrize(
    ("options", "want"),
    [
        ([], ["a.py", "pkg/b.py", "pkg/sub/c.py"]),
        (["--exclude", "pkg"], [".venv/v.py", "a.py"]),
        (["--extend-exclude", "pkg"], ["a.py"]),
        (["--extend-exclude", "pkg/"], ["a.py"]),
        (["--extend-exclude", "./pkg"], ["a.py"]),
        (["--extend-exclude", "sub"], ["a.py", "pkg/b.py"]),
        (["--extend-exclude", "pkg/sub"], ["a.py", "pkg/b.py"]),
        (["--extend-exclude", "sub/c.py"], ["a.py", "pkg/b.py", "pkg/sub/c.py"]),
        (["--extend-exclude", "c.py,a.py"], ["pkg/b.py"]),
        (["--extend-exclude", "**/sub"], ["a.py", "pkg/b.py"]),
        (["--extend-exclude", "pkg/*.py"], ["a.py", "pkg/sub/c.py"]),
        (["--extend-exclude", "pkg", "pkg"], ["pkg/b.py", "pkg/sub/c.py"]),
        (["--extend-exclude", "sub", "pkg"], ["pkg/b.py"]),
        (["--extend-exclude", "pkg", "pkg/b.py"], ["pkg/b.py"]),
        (["--extend-exclude", "pkg", "pkg/b.py", "a.py", "--force-exclude"], ["a.py"]),
        (["--extend-exclude", "pkg", "pkg", "a.py", "--force-exclude"], ["a.py"]),
    ],
)
def test_exclude(options: list[str], want: list[str]) -> None:
    for name in "a.py", "pkg/b.py", "pkg/sub/c.py", ".venv/v.py":
        write(name)
    assert files(*options) == want


def test_absolute_pattern_and_pattern_from_another_folder_mean_what_they_say(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("pyproject.toml", "[tool.dropout-lint]\n")
    for name in "a.py", "pkg/b.py", "pkg/sub/c.py":
        write(name)
    assert files("--extend-exclude", str(here / "pkg/b.py")) == ["a.py", "pkg/sub/c.py"]
    monkeypatch.chdir("pkg")
    assert files("--extend-exclude", "sub/c.py") == ["b.py"]
    assert files("--per-file-ignores", "sub/c.py:DRP001") == ["b.py"]
    assert files("--extend-exclude", "../a.py", "..") == ["../pkg/b.py", "../pkg/sub/c.py"]


def test_other_suffixes_are_linted_where_they_are_named() -> None:
    write("script")
    write("stub.pyi")
    assert files() == ["stub.pyi"]
    assert files("script") == ["script"]


GITIGNORED = {
    "ignored.py": "ignored",
    "pkg/ignored.py": "taken back by pkg/.gitignore",
    "pkg/kept.py": "ignored by pkg/.gitignore",
    "pkg/b.py": "",
    "out/c.py": "ignored by an anchored pattern",
    "pkg/out/d.py": "",
    "gen/e.py": "ignored folder",
    "gen/sub/f.py": "ignored folder",
    "deep/x/y/z.py": "ignored by **",
    "a.tmp.py": "ignored by a wildcard",
    "other/repo/ignored.py": "another repository",
    "a.py": "",
}


@pytest.fixture
def repository(here: Path) -> None:
    for name in GITIGNORED:
        write(name)
    Path(".git").mkdir()
    Path("other/repo/.git").mkdir()
    write(".gitignore", "ignored.py\n/out/\ngen/\n!pkg/kept.py\ndeep/**/z.py\n*.tmp.py\n# a.py\n\n")
    write("pkg/.gitignore", "!ignored.py\nkept.py\n")


IN_USE = ["a.py", "other/repo/ignored.py", "pkg/b.py", "pkg/ignored.py", "pkg/out/d.py"]


@pytest.mark.usefixtures("repository")
def test_gitignore_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert files() == IN_USE
    assert files("pkg") == [name for name in IN_USE if name.startswith("pkg")]
    monkeypatch.chdir("pkg")
    assert files() == ["b.py", "ignored.py", "out/d.py"]


@pytest.mark.usefixtures("repository")
def test_gitignore_can_be_left_aside() -> None:
    everything = sorted(GITIGNORED)
    assert files("--no-respect-gitignore") == everything
    write("pyproject.toml", "[tool.dropout-lint]\nrespect-gitignore = false\n")
    assert files() == everything
    assert files("--respect-gitignore") == IN_USE


@pytest.mark.usefixtures("repository")
def test_gitignore_yields_to_what_is_named() -> None:
    assert files("gen/e.py", "ignored.py") == ["gen/e.py", "ignored.py"]
    assert files("gen") == ["gen/e.py", "gen/sub/f.py"]
    assert files("gen/sub", "out") == ["gen/sub/f.py", "out/c.py"]


@pytest.mark.usefixtures("repository")
def test_gitignore_means_nothing_outside_a_repository() -> None:
    Path(".git").rmdir()
    assert files() == sorted(GITIGNORED)


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    "options",
    [["."], ["pkg"], ["gen"], ["out", "a.py"], ["gen/sub"], ["other"], ["--no-respect-gitignore"],
     ["--exclude", "pkg", "."], ["--extend-exclude", "pkg", "pkg"], ["--force-exclude", "gen"],
     ["--extend-exclude", "b.py", "--force-exclude", "pkg/b.py", "a.py"],
     ["--extend-exclude", "out", "."], ["--extend-exclude", "pkg/out", "pkg", "pkg/out/d.py"]],
)  # fmt: skip
def test_the_same_files_as_ruff(options: list[str]) -> None:
    ruff = pytest.importorskip("ruff").find_ruff_bin()
    shown = subprocess.run(
        [ruff, "check", "--isolated", "--no-cache", "--show-files", *options],
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = [os.path.relpath(line) for line in shown.stdout.splitlines()]
    assert files(*options) == sorted(theirs)


# --- configuration ------------------------------------------------------------------------------


def test_closest_pyproject_decides_for_each_file() -> None:
    write("pyproject.toml", "[tool.dropout-lint]\nignore = ['DRP001']\n")
    write("a.py", BOTH)
    write("pkg/pyproject.toml", "[tool.dropout-lint]\nignore = ['DRP003']\n")
    write("pkg/b.py", BOTH)
    write("pkg/sub/pyproject.toml", "[tool.other]\n")
    write("pkg/sub/c.py", BOTH)
    assert places(run(CONCISE)) == ["a.py:16:16", "pkg/b.py:7:16", "pkg/sub/c.py:7:16"]


def test_patterns_belong_to_the_folder_of_their_configuration() -> None:
    write("pkg/pyproject.toml", "[tool.dropout-lint]\nextend-exclude = ['sub/a.py']\n")
    for name in "sub/a.py", "pkg/sub/a.py", "pkg/sub/b.py":
        write(name)
    assert files() == ["pkg/sub/b.py", "sub/a.py"]


def test_named_configuration_is_the_only_one() -> None:
    write("pyproject.toml", "[tool.dropout-lint]\nignore = ['DRP001']\n")
    write("conf/other.toml", "[tool.dropout-lint]\nignore = ['DRP003']\nextend-exclude = ['x/']\n")
    write("model.py", BOTH)
    write("x/model.py", BOTH)
    assert found("--config", "conf/other.toml") == ["DRP001"]


def test_command_line_wins_over_configuration() -> None:
    write("pyproject.toml", "[tool.dropout-lint]\nfix-style = 'flag'\noutput-format = 'json'\n")
    path = write("model.py")
    assert json.loads(run().out)[0]["code"] == "DRP001"
    run("--fix", "--fix-style", "module", CONCISE)
    assert path.read_text() == FIXED


BAD_CONFIGURATION = {
    "unknown key": ("selct = []", f"unknown key `selct`; the keys are {', '.join(KEYS)}"),
    "key with underscores": ("fix_style = 'flag'", "unknown key `fix_style`; the keys are .+"),
    "text for a list": ("select = 'DRP001'", "`select` must be a list of strings, not 'DRP001'"),
    "number in a list": ("ignore = [1]", r"`ignore` must be a list of strings, not \[1\]"),
    "text for a switch": ("fix = 'yes'", "`fix` must be true or false, not 'yes'"),
    "number for a switch": ("fix = 1", "`fix` must be true or false, not 1"),
    "unknown choice": (
        "output-format = 'xml'",
        "`output-format` must be one of text, concise, json, github, sarif, not 'xml'",
    ),
    "list for a table": (
        "per-file-ignores = []",
        "`per-file-ignores` must be a table of code lists by pattern",
    ),
    "text in a table": (
        "per-file-ignores = {x = 'DRP001'}",
        "`per-file-ignores` must be a list of strings, not 'DRP001'",
    ),
    "unknown rule": ("select = ['XYZ']", "unknown rule 'XYZ'; the rules are DRP001, .+"),
    "empty rule": ("select = ['']", "unknown rule ''; the rules are DRP001, .+"),
    "unknown rule for some files": (
        "per-file-ignores = {x = ['E501']}",
        "unknown rule 'E501'; the rules are DRP001, .+",
    ),
    "signature that is none": (
        "functions = {'a.b' = 'x, p'}",
        'functions."a.b": .+',
    ),
    "signature of the wrong type": ("functions = {'a.b' = 1}", 'functions."a.b" must be .+'),
    "invalid TOML": ("select = [", r"is not valid TOML: .+"),
}


@pytest.mark.parametrize("named", [False, True], ids=["found", "named"])
@pytest.mark.parametrize(("line", "sentence"), BAD_CONFIGURATION.values(), ids=BAD_CONFIGURATION)
def test_bad_configuration_is_an_error_that_says_why(line: str, sentence: str, named: bool) -> None:
    write("pyproject.toml", f"[tool.dropout-lint]\n{line}\n")
    path = write("model.py")
    options = ["--config", os.path.abspath("pyproject.toml")] if named else []
    result = run("--fix", *options)
    assert (result.code, result.out, path.read_text()) == (2, "", MODEL)
    assert len(result.problems) == 1
    where = re.escape(os.path.abspath("pyproject.toml"))
    assert re.fullmatch(f"{where}: {sentence}", result.problems[0])


def test_configuration_that_is_no_table_is_an_error() -> None:
    write("pyproject.toml", "[tool]\ndropout-lint = 1\n")
    result = run()
    assert result.code == 2
    assert result.problems[0].endswith("pyproject.toml: [tool.dropout-lint] must be a table")


def test_configuration_that_is_not_utf_8_is_an_error() -> None:
    write("pyproject.toml", "# ö\n[tool.dropout-lint]\n".encode("latin-1"))
    assert run().code == 2
    assert "pyproject.toml: is not valid TOML: " in run().problems[0]


def test_broken_pyproject_of_somebody_else_is_none_of_our_business() -> None:
    write("pyproject.toml", "[tool.other\n")
    assert run().code == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "other.toml: cannot be read, no such file or directory; check the path"),
        ("select = ['DRP001']\n", "other.toml: has no [tool.dropout-lint] section; add one"),
    ],
)
def test_named_configuration_must_be_there(content: str | None, sentence: str) -> None:
    if content is not None:
        write("other.toml", content)
    result = run("--config", "other.toml")
    assert (result.code, result.problems) == (2, [sentence])


# --- printing -----------------------------------------------------------------------------------


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
@pytest.mark.parametrize("output_format", FORMATS)
def test_no_character_ends_a_run(output_format: str, encoding: str) -> None:
    write("größe.py", "# 😀\n" + MODEL.replace("(x, 0.5)", "(x, p=0.5)  # 😀"))
    with contextlib.suppress(OSError):  # a file system that knows text only
        write("\udcff.py")
    for options in [], ["--diff"]:
        result = run_process("--output-format", output_format, *options, PYTHONIOENCODING=encoding)
        assert result.code == 1
        assert "Traceback" not in result.err


@pytest.mark.skipif(os.name == "nt", reason="no head")
def test_reader_that_goes_away_ends_the_run_quietly() -> None:
    for number in range(200):
        write(f"model{number}.py")
    command = f"{sys.executable} -m dropout_lint | head -1"
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=variables)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


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


# --- stdin --------------------------------------------------------------------------------------


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


# --- the other commands -------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--version", "--help", "-h"])
def test_version_and_help_are_printed(option: str) -> None:
    result = run(option)
    assert result.code == 0
    if option == "--version":
        assert result.out == f"dropout-lint {__version__}\n"
    else:
        assert result.out.startswith("Usage: dropout-lint [OPTIONS] [PATHS]...")
        assert "dropout-lint rule CODE" in result.out


def test_every_setting_of_the_command_line_is_one_of_the_configuration() -> None:
    options = set(re.findall(r"--([a-z-]+)", run("--help").out))
    only_configured = {"functions", "module-bases", "intentional-names", "verify"}
    assert set(KEYS) - options == only_configured


def test_check_may_be_said() -> None:
    write("model.py")
    assert run("check", "model.py", CONCISE) == run("model.py", CONCISE)


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_rule_is_explained_by_code_and_by_name(rule: type) -> None:
    result = run("rule", rule.code)  # type: ignore[attr-defined]
    assert result.code == 0
    assert result.out.startswith(f"# {rule.name} ({rule.code})\n")  # type: ignore[attr-defined]
    assert "## What it does\n" in result.out
    assert run("rule", rule.name) == result  # type: ignore[attr-defined]


def test_all_rules_are_listed() -> None:
    lines = run("rule", "--all").out.splitlines()
    assert [line[:6] for line in lines] == CODES


def test_rules_are_given_as_json() -> None:
    one = json.loads(run("rule", "DRP001", "--output-format", "json").out)
    every = json.loads(run("rule", "--all", "--output-format", "json").out)
    assert [row["code"] for row in every] == CODES
    assert every[0] == one
    assert set(one) == {
        "code", "name", "summary", "severity", "default", "fix", "documentation", "url",
    }  # fmt: skip


@pytest.mark.parametrize("options", [["DRP999"], ["no-such-rule"], [], ["DRP001", "--all"]])
def test_rule_that_is_not_there_is_an_error(options: list[str]) -> None:
    result = run("rule", *options)
    assert (result.code, result.out) == (2, "")
    assert re.match("unknown rule '.+'; the rules are|name one rule", result.problems[0])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_printed(shell: str) -> None:
    result = run("completion", shell)
    assert result.code == 0
    assert "_DROPOUT_LINT_COMPLETE" in result.out
    assert run("completion", "tcsh").code == 2


def test_completion_knows_the_options() -> None:
    def complete(words: str) -> list[str]:
        variables = {
            "_DROPOUT_LINT_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(words.count(" ")),
        }
        out = run_process(**variables).out
        return [line.partition(",")[2] for line in out.splitlines()]

    assert complete("dropout-lint --out") == ["--output-format", "--output-file"]
    assert complete("dropout-lint --output-format ") == list(FORMATS)
    assert complete("dropout-lint rule --a") == ["--all"]
