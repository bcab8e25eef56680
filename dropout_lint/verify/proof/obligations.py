"""The obligations of a fix, and the ledger in which they are settled."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from dropout_lint.rules.base import Rule, rules_named
from dropout_lint.verify.proof.passes import Leaves
from dropout_lint.verify.report.fix_proof import Obligation
from dropout_lint.verify.running import rng, values


class Claim(enum.IntEnum):
    """What a fix has to keep, by its number in reports, with the sentence for it."""

    sentence: str

    def __new__(cls, number: int, sentence: str) -> Claim:
        claim = int.__new__(cls, number)
        claim._value_ = number
        claim.sentence = sentence
        return claim

    CONSTRUCTION = 1, "construction leaves the generators alike"
    PARAMETERS = 2, "parameters and buffers are the same"
    STATE_DICT = 3, "state_dict fits both ways"
    EXAMPLE_INPUTS = 4, "example inputs are the same"
    TRAIN_OUTPUT = 5, "train output is the same"
    TRAIN_GENERATORS = 6, "a train pass leaves the generators alike"
    GRADIENTS = 7, "gradients are the same"
    TRAIN_STATE = 8, "a train pass leaves parameters and buffers alike"
    EVAL_REPEATS = 9, "eval output does not depend on the seed"
    EVAL_GENERATORS = 10, "an eval pass leaves the generators untouched"
    INPUTS_KEPT = 11, "inputs are left as the original leaves them"
    EVAL_OUTPUT = 12, "eval output is that of the original without the flagged dropout"
    TRAIN_AGAIN = 13, "train output is the same after eval mode"
    DEEP_COPY = 14, "a deep copy follows eval mode too"


class Unprovable(Exception):
    """Nothing can be proved: the original cannot be run, or does not repeat."""


@dataclass
class Ledger:
    """The obligations that are settled so far; of each the first failure counts."""

    codes: Collection[str]
    settled: dict[Claim, Obligation] = field(default_factory=dict)

    @cached_property
    def rules(self) -> tuple[type[Rule], ...]:
        """The rules whose fixes are proved."""
        return rules_named(self.codes)

    def settle(self, claim: Claim, holds: bool | None, detail: str = "") -> None:
        reason = self.waived(claim)
        if reason is not None and holds is not True:
            holds, detail = None, f"does not apply to {reason}"
        known = self.settled.get(claim)
        if known is None or (known.holds is not False and holds is not True):
            self.settled[claim] = Obligation(int(claim), claim.sentence, holds, detail)

    def same(self, claim: Claim, difference: values.Difference | None, what: str = "") -> None:
        """Settle the claim that two values are the same, given their first difference."""
        if difference is None:
            self.settle(claim, True)
        elif difference.is_numeric:
            self.settle(claim, False, f"{what}{difference}")
        else:
            self.settle(claim, True, f"up to {difference.path}'s NaN payloads")

    def skip(self, claims: Iterable[Claim], reason: str) -> None:
        for claim in claims:
            if claim not in self.settled:
                self.settle(claim, None, reason)

    def waived(self, claim: Claim) -> str | None:
        for rule in self.rules:
            if claim in rule.waived_obligations:
                return f"{rule.code}: {rule.waived_obligations[claim]}"
        return None

    @property
    def all(self) -> tuple[Obligation, ...]:
        return tuple(self.settled[claim] for claim in sorted(self.settled))

    @property
    def open(self) -> dict[str, str]:
        """The obligations that could not be checked or do not apply, by the reason."""
        numbers_by_reason: dict[str, list[int]] = {}
        for obligation in self.all:
            if obligation.holds is None:
                numbers_by_reason.setdefault(obligation.detail, []).append(obligation.number)
        return {
            why: f"obligation{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
            for why, numbers in numbers_by_reason.items()
        }


def generators(one: rng.States, other: rng.States) -> str | None:
    """A phrase that names the generators that differ; None if none does."""
    names = sorted(rng.changed(one, other))
    return f"the state of the generator of {' and '.join(names)} differs" if names else None


def changed_names(one: Leaves, other: Leaves) -> tuple[list[str], list[str]]:
    """The names that only the first and only the second of two states have."""
    mine, theirs = dict(one), dict(other)
    return [n for n in mine if n not in theirs], [n for n in theirs if n not in mine]
