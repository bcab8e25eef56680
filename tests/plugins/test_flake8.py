"""The flake8 plugin through flake8's own command."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from support.linting import MODELS, SCRIPTS, by_default, expectations

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import lint
from dropout_lint.plugins.flake8 import DropoutChecker

pytest.importorskip("flake8", reason="flake8 is not installed")

BUG = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)
"""


def flake8(
    *arguments: str, cwd: Path, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flake8", *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def found(output: str) -> list[tuple[str, int, int, str]]:
    rows = []
    for line in output.splitlines():
        path, row, column, rest = line.split(":", 3)
        rows.append((Path(path).name, int(row), int(column), rest.split()[0]))
    return sorted(rows)


@pytest.mark.slow
def test_fixtures_give_the_same_findings_as_the_command(tmp_path: Path) -> None:
    want = []
    for path in (*MODELS, *SCRIPTS):
        expected = expectations(path)
        (tmp_path / path.name).write_text(expected.source.text, encoding="utf-8")
        want += [(path.name, *finding) for finding in by_default(expected.findings)]
    run = flake8("--select=DRP", "--jobs=2", ".", cwd=tmp_path)
    assert run.stderr == ""
    assert run.returncode == 1
    assert found(run.stdout) == sorted(want)


def test_findings_come_by_default(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(BUG)
    run = flake8("net.py", cwd=tmp_path)
    assert found(run.stdout) == [("net.py", 7, 16, "DRP001")]


@pytest.mark.slow
def test_stdin_with_a_name(tmp_path: Path) -> None:
    run = flake8("--select=DRP", "--stdin-display-name=a/net.py", "-", cwd=tmp_path, stdin=BUG)
    assert run.stdout.startswith("a/net.py:7:16: DRP001 ")


@pytest.mark.slow
def test_columns_count_code_points(tmp_path: Path) -> None:
    code = BUG.replace("return F", 'return "é🐍" and F')
    (tmp_path / "net.py").write_text(code, encoding="utf-8")
    run = flake8("--select=DRP", "net.py", cwd=tmp_path)
    column = code.splitlines()[6].index("F.dropout") + 1
    assert found(run.stdout) == [("net.py", 7, column, "DRP001")]


@pytest.mark.slow
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_do_not_move_findings(
    tmp_path: Path, line_end: str, bom: str
) -> None:
    (tmp_path / "net.py").write_bytes((bom + BUG.replace("\n", line_end)).encode("utf-8"))
    run = flake8("--select=DRP", "net.py", cwd=tmp_path)
    assert found(run.stdout) == [("net.py", 7, 16, "DRP001")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("comment", "count"),
    [
        ("# noqa", 0),
        ("# noqa: DRP001", 0),
        ("# noqa: DRP", 0),
        ("# noqa: E501", 1),
        ("# dropout-lint: ignore[DRP001]", 0),
        ("# dropout-lint: intentional noise for diversity", 0),
        ("# dropout is always on", 0),
    ],
)
def test_comments_count(tmp_path: Path, comment: str, count: int) -> None:
    (tmp_path / "net.py").write_text(BUG.replace("0.5)", f"0.5)  {comment}"))
    run = flake8("--select=DRP", "net.py", cwd=tmp_path)
    assert len(found(run.stdout)) == count


@pytest.mark.slow
def test_disable_noqa_shows_what_a_noqa_hides(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(BUG.replace("0.5)", "0.5)  # noqa: DRP001"))
    run = flake8("--select=DRP", "--disable-noqa", "net.py", cwd=tmp_path)
    assert found(run.stdout) == [("net.py", 7, 16, "DRP001")]


@pytest.mark.slow
def test_single_codes_can_be_ignored(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(BUG)
    assert flake8("--extend-ignore=DRP001", "net.py", cwd=tmp_path).stdout == ""


@pytest.mark.slow
def test_the_closest_pyproject_is_read(tmp_path: Path) -> None:
    inner = tmp_path / "pkg"
    inner.mkdir()
    (inner / "net.py").write_text(BUG)
    (inner / "pyproject.toml").write_text('[tool.dropout-lint]\nignore = ["DRP001"]\n')
    assert flake8("--select=DRP", "pkg/net.py", cwd=tmp_path).stdout == ""


@pytest.mark.slow
def test_a_configuration_file_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(BUG)
    (tmp_path / "ours.toml").write_text('[tool.dropout-lint]\nignore = ["DRP"]\n')
    (tmp_path / ".flake8").write_text("[flake8]\ndropout-lint-config = ours.toml\n")
    assert flake8("net.py", cwd=tmp_path).stdout == ""


def test_a_configuration_that_cannot_be_used_is_reported_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(BUG)
    (tmp_path / "other.py").write_text("import os\n")
    (tmp_path / "pyproject.toml").write_text("[tool.dropout-lint]\nselekt = []\n")
    run = flake8(".", cwd=tmp_path)
    assert "DRP000" in run.stdout and "unknown key `selekt`" in run.stdout
    assert "other.py:1:1: F401" in run.stdout


SILENT = {
    "select": ["--select=E,F,W"],
    "ignore D": ["--ignore=D,E501"],
    "extend-ignore D": ["--extend-ignore=D"],
}


@pytest.mark.slow
@pytest.mark.parametrize("options", SILENT.values(), ids=SILENT.keys())
def test_it_warns_once_when_the_configuration_switches_it_off(
    tmp_path: Path, options: list[str]
) -> None:
    for name in ("one.py", "two.py", "three.py"):
        (tmp_path / name).write_text(BUG)
    run = flake8(*options, "--jobs=2", ".", cwd=tmp_path)
    assert "DRP" not in run.stdout
    assert run.stderr.count("extend-select = DRP") == 1


LOUD = {
    "select DRP": ["--select=E,DRP"],
    "extend-select": ["--select=E,F,W", "--extend-select=DRP"],
    "ignore one": ["--ignore=D100"],
    "nothing": [],
}


@pytest.mark.slow
@pytest.mark.parametrize("options", LOUD.values(), ids=LOUD.keys())
def test_it_does_not_warn_when_it_is_on(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "net.py").write_text(BUG)
    run = flake8(*options, "net.py", cwd=tmp_path)
    assert run.stderr == ""
    assert "DRP001" in run.stdout


OFF = """\
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 8, dropout=0.5)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.lstm(x)
"""
# Options of flake8, and the codes of rules that are off by default that they bring.
ASKED: dict[str, tuple[list[str], list[str]]] = {
    "nothing": ([], []),
    "the prefix": (["--select=E,DRP"], []),
    "the prefix in addition": (["--select=E", "--extend-select=DRP"], []),
    "ignore replaces the defaults": (["--ignore=E501"], []),
    "one": (["--extend-select=DRP013"], ["DRP013"]),
    "one, selected": (["--select=DRP013"], ["DRP013"]),
    "some": (["--extend-select=DRP01"], ["DRP013", "DRP019"]),
    "two": (["--extend-select=DRP013,DRP019"], ["DRP013", "DRP019"]),
    "one and ignored": (["--extend-select=DRP01", "--extend-ignore=DRP013"], ["DRP019"]),
    "one that does not exist": (["--extend-select=DRP000,DRP777"], []),
}


@pytest.mark.slow
@pytest.mark.parametrize(("options", "codes"), ASKED.values(), ids=ASKED.keys())
def test_rules_that_are_off_by_default_must_be_asked_for(
    tmp_path: Path, options: list[str], codes: list[str]
) -> None:
    (tmp_path / "net.py").write_text(OFF)
    run = flake8(*options, "net.py", cwd=tmp_path)
    assert run.stderr == ""
    assert sorted(code for *_, code in found(run.stdout)) == codes


@pytest.mark.slow
def test_the_configuration_can_ask_for_rules_that_are_off_by_default(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(OFF)
    (tmp_path / "pyproject.toml").write_text('[tool.dropout-lint]\nextend-select = ["DRP013"]\n')
    assert [code for *_, code in found(flake8("net.py", cwd=tmp_path).stdout)] == ["DRP013"]
    both = flake8("--extend-select=DRP019", "net.py", cwd=tmp_path)
    assert sorted(code for *_, code in found(both.stdout)) == ["DRP013", "DRP019"]


@pytest.mark.slow
def test_what_flake8_asks_for_leaves_the_default_rules_to_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(BUG)
    (tmp_path / "pyproject.toml").write_text('[tool.dropout-lint]\nignore = ["DRP001"]\n')
    assert flake8("--extend-select=DRP001,DRP013", "net.py", cwd=tmp_path).stdout == ""


CURSED = {
    "empty": b"",
    "only a comment": b"# dropout\n",
    "latin-1": "# -*- coding: latin-1 -*-\n# é dropout\n".encode("latin-1") + BUG.encode(),
    "undecodable": BUG.encode() + b"# \xff\xfe dropout\n",
    "syntax error": BUG.encode() + b"def (:\n",
    "null byte": BUG.encode() + b"x = '\0'\n",
    "many ands": b"import torch\nx = " + b" and ".join([b"dropout"] * 5000) + b"\n" + BUG.encode(),
    "deep patterns": (
        b"def f(dropout):\n    match dropout:\n        case "
        + b"[" * 30
        + b"x"
        + b"]" * 30
        + b":\n            pass\n\n\n"
        + BUG.encode()
    ),
    "form feed": b"\f" + BUG.encode(),
    "tabs": BUG.replace("    ", "\t").encode(),
}


if sys.version_info[:2] != (3, 11):
    # flake8 7.5 itself ends with a traceback: `ast` raises ValueError before Python 3.11, and from
    # 3.12 on `tokenize` raises SystemError.
    del CURSED["null byte"]


@pytest.mark.slow
@pytest.mark.parametrize("content", CURSED.values(), ids=CURSED.keys())
def test_whatever_a_file_contains_the_others_are_checked(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cursed.py").write_bytes(content)
    (tmp_path / "fine.py").write_text(BUG)
    run = flake8("--select=DRP,E9", ".", cwd=tmp_path)
    assert "Traceback" not in run.stderr
    assert ("fine.py", 7, 16, "DRP001") in found(run.stdout)


def test_an_error_of_our_own_is_a_finding_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("dropout_lint.linting.pipeline.lint", broken)
    lines = BUG.splitlines(keepends=True)
    checker = DropoutChecker(ast.parse(BUG), "net.py", lines)
    [(row, column, text, _)] = list(checker.run())
    assert (row, column) == (1, 0)
    assert text.startswith("DRP000 ") and "boom" in text


def test_the_shared_tree_is_not_changed() -> None:
    tree = ast.parse(BUG)
    before = ast.dump(tree, include_attributes=True)
    assert list(DropoutChecker(tree, "net.py", BUG.splitlines(keepends=True)).run())
    assert ast.dump(tree, include_attributes=True) == before


def test_what_other_plugins_hang_on_the_tree_is_not_walked() -> None:
    """pyflakes gives every node an attribute for the node above, on the tree that all share."""
    code = BUG + "\n".join(f"x{i} = [[{i}], ({i}, {i})]" for i in range(200)) + "\n"
    tree = ast.parse(code)
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child._pyflakes_parent = node  # type: ignore[attr-defined]
    report = lint(Source("model.py", code), Settings(), tree)
    assert [diagnostic.code for diagnostic in report.diagnostics] == ["DRP001"]
