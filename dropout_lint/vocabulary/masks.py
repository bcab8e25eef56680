"""Names around masks that are drawn by hand: which of them are dropout, and which are not."""

from __future__ import annotations

from collections.abc import Iterable

from dropout_lint.vocabulary.dropping import RATE_WORDS
from dropout_lint.vocabulary.randomness import LOSS_WORDS, SAMPLER_WORDS
from dropout_lint.vocabulary.words import words

# Parts of names of functions, classes, rates and masks that say that a random mask is dropout.
# `drop` is in drop_path, DropBlock, layerdrop and dropconnect; the others name what goes by another
# name.
# Origin: the first version that follows masks by hand.
# Measured: not yet.
DROP_PARTS = ("drop", "stochastic_depth", "stochasticdepth", "surviv", "zoneout")
# Whole words of such names: `keep_prob`, and not `keepdim`.
# Origin: the first version that follows masks by hand.
# Measured: not yet.
DROP_WORDS = frozenset({"keep", "kept"})
# Words of parameters that hold a rate, beside those of `RATE_WORDS`.
# Origin: the first version that follows masks by hand.
# Measured: not yet.
MASK_RATE_WORDS = RATE_WORDS - {"probs"} | frozenset("fraction frac survival".split())
# Words of functions and classes whose mask is a task to learn, a sample or an augmentation. A name
# that says `drop` is dropout all the same.
# Origin: the first version that follows masks by hand.
# Measured: not yet.
OTHER_MASK_WORDS = (
    SAMPLER_WORDS - {"stochastic"}
    | LOSS_WORDS
    | frozenset("mask masks masked masking mae mlm span spans negative init".split())
)


def speaks_of_drop(name: str) -> bool:
    """Whether a name says that a random mask is dropout: ``drop_path``, ``keep_prob``."""
    lowered = name.lower()
    return any(part in lowered for part in DROP_PARTS) or bool(words(name) & DROP_WORDS)


def is_called_rate(name: str) -> bool:
    """Whether a parameter or attribute is called like a rate: ``p``, ``drop_prob``, ``ratio``."""
    return bool(words(name) & MASK_RATE_WORDS) or speaks_of_drop(name)


def is_other_mask(function: str, around: Iterable[str]) -> bool:
    """Whether the names of a function and of what is around it say that its mask is no dropout."""
    if speaks_of_drop(function):
        return False
    return any(words(name) & OTHER_MASK_WORDS and "drop" not in name.lower()
               for name in (function, *around))  # fmt: skip
