"""Small models, each with one way to be random in eval mode, or none.

Grouped by cause. `CASES` holds them all; `kit.Case` says what is expected of each.
"""

from __future__ import annotations

from zoo import attention, declared, draws, dropouts, modes, outputs, outside, state, wrapped
from zoo.kit import CASES, Case, Expected

__all__ = [
    "CASES",
    "Case",
    "Expected",
    "attention",
    "declared",
    "draws",
    "dropouts",
    "modes",
    "outputs",
    "outside",
    "state",
    "wrapped",
]
