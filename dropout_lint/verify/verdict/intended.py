"""Randomness that the linter takes for intended (`Prenet`, "always on") is declared."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from dropout_lint.config import Configurations
from dropout_lint.diagnostics import Diagnostic
from dropout_lint.linting.runner import check_file
from dropout_lint.verify.report.eval_report import EvalReport, RandomOp, Verdict
from dropout_lint.verify.report.results import ModelResult


def with_intent(
    results: Iterable[ModelResult], configurations: Configurations
) -> list[ModelResult]:
    """The results with sites declared where names, comments or docstrings say that they are meant.

    Raises:
        ConfigError: for a configuration beside one of the files that cannot be used.
    """

    @cache
    def intended(file: str) -> tuple[Diagnostic, ...]:
        if not os.path.isfile(file):
            return ()
        outcome = check_file(file, configurations.of(os.path.dirname(file)), "lint")
        return outcome.report.intentional if outcome is not None and outcome.report else ()

    def declared(site: RandomOp) -> RandomOp:
        if site.declared is not None or site.where.file is None:
            return site
        for diagnostic in intended(site.where.file):
            if diagnostic.location.row <= site.where.line <= diagnostic.end_location.row:
                return replace(site, declared=diagnostic.intentional)
        return site

    def judged(report: EvalReport) -> EvalReport:
        sites = tuple(map(declared, report.sites))
        if sites == report.sites:
            return report
        excused = all(site.declared is not None for site in sites) and report.repeats is not False
        verdict = Verdict.DECLARED if excused else report.verdict
        return replace(report, sites=sites, verdict=verdict)

    return [
        result if result.report is None else replace(result, report=judged(result.report))
        for result in results
    ]
