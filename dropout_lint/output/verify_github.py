"""The verifier's results as GitHub annotations."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from dropout_lint.output import verify_advice as advice
from dropout_lint.output.github import data, properties
from dropout_lint.verify.report.eval_report import Where
from dropout_lint.verify.report.results import ModelResult, shown


def render(results: Sequence[ModelResult]) -> str:
    """An error a site that is random, a warning a model that could not be verified."""
    return "".join(line for result in results for line in _lines(result))


def _lines(result: ModelResult) -> Iterator[str]:
    failure, report = result.failure, result.report
    own = Where(result.file, result.line)
    if failure is not None:
        where = Where(failure.file, failure.line) if failure.file is not None else own
        yield _line("warning", result, where, f"{failure.kind.value}: {failure.message}")
    if report is None:
        return
    if report.ok:
        return
    annotations = [
        (group[0].where, f"{advice.what(*group)}; {advice.help_for(group[0], report)}")
        for group in advice.grouped(site for site in report.sites if site.declared is None)
    ]
    lost = report.train.lost if report.train is not None else ()
    annotations += [
        (group[0].where, f"{advice.lost(*group)}; {advice.LOST_HELP}")
        for group in advice.grouped(lost)
    ]
    for where, text in annotations or [(own, advice.verdict(result))]:
        yield _line("error", result, where if where.file is not None else own, text)


def _line(level: str, result: ModelResult, where: Where, text: str) -> str:
    place = {"title": "dropout-lint verify"}
    if where.file is not None:
        place |= {"file": shown(where.file).replace(os.sep, "/"), "line": str(where.line)}
    return f"::{level} {properties(place)}::{data(f'{result.target}: {text}')}\n"
