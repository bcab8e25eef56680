"""Which rules a run has: options, configuration and ignores by file."""

from __future__ import annotations

import re

import pytest
from support.command import (
    run,
    write,
)
from support.runs import BOTH, CODES, files, found

pytestmark = pytest.mark.usefixtures("here")


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
