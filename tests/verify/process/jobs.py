"""Jobs for the tests of isolation: each goes wrong in its own way, at the line with its name."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from dropout_lint.verify.process.child import stage

Given = dict[str, Any]


def echo(given: Given) -> Given:
    return {**given, "process": os.getpid(), "torch": "torch" in sys.modules}


def exception(given: Given) -> Given:
    with stage("run"):
        raise ValueError("first\nsecond")  # line: exception


def build_error(given: Given) -> Given:
    import torch

    with stage("build"):
        return {"value": torch.zeros(2) @ torch.zeros(3)}  # line: build_error


def bug_of_ours(given: Given) -> Given:
    return {"value": given["no such key"]}


def hang(given: Given) -> Given:
    with stage("inputs"):
        while True:
            time.sleep(0.01)  # line: hang


def hang_beside_threads(given: Given) -> Given:
    for _ in range(3):
        threading.Thread(target=time.sleep, args=(1000,)).start()
    with stage("run"):
        threading.Event().wait()  # line: hang_beside_threads


def segfault(given: Given) -> Given:
    with stage("run"):
        ctypes.string_at(0)  # line: segfault
    return {}


def killed(given: Given) -> Given:
    with stage("run"):
        os.kill(os.getpid(), signal.SIGKILL)
    return {}


def os_exit(given: Given) -> Given:
    with stage("import"):
        os._exit(3)  # line: os_exit


def sys_exit(given: Given) -> Given:
    with stage("import"):
        sys.exit("bye")  # line: sys_exit


def tensor_too_large(given: Given) -> Given:
    import torch

    with stage("run"):
        return {"sum": torch.ones(1 << 40).sum().item()}  # line: tensor_too_large


def list_too_large(given: Given) -> Given:
    with stage("build"):
        return {"size": len(bytearray(1 << 36))}  # line: list_too_large


def fork_bomb(given: Given) -> Given:
    with stage("run"):
        while True:
            os.fork()


def leaves_children(given: Given) -> Given:
    """Processes that left the session, with children of their own."""
    pids = []
    for _ in range(3):
        started = subprocess.Popen(
            ["sh", "-c", "sleep 600 & exec sleep 600"], start_new_session=True
        )
        pids.append(started.pid)
    return {"pids": pids}


def prints_megabytes(given: Given) -> Given:
    print("the beginning")
    for _ in range(40_000):
        print("x" * 100)
    os.write(2, b"the end")
    return {}


def behaves_badly(given: Given) -> Given:
    os.chdir("/")
    os.environ.clear()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=time.sleep, args=(1000,)).start()
    sys.stdout.close()
    os.close(1)
    os.close(2)
    return {"done": True}


def reads_stdin(given: Given) -> Given:
    with stage("run"):
        return {"answer": input("Continue? ")}  # line: reads_stdin


def closes_all_files(given: Given) -> Given:
    with stage("run"):
        os.closerange(3, 1000)
    return {}


def kills_its_parent(given: Given) -> Given:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(1000)
    return {}
