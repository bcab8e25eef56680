"""Patterns of paths: they mean what git means, and no pattern takes long against any path."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from support.command import write

from dropout_lint.config import Configurations
from dropout_lint.files import gitignore
from dropout_lint.files.discovery import find_files
from dropout_lint.files.patterns import matches

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

HARD = {
    "stars": ("*a*a*a*a*a*ab", "a" * 120),
    "many stars": ("*a" * 120 + "b", "a" * 250),
    "folders": ("**/a/" * 12 + "b", "a/" * 100 + "c"),
    "folders with names between": ("x/" + "**/*a*/" * 40 + "b", "/".join(["x", *["aaa"] * 200])),
    "stars in folders": ("**/*a*a*a*/**/*b*b*a/c", "/".join(["ab" * 20] * 50)),
    "stars in each name": ("*a*a*a/" * 20 + "b", "/".join(["a" * 60] * 21)),
    "classes": ("*[a-z]" * 60 + "1", "a" * 250),
    "question marks": ("*?" * 60 + "1", "a" * 250),
    "to the end": ("**/a/" * 12 + "**", "b/" + "a/" * 11 + "b"),
}


@pytest.mark.parametrize(("pattern", "path"), HARD.values(), ids=HARD)
def test_pattern_that_is_hard_to_match_takes_no_time(pattern: str, path: str) -> None:
    compiled = gitignore.pattern(pattern)
    assert compiled is not None
    before = time.process_time()
    assert not compiled.matches(path, True)
    matches((pattern,), f"/{path}", False, "/")
    assert time.process_time() - before < 2


PIECES = ["a", "b", "ab", "*", "*", "**", "?", "/", "/", "/", "[ab]", "[!a]", "\\*", ".py", "a*b"]
NAMES = ["a", "b", "ab", "aab", "abab", "a.py", "b.py", "*", "a*b"]


@needs_git
@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("seed", range(3))
def test_one_pattern_against_one_path_is_as_in_git(seed: int) -> None:
    """Folders above the path are asked too, as git does."""
    subprocess.run(["git", "init", "-q"], check=True)
    draw = random.Random(seed)
    paths = {"/".join(draw.choices(NAMES, k=draw.randint(1, 4))) for _ in range(150)}
    folders = {os.path.dirname(path) for path in paths if "/" in path}
    for folder in folders:
        os.makedirs(folder, exist_ok=True)
    asked = sorted(path for path in paths if not os.path.isdir(path))
    for path in asked:
        write(path, "")
    environment = {**os.environ, "HOME": os.devnull, "XDG_CONFIG_HOME": os.devnull}
    for _ in range(60):
        pattern = "".join(draw.choices(PIECES, k=draw.randint(1, 7))) + draw.choice(["", "", "/"])
        Path(".gitignore").write_text(f"{pattern}\n")
        done = subprocess.run(
            ["git", "check-ignore", "-z", "--stdin"],
            input="\0".join(asked).encode(),
            capture_output=True,
            env=environment,
            check=False,
        )
        by_git = sorted(name for name in done.stdout.decode().split("\0") if name)
        ours = [path for path in asked if matches((pattern,), path, False, os.getcwd())]
        assert ours == by_git, pattern


@pytest.mark.parametrize(
    ("patterns", "path", "is_folder", "expected"),
    [
        (["a", "!a/b.py"], "a/b.py", False, False),
        (["!a/b.py", "a"], "a/b.py", False, False),
        (["a", "!b.py"], "a/b.py", False, False),
        (["a/*", "!a/b.py", "a/"], "a/b.py", False, False),
        (["*.py", "!a/"], "a/b.py", False, True),
        (["a/", "!a/"], "a/b.py", False, False),
        (["!a/", "a/"], "a/b.py", False, True),
        (["a/"], "a", False, False),
        (["a/"], "a", True, True),
        (["a/**"], "a/b/c.py", False, True),
        (["/a", "./b"], "b/c.py", False, True),
    ],
)
def test_configured_patterns(
    patterns: list[str], path: str, is_folder: bool, expected: bool
) -> None:
    """A pattern that matches the file itself comes before those that match folders around it."""
    assert matches(tuple(patterns), f"/project/{path}", is_folder, "/project") is expected


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_gitignore_that_is_a_pipe_ignores_nothing(here: Path) -> None:
    Path(".git").mkdir()
    os.mkfifo(".gitignore")
    write("a.py")
    assert [file.path for file in find_files(["."], Configurations({}, None)).files] == ["a.py"]
