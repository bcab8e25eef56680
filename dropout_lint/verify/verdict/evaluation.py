"""`verify_eval`: whether a model is deterministic in eval mode, and which lines are why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from dropout_lint.verify.report.eval_report import Cause, EvalReport, RandomOp, TrainReport, Verdict
from dropout_lint.verify.running import rng
from dropout_lint.verify.running.call import Call
from dropout_lint.verify.running.copies import Factory, Subject
from dropout_lint.verify.running.measure import spread
from dropout_lint.verify.running.runs import one_thread
from dropout_lint.verify.verdict.declared import Declarations, quoted
from dropout_lint.verify.verdict.evidence import Evidence
from dropout_lint.verify.verdict.training import check_training
from dropout_lint.verify.watching.watch import Record

SEEDS = (0, 1, 2)


def verify_eval(
    model: torch.nn.Module | Factory,
    inputs: Any = (),
    *,
    seeds: tuple[int, ...] = SEEDS,
    device: str | None = None,
    fast: bool = False,
    train: bool = True,
    declared: Mapping[str, str] | None = None,
    trace_lines: bool = False,
    samples: int = 0,
) -> EvalReport:
    """The report on whether a model's outputs repeat in eval mode.

    Args:
        model: an `nn.Module`, or a function or class that builds one without arguments. An instance
            is deep-copied and left as it is.
        inputs: a tuple of positional arguments, a dict of keyword arguments, a single value, or a
            function that returns one of these. Copied before every run.
        seeds: at least two seeds; the first is used twice.
        device: ``"cpu"``, ``"cuda"``, ``"meta"``; None leaves the model where it is.
        fast: watch one forward pass and the generators only; run nothing else.
        train: also check that dropout is alive in train mode, and comes back after eval mode.
        declared: reasons by module path, or by ``file.py:line``: randomness that is intended.
        trace_lines: also collect the lines that ran (`EvalReport.executed`).
        samples: also run with this many seeds and keep the first entries of each output
            (`EvalReport.samples`).

    Returns:
        A report that is true where nothing needs repair.

    Raises:
        NotAModel: for a model that is none. Whatever the model raises when it runs.
    """
    if len(seeds) < 2:
        raise ValueError("give at least two seeds: outputs of different seeds are compared")
    subject = Subject(model, device)
    evidence = Evidence(subject, Call(inputs, device), seeds)
    with rng.preserved(), one_thread(), torch.inference_mode(False):
        try:
            evidence.call.inputs()
            first = subject.warm(evidence.call)
            first.eval()
            declarations = Declarations.of(first, model, declared or {})
            evidence.watch(first)
            if not fast and device != "meta":
                evidence.repeat()
            report = _Conclusion(evidence, declarations).report()
            if train and not fast:
                seen = check_training(subject, evidence.call, seeds[0], evidence.seen.grad_mode)
                report = replace(report, train=_marked(seen, declarations))
            if trace_lines:
                report = replace(report, executed=evidence.executed())
            if samples and device != "meta":
                path = report.spread.path if report.spread is not None else None
                report = replace(report, samples=evidence.samples(samples, path))
        finally:
            subject.put_back()
        return report


@dataclass
class _Conclusion:
    """The report that follows from the evidence."""

    evidence: Evidence
    declarations: Declarations

    def report(self) -> EvalReport:
        seen, notes = self.evidence.seen, self.evidence.notes
        sites, unused = self._sites()
        quiet = tuple(quoted(seen.site(record)) for record in seen.quiet)
        verdict = self._verdict(sites)
        if verdict is Verdict.DETERMINISTIC and self.evidence.differs:
            verdict = Verdict.RANDOM
            notes.append("outputs change with the seed, but no call was seen that draws")
        if unused and self.evidence.repeats is None:
            notes.append(
                "one pass does not follow draws that leave torch, as for numpy: see a full run"
            )
        moves = spread(self.evidence.outputs) if self.evidence.differs else None
        return EvalReport(
            model=self.evidence.subject.name,
            verdict=verdict,
            sites=sites,
            unused=unused,
            quiet=quiet,
            spread=moves,
            stuck=self.evidence.stuck,
            notes=tuple(dict.fromkeys([*self.evidence.subject.notes, *notes])),
            unused_declarations=self.declarations.unused(),
            grad_mode=seen.grad_mode,
            seeds=self.evidence.seeds,
            repeats=self.evidence.repeats,
            modules=self.evidence.modules,
        )

    def _sites(self) -> tuple[tuple[RandomOp, ...], tuple[RandomOp, ...]]:
        """The random ops that matter, and those that drew without effect."""
        sites = [self._drawn(record) for record in self.evidence.seen.drawn]
        sites += [move.site for move in self.evidence.moved]
        if self.evidence.unexplained is not None:
            sites.append(self.evidence.unexplained)
        sites = [self.declarations.mark(site) for site in sites]
        matters = [site for site in sites if self._matters(site)]
        return tuple(matters), tuple(site for site in sites if site not in matters)

    def _drawn(self, record: Record) -> RandomOp:
        return self.evidence.seen.site(record, reaches_output=self.evidence.reaches[record.bit])

    def _matters(self, site: RandomOp) -> bool:
        """Whether a random op counts: dropout by its arguments, other draws by their effect."""
        if site.reaches_output is False:
            return False
        if site.cause in (Cause.DROPOUT, Cause.STATE, Cause.KERNEL, Cause.OUTSIDE):
            return True
        return self.evidence.differs is not False or self.evidence.repeats is False

    def _verdict(self, sites: tuple[RandomOp, ...]) -> Verdict:
        open_causes = {site.cause for site in sites if site.declared is None}
        if not open_causes and self.evidence.repeats is False and sites:
            self.evidence.notes.append("declared, but does not repeat under one seed")
            return Verdict.RANDOM
        if not open_causes:
            return Verdict.DECLARED if sites else Verdict.DETERMINISTIC
        for cause, verdict in (
            (Cause.OUTSIDE, Verdict.OUTSIDE),
            (Cause.STATE, Verdict.STATE),
            (Cause.KERNEL, Verdict.KERNEL),
        ):
            if open_causes == {cause}:
                return verdict
        return Verdict.RANDOM


def _marked(report: TrainReport, declarations: Declarations) -> TrainReport:
    mark = declarations.mark
    return replace(
        report,
        drawn=tuple(map(mark, report.drawn)),
        silent=tuple(map(mark, report.silent)),
        lost=tuple(map(mark, report.lost)),
    )
