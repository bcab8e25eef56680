"""Which files a run leaves out: excludes and what git ignores."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from support.command import (
    write,
)
from support.runs import files

pytestmark = pytest.mark.usefixtures("here")


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


@pytest.mark.slow
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
