"""Running the command: as a process of its own, or in this one, which is faster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from unittest.mock import patch

from click.testing import CliRunner

from dropout_lint.commands.command_line import cli, main
from support.linting import ROOT

# One finding, DRP001 at 7:16, and what `--fix` makes of it.
MODEL = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)
"""
FIXED = """\
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        return self.dropout(x)
"""
FLAGGED = MODEL.replace("0.5", "0.5, training=self.training")
# A finding whose fix is unsafe: DRP003 at 7:16.
HARDCODED = MODEL.replace("0.5", "0.5, training=True")
CLEAN = FLAGGED
INTENTIONAL = MODEL.replace("class Net", "class Prenet")


@dataclass(frozen=True)
class Result:
    """What a run left: exit code, stdout as it came, and stderr."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def problems(self) -> list[str]:
        """The sentences about what could not be done, without the command's name."""
        start = "dropout-lint: "
        return [line[len(start) :] for line in self.err.splitlines() if line.startswith(start)]


def run(*args: str, stdin: bytes = b"") -> Result:
    """The command in this process, in the current folder."""
    result = CliRunner().invoke(cli, args, input=stdin, prog_name="dropout-lint")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Result(result.exit_code, result.stdout_bytes, result.stderr)


def run_process(*args: str, stdin: bytes = b"", **variables: str) -> Result:
    """The command as a process of its own, in the current folder."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "dropout_lint", *args],
        input=stdin,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": path, **variables},
        timeout=300,
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr.decode(errors="replace"))


def run_encoded(encoding: str, *args: str) -> Result:
    """`main` in this process, with standard streams as ``PYTHONIOENCODING`` would make them."""
    name, _, errors = encoding.partition(":")
    out = TextIOWrapper(BytesIO(), name, errors or "strict")
    err = TextIOWrapper(BytesIO(), name, "backslashreplace")
    code: object = None
    with patch.multiple(sys, argv=["dropout-lint", *args], stdout=out, stderr=err):
        try:
            main()
        except SystemExit as end:
            code = end.code
    out.flush()
    err.flush()
    raw = out.buffer.getvalue()  # type: ignore[attr-defined]
    said = err.buffer.getvalue()  # type: ignore[attr-defined]
    return Result(int(code or 0), raw, said.decode(name))  # type: ignore[call-overload]


def write(name: str, content: str | bytes = MODEL) -> Path:
    """A file in the current folder, with the folders that it needs."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def places(result: Result) -> list[str]:
    """``path:row:column`` of each line of the concise format."""
    lines = [line for line in result.out.splitlines() if ": DRP" in line]
    return [line.partition(": DRP")[0] for line in lines]


def hear_interrupts() -> None:
    """For ``preexec_fn``: in the background of a shell, programs are started deaf to SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
