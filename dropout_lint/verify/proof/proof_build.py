"""Obligations 1 to 4: construction, parameters and inputs, before anything runs."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from dropout_lint.verify.proof.obligations import (
    Claim,
    Ledger,
    Unprovable,
    changed_names,
    generators,
)
from dropout_lint.verify.proof.passes import Side, error_line, state
from dropout_lint.verify.running import values
from dropout_lint.verify.running.call import Call


@dataclass
class BuildProof:
    """Settles the obligations of construction. Both sides then hold their inputs."""

    original: Side
    fixed: Side
    ledger: Ledger

    def settle(self, built_anew: bool) -> bool:
        """False if there is no fixed model to go on with. Raises Unprovable."""
        self._take_inputs()
        try:
            first, mine = self.original.built()
            self.original.built()  # a second time, to see whether it comes out the same
        except Exception as error:
            raise Unprovable(f"the original cannot be built: {error_line(error)}") from error
        try:
            other, theirs = self.fixed.built()
        except Exception as error:
            self.ledger.settle(
                Claim.CONSTRUCTION, False, f"the fixed model cannot be built: {error_line(error)}"
            )
            return False
        if built_anew:
            moved = generators(mine, theirs)
            self.ledger.settle(Claim.CONSTRUCTION, moved is None, moved or "")
        else:
            self.ledger.settle(Claim.CONSTRUCTION, None, "the models were handed over built")
        if self.original.subject.uninitialised:
            self.fixed.subject.adopt(first.state_dict())
            other = self.fixed.fresh()
        self._parameters(first, other)
        self._state_dicts(first, other)
        for side in (self.original, self.fixed):
            self._warm(side)
        return True

    def _take_inputs(self) -> None:
        """Obligation 4. Inputs are made once: a function may give other ones at each call."""
        for side in (self.original, self.fixed):
            with side.world():
                side.inputs = Call(side.inputs, side.subject.device).inputs()
        mine, theirs = self.original.inputs, self.fixed.inputs
        self.ledger.same(Claim.EXAMPLE_INPUTS, values.difference(mine, theirs, "inputs"))

    def _parameters(self, first: torch.nn.Module, other: torch.nn.Module) -> None:
        mine, theirs = state(first), state(other)
        lost, added = changed_names(mine, theirs)
        shared = [leaf for leaf in theirs if leaf[0] not in added]
        if lost or added:
            self._names(Claim.PARAMETERS, lost, added)
        self.ledger.same(Claim.PARAMETERS, None if lost else values.leaf_difference(mine, shared))

    def _state_dicts(self, first: torch.nn.Module, other: torch.nn.Module) -> None:
        mine, theirs = first.state_dict(), other.state_dict()
        lost, added = [k for k in mine if k not in theirs], [k for k in theirs if k not in mine]
        if lost or added:
            self._names(Claim.STATE_DICT, lost, added)
            return
        if list(mine) != list(theirs):
            self.ledger.settle(Claim.STATE_DICT, False, "its keys are in another order")
            return
        try:
            other.load_state_dict(mine, strict=True)
            first.load_state_dict(theirs, strict=True)
        except Exception as error:
            self.ledger.settle(Claim.STATE_DICT, False, error_line(error))
        else:
            self.ledger.settle(Claim.STATE_DICT, True)

    def _names(self, claim: Claim, lost: list[str], added: list[str]) -> None:
        """Names that come or go; a fix that registers modules may bring some."""
        meant = [rule.code for rule in self.ledger.rules if rule.registers_modules]
        if lost or not meant:
            self.ledger.settle(claim, False, f"{lost[0]} is gone" if lost else f"{added[0]} is new")
            return
        names = ", ".join(added[:3])
        reason = f"does not apply to {min(meant)}: its fix registers what was not, {names} too"
        self.ledger.settle(claim, None, reason)

    def _warm(self, side: Side) -> None:
        """Create lazy parameters."""
        try:
            with side.world():
                side.subject.warm(Call(side.inputs))
        except Exception as error:
            if side is self.original:
                raise Unprovable(f"the original does not run: {error_line(error)}") from error
