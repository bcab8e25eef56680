"""Which files a run has: what git says, links, odd names and files that are no Python.

Excludes are in `test_excludes`, files that are in the way in `test_in_the_way`.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from support.command import FIXED, MODEL, places, run, write

from dropout_lint.config import Configurations
from dropout_lint.files.discovery import find_files

pytestmark = pytest.mark.usefixtures("here")


def found(*paths: str) -> list[str]:
    return [
        file.path.replace(os.sep, "/")
        for file in find_files(paths or (".",), Configurations({}, None)).files
    ]


# --- what git ignores ---------------------------------------------------------------------------

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
FOLDERS = ["", "a/", "b/", "a/b/", "a/b/c/", "b/a/", "x y/", "é/"]
NAMES = ["a.py", "b.py", "test_a.py", "a b.py", "éé.py", "#a.py", "!b.py", "[a].py", "A.py"]
PATTERNS = r"""
a.py b.py *.py test_* /a.py a/ /a/ b/ a/b a/b/ /a/b b/a c ** **/b **/a.py a/** a/**/a.py b/* /* *
*/b */ ?.py [ab].py [!a].py [a-b]/ \#a.py #a.py \!b.py \[a].py x\ x? éé* é é/ *.pyc a.* a**b ./a.py
../a.py / [ [a !a.py !b.py !*.py !a/ !/a/b !a/b/ !*/ !a/b/c/ !**/b !b/a/*.py !test_a.py
""".split()
PATTERNS += ["x y", r"x\ y/", "a b.py", "a.py\\ "]


def by_git() -> list[str]:
    """The Python files of the repository in the current folder that git does not ignore."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard", "*.py"],
        env={**os.environ, "HOME": os.devnull, "XDG_CONFIG_HOME": os.devnull},
        capture_output=True, check=True,
    )  # fmt: skip
    return sorted(os.fsdecode(name) for name in done.stdout.split(b"\0") if name)


@pytest.mark.slow
@needs_git
@pytest.mark.parametrize("seed", range(12))
def test_files_are_those_that_git_does_not_ignore(seed: int) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    for folder in FOLDERS:
        for name in NAMES:
            write(folder + name, "")
    draw = random.Random(seed)
    ends = ["\n", "\n", "\r\n", "  \n", "\n\n# a comment\n"]
    for _ in range(12):
        Path(".git/info/exclude").write_text("")
        for folder in FOLDERS:
            Path(folder, ".gitignore").unlink(missing_ok=True)
        files = ["", *draw.sample(FOLDERS[1:], draw.randint(0, 3))]
        for folder in files:
            patterns = draw.choices(PATTERNS, k=draw.randint(1, 4))
            text = "".join(pattern + draw.choice(ends) for pattern in patterns)
            write(f"{folder}.gitignore", draw.choice(["", "", "\ufeff"]) + text)
        if draw.random() < 0.3:
            write(".git/info/exclude", draw.choice(PATTERNS) + "\n")
        written = {f: Path(f, ".gitignore").read_text() for f in files}
        assert found() == by_git(), written


@needs_git
def test_gitignore_that_cannot_be_read_ignores_nothing() -> None:
    Path(".git").mkdir()
    Path(".gitignore").mkdir()
    write("pkg/.gitignore", b"\xff\xfe\n\xe9.py\n")
    write("pkg/a.py")
    assert found() == ["pkg/a.py"]


def test_gitignore_above_the_repository_means_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    write(".gitignore", "*.py\n")
    write("repository/.gitignore", "b.py\n")
    Path("repository/.git").mkdir()
    for name in "a.py", "b.py":
        write(f"repository/pkg/{name}")
    assert found() == ["repository/pkg/a.py"]
    monkeypatch.chdir("repository/pkg")
    assert found() == ["a.py"]
    assert found("..") == ["../pkg/a.py"]


def test_worktree_of_git_is_a_repository() -> None:
    write(".git", "gitdir: elsewhere\n")
    write(".gitignore", "a.py\n")
    write("a.py")
    write("b.py")
    assert found() == ["b.py"]


@pytest.mark.parametrize(
    "options",
    [["--exclude", "x\\"], ["--extend-exclude", "a/x\\"], ["--per-file-ignores", "x\\:DRP001"]],
)
def test_pattern_that_is_none_is_one_sentence(options: list[str]) -> None:
    write("a.py")
    result = run(*options)
    assert (result.code, result.out) == (2, "")
    [problem] = result.problems
    assert problem.endswith("x\\\\' is no path pattern; write it as in a .gitignore")


def test_configured_pattern_that_is_none_is_one_sentence(here: Path) -> None:
    write("pyproject.toml", "[tool.dropout-lint]\nexclude = ['a', 'x\\']\n")
    [problem] = run().problems
    assert problem.startswith(f"{here / 'pyproject.toml'}: 'x")
    assert problem.endswith("' is no path pattern; write it as in a .gitignore")


# --- links --------------------------------------------------------------------------------------


def link(target: str, name: str) -> None:
    try:
        os.symlink(target, name)
    except (OSError, NotImplementedError):
        pytest.skip("no symbolic links here")


def test_links_that_go_round_are_walked_once() -> None:
    write("pkg/sub/model.py")
    link("..", "pkg/up")
    link("../../pkg", "pkg/sub/pkg")
    link(".", "pkg/here.py")
    assert found() == found(".", "pkg", "pkg/sub") == ["pkg/sub/model.py"]


def test_link_to_a_folder_is_walked_where_it_is_named() -> None:
    write("real/model.py")
    link("real", "link")
    assert found() == ["real/model.py"]
    assert found("link") == ["link/model.py"]
    assert found("link", "real") == ["link/model.py"], "one file under two names"


def test_link_that_points_to_itself_is_one_sentence() -> None:
    link("b.py", "a.py")
    link("a.py", "b.py")
    write("good.py")
    result = run("--output-format=concise")
    assert (result.code, places(result)) == (2, ["good.py:7:16"])
    assert [problem.partition(":")[0] for problem in result.problems] == ["a.py", "b.py"]


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [b"\xff\xe9.py", "größe 😀.py".encode(), b"a\nb.py", b"-.py", b"@.py"]
)
def test_odd_names_are_linted_and_fixed(name: bytes) -> None:
    path = os.fsdecode(name)
    try:
        write(path)
    except OSError:
        pytest.skip("no such names here")
    assert [row["filename"] for row in json.loads(run("--output-format=json").raw)] == [path]
    assert run("--fix-only").code == 0
    assert Path(path).read_text() == FIXED
    assert os.listdir() == [path]


def test_folder_with_an_odd_name_is_walked() -> None:
    try:
        write("\udcff/a.py")
    except OSError:
        pytest.skip("no such names here")
    assert found() == ["\udcff/a.py"]


# --- kinds --------------------------------------------------------------------------------------

NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": MODEL.splitlines(keepends=True)}]})
SENTENCE = (
    "a.ipynb: is a notebook, which this version does not read; leave it out, or save its code as a "
    "Python file"
)


def test_stubs_are_linted_and_other_files_are_not() -> None:
    for name in "a.py", "b.pyi", "c.ipynb", "d.pyx", "e.py.txt", "f.PY", ".g.py":
        write(name)
    assert found() == [".g.py", "a.py", "b.pyi"]


def test_named_notebook_is_refused_in_one_sentence() -> None:
    write("a.ipynb", NOTEBOOK)
    write("b.py")
    result = run("--fix", "--output-format=concise", "a.ipynb", "b.py")
    assert (result.code, result.problems) == (2, [SENTENCE])
    assert result.out.endswith("1 path could not be checked, see above.\n")
    assert Path("a.ipynb").read_text() == NOTEBOOK
    assert Path("b.py").read_text() == FIXED


def test_notebook_on_stdin_comes_back_as_it_was() -> None:
    data = NOTEBOOK.encode()
    result = run("-", "--fix", "--stdin-filename=a.ipynb", stdin=data)
    assert (result.code, result.raw, result.problems) == (2, data, [SENTENCE])


def test_excluded_notebook_is_no_error() -> None:
    write("a.ipynb", NOTEBOOK)
    assert run("a.ipynb", "--force-exclude", "--extend-exclude=*.ipynb").code == 0
