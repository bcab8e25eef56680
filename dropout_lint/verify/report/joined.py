"""Findings of the linter joined with the report on a model, by file, line and class."""

from __future__ import annotations

import linecache
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from dropout_lint.config import Configurations, Settings
from dropout_lint.diagnostics import Diagnostic
from dropout_lint.linting.runner import check_file
from dropout_lint.rules.base import all_rules
from dropout_lint.verify.report.eval_report import EvalReport, RandomOp, TrainReport
from dropout_lint.verify.report.results import (
    CONFIRMED,
    HARMLESS,
    NOT_REACHED,
    Match,
    MatchStatus,
    ModelResult,
    shown,
)
from dropout_lint.verify.report.user_code import is_user_file


def with_findings(
    results: Iterable[ModelResult], configurations: Configurations
) -> list[ModelResult]:
    """The results with what the linter says about the model's file and the user's files it ran."""

    @cache
    def diagnostics(file: str) -> tuple[Diagnostic, ...]:
        settings: Settings = configurations.of(os.path.dirname(file))
        outcome = check_file(file, settings, "lint")
        report = outcome.report if outcome is not None else None
        return report.diagnostics if report is not None else ()

    return [
        replace(
            result,
            lint=tuple(
                match
                for file in _files(result)
                for match in joined(result, file, diagnostics(file))
            ),
        )
        for result in results
    ]


def joined(result: ModelResult, file: str, diagnostics: tuple[Diagnostic, ...]) -> Iterator[Match]:
    """The findings in one file, each with what the model showed of it."""
    evidence = (
        _FileEvidence(result.report, file, diagnostics) if result.report is not None else None
    )
    for d in diagnostics:
        rows = d.location.row, d.end_location.row
        status = evidence.status(d) if evidence is not None else NOT_REACHED
        yield Match(d.code, d.message, shown(file), *rows, status)


def _files(result: ModelResult) -> list[str]:
    """The model's own file, and those below the current folder of which lines ran."""
    here = os.getcwd() + os.sep
    files = {result.file} if result.file is not None else set()
    if result.report is not None:
        files |= {f for f in result.report.executed if f.startswith(here) and is_user_file(f)}
    return sorted(file for file in files if file is not None and os.path.isfile(file))


class _FileEvidence:
    """The report on one model, as evidence for the findings in one file."""

    def __init__(self, report: EvalReport, file: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        self._report = report
        self._file = file
        self._ran = set(report.executed.get(file, ()))
        train = report.train or TrainReport()
        ineffective = [site for site in train.drawn if site.reaches_output is False]
        self._idle = [*train.silent, *ineffective]
        dead = [site for site in train.silent if site.p == 1]
        shows = (*report.sites, *report.unused, *train.lost, *dead)
        self._shows = [site for site in shows if site.where.file == file]
        self._drops = {s.where.line for s in (*report.quiet, *train.drawn) if s.where.file == file}
        covered = {row for d in diagnostics for row in _rows(d)}
        self._unclaimed = [site for site in self._shows if site.where.line not in covered]
        elsewhere = [s for s in (*report.sites, *report.unused) if s.where.file != file]
        self._led_to = {
            line for s in (*self._unclaimed, *elsewhere) for at, line in s.through if at == file
        }

    def status(self, diagnostic: Diagnostic) -> MatchStatus:
        rows = set(_rows(diagnostic))
        if diagnostic.code in _training_codes():
            confirmed = any(self._is_idle(site, diagnostic) for site in self._idle)
        else:
            confirmed = any(site.where.line in rows for site in self._shows)
            confirmed = confirmed or self._shows_elsewhere(diagnostic, rows)
        if confirmed:
            return CONFIRMED
        return HARMLESS if self._ran & rows else NOT_REACHED

    def _is_idle(self, site: RandomOp, diagnostic: Diagnostic) -> bool:
        """Whether a drop without effect is the one of a finding: at its row, or built there."""
        rows = _rows(diagnostic)
        if site.where.file == self._file and site.where.line in rows:
            return True
        owner, _, method = diagnostic.function.rpartition(".")
        above, _, name = site.where.module.rpartition(".")
        if method != "__init__" or (above, owner.rpartition(".")[2]) not in self._report.modules:
            return False
        text = "".join(linecache.getline(self._file, row) for row in rows)
        return re.search(rf"\b{re.escape(name)}\b", text) is not None

    def _shows_elsewhere(self, diagnostic: Diagnostic, rows: set[int]) -> bool:
        """Whether what a line causes shows at another one, which no other finding explains.

        What a call decides shows in the function that it calls; a rate, a flag or a fresh module,
        at the dropout of the same function; a module that its owner does not register, where the
        owner calls it; a broken `train`, in the modules that stay in train mode or in what the
        method returns.
        """
        if self._led_to & rows:
            return True
        name = diagnostic.function
        if self._ran & rows and not self._drops & rows:
            if any(_same_function(site, name) for site in self._unclaimed):
                return True
        owner, _, method = name.rpartition(".")
        if method in ("train", "eval"):
            kind = owner.rpartition(".")[2]
            stuck = {name for path, name in self._report.modules if path in self._report.stuck}
            start = f"{kind}.{method}() "
            return kind in stuck or any(note.startswith(start) for note in self._report.notes)
        return method == "__init__" and any(
            not site.where.registered and site.where.function.rpartition(".")[0] in ("", owner)
            for site in self._unclaimed
        )


@cache
def _training_codes() -> frozenset[str]:
    """The rules whose bugs show in train mode."""
    return frozenset(rule.code for rule in all_rules() if rule.shows_in_training)


def _rows(diagnostic: Diagnostic) -> range:
    return range(diagnostic.location.row, diagnostic.end_location.row + 1)


def _same_function(site: RandomOp, name: str) -> bool:
    """Before Python 3.11 frames know the function's own name only."""
    return site.where.function in (name, name.rpartition(".")[2])
