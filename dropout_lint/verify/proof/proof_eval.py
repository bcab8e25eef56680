"""Obligations 9 to 12: eval mode, compared with the original without its dropout."""

from __future__ import annotations

from dataclasses import dataclass, field

from dropout_lint.verify.proof.obligations import Claim, Ledger
from dropout_lint.verify.proof.oracle import Key, key
from dropout_lint.verify.proof.passes import Pass, Side, error_line
from dropout_lint.verify.report.eval_report import Cause, RandomOp
from dropout_lint.verify.running import values
from dropout_lint.verify.running.call import Call
from dropout_lint.verify.running.modes import GRAD_MODES
from dropout_lint.verify.watching.watch import watched

_EVAL = (Claim.EVAL_REPEATS, Claim.EVAL_GENERATORS, Claim.EVAL_OUTPUT, Claim.DEEP_COPY)


@dataclass
class EvalProof:
    """Settles the obligations of eval mode.

    A model may be random in eval mode for reasons that the fix does not touch. What draws at the
    same place in both versions still draws in the oracle, and the two are compared under equal
    seeds. ``all_ran``: every edited line runs in eval mode, so that the fix has to show there.
    """

    original: Side
    fixed: Side
    seeds: tuple[int, ...]
    ledger: Ledger
    all_ran: bool
    drew: dict[Key, RandomOp] = field(default_factory=dict)
    draws: dict[Key, RandomOp] = field(default_factory=dict)

    def settle(self) -> None:
        before = self.original.eval(self.original.fresh(), self.seeds[0])
        if before.error is not None:
            self.ledger.skip(_EVAL, f"the original does not run in eval mode: {before.error}")
            return
        after = self.fixed.eval(self.fixed.fresh(), self.seeds[0])
        if after.error is not None:
            self.ledger.settle(Claim.EVAL_REPEATS, False, f"the fixed model raises {after.error}")
            return
        try:
            self.drew, self.draws = self._drawn(self.original), self._drawn(self.fixed)
        except Exception as error:  # whatever the model raises under a dispatch mode
            self.ledger.skip(_EVAL, f"it does not run while it is watched: {error_line(error)}")
            return
        oracle, fixed = self._runs()
        self._compare(oracle, fixed)
        self._repeats(oracle)

    @property
    def _stays(self) -> list[RandomOp]:
        """The random ops at the same place in both versions: the fix does not touch them."""
        return [site for place, site in self.draws.items() if place in self.drew]

    @property
    def _new(self) -> list[RandomOp]:
        """The random ops of the fixed version only, or on an edited line."""
        return [site for place, site in self.draws.items() if place not in self.drew]

    def _drawn(self, side: Side) -> dict[Key, RandomOp]:
        """The random ops of eval mode, by place."""
        with side.world():
            model = side.subject.fresh()
            model.eval()
            seen = watched(model, Call(side.inputs), self.seeds[0])
            sites = [seen.site(record) for record in seen.drawn]
            return {key(site.where): site for site in sites}

    def _runs(self) -> tuple[list[Pass], list[Pass]]:
        """Passes of the oracle and of the fixed model, in the first grad mode in which both run."""
        mine: list[Pass] = []
        theirs: list[Pass] = []
        stays = self.draws.keys() & self.drew.keys()
        for mode in GRAD_MODES:
            mine = [
                self.original.eval(self.original.fresh(), s, mode, lambda w: key(w) in stays)
                for s in self.seeds
            ]
            theirs = [
                self.fixed.eval(self.fixed.fresh(), s, mode, lambda w: True) for s in self.seeds
            ]
            if not any(one.error for one in (*mine, *theirs)):
                break
        return mine, theirs

    # --- 12 and 11 ------------------------------------------------------------------------------

    def _compare(self, oracle: list[Pass], fixed: list[Pass]) -> None:
        for mine, theirs in zip(oracle, fixed, strict=True):
            if mine.error or theirs.error:
                why = f"it does not run while it is observed: {mine.error or theirs.error}"
                self.ledger.settle(Claim.EVAL_OUTPUT, None, why)
                return
            difference = values.leaf_difference(mine.output, theirs.output)
            if difference is not None and (left := self._not_replaced(mine)):
                why = f"draws of the original that no clone can stand for{_at(left)}"
                self.ledger.settle(Claim.EVAL_OUTPUT, None, why)
                return
            self.ledger.same(Claim.EVAL_OUTPUT, difference)
            self.ledger.same(
                Claim.INPUTS_KEPT,
                values.leaf_difference(mine.inputs, theirs.inputs),
                "in eval mode, ",
            )

    def _not_replaced(self, oracle: Pass) -> list[RandomOp]:
        """Draws that the fix removes and that the oracle could not replace: masks made by hand."""
        if not oracle.moved:
            return []
        gone = self.drew.keys() - self.draws.keys() - oracle.stilled
        return [self.drew[place] for place in gone]

    # --- 9 and 10 -------------------------------------------------------------------------------

    def _repeats(self, oracle: list[Pass]) -> None:
        passes = [self.fixed.eval(self.fixed.fresh(), seed) for seed in self.seeds]
        difference = _first_difference(passes)
        moved = sorted({name for each in passes for name in each.moved})
        leaves = not self._new and not self._is_idle()
        remain = f"draws that the fix leaves alone remain{_at(self._stays)}"
        if difference is None:
            self.ledger.settle(Claim.EVAL_REPEATS, True)
        elif leaves and _first_difference(oracle) is not None:
            self.ledger.settle(Claim.EVAL_REPEATS, None, remain)
        else:
            self.ledger.settle(
                Claim.EVAL_REPEATS, False, f"{difference}{_at(self._new or self._stays)}"
            )
        if not moved:
            self.ledger.settle(Claim.EVAL_GENERATORS, True)
        elif leaves and any(each.moved for each in oracle):
            self.ledger.settle(Claim.EVAL_GENERATORS, None, remain)
        else:
            self.ledger.settle(
                Claim.EVAL_GENERATORS, False, f"the generator of {' and '.join(moved)} moved"
            )

    def _is_idle(self) -> bool:
        """Whether the fix removes no draw although its rules are about draws."""
        dropouts = {place for place, site in self.drew.items() if site.cause is Cause.DROPOUT}
        about_draws = self.all_ran and any(rule.shows_in_eval for rule in self.ledger.rules)
        return about_draws and bool(dropouts) and dropouts <= self.draws.keys()


def _first_difference(passes: list[Pass]) -> values.Difference | None:
    for other in passes[1:]:
        difference = values.leaf_difference(passes[0].output, other.output)
        if difference is not None and difference.is_numeric:
            return difference
    return None


def _at(sites: list[RandomOp]) -> str:
    places = sorted({str(site.where) for site in sites})
    return f", at {', '.join(places)}" if places else ""
