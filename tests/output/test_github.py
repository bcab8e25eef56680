"""GitHub annotations, against their specification."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from support.command import CLEAN, HARDCODED, INTENTIONAL, MODEL, run, write
from support.outputs import (
    NOQA,
    SEVERAL_LINES,
)

from dropout_lint.output import github

pytestmark = pytest.mark.usefixtures("here")


def annotations(*options: str) -> list[tuple[str, dict[str, str], str]]:
    """Level, properties and message of each annotation, read as the runner of GitHub reads them."""
    found = []
    for line in run("--output-format=github", *options).out.splitlines():
        match = re.fullmatch(r"::(error|warning|notice) (.*?)::(.*)", line)
        assert match, line
        pairs = (pair.partition("=") for pair in match[2].split(","))
        properties = {key: unescape(value, "%25 %0D %0A %3A %2C") for key, _, value in pairs}
        found.append((match[1], properties, unescape(match[3], "%25 %0D %0A")))
    return found


def unescape(text: str, known: str) -> str:
    return re.sub("|".join(known.split()), lambda match: unquote(match[0]), text)


def test_github_annotation_of_a_finding() -> None:
    write("pkg/model.py")
    assert run("--output-format=github").out == (
        "::error title=dropout-lint (DRP001),file=pkg/model.py,line=7,endLine=7,col=16,endColumn=33"
        "::pkg/model.py:7:16: DRP001 `F.dropout` without `training` stays on after `eval()`; "
        "it defaults to True\n"
    )


def test_github_columns_are_left_out_where_a_finding_has_several_lines() -> None:
    write("model.py", SEVERAL_LINES)
    [(level, properties, message)] = annotations()
    assert level == "error"
    assert properties == {
        "title": "dropout-lint (DRP001)", "file": "model.py", "line": "7", "endLine": "10",
    }  # fmt: skip
    assert message.startswith("model.py:7:16: DRP001 ")


def test_github_levels() -> None:
    for name, content in {"a": MODEL, "b": HARDCODED, "c": INTENTIONAL, "d": NOQA}.items():
        write(f"{name}.py", content)
    assert [level for level, _, _ in annotations()] == ["error", "warning"]
    assert [level for level, _, _ in annotations("--show-intentional")] == [
        "error", "warning", "notice",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["a,b.py", "a:b.py", "100%25.py", "a\nb\r.py", "::error ::x.py", "é😀.py"]
)
def test_github_escapes_what_would_end_a_property(name: str) -> None:
    try:
        write(name)
    except OSError:
        pytest.skip("no such names here")
    [(_, properties, message)] = annotations()
    assert properties["file"] == name
    assert message.startswith(f"{name}:7:16: DRP001 ")


def test_github_prints_nothing_where_nothing_is_found() -> None:
    write("model.py", CLEAN)
    assert run("--output-format=github").out == ""


def test_github_escapes_messages() -> None:
    assert github.data("50 % of: a,\r\nb") == "50 %25 of: a,%0D%0Ab"
