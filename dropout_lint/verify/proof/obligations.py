"""What a fix has to keep, as numbered obligations, and the comparisons that most of them are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from dropout_lint.rules.base import Rule, rules_named
from dropout_lint.verify.proof.passes import Kept
from dropout_lint.verify.report.report import Obligation
from dropout_lint.verify.running import values
from dropout_lint.verify.watching import rng

NAMES = {
    1: "construction leaves the generators alike",
    2: "parameters and buffers are the same",
    3: "state_dict fits both ways",
    4: "example inputs are the same",
    5: "train output is the same",
    6: "a train pass leaves the generators alike",
    7: "gradients are the same",
    8: "a train pass leaves parameters and buffers alike",
    9: "eval output does not depend on the seed",
    10: "an eval pass leaves the generators untouched",
    11: "inputs are left as the original leaves them",
    12: "eval output is that of the original without the flagged dropout",
    13: "train output is the same after eval mode",
    14: "a deep copy follows eval mode too",
}


class Unprovable(Exception):
    """Why nothing can be proved: the original cannot be run, or does not repeat."""


@dataclass
class Ledger:
    """The obligations as they are settled; each once, the first failure of each counts."""

    codes: Collection[str]
    settled: dict[int, Obligation] = field(default_factory=dict)

    @cached_property
    def rules(self) -> tuple[type[Rule], ...]:
        """The rules whose fixes are proved."""
        return rules_named(self.codes)

    def settle(self, number: int, holds: bool | None, detail: str = "") -> None:
        reason = self.waived(number)
        if reason is not None and holds is not True:
            holds, detail = None, f"does not apply to {reason}"
        known = self.settled.get(number)
        if known is None or (known.holds is not False and holds is not True):
            self.settled[number] = Obligation(number, NAMES[number], holds, detail)

    def same(self, number: int, found: values.Difference | None, what: str = "") -> None:
        """An obligation that two values are the same, given where they differ."""
        if found is None or found.kind == "payload":
            self.settle(number, True, "" if found is None else f"up to {found.path}'s NaN payloads")
        else:
            self.settle(number, False, f"{what}{found}")

    def skip(self, numbers: Iterable[int], reason: str) -> None:
        for number in numbers:
            if number not in self.settled:
                self.settle(number, None, reason)

    def waived(self, number: int) -> str | None:
        for rule in self.rules:
            if number in rule.waived_obligations:
                return f"{rule.code}: {rule.waived_obligations[number]}"
        return None

    @property
    def all(self) -> tuple[Obligation, ...]:
        return tuple(self.settled[number] for number in sorted(self.settled))

    @property
    def open(self) -> dict[str, str]:
        """What could not be checked or does not apply: the obligations by the reason."""
        found: dict[str, list[int]] = {}
        for obligation in self.all:
            if obligation.holds is None:
                found.setdefault(obligation.detail, []).append(obligation.number)
        return {
            why: f"obligation{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
            for why, numbers in found.items()
        }


def generators(one: rng.States, other: rng.States) -> str | None:
    """Which generators differ, as a phrase."""
    names = sorted(rng.changed(one, other))
    return f"the state of the generator of {' and '.join(names)} differs" if names else None


def changed_names(one: Kept, other: Kept) -> tuple[list[str], list[str]]:
    """The names that only the first and only the second of two states have."""
    mine, theirs = dict(one), dict(other)
    return [n for n in mine if n not in theirs], [n for n in theirs if n not in mine]
