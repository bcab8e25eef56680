"""The proof of a fix as plain data: no torch here, and every value survives JSON."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any


class Level(str, enum.Enum):
    """How far a fix is proved, the best first."""

    PROVED = "proved"  # every obligation holds and every edited line ran
    PARTLY = "partly proved"  # every obligation holds, some edited lines did not run
    PATTERN = "pattern-verified"  # the rewritten call is proved in a model made for it
    UNPROVABLE = "unprovable"  # the original does not repeat, or cannot be run
    REFUTED = "refuted"  # an obligation fails


@dataclass(frozen=True)
class Obligation:
    """One thing that must hold. ``holds`` is None where it could not be checked (``detail``)."""

    number: int
    name: str
    holds: bool | None
    detail: str = ""


@dataclass(frozen=True)
class FixProof:
    """The result of `verify_fix`: the level, the obligations, and the edited lines that ran."""

    model: str
    level: Level
    obligations: tuple[Obligation, ...] = ()
    covered: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    reason: str = ""

    @property
    def failed(self) -> tuple[Obligation, ...]:
        return tuple(o for o in self.obligations if o.holds is False)

    def __bool__(self) -> bool:
        return self.level in (Level.PROVED, Level.PARTLY, Level.PATTERN)


def fix_proof(data: dict[str, Any]) -> FixProof:
    """A `FixProof` from what `to_json` made of it."""
    return FixProof(
        model=data["model"],
        level=Level(data["level"]),
        obligations=tuple(Obligation(**item) for item in data["obligations"]),
        covered=tuple(data["covered"]),
        uncovered=tuple(data["uncovered"]),
        reason=data["reason"],
    )
