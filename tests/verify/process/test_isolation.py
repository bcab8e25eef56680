"""Isolation: each way to fail really happens in a child, is told apart, and harms nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.linting import ROOT

from dropout_lint.verify.process import failures
from dropout_lint.verify.process.isolation import Host, Result, run_isolated
from dropout_lint.verify.report.results import Failure, FailureKind

JOBS = Path(__file__).parent / "jobs.py"
LONG, SHORT = 300.0, 3.0
GIB = 1 << 30
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel keeps to it on Linux only")
pytestmark = [pytest.mark.models, posix]


@pytest.fixture(scope="module", autouse=True)
def environment() -> Iterator[None]:
    pytest.importorskip("torch", reason="the child imports torch")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{JOBS.parent}")
        yield


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    with Host() as host:
        yield host


def run(job: str, host: Host, deadline: float = LONG, **arguments: object) -> Result:
    return run_isolated(f"jobs:{job}", arguments, deadline_s=deadline, memory_bytes=GIB, host=host)


def failure(job: str, host: Host, deadline: float = LONG) -> Failure:
    result = run(job, host, deadline)
    assert result.value is None
    assert result.failure is not None
    assert run("echo", host).failure is None, "the next job is not harmed"
    return result.failure


def place(job: str) -> tuple[str, int]:
    lines = JOBS.read_text(encoding="utf-8").splitlines()
    return str(JOBS), 1 + next(n for n, line in enumerate(lines) if line.endswith(f"# line: {job}"))


# --- answers ------------------------------------------------------------------------------------


def test_an_answer_comes_back(host: Host) -> None:
    given = {"text": "ä\n", "list": [1, None, 2.5], "nested": {"a": True}}
    result = run("echo", host, **given)
    assert result.failure is None
    assert result.value is not None
    assert {key: result.value[key] for key in given} == given
    assert result.value["torch"], "imported before the fork"
    assert result.value["process"] != os.getpid()
    assert run("echo", host).value["process"] != result.value["process"]  # type: ignore[index]


def test_this_process_does_not_import_torch() -> None:
    code = (
        "import sys; from dropout_lint.verify.process.isolation import run_isolated; "
        "r = run_isolated('jobs:echo', {}); "
        "assert r.value['torch'] and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_a_spawned_child_says_the_same() -> None:
    with Host("cuda") as spawning:  # what runs there need not use it
        assert not spawning.forks
        result = run("echo", spawning, value=1)
        assert result.value is not None
        assert (result.value["value"], result.value["torch"]) == (1, True)
        found = run("segfault", spawning).failure
        assert found is not None
        assert (found.kind, found.file, found.line) == (FailureKind.CRASH, *place("segfault"))


def test_modules_in_the_current_folder_do_not_stand_in_for_ours(here: Path) -> None:
    for name in ("json", "torch", "dropout_lint", "subprocess"):
        (here / f"{name}.py").write_text("raise SystemExit('the wrong one')\n")
    result = run_isolated("jobs:echo", {})
    assert result.failure is None


# --- exceptions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("job", "kind", "stage", "message"),
    [
        ("exception", FailureKind.EXCEPTION, "run", "ValueError: first"),
        ("sys_exit", FailureKind.EXIT, "import", "calls sys.exit('bye') while importing it"),
        ("os_exit", FailureKind.EXIT, "import", "calls os._exit(3) while importing it"),
        ("reads_stdin", FailureKind.EXCEPTION, "run", "EOFError: EOF when reading a line"),
        ("list_too_large", FailureKind.MEMORY, "build", "out of memory while building the model"),
        ("tensor_too_large", FailureKind.MEMORY, "run", "out of memory while running the model"),
        (
            "segfault",
            FailureKind.CRASH,
            "run",
            "the process died of SIGSEGV, a segmentation fault while",
        ),
    ],
)
def test_failures_with_a_line(
    host: Host, job: str, kind: FailureKind, stage: str, message: str
) -> None:
    found = failure(job, host)
    assert (found.kind, found.stage) == (kind, stage)
    assert (found.file, found.line) == place(job)
    assert found.message.startswith(message)
    assert "\n" not in found.message
    assert Failure.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_an_error_inside_torch_is_charged_to_the_user_s_line(host: Host) -> None:
    found = failure("build_error", host)
    assert (found.kind, found.file, found.line) == (FailureKind.BUILD, *place("build_error"))
    assert found.message.startswith("RuntimeError: ")


def test_an_error_outside_all_stages_is_ours(host: Host) -> None:
    found = failure("bug_of_ours", host)
    assert (found.kind, found.message) == (FailureKind.INTERNAL, "KeyError: 'no such key'")
    assert "bug_of_ours" in found.trace


# --- processes that have to be ended, or end by themselves --------------------------------------


@pytest.mark.parametrize("job", ["hang", "hang_beside_threads"])
def test_a_hang_is_ended_and_located(host: Host, job: str) -> None:
    found = failure(job, host, SHORT)
    assert (found.kind, found.file, found.line) == (FailureKind.HANG, *place(job))
    stage = "making inputs" if job == "hang" else "running the model"
    assert found.message == f"{stage} did not end within 3 s (raise --timeout if it may)"


def test_a_signal(host: Host) -> None:
    found = failure("killed", host)
    assert found.kind is FailureKind.CRASH
    assert found.message.startswith("the process died of SIGKILL, perhaps because the system ran")


@linux
def test_a_fork_bomb_is_bounded(host: Host) -> None:
    found = failure("fork_bomb", host)
    assert found.kind is FailureKind.PROCESSES
    assert found.message == (
        "started 64 processes and more while running the model, so it was stopped"
    )


@linux
def test_nothing_is_left_of_what_a_job_started(host: Host) -> None:
    result = run("leaves_children", host)
    assert result.value is not None
    assert len(result.value["pids"]) == 3
    for pid in result.value["pids"]:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_output_is_kept_apart_and_shortened(host: Host) -> None:
    result = run("prints_megabytes", host)
    assert result.value == {}
    assert len(result.output) < 50_000
    assert result.output.startswith("the beginning\nxxx")
    assert result.output.endswith("xxx\nthe end")
    assert " bytes more …" in result.output


def test_bad_manners_change_nothing(host: Host) -> None:
    folder = os.getcwd()
    assert run("behaves_badly", host).value == {"done": True}
    assert os.getcwd() == folder
    assert run("echo", host).failure is None


def test_a_job_that_closes_all_files(host: Host) -> None:
    found = failure("closes_all_files", host)
    assert found.kind is FailureKind.EXIT
    assert "exit code 70 and no answer while running the model" in found.message


def test_a_host_that_is_lost_is_replaced(host: Host) -> None:
    found = failure("kills_its_parent", host)
    assert (found.kind, found.message) == (
        FailureKind.INTERNAL,
        "the process that runs models was lost (it ended with code -9)",
    )


def test_closing_from_elsewhere_ends_the_job() -> None:
    results: list[Result] = []
    with Host() as host:
        assert run("echo", host).failure is None
        waiting = threading.Thread(target=lambda: results.append(run("hang", host)))
        waiting.start()
        time.sleep(0.2)
    waiting.join(LONG)
    (result,) = results
    assert result.failure is not None
    assert result.failure.kind is FailureKind.INTERNAL
    assert run("echo", host).failure is not None, "a closed one does nothing more"


def test_a_broken_torch_is_said_so(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "elsewhere" / "torch").mkdir(parents=True)
    (here / "elsewhere" / "torch" / "__init__.py").write_text("raise OSError('libcudart.so.12')\n")
    monkeypatch.setenv("PYTHONPATH", f"{here / 'elsewhere'}{os.pathsep}{ROOT}")
    found = run_isolated("jobs:echo", {}).failure
    assert found is not None
    assert (found.kind, found.message) == (
        FailureKind.ENVIRONMENT,
        "torch cannot be imported (OSError: libcudart.so.12); repair it",
    )


# --- tracebacks ---------------------------------------------------------------------------------

DUMP = """\
Timeout (0:00:02)!
Thread 0x00007f0000000002 (most recent call first):
  File "/home/me/reader.py", line 7 in read

Thread 0x00007f0000000001 (most recent call first):
  File "/usr/lib/site-packages/torch/nn/functional.py", line 100 in linear
  File "/home/me/net.py", line 12 in forward
  File "/home/me/main.py", line 1 in main
"""


def test_a_dump_names_the_main_thread_s_line_unless_another_crashed() -> None:
    assert failures.dumped_line(DUMP) == ("/home/me/net.py", 12)
    crashed = DUMP.replace("Thread 0x00007f0000000002", "Current thread 0x00007f0000000002")
    assert failures.dumped_line(crashed) == ("/home/me/reader.py", 7)
    assert failures.dumped_line("") == (None, 0)


def test_what_counts_as_the_user_s() -> None:
    assert failures.is_user_file("/home/me/net.py")
    assert failures.is_user_file("/venv/lib/python3/site-packages/timm/layers/drop.py")
    for name in ("<string>", "<frozen importlib._bootstrap>", os.__file__, failures.__file__):
        assert not failures.is_user_file(name)
    assert not failures.is_user_file("/venv/lib/python3/site-packages/torch/nn/functional.py")
