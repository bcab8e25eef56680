"""A run is killed while it fixes: files are whole, and nothing of it is left for long.

`DROPOUT_LINT_KILLS=280 pytest tests/files` kills that many times with each signal.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest
from support.command import FIXED, MODEL, run

from dropout_lint.commands.command_line import cli
from dropout_lint.files import leftovers

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("here"),
    pytest.mark.skipif(sys.platform != "linux", reason="needs fork and signals"),
]
KILLS = int(os.environ.get("DROPOUT_LINT_KILLS", "24"))
FILES = [f"m{number}.py" for number in range(6)]
PREFIX = ".dropout-lint."


def start(*args: str) -> int:
    """The command in a process of its own, which has all its imports already."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            cli.main(args, standalone_mode=False)
        os._exit(0)
    return child


def killed(number: int, after: float, *args: str) -> int | None:
    """Kill a run some seconds after its start; the signal that ended it, None if it was done."""
    child = start("--fix", "--quiet", *args)
    time.sleep(after)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, number)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else None


def lay_out(names: list[str]) -> None:
    for name in names:
        Path(name).write_text(MODEL)


def left() -> list[str]:
    return sorted(name for name in os.listdir() if name.startswith(PREFIX))


def duration(*args: str) -> float:
    lay_out(FILES)
    before = time.monotonic()
    os.waitpid(start("--fix", "--quiet", *args), 0)
    return time.monotonic() - before


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGHUP"])
def test_killed_run_leaves_whole_files(name: str) -> None:
    number = getattr(signal, name)
    draw = random.Random(9)
    lay_out(FILES)
    run("--fix")  # so that everything is imported
    whole = min(duration() for _ in range(3))
    ended = with_files = 0
    for moment in range(KILLS):
        lay_out(FILES)
        by = killed(number, draw.random() * whole)
        assert by in (number, None)
        ended += by is not None
        for file in FILES:
            assert Path(file).read_text() in (MODEL, FIXED), (moment, file)
        with_files += bool(left())
        assert name == "SIGKILL" or left() == [], (moment, left())
        assert run("--fix").code == 0
        assert left() == []
        assert [Path(file).read_text() for file in FILES] == [FIXED] * len(FILES)
    print(f"{name}: {ended} of {KILLS} runs were ended by it, {with_files} left a temporary file")
    assert ended


@pytest.mark.parametrize("name", ["SIGTERM", "SIGKILL"])
def test_workers_end_with_the_run(name: str) -> None:
    names = [f"m{number}.py" for number in range(60)]
    for delay in [0.05, 0.15, 0.3]:
        lay_out(names)
        killed(getattr(signal, name), delay, "--jobs=2")
        if name == "SIGKILL":  # they hear of it a little later
            time.sleep(0.5)
        assert name == "SIGKILL" or left() == []
        state = {file: Path(file).read_text() for file in names}
        assert set(state.values()) <= {MODEL, FIXED}
        time.sleep(0.3)
        assert {file: Path(file).read_text() for file in names} == state, "somebody goes on"
        assert run("--fix").code == 0
        assert left() == []


# --- what is left -------------------------------------------------------------------------------


def dead_name(where: str | None = None, suffix: str = ".tmp") -> str:
    """The name of a temporary file of a process that is gone."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    here = leftovers.prefix().removeprefix(PREFIX).partition("-")[0]
    return f"{PREFIX}{where or here}-{child}-1.abcdefgh{suffix}"


def test_next_run_removes_what_is_left_and_nothing_else() -> None:
    lay_out(["a.py"])
    ours = [dead_name(), dead_name()]
    others = [
        f"{leftovers.prefix()}abcdefgh.tmp",  # of this process, which lives
        dead_name("00000000"),  # of another machine, and new
        f"{PREFIX}toml",
        f"{PREFIX}settings",
        f"{dead_name()}.bak",
        f"x{dead_name()}",
    ]
    for name in ours + others:
        Path(name).write_text("x")
    Path(dead_name()).mkdir()
    assert run("--diff").code == 1
    assert set(ours) < set(os.listdir()), "a diff writes nothing"
    assert run("--fix").code == 0
    names = os.listdir()
    assert set(others) < set(names)
    assert not set(ours) & set(names)


def test_old_file_of_another_machine_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(["a.py"])
    name = dead_name("00000000")
    Path(name).write_text("x")
    monkeypatch.setattr("dropout_lint.files.leftovers._OLD", -1)
    run("a.py")
    assert not Path(name).exists()


def test_process_with_the_same_number_is_another_one() -> None:
    lay_out(["a.py"])
    where, pid, start = leftovers.prefix().removeprefix(PREFIX).rstrip(".").split("-")
    name = f"{PREFIX}{where}-{pid}-{int(start) - 1}.abcdefgh.tmp"
    Path(name).write_text("x")
    run("a.py")
    assert not Path(name).exists()


def test_safety_copy_of_a_dead_run_is_spoken_of() -> None:
    lay_out(["a.py"])
    name = dead_name(suffix=".a.py.copy")
    Path(name).write_text("x = 1\n")
    result = run("--fix")
    assert result.code == 2
    assert result.problems == [
        f"{Path.cwd() / 'a.py'}: a run was killed while it wrote the file; what it was before is "
        f"in {name}, compare the two and remove that"
    ]
    assert Path(name).read_text() == "x = 1\n"


def test_safety_copy_of_a_file_that_is_as_it_was_is_removed() -> None:
    lay_out(["a.py"])
    name = dead_name(suffix=".a.py.copy")
    Path(name).write_text(MODEL)
    assert run("--fix").code == 0
    assert os.listdir() == ["a.py"]
