"""The evidence about one model: what a watched pass shows, and what unwatched runs show."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import torch

from dropout_lint.verify.report.eval_report import Cause, GradMode, RandomOp
from dropout_lint.verify.running import rng
from dropout_lint.verify.running.call import Call
from dropout_lint.verify.running.copies import Subject, returns
from dropout_lint.verify.running.measure import first_floats
from dropout_lint.verify.running.runs import Runs, same
from dropout_lint.verify.verdict import explain, influence
from dropout_lint.verify.watching.lines import Executed, Moved, Movements, classify, traced
from dropout_lint.verify.watching.place import ModulePaths
from dropout_lint.verify.watching.watch import Record, Seen, watched

_MORE_SEEDS = range(1000, 1029)
_WATCH_SEED = 9_576_331  # one that no model is likely to set itself: that would look like no change


@dataclass
class Evidence:
    """The evidence about one model, collected step by step: `watch`, then `repeat`."""

    subject: Subject
    call: Call
    seeds: tuple[int, ...]
    seen: Seen = field(default_factory=Seen)
    moved: list[Moved] = field(default_factory=list)
    reaches: dict[int, bool | None] = field(default_factory=dict)  # by a record's bit
    differs: bool | None = None  # between seeds
    repeats: bool | None = None  # under one seed
    unexplained: RandomOp | None = None  # where runs differ that no draw explains
    outputs: list[Any] = field(default_factory=list)
    stuck: tuple[str, ...] = ()
    modules: tuple[tuple[str, str], ...] = ()
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.runs = Runs(self.subject, self.call)

    # --- what a watched pass shows ---------------------------------------------------------------

    def watch(self, model: torch.nn.Module) -> None:
        """Watch one pass, and compare the states of all generators before and after it."""
        flags = [(path, module, module.training) for path, module in model.named_modules()]
        self.stuck = tuple(path for path, _, training in flags if training)
        self.modules = tuple((path, type(module).__name__) for path, module, _ in flags)
        own = rng.held(model)
        rng.seed(_WATCH_SEED)
        before = rng.fingerprints(own)
        start: GradMode = "inference" if self.subject.exact else "no_grad"
        self.seen = watched(model, self.call, _WATCH_SEED, fresh=self.runs.copy, start=start)
        after = rng.fingerprints(own)
        self.reaches = {record.bit: self.seen.reaches(record) for record in self.seen.drawn}
        self.runs.grad_mode = "grad" if self.seen.grad_mode == "grad" else "no_grad"
        self._note_side_effects(flags)
        self.notes += returns(self.subject, model)
        changed = {name for name in before if before[name] != after[name]} - {"torch"}
        if changed or self.seen.moved or self.seen.grad_mode != start:
            self._trace(changed)

    def _note_side_effects(self, flags: list[tuple[str, torch.nn.Module, bool]]) -> None:
        """Note side effects of a forward pass."""
        for path, module, training in flags:
            if module.training and not training:
                self.notes.append(f"forward puts {path or 'the model'} into train mode")
        if (changed := self.call.mutated()) is not None:
            self.notes.append(f"forward changes its input {changed} in place")
        if self.seen.grad_mode != "inference" and self.subject.exact:
            self.notes.append(
                f"does not run in inference mode; watched under {self.seen.grad_mode}"
            )

    def _trace(self, changed: set[str]) -> None:
        """Find the lines that moved a generator: two runs under one seed, one under another."""
        traces = []
        for seed in (_WATCH_SEED, _WATCH_SEED, _WATCH_SEED + 1):
            model, run = self.runs.copy(), self.call.ready()
            rng.seed(seed)
            movements = Movements(ModulePaths(model))
            with self.runs.mode(), traced(movements.event):
                run(model)
            traces.append(movements.moves)
        moved, notes = classify(*traces)
        self.notes += notes
        known = {(r.place.where.file, r.place.where.line) for r in self.seen.drawn}
        self.moved = [
            move
            for move in moved
            if move.site.cause is not Cause.TORCH
            or (move.site.where.file, move.site.where.line) not in known
        ]
        if missing := changed - {move.generator for trace in traces for move in trace}:
            names = " and ".join(sorted(missing))
            self.notes.append(f"the generator of {names} moved, at no line of Python")

    # --- what unwatched runs show -----------------------------------------------------------------

    def repeat(self) -> None:
        """Run one fresh copy under seeds A, A, B, C … and compare the outputs bit by bit."""
        model = self.runs.copy()
        before = _versions(model)
        first, again = (self.runs.output(model, self.seeds[0]) for _ in range(2))
        for held, version in _versions(model).items():
            if before.get(held) != version:
                self.notes.append(f"forward changes {held} of the model, in eval mode too")
        self.outputs = [first, *(self.runs.output(model, seed) for seed in self.seeds[1:])]
        self.repeats = same(first, again)
        self.differs = not all(same(first, other) for other in self.outputs[1:])
        if self.draws and not self.differs:
            self._try_more_seeds(model)
        if not self._is_explained():
            seeds = (self.seeds[0], *self.seeds[: len(self.outputs)])
            self.unexplained = explain.difference(
                self.runs, seeds, [first, again, *self.outputs[1:]]
            )
        if self.seen.unfilled and self.unexplained is None:
            self.unexplained = explain.unfilled(self.runs, self.seeds[0])
        self._try_draws()

    @property
    def draws(self) -> bool:
        return bool(self.seen.drawn or self.moved)

    def _try_more_seeds(self, model: torch.nn.Module) -> None:
        """Try more seeds: a draw may rarely have an effect (a layer dropped one time in ten)."""
        if all(self.seen.site(record).cause is Cause.DROPOUT for record in self.seen.drawn):
            if not self.moved:
                return  # counts in any case
        for seed in _MORE_SEEDS:
            output = self.runs.output(model, seed)
            if not same(self.outputs[0], output):
                self.outputs[-1] = output
                self.differs = True
                return

    def _is_explained(self) -> bool:
        """Whether the draws that were seen explain the differences."""
        if self.repeats:
            return self.draws or not self.differs
        own = [r for r in self.seen.drawn if r.draw.own_generator and self.reaches[r.bit] != 0]
        outside = [move for move in self.moved if move.site.cause is Cause.OUTSIDE]
        own_moved = [move for move in self.moved if move.site.own_generator]
        return bool(own or outside or own_moved)

    def _try_draws(self) -> None:
        """Decide by experiment which draws have an effect, where taint could not."""
        still = self.repeats and not self.differs
        noisy = self.unexplained is not None and self.unexplained.cause is not Cause.STATE
        for record in self.seen.drawn:
            if self.reaches[record.bit] is not True and not noisy:
                self.reaches[record.bit] = not still and self._matters(record)
        for index, move in enumerate(self.moved):
            if noisy or move.site.cause is Cause.OUTSIDE:
                reaches = True if move.site.cause is Cause.OUTSIDE else None
            else:
                others = (*self.seeds[1:], *_MORE_SEEDS)
                reaches = not still and influence.of_generator(
                    self.runs, move.generator, self.seeds[0], others
                )
            self.moved[index] = replace(move, site=replace(move.site, reaches_output=reaches))

        shown = [*self.reaches.values(), *(move.site.reaches_output for move in self.moved)]
        if self.differs and not noisy and True not in shown:  # too rarely for the experiment
            self.reaches = dict.fromkeys(self.reaches)
            self.moved = [
                replace(move, site=replace(move.site, reaches_output=None)) for move in self.moved
            ]

    def _matters(self, record: Record) -> bool:
        return influence.of_record(self.runs, record, self.seeds[0])

    def samples(self, count: int, path: str | None) -> tuple[tuple[float, ...], ...]:
        """The first entries of the output under many seeds."""
        model = self.runs.copy()
        return tuple(first_floats(self.runs.output(model, seed), path) for seed in range(count))

    def executed(self) -> dict[str, tuple[int, ...]]:
        """The lines that run in eval mode, by file."""
        executed, model, run = Executed(), self.runs.copy(), self.call.ready()
        with self.runs.mode(), traced(executed.event):
            run(model)
        return {file: tuple(sorted(lines)) for file, lines in executed.lines.items()}


def _versions(model: torch.nn.Module) -> dict[str, tuple[int, int]]:
    """For each parameter and buffer a value that changes when it is written to or replaced."""
    held = [*model.named_parameters(), *model.named_buffers()]
    return {
        name: (id(tensor), -1 if tensor.is_inference() else tensor._version)
        for name, tensor in held
    }
