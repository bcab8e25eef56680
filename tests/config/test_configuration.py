"""Which configuration a file has, and what is said about a bad one."""

from __future__ import annotations

import json
import os
import re

import pytest
from support.command import (
    FIXED,
    MODEL,
    places,
    run,
    write,
)
from support.runs import BOTH, CONCISE, files, found

from dropout_lint.config import KEYS

pytestmark = pytest.mark.usefixtures("here")


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
