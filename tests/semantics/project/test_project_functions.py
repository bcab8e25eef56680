"""Functions of the project: who decides about a drop, over calls and files."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import command
from support.cases import Project, projects
from support.packages import codes

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import fix, lint
from dropout_lint.semantics import model
from dropout_lint.semantics.sites import imported_functions as functions

CASES = Path(__file__).parent / "cases" / "functions"
FOUND, FINE = projects(CASES / "found"), projects(CASES / "fine")
PACKAGES = {**FOUND, **FINE}
Finding = tuple[str, int, str]


def write(root: Path, package: Project) -> Iterator[Path]:
    """Write a package; yields its Python files."""
    root.mkdir(exist_ok=True)
    (root / "pyproject.toml").touch()
    for name, case in package.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(case.text)
        if path.suffix == ".py":
            yield path


def expected(package: Project) -> list[Finding]:
    places = [
        (name, finding.split(":")) for name, case in package.items() for finding in case.findings
    ]
    return sorted((name, int(row), code) for name, (code, row) in places)


def test_every_package_says_what_it_is() -> None:
    assert all(expected(package) for package in FOUND.values())
    assert not any(expected(package) for package in FINE.values())
    assert len(FINE) >= len(FOUND)


@pytest.mark.parametrize("name", PACKAGES)
def test_what_is_found(name: str, tmp_path: Path) -> None:
    paths = [*write(tmp_path, PACKAGES[name])]
    found = []
    for path in paths:
        codes(path)  # nothing is lost by the cheap stages
        for diagnostic in lint(Source.read(str(path)), Settings()).diagnostics:
            row = diagnostic.location.row
            found.append((path.relative_to(tmp_path).as_posix(), row, diagnostic.code))
    assert sorted(found) == expected(PACKAGES[name])


@pytest.mark.slow
def test_the_command_and_flake8_find_the_same(tmp_path: Path) -> None:
    want: list[Finding] = []
    for number, package in enumerate(PACKAGES.values()):
        root = tmp_path / f"package_{number}"
        root.mkdir()
        [*write(root, package)]
        want += [(f"{root.name}/{name}", row, code) for name, row, code in expected(package)]
    run = command.run("--output-format", "concise", str(tmp_path))
    lines = [
        line.replace("\\", "/").split("/package_")[-1]
        for line in run.out.splitlines()
        if "DRP" in line
    ]
    assert Counter(map(_finding, lines)) == Counter(want)
    pytest.importorskip("flake8", reason="flake8 is not installed")
    arguments = [sys.executable, "-m", "flake8", "--isolated", "--select", "DRP", "--jobs=1", "."]
    flake8 = subprocess.run(
        arguments, cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    lines = [line.replace("\\", "/").split("/package_")[-1] for line in flake8.stdout.splitlines()]
    assert Counter(map(_finding, lines)) == Counter(want)


def _finding(line: str) -> Finding:
    path, row, _, rest = line.split(":", 3)
    return f"package_{path}", int(row), rest.split()[0]


def messages(path: Path) -> list[str]:
    return [found.message for found in lint(Source.read(str(path)), Settings()).diagnostics]


def test_the_message_says_what_drops_far_away(tmp_path: Path) -> None:
    paths = {path.name: path for path in write(tmp_path, FOUND["inverted_given"])}
    assert messages(paths["net.py"]) == [
        "`drop_add` stays on after `eval()`: its `deterministic` is always False "
        "for `F.dropout` in `drop_add` (pkg/ops.py:8)"
    ]
    paths = {path.name: path for path in write(tmp_path / "fresh", FOUND["fresh_module"])}
    assert messages(paths["ops.py"]) == [
        "`nn.Dropout` in `attend()` does not know the mode; "
        "`Net.forward` (pkg/net.py:8) calls it in eval mode too"
    ]


def test_where_the_module_is_in_another_file_nothing_is_fixed(tmp_path: Path) -> None:
    paths = {path.name: path for path in write(tmp_path, FOUND["function"])}
    source = Source.read(str(paths["ops.py"]))
    assert fix(source, Settings(unsafe_fixes=True)).text == source.text


def test_few_files_are_read_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = FOUND["over_three_files"]
    for bound, found in (((8, 3, 2), True), ((8,), False), ((0,), False)):
        monkeypatch.setattr(functions, "MAX_MODELS", bound)
        model._model.cache_clear()
        paths = {path.name: path for path in write(tmp_path, package)}
        assert bool(messages(paths["net.py"])) == found
    model._model.cache_clear()


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    paths = {path.name: path for path in write(tmp_path, FOUND["left_out"])}
    assert "stays on after `eval()`" in messages(paths["net.py"])[0]
    text = paths["ops.py"].read_text()
    paths["ops.py"].write_text(text.replace("training=True", "training=False"))
    assert "does nothing in train mode" in messages(paths["net.py"])[0]


@pytest.mark.parametrize("text", ["def drop_add(:", "\0", "x = " + "(" * 150 + ")" * 150, ""])
def test_a_file_that_cannot_be_read_is_unknown(text: str, tmp_path: Path) -> None:
    paths = {path.name: path for path in write(tmp_path, FOUND["left_out"])}
    paths["ops.py"].write_text(text)
    assert not messages(paths["net.py"])
