"""What came of verifying one model, as plain data without torch."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

from dropout_lint.verify.process.failures import Failure, Kind
from dropout_lint.verify.process.isolation import Result
from dropout_lint.verify.report.report import EvalReport, eval_report, to_json
from dropout_lint.verify.targets.names import Target

CLEAN, FINDINGS, FAILED = "clean", "findings", "failed"


@dataclass(frozen=True)
class Match:
    """A finding of the linter, and what running the model says about it.

    ``status`` is ``confirmed``, ``harmless`` (its lines ran, and nothing drew) or ``not reached``.
    """

    code: str
    message: str
    file: str
    line: int
    end_line: int
    status: str


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
    def status(self) -> str:
        if self.report is None:
            return FAILED
        return CLEAN if self.report.ok else FINDINGS

    @property
    def is_wrong_target(self) -> bool:
        return self.failure is not None and self.failure.kind is Kind.TARGET


def model_result(target: Target, result: Result) -> ModelResult:
    """What a child had to say about a target with one model."""
    value = result.value
    if value is None:
        failure = result.failure
        if failure is not None and failure.kind is Kind.TARGET and target.in_folder:
            failure = replace(failure, kind=Kind.BUILD)  # it is not the command line's fault
        file = target.file or (failure.file if failure is not None else None)
        return ModelResult(
            target.spec, file, failure=failure, output=result.output, seconds=result.seconds
        )
    return ModelResult(
        target=target.spec if target.name is not None else f"{target.spec}:{value['name']}",
        file=value["file"],
        line=value["line"],
        report=eval_report(value["report"]),
        inputs=value["inputs"],
        synthesised=value["synthesised"],
        output=result.output,
        seconds=result.seconds,
    )


def as_json(result: ModelResult) -> dict[str, Any]:
    found: dict[str, Any] = to_json(result)
    return {"target": found.pop("target"), "status": result.status, **found}


def shown(path: str) -> str:
    """A path as the user knows it: from the current folder where it lies in there."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if relative.startswith(os.pardir) else relative
