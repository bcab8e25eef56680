"""Guards: what other than the mode decides whether a line runs, and conditions made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dropout_lint.vocabulary.modes import EFFECT_WORDS, speaks_of_mode
from dropout_lint.vocabulary.words import words


@dataclass(frozen=True)
class Guard:
    """Something other than ``self.training`` that decides.

    ``caller``: a parameter of the function; ``flag``: an attribute, another object's mode, a name.
    """

    kind: Literal["caller", "flag"]
    name: str

    @property
    def may_be_mode(self) -> bool:
        """Whether a condition on it may be a condition on the mode."""
        if self.kind == "caller":
            return speaks_of_mode(self.name) or bool(words(self.name) & EFFECT_WORDS)
        return speaks_of_mode(self.name.rpartition(".")[2])


Guards = frozenset[Guard]
FREE: Guards = frozenset()
# The guard of a value known to depend on `self.training`, but not how.
MODE: Guards = frozenset({Guard("flag", "self.training")})


def mode_guards(guards: Guards) -> Guards:
    """Those of the guards that may stand for the mode."""
    return frozenset(guard for guard in guards if guard.may_be_mode)


def weakest(*reaches: Guards | None) -> Guards | None:
    """The guards of a line that several paths reach; None stands for "not at all"."""
    alive = [reach for reach in reaches if reach is not None]
    if not alive:
        return None
    smallest = min(alive, key=len)
    if not smallest or all(smallest <= reach for reach in alive):
        return smallest
    return frozenset().union(*alive)


def both(left: Guards | None, right: Guards | None) -> Guards | None:
    """The guards of a line behind two conditions."""
    return None if left is None or right is None else left | right


@dataclass(frozen=True)
class Cond:
    """The guards behind which a condition can hold and can fail; None: it cannot."""

    when_true: Guards | None
    when_false: Guards | None

    @staticmethod
    def undecided(guards: Guards) -> Cond:
        """A condition that these guards decide."""
        return Cond(guards, guards)

    @staticmethod
    def any_of(alternatives: Iterable[tuple[Guards, Cond]]) -> Cond:
        """A condition on one of several alternatives, each behind its guards."""
        true: list[Guards | None] = []
        false: list[Guards | None] = []
        for guards, cond in alternatives:
            true.append(both(guards, cond.when_true))
            false.append(both(guards, cond.when_false))
        return Cond(weakest(*true), weakest(*false))

    def __invert__(self) -> Cond:
        return Cond(self.when_false, self.when_true)

    def __and__(self, other: Cond) -> Cond:
        return Cond(
            both(self.when_true, other.when_true),
            weakest(self.when_false, both(self.when_true, other.when_false)),
        )

    def __or__(self, other: Cond) -> Cond:
        return ~(~self & ~other)


YES = Cond(FREE, None)
NO = Cond(None, FREE)
MAYBE = Cond.undecided(FREE)
