"""An editor saves a file at the moment at which a fix is written: what it saved is never lost.

`DROPOUT_LINT_MOMENTS=600 pytest tests/files` tries six hundred moments instead of a few dozen.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import dropout_lint.files.replacing as replacing
from dropout_lint.files.source import SourceError
from dropout_lint.files.writing import write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("here"),
    pytest.mark.skipif(sys.platform != "linux", reason="needs fork, and exchanges files on Linux"),
]
MOMENTS = int(os.environ.get("DROPOUT_LINT_MOMENTS", "60"))

BEFORE = b"x = 1\n" * 400
FIXED = b"y = 2\n" * 300
SAVED = b"z = 3\n" * 500


def truncates(draw: random.Random) -> None:
    with open("a.py", "wb", buffering=0) as file:
        time.sleep(draw.choice([0, 0, 0.0005, 0.002]))
        file.write(SAVED)


def overwrites(draw: random.Random) -> None:
    """Open without truncating, and take some time until it writes."""
    with open("a.py", "r+b", buffering=0) as file:
        time.sleep(draw.choice([0, 0, 0.0005, 0.002, 0.02]))
        file.write(SAVED)
        file.truncate()


def renames(draw: random.Random) -> None:
    Path("a.py~").write_bytes(SAVED)
    os.rename("a.py~", "a.py")


def moves_away(draw: random.Random) -> None:
    """As vim does with `backupcopy=no`: the old file becomes the backup, and a new one is made."""
    os.rename("a.py", "a.py~")
    Path("a.py").write_bytes(SAVED)


EDITORS = [truncates, overwrites, renames, moves_away]


def fork(do: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            do()
            code = 0
        os._exit(code)
    return child


def raced(draw: random.Random, save: Callable[[random.Random], None], aimed: bool) -> str:
    """Let somebody save while a fix is written; whether it was written or refused.

    ``aimed``: around the moment of the exchange, otherwise at any moment of the writing.
    """
    Path("a.py").write_bytes(BEFORE)
    flag = mmap.mmap(-1, 1)
    before, after = draw.random() * 0.0003, draw.random() * 0.0003
    late, seed = draw.random() * 0.02, draw.random()

    def editor() -> None:
        while not flag[0]:
            time.sleep(0)
        time.sleep(before if aimed else late)
        save(random.Random(seed))

    def exchange(*names: str) -> bool:
        flag[0] = 1
        time.sleep(after)
        return original(*names)

    child = fork(editor)
    original = replacing.exchange
    try:
        if aimed:
            replacing.exchange = exchange
        else:
            flag[0] = 1
        write("a.py", FIXED, BEFORE)
        result = "written"
    except SourceError as error:
        result = str(error)
    finally:
        replacing.exchange = original
        flag[0] = 1
        assert os.waitpid(child, 0)[1] == 0, "the editor could not save"
    return result


@pytest.mark.parametrize("aimed", [False, True], ids=["any moment", "at the exchange"])
def test_what_an_editor_saves_is_never_lost(aimed: bool, here: Path) -> None:
    draw = random.Random(9)
    results: Counter[str] = Counter()
    for moment in range(MOMENTS):
        save = EDITORS[moment % len(EDITORS)]
        result = raced(draw, save, aimed)
        results[result] += 1
        assert Path("a.py").read_bytes() == SAVED, (moment, save.__name__, result)
        assert {path.name for path in here.iterdir()} <= {"a.py", "a.py~"}
    print(results)
    known = "a.py: (changed|was removed|is open for writing)"
    assert all(r == "written" or r.startswith(tuple(_starts(known))) for r in results), results


def _starts(pattern: str) -> list[str]:
    head, _, tail = pattern.partition("(")
    return [head + option for option in tail.rstrip(")").split("|")]


def test_file_that_stays_open_for_writing_is_left_alone() -> None:
    Path("a.py").write_bytes(BEFORE)
    with (
        open("a.py", "r+b"),
        pytest.raises(SourceError, match="is open for writing in another program"),
    ):
        write("a.py", FIXED, BEFORE)
    assert Path("a.py").read_bytes() == BEFORE
    assert os.listdir() == ["a.py"]


def test_file_that_is_open_for_reading_is_fixed() -> None:
    Path("a.py").write_bytes(BEFORE)
    with open("a.py", "rb") as file:
        assert write("a.py", FIXED, BEFORE) is None
        assert file.read() == BEFORE, "a reader sees the one or the other"
    assert Path("a.py").read_bytes() == FIXED


def test_two_saves_while_a_fix_is_written_leave_the_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first is found when the files have changed places, the second when it is put back."""
    Path("a.py").write_bytes(BEFORE)
    saves = [b"first", b"second"]
    original = replacing.exchange

    def exchange(*names: str) -> bool:
        if saves:
            Path("b").write_bytes(saves.pop(0))
            os.rename("b", "a.py")
        return original(*names)

    monkeypatch.setattr(replacing, "exchange", exchange)
    with pytest.raises(SourceError, match="changed while it was being fixed"):
        write("a.py", FIXED, BEFORE)
    assert Path("a.py").read_bytes() == b"second"
    assert os.listdir() == ["a.py"]


def test_signals_mean_again_what_they_meant() -> None:
    Path("a.py").write_bytes(BEFORE)
    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = list(map(signal.getsignal, numbers))
    write("a.py", FIXED, BEFORE)
    assert list(map(signal.getsignal, numbers)) == before


def test_interrupt_comes_when_the_file_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.py").write_bytes(BEFORE)
    original = os.fsync

    def fsync(handle: int) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        original(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(KeyboardInterrupt):
        write("a.py", FIXED, BEFORE)
    assert Path("a.py").read_bytes() == FIXED
    assert os.listdir() == ["a.py"]


@pytest.mark.parametrize("save", [renames, truncates])
def test_without_an_exchange_the_file_is_compared_once_more(
    save: Callable[[random.Random], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the temporary file is written somebody saves; as on systems that cannot exchange."""
    Path("a.py").write_bytes(BEFORE)
    original = os.fsync

    def fsync(handle: int) -> None:
        original(handle)
        save(random.Random(0))

    monkeypatch.setattr(replacing, "exchange", lambda *names: False)
    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(SourceError, match="changed while it was being fixed"):
        write("a.py", FIXED, BEFORE)
    assert Path("a.py").read_bytes() == SAVED
