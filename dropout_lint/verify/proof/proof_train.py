"""Obligations 5 to 8, 11, 13 and 14: a fix changes nothing in train mode."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from dropout_lint.verify.proof.obligations import Claim, Ledger, Unprovable, generators
from dropout_lint.verify.proof.passes import Leaves, Pass, Side, error_line
from dropout_lint.verify.running import values


@dataclass
class TrainProof:
    """Settles the obligations of train mode. The original is compared with itself first."""

    original: Side
    fixed: Side
    seeds: tuple[int, ...]
    ledger: Ledger
    _mine: list[Pass] = field(default_factory=list)
    _inputs_too: bool = True

    def settle(self) -> bool:
        """False if the fixed model does not run. Raises Unprovable."""
        self._mine = self._passes(self.original)
        if self._mine[0].error is not None or self._mine[0].gradients is None:
            self._inputs_too = False  # some models refuse inputs that require gradients
            self._mine = self._passes(self.original)
        again = self._passes(self.original)
        for mine, other in zip(self._mine, again, strict=True):
            _stable(mine, other)
        theirs = self._passes(self.fixed)
        for mine, other, fixed in zip(self._mine, again, theirs, strict=True):
            if fixed.error is not None:
                self.ledger.settle(
                    Claim.TRAIN_OUTPUT, False, f"the fixed model raises {fixed.error}"
                )
                return False
            self._compare(mine, fixed)
            self._gradients(mine, other, fixed)
        return True

    def _passes(self, side: Side) -> list[Pass]:
        """Train passes over one copy, one after the other: a rate may change from step to step."""
        model = side.fresh()
        return [side.train(model, seed, self._inputs_too) for seed in self.seeds]

    def _compare(self, mine: Pass, fixed: Pass) -> None:
        self.ledger.same(Claim.TRAIN_OUTPUT, values.leaf_difference(mine.output, fixed.output))
        moved = generators(mine.generators, fixed.generators)
        self.ledger.settle(Claim.TRAIN_GENERATORS, moved is None, moved or "")
        known = {name for name, _ in mine.state}  # what the fix adds is a matter of obligation 2
        shared = [leaf for leaf in fixed.state if leaf[0] in known]
        self.ledger.same(Claim.TRAIN_STATE, values.leaf_difference(mine.state, shared))
        self.ledger.same(
            Claim.INPUTS_KEPT, values.leaf_difference(mine.inputs, fixed.inputs), "in train mode, "
        )

    def _gradients(self, mine: Pass, again: Pass, fixed: Pass) -> None:
        if mine.gradients is None or again.gradients is None:
            self.ledger.settle(
                Claim.GRADIENTS, None, f"the original has no gradients: {mine.no_gradients}"
            )
        elif _differ(mine.gradients, again.gradients):
            self.ledger.settle(Claim.GRADIENTS, None, "gradients of the original do not repeat")
        elif fixed.gradients is None:
            self.ledger.settle(
                Claim.GRADIENTS, False, f"the backward pass raises {fixed.no_gradients}"
            )
        else:
            known = {name for name, _ in mine.gradients}
            shared = [leaf for leaf in fixed.gradients if leaf[0] in known]
            self.ledger.same(Claim.GRADIENTS, values.leaf_difference(mine.gradients, shared))

    # --- 13 and 14: the way back, and copies ------------------------------------------------------

    def settle_return(self) -> None:
        self._back_from_eval()
        self._deep_copy()

    def _back_from_eval(self) -> None:
        expected = self._mine[0]
        if self.ledger.waived(Claim.TRAIN_OUTPUT) is not None:
            expected = self.fixed.train(self.fixed.fresh(), self.seeds[0], self._inputs_too)
        after = self._after_eval(self.fixed)
        if after.error is not None:
            self.ledger.settle(Claim.TRAIN_AGAIN, False, f"the fixed model raises {after.error}")
        elif not _differ(expected.output, after.output):
            self.ledger.settle(Claim.TRAIN_AGAIN, True)
        elif not _differ(self._after_eval(self.original).output, after.output):
            self.ledger.settle(
                Claim.TRAIN_AGAIN, None, "the original does not come back to it either"
            )
        else:
            self.ledger.same(
                Claim.TRAIN_AGAIN, values.leaf_difference(expected.output, after.output)
            )

    def _after_eval(self, side: Side) -> Pass:
        model = side.fresh()
        side.eval(model, self.seeds[0])
        return side.train(model, self.seeds[0], self._inputs_too)

    def _deep_copy(self) -> None:
        """Put the copy into eval mode, and leave the model that it was made of in train mode."""
        try:
            model = self.fixed.fresh()
            with self.fixed.world():
                model.train()
                copied = copy.deepcopy(model)
        except Exception as error:
            self._cannot_copy(error)
            return
        for seed in self.seeds:
            mine = self.fixed.eval(self.fixed.fresh(), seed)
            theirs = self.fixed.eval(copied, seed)
            if mine.error is not None:
                continue
            if theirs.error is not None:
                self.ledger.settle(Claim.DEEP_COPY, False, f"the copy raises {theirs.error}")
                return
            self.ledger.same(Claim.DEEP_COPY, values.leaf_difference(mine.output, theirs.output))

    def _cannot_copy(self, error: Exception) -> None:
        try:
            with self.original.world():
                copy.deepcopy(self.original.fresh())
        except Exception:
            self.ledger.settle(
                Claim.DEEP_COPY, None, f"the model cannot be copied: {error_line(error)}"
            )
        else:
            self.ledger.settle(
                Claim.DEEP_COPY, False, f"the fixed model cannot be copied: {error_line(error)}"
            )


def _stable(one: Pass, other: Pass) -> None:
    """Raises Unprovable where the original does not repeat: then a fix cannot be distinguished."""
    if one.error is not None:
        raise Unprovable(f"the original does not run in train mode: {one.error}")
    reason = generators(one.generators, other.generators)
    for mine, theirs in ((one.output, other.output), (one.state, other.state)):
        if _differ(mine, theirs):
            reason = str(values.leaf_difference(mine, theirs))
    if reason is not None:
        raise Unprovable(f"the original does not repeat under one seed: {reason}")


def _differ(one: Leaves, other: Leaves) -> bool:
    difference = values.leaf_difference(one, other)
    return difference is not None and difference.is_numeric
