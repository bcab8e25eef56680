"""The bytes of a project are read once, and what has changed is seen."""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.packages import F, Write

from dropout_lint.config import Settings
from dropout_lint.files.discovery import File
from dropout_lint.linting.runner import check_file, run
from dropout_lint.semantics.facts.calling.nearby_files import NearbyFiles
from dropout_lint.semantics.project import snapshots

FUNCTION = F + "\n\ndef noisy_@(x):\n    return F.dropout(x, 0.5)\n"
CALLER = (
    "from torch import nn\n\nfrom .a import noisy_a\n\n\nclass Net(nn.Module):\n"
    "    def forward(self, x):\n        return noisy_a(x)\n"
)
Reads = Callable[[Callable[[], object]], list[str]]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """The names of the files that something opens for their bytes."""

    def of(action: Callable[[], object]) -> list[str]:
        opened: list[str] = []

        def opening(path: str, mode: str = "r", *rest: object, **more: object) -> object:
            opened.append(os.path.basename(path))
            return builtins.open(path, mode, *rest, **more)  # type: ignore[call-overload]

        with monkeypatch.context() as patched:
            patched.setattr(snapshots, "open", opening, raising=False)
            action()
        return sorted(opened)

    return of


def many(count: int) -> dict[str, str]:
    files = {f"pkg/m{i}.py": FUNCTION.replace("@", str(i)) for i in range(count)}
    return {"pyproject.toml": "", "pkg/__init__.py": "", **files}


def test_a_run_reads_each_file_once(write: Write, reads: Reads) -> None:
    root = write(many(9))
    files = [File(str(path), 1, Settings()) for path in sorted((root / "pkg").iterdir())]
    assert reads(lambda: run(files, "lint", 1)) == ["__init__.py", *(f"m{i}.py" for i in range(9))]


def test_later_runs_read_what_has_changed(write: Write, reads: Reads) -> None:
    root = write(many(3))
    path = str(root / "pkg/m0.py")
    check_file(path, Settings(), "lint")
    assert reads(lambda: check_file(path, Settings(), "lint")) == []
    (root / "pkg/m1.py").write_text("def changed(): pass\n")
    (root / "pkg/added.py").write_text("def added(): pass\n")
    assert reads(lambda: check_file(path, Settings(), "lint")) == ["added.py", "m1.py"]


def test_a_caller_that_comes_and_goes_is_seen(write: Write) -> None:
    root = write(
        {"pyproject.toml": "", "pkg/__init__.py": "", "pkg/a.py": FUNCTION.replace("@", "a")}
    )
    other = root / "pkg/b.py"

    def findings() -> int:
        outcome = check_file(str(root / "pkg/a.py"), Settings(), "lint")
        return len(outcome.report.diagnostics) if outcome and outcome.report else 0

    assert findings() == 0
    other.write_text(CALLER)
    assert findings() == 1
    other.write_text(CALLER.replace("noisy_a(x)", "x + 0.0 + 1"))
    assert findings() == 0
    other.write_text(CALLER)
    assert findings() == 1
    other.unlink()
    assert findings() == 0


def test_the_nearest_come_first(write: Write) -> None:
    use = "from pkg import noisy\ndef f():\n    noisy()\n"
    names = ["a.py", "z.py", "inner/deep/x.py", "inner/m.py", "inner/tests/t.py", "other/o.py"]
    packages = ["pkg", "pkg/inner", "pkg/inner/tests"]
    files = {f"pkg/{name}": use for name in names}
    root = write({f"{package}/__init__.py": "" for package in packages} | files)

    def order(home: str) -> list[str]:
        nearby = NearbyFiles(str(root / "pkg" / home))
        found = nearby.nearest_first(nearby.using("noisy", []))
        return [Path(path).relative_to(root / "pkg").as_posix() for path in found]

    assert order("inner/m.py") == ["inner/deep/x.py", "a.py", "z.py", "other/o.py"]
    assert order("other/new.py") == ["other/o.py", "a.py", "z.py", "inner/m.py", "inner/deep/x.py"]
    # A folder of tests knows what is in it.
    assert order("inner/tests/new.py")[:2] == ["inner/tests/t.py", "inner/m.py"]


def test_too_large_a_project_is_read_near_the_file(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write({**many(6), "pkg/inner/n.py": "from pkg.m0 import noisy_0\ndef f(): pass\n"})
    monkeypatch.setattr(snapshots, "_MAX_FILES", 4)
    nearby = NearbyFiles(str(root / "pkg/inner/home.py"))
    assert nearby.using("noisy_0", []) == {str(root / "pkg/inner/n.py")}
    assert NearbyFiles(str(root / "pkg/m5.py")).using("noisy_0", []) == set()


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("import a, noisy", True),
        ("from a import (b,\n    noisy,\n)", True),
        ("a.  noisy", True),
        ("from a import *\nnoisy()", True),
        ("import a\nnoisy()", False),
        ("f(import_it, noisy)", False),
        ("noisy = 1", False),
        ("a.noisy_one", False),
        ("import a; noisy()", True),
    ],
)
def test_how_a_file_may_use_a_name(text: str, uses: bool, write: Write) -> None:
    root = write({"pyproject.toml": "", "b.py": f"{text}\ndef f(): pass\n"})
    assert bool(NearbyFiles(str(root / "a.py")).using("noisy", [])) is uses
