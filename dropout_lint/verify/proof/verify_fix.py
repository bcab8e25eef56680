"""`verify_fix`: original and fixed model are executed side by side and compared bit by bit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch

from dropout_lint.verify.proof.coverage import Coverage
from dropout_lint.verify.proof.obligations import Claim, Ledger, Unprovable
from dropout_lint.verify.proof.passes import Side
from dropout_lint.verify.proof.proof_build import BuildProof
from dropout_lint.verify.proof.proof_eval import EvalProof
from dropout_lint.verify.proof.proof_train import TrainProof
from dropout_lint.verify.report.fix_proof import FixProof, Level
from dropout_lint.verify.running import rng
from dropout_lint.verify.running.copies import Factory, Subject
from dropout_lint.verify.running.runs import one_thread
from dropout_lint.verify.verdict.evaluation import SEEDS

World = Callable[[], AbstractContextManager[object]]


def verify_fix(
    original: torch.nn.Module | Factory,
    fixed: torch.nn.Module | Factory,
    inputs: Any = (),
    *,
    edited: Mapping[str, Iterable[int]] | Coverage | None = None,
    codes: Collection[str] = (),
    fixed_inputs: Any = None,
    seeds: tuple[int, ...] = SEEDS,
    device: str | None = None,
    worlds: tuple[World, World] = (nullcontext, nullcontext),
) -> FixProof:
    """The proof of a fix: which obligations hold for a model before and after it.

    Args:
        original: the model before the fix: an `nn.Module`, or a function or class that builds one
            without arguments. Only what is built anew can fulfil obligation 1.
        fixed: the model after the fix.
        inputs: as for `verify_eval`.
        edited: the lines that the fix changed, by path, as they are after it. Those that do not run
            in a train pass are not proved. None: not known, so the proof stays a partial one.
        codes: the rules whose findings were fixed; some change train mode or structure on purpose.
        fixed_inputs: the inputs that go with the fixed version, where they come with the code.
        seeds: at least two; train passes are compared under each.
        device: as for `verify_eval`.
        worlds: context managers that activate the versions (`Overlay.active`), for each run.

    Returns:
        A proof that is true unless the fix is refuted or nothing could be proved.
    """
    if len(seeds) < 2:
        raise ValueError("give at least two seeds: outputs of different seeds are compared")
    subjects = [Subject(model, device) for model in (original, fixed)]
    prover = _FixProver(
        original=Side(subjects[0], inputs, worlds[0]),
        fixed=Side(subjects[1], inputs if fixed_inputs is None else fixed_inputs, worlds[1]),
        built_anew=not any(isinstance(model, torch.nn.Module) for model in (original, fixed)),
        coverage=edited if isinstance(edited, Coverage) else None,
        edited={} if edited is None or isinstance(edited, Coverage) else edited,
        is_complete=edited is not None,
        seeds=seeds,
        ledger=Ledger(codes),
    )
    with rng.preserved(), one_thread():
        return prover.proof()


@dataclass
class _FixProver:
    original: Side
    fixed: Side
    built_anew: bool
    coverage: Coverage | None
    edited: Mapping[str, Iterable[int]]
    is_complete: bool
    seeds: tuple[int, ...]
    ledger: Ledger

    def proof(self) -> FixProof:
        with self.fixed.world():
            coverage = self.coverage = self.coverage or Coverage(self.edited)
        try:
            self._settle(coverage)
        except Unprovable as error:
            return self._concluded(Level.UNPROVABLE, str(error))
        failed = [o for o in self.ledger.all if o.holds is False]
        if failed:
            first = failed[0]
            reason = f"obligation {first.number} ({first.name}) fails: {first.detail}"
            return self._concluded(Level.REFUTED, reason)
        if coverage.uncovered and not coverage.covered:
            return self._concluded(Level.UNPROVABLE, "none of the edited lines ran")
        left = [f"{which} not shown: {why}" for why, which in self.ledger.open.items()]
        if not self.is_complete:
            left.append("which lines were edited is not known")
        if coverage.uncovered:
            left.append(f"not run: {', '.join(coverage.uncovered)}")
        return self._concluded(Level.PARTLY if left else Level.PROVED, "; ".join(left))

    def _concluded(self, level: Level, reason: str) -> FixProof:
        return FixProof(
            model=self.original.subject.name,
            level=level,
            obligations=self.ledger.all,
            covered=self.coverage.covered if self.coverage else (),
            uncovered=self.coverage.uncovered if self.coverage else (),
            reason=reason,
        )

    def _settle(self, coverage: Coverage) -> None:
        if BuildProof(self.original, self.fixed, self.ledger).settle(self.built_anew):
            evaluated = self._cover(coverage)
            all_ran = bool(evaluated.covered) and not evaluated.uncovered
            training = TrainProof(self.original, self.fixed, self.seeds, self.ledger)
            if training.settle():
                EvalProof(self.original, self.fixed, self.seeds, self.ledger, all_ran).settle()
                training.settle_return()
        self.ledger.skip(Claim, "not checked, since another obligation fails before it")

    def _cover(self, coverage: Coverage) -> Coverage:
        """Build and train under a tracer (and eval, for rules whose fix may lie there).

        Returns what runs where the model is built and evaluated, and is not trained.
        """
        with coverage.tracing():
            model = self.fixed.fresh()
        evaluated = coverage.branch()
        with coverage.tracing():
            self.fixed.train(model, self.seeds[0], False)
            if any(rule.fixes_eval_only for rule in self.ledger.rules):
                self.fixed.eval(model, self.seeds[0])
        with evaluated.tracing():
            self.fixed.eval(self.fixed.fresh(), self.seeds[0])
        return evaluated
