"""Proving the fixes of many files with the models of many targets, each in a child.

Fixed texts are proved before they are written. A file with a refuted fix is left out, and the rest
is proved again without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from dropout_lint.verify.process.isolation import Result
from dropout_lint.verify.proof.changes import Change, Hunk, edited_lines, hunks
from dropout_lint.verify.report.fix_proof import FixProof, Level, fix_proof
from dropout_lint.verify.report.results import Failure
from dropout_lint.verify.targets.input_options import ConstructorArguments, InputOptions
from dropout_lint.verify.targets.target_specs import Target

_JOBS = "dropout_lint.verify.process.prove_job"
_BEST = (Level.PROVED, Level.PARTLY, Level.PATTERN)

# `isolation.run_isolated` with its limits filled in: the name of a job, and its arguments.
RunJob: TypeAlias = Callable[[str, dict[str, Any]], Result]


@dataclass(frozen=True)
class EditProof:
    """How far one edit is proved. ``level`` is None where nothing could be shown."""

    path: str
    rows: tuple[int, ...]
    codes: tuple[str, ...]
    level: Level | None
    detail: str = ""


@dataclass
class ProofResults:
    """The level of each edit, and the files that must not be written, with the reason.

    ``failures`` are those of the targets that could not be run, by their names.
    """

    edits: list[EditProof] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    proofs: list[FixProof] = field(default_factory=list)
    failures: dict[str, Failure] = field(default_factory=dict)


@dataclass(frozen=True)
class ProveOptions:
    """How the models are built and run. ``init`` are the arguments of their constructors."""

    inputs: InputOptions = InputOptions()
    init: ConstructorArguments = None
    device: str | None = None
    seeds: tuple[int, ...] = ()


def prove_changes(
    changes: Sequence[Change],
    targets: Sequence[Target],
    run: RunJob,
    options: ProveOptions | None = None,
) -> ProofResults:
    """The proofs of changes with the models of some targets."""
    return _ChangesProver(list(changes), tuple(targets), run, options or ProveOptions()).results()


@dataclass
class _ChangesProver:
    left: list[Change]
    targets: tuple[Target, ...]
    run: RunJob
    options: ProveOptions
    proved: ProofResults = field(default_factory=ProofResults)

    def results(self) -> ProofResults:
        while self.left:
            self.proved.proofs = self._proofs(self.left)
            guilty = self._guilty(self.proved.proofs)
            if not guilty:
                break
            self._refuse(guilty)
        self._judge()
        return self.proved

    def _refuse(self, guilty: Mapping[str, str]) -> None:
        self.proved.refused.update(guilty)
        self.left = [change for change in self.left if change.path not in guilty]

    def _proofs(self, changes: Sequence[Change]) -> list[FixProof]:
        proofs = []
        for target in self.targets:
            answer = self.run(f"{_JOBS}:prove", self._arguments(target, changes))
            if answer.failure is not None:
                self.proved.failures[target.spec] = answer.failure
            proofs += [fix_proof(item) for item in (answer.value or {}).get("proofs", ())]
        return proofs

    def _arguments(self, target: Target, changes: Sequence[Change]) -> dict[str, Any]:
        return {
            **asdict(self.options),
            "target": asdict(target),
            "before": {change.path: change.before for change in changes},
            "after": {change.path: change.after for change in changes},
            "edited": {c.path: edited_lines(c.before, c.after) for c in changes},
            "codes": sorted({code for change in changes for code in change.codes}),
        }

    # --- who is to blame --------------------------------------------------------------------------

    def _guilty(self, proofs: Iterable[FixProof]) -> dict[str, str]:
        """The files whose fixes are refuted: alone, or else together."""
        refuted = [proof for proof in proofs if proof.level is Level.REFUTED]
        if not refuted:
            return {}
        guilty = {}
        for change in self.left if len(self.left) > 1 else ():
            for proof in self._proofs([change]):
                if proof.level is Level.REFUTED:
                    guilty[change.path] = f"{proof.model}, {proof.reason}"
        if guilty:
            return guilty
        ran = {path for proof in refuted for path in _files(proof.covered)}
        reason = "; ".join(f"{proof.model}, {proof.reason}" for proof in refuted)
        return {c.path: reason for c in self.left if not ran or c.path in ran}

    # --- edit by edit -----------------------------------------------------------------------------

    def _judge(self) -> None:
        patterns = self._patterns()
        for change in list(self.left):
            edits = [
                self._edit(change, hunk, patterns) for hunk in hunks(change.before, change.after)
            ]
            wrong = [patterns.get((change.path, each.row)) for each in change.rewritten]
            reasons = [p.reason for p in wrong if p is not None and p.level is Level.REFUTED]
            if reasons:
                self._refuse({change.path: f"the call by itself, {reasons[0]}"})
            else:
                self.proved.edits += edits

    def _edit(
        self, change: Change, hunk: Hunk, patterns: Mapping[tuple[str, int], FixProof]
    ) -> EditProof:
        rewritten = change.of(hunk)
        codes = tuple(sorted({each.code for each in rewritten}))
        places = {f"{change.path}:{row}" for row in hunk.after}
        ran = [(_level(p), p) for p in self.proved.proofs if _has_run(p, places)]
        good = [pair for pair in ran if pair[0] in _BEST]
        if good:
            level, proof = min(good, key=lambda pair: _BEST.index(pair[0]))
            detail = proof.model if level is Level.PROVED else f"{proof.model}: {proof.reason}"
            return EditProof(change.path, hunk.after, codes, level, detail)
        alone = [patterns.get((change.path, e.row)) for e in rewritten or change.rewritten]
        if alone and all(proof is not None and proof.level is Level.PATTERN for proof in alone):
            return EditProof(change.path, hunk.after, codes, Level.PATTERN, "no model ran it")
        why = ran[0][1].reason if ran else "no model ran it"
        return EditProof(change.path, hunk.after, codes, None, why)

    def _patterns(self) -> dict[tuple[str, int], FixProof]:
        """The proofs of the calls by themselves, by path and row."""
        wanted = [
            ((change.path, each.row), {**each.pattern, "codes": [each.code]})
            for change in self.left
            for each in change.rewritten
            if each.pattern is not None
        ]
        if not wanted:
            return {}
        different = list({repr(pattern): pattern for _, pattern in wanted}.values())
        answer = self.run(f"{_JOBS}:prove_patterns", {"patterns": different})
        proofs = map(fix_proof, (answer.value or {}).get("proofs", ()))
        known = {repr(p): proof for p, proof in zip(different, proofs, strict=False)}
        return {at: known[repr(pattern)] for at, pattern in wanted if repr(pattern) in known}


def _level(proof: FixProof) -> Level:
    """The level of an edit that ran: that others did not run is no matter of its own."""
    if proof.level is Level.PARTLY and all(o.holds for o in proof.obligations) and proof.uncovered:
        return Level.PROVED
    return proof.level


def _has_run(proof: FixProof, places: set[str]) -> bool:
    return bool(places & set(proof.covered)) and not places & set(proof.uncovered)


def _files(places: Iterable[str]) -> set[str]:
    return {place.rpartition(":")[0] for place in places}
