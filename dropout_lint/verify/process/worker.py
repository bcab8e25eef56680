"""The process between the command and the models: it starts and supervises a child per request.

In ``fork`` mode it imports torch once, with one thread and without computing anything, and forks.
In ``spawn`` mode (CUDA, and systems without fork) each child starts anew and imports torch itself.
Requests and answers are lines of JSON on what was standard input and output.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import subprocess
import sys
from typing import Any, BinaryIO, Literal

from dropout_lint.verify.process import child
from dropout_lint.verify.process.descendants import adopt_orphans
from dropout_lint.verify.process.request import JobRequest
from dropout_lint.verify.process.supervise import Abandoned, Process, supervise
from dropout_lint.verify.report.results import Failure, FailureKind

# Nothing in the current folder must shadow what we import, nor another dropout_lint this one.
START = (
    "import sys; sys.path[:] = [sys.argv[1], *(p for p in sys.path if p)]; import dropout_lint; "
    "sys.path.append(sys.path.pop(0)); "
    "from dropout_lint.verify.process.worker import main; main(sys.argv[2])"
)
Mode = Literal["fork", "spawn", "job"]
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def command(mode: Mode) -> list[str]:
    """The command line of a worker or child, with the package that is running now."""
    root = os.path.dirname(
        os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    )
    return [sys.executable, "-c", START, root, mode]


def environment(device: str) -> dict[str, str]:
    """The environment of the processes: one thread, and the same results on a GPU each time."""
    variables = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1")}
    if device == "cuda":
        variables["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    if sys.platform == "darwin":
        variables["OBJC_DISABLE_INITIALIZE_FORK_SAFETY"] = "YES"
    return variables


def main(mode: Mode) -> None:
    requests, answers = _own_streams()
    if mode == "job":
        _job(JobRequest.read(requests.readline()), answers)
    else:
        _serve(mode, requests, answers)


def _own_streams() -> tuple[BinaryIO, int]:
    """The streams of the protocol, taken from standard input and output.

    Whatever is printed goes to standard error.
    """
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _serve(mode: Mode, requests: BinaryIO, answers: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command decides what ends
    adopt_orphans()
    problem = _import_torch() if mode == "fork" else None
    while line := requests.readline():
        request = JobRequest.read(line)
        try:
            answer = _answer(mode, request, requests.fileno(), answers, problem)
        except Abandoned:
            return
        child.send(answers, answer)


def _answer(
    mode: Mode, request: JobRequest, requests: int, answers: int, problem: Failure | None
) -> dict[str, Any]:
    if problem is None:
        try:
            process = _fork(request, (requests, answers)) if mode == "fork" else _spawn(request)
            return supervise(process, request.deadline_s, requests)
        except OSError as error:  # no more processes, pipes or memory
            text = f"no process can be started ({error.strerror}); end others"
            problem = Failure(FailureKind.ENVIRONMENT, text)
    return {"failure": problem.to_json(), "output": "", "seconds": 0.0}


def _import_torch() -> Failure | None:
    """Import what each child needs. The failure if that cannot be done."""
    try:
        import torch

        importlib.import_module("dropout_lint.verify.process.verify_job")
    except Exception as error:  # a broken installation fails in many ways
        text = f"torch cannot be imported ({type(error).__name__}: {error}); repair it"
        return Failure(FailureKind.ENVIRONMENT, " ".join(text.split()))
    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()  # so that the children share its memory
    return None


def _fork(request: JobRequest, ours: tuple[int, ...]) -> Process:
    channel, answer = os.pipe()
    output, printed = os.pipe()
    pid = os.fork()
    if pid:
        os.close(answer)
        os.close(printed)
        return Process(pid, channel, output)
    try:
        for end in (channel, output, *ours):
            os.close(end)
        os.setsid()
        child.settle()
        os.dup2(printed, 1)
        os.dup2(printed, 2)
        os.close(printed)
        child.work(request, answer)
    finally:
        child.leave(70)
    raise AssertionError


def _spawn(request: JobRequest) -> Process:
    popen = subprocess.Popen(
        command("job"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(request.device),
        start_new_session=True,
    )
    assert popen.stdin is not None and popen.stdout is not None and popen.stderr is not None
    with popen.stdin as stdin:
        stdin.write(request.line())
    channel, output = os.dup(popen.stdout.fileno()), os.dup(popen.stderr.fileno())
    popen.stdout.close()
    popen.stderr.close()
    return Process(popen.pid, channel, output, popen)


def _job(request: JobRequest, channel: int) -> None:
    """The whole life of a spawned child."""
    child.settle()
    problem = _import_torch()
    if problem is not None:
        child.send(channel, {"failure": problem.to_json()})
        return
    import torch

    if request.device == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cudnn.benchmark = False
    child.send(channel, {"ready": True})
    child.work(request, channel)
