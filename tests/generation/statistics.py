"""What a run of many models amounts to."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import torch

from .check import check
from .models import TABLES, model_of


@dataclass
class Summary:
    """Counts over models; ``failed`` holds the failures by seed."""

    models: int = 0
    clean: int = 0  # without any finding
    random: int = 0  # dropout draws in eval mode
    found: Counter[str] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)
    failed: dict[int, list[str]] = field(default_factory=dict)

    def add(self, seed: int) -> None:
        """Check the model of a seed."""
        model = model_of(seed)
        result = check(model)
        self.models += 1
        self.clean += result.clean
        self.random += result.random
        self.found += result.found
        self.groups += result.groups
        self.levels += result.levels
        self.forms += Counter(set(model.forms))
        if result.failures:
            self.failed[seed] = result.failures

    def merge(self, other: Summary) -> None:
        for name in ("models", "clean", "random"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("found", "groups", "levels", "forms"):
            getattr(self, name).update(getattr(other, name))
        self.failed |= other.failed

    def lines(self) -> Iterable[str]:
        """The summary for a terminal: every form with the number of models that have it."""
        share = 100 / max(self.models, 1)
        yield f"{self.models} models, {len(self.failed)} with failures"
        yield f"with findings: {(self.models - self.clean) * share:.0f} %, " + (
            f"clean: {self.clean * share:.0f} %, random in eval mode: {self.random * share:.0f} %"
        )
        for title, counts in (
            ("findings", self.found), ("groups", self.groups), ("proofs", self.levels)
        ):  # fmt: skip
            yield f"{title}: " + ", ".join(f"{k} {n}" for k, n in sorted(counts.items()) if n)
        for table, forms in TABLES.items():
            counted = ", ".join(f"{f.name} {self.forms[f'{table}.{f.name}']}" for f in forms)
            yield f"{table}: {counted}"


def settle_in() -> None:
    """For a process that does nothing else: what is loaded by now is no garbage, look no more."""
    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()


def summary_of(seeds: Iterable[int]) -> Summary:
    found = Summary()
    for seed in seeds:
        found.add(seed)
    return found
