"""What all tests share. They import their helpers from ``support``.

``pytest -m "not slow"`` covers every room in less than a minute. Slow is what executes models,
drives other programs or puts many programs through many layouts.

``pytest --update-snapshots`` writes what the output tests produce to ``tests/snapshots`` instead of
comparing with it. Look at the difference before you commit it.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
# Models are small: more threads of torch, in each of several workers, only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

collect_ignore_glob = ["*/cases/*"]  # programs to lint, some of which have names of tests
SNAPSHOTS = Path(__file__).parent / "snapshots"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots",
        action="store_true",
        help="write tests/snapshots anew instead of comparing with it",
    )


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(item.get_closest_marker(name) for name in ("models", "tools", "gpu")):
            item.add_marker("slow")


def pytest_collection_finish() -> None:
    """What is there by now stays: garbage collections need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, made the current one, in an environment that says nothing about colours."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def same_as_snapshot(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """A function that compares a text with the snapshot of a name (``.txt`` may be left out)."""

    def compare(name: str, text: str) -> None:
        path = SNAPSHOTS / (name if Path(name).suffix else f"{name}.txt")
        if request.config.getoption("--update-snapshots"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
            return
        assert path.exists(), f"{path} is missing; write it with `pytest --update-snapshots`"
        assert text == path.read_bytes().decode(), "see `pytest --update-snapshots`"

    return compare
