"""The result of verifying one model: a report, or the failure that prevented it."""

from __future__ import annotations

import enum
import os
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from dropout_lint.verify.report.eval_report import EvalReport, to_json

ResultStatus = Literal["clean", "findings", "failed"]
MatchStatus = Literal["confirmed", "harmless", "not reached"]
CLEAN: Final = "clean"
FINDINGS: Final = "findings"
FAILED: Final = "failed"
CONFIRMED: Final = "confirmed"
HARMLESS: Final = "harmless"  # its lines ran, and nothing drew
NOT_REACHED: Final = "not reached"


class FailureKind(str, enum.Enum):
    TARGET = "wrong target"
    IMPORT = "import error"
    BUILD = "build error"
    INPUT = "input error"
    EXCEPTION = "exception"
    HANG = "hang"
    MEMORY = "out of memory"
    CRASH = "crash"
    EXIT = "exit"
    PROCESSES = "too many processes"
    ENVIRONMENT = "environment"  # torch or the device is not there
    INTERNAL = "internal error"


@dataclass(frozen=True)
class Failure:
    """Why there is no report. ``message`` is a sentence, ``trace`` the traceback if any."""

    kind: FailureKind
    message: str
    file: str | None = None
    line: int = 0
    stage: str = ""
    trace: str = ""

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "kind": self.kind.value}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Failure:
        return cls(**{**data, "kind": FailureKind(data["kind"])})


@dataclass(frozen=True)
class Match:
    """A finding of the linter, and what running the model says about it."""

    code: str
    message: str
    file: str
    line: int
    end_line: int
    status: MatchStatus


@dataclass(frozen=True)
class ModelResult:
    """A report, or the failure that prevented one.

    ``target`` is what the user can type to verify just this model. ``inputs`` says where its inputs
    came from; ``synthesised`` ones were made up. ``output`` is what it printed, ``lint`` what the
    linter says about its file.
    """

    target: str
    file: str | None = None
    line: int = 1
    report: EvalReport | None = None
    failure: Failure | None = None
    inputs: str = ""
    synthesised: bool = False
    output: str = ""
    seconds: float = 0.0
    lint: tuple[Match, ...] = ()

    @property
    def status(self) -> ResultStatus:
        if self.report is None:
            return FAILED
        return CLEAN if self.report.ok else FINDINGS

    @property
    def is_wrong_target(self) -> bool:
        return self.failure is not None and self.failure.kind is FailureKind.TARGET


def as_json(result: ModelResult) -> dict[str, Any]:
    fields: dict[str, Any] = to_json(result)
    return {"target": fields.pop("target"), "status": result.status, **fields}


def shown(path: str) -> str:
    """A path as the user knows it: from the current folder where it lies in there."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if relative.startswith(os.pardir) else relative
