"""Running a model unobserved, and comparing what comes out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from dropout_lint.verify.report.eval_report import GradMode
from dropout_lint.verify.running import rng, values
from dropout_lint.verify.running.call import Call
from dropout_lint.verify.running.copies import Subject
from dropout_lint.verify.running.modes import GRAD_MODES, eager


@dataclass
class Runs:
    """Fresh copies of a model in eval mode, and their outputs under a seed."""

    subject: Subject
    call: Call
    grad_mode: GradMode = "no_grad"

    def copy(self) -> torch.nn.Module:
        model = self.subject.fresh()
        model.eval()
        return model

    def output(self, model: torch.nn.Module, seed: int) -> Any:
        """What the model returns, kept apart from what it keeps."""
        run = self.call.ready()
        rng.seed(seed)
        with self.mode():
            return values.clone(run(model))

    @contextlib.contextmanager
    def mode(self) -> Iterator[None]:
        with eager(), GRAD_MODES[self.grad_mode]():
            yield


def same(one: Any, other: Any) -> bool:
    """Whether two outputs are the same numbers: NaN payloads and signs of zeros do not count."""
    difference = values.difference(one, other)
    return difference is None or not difference.is_numeric


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """One thread on the CPU: sums of several threads differ in their last bits."""
    threads = torch.get_num_threads()
    if threads == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextlib.contextmanager
def deterministic_kernels(fill: bool = False) -> Iterator[None]:
    """Deterministic algorithms; ``fill`` says whether torch fills fresh memory with NaN."""
    settings: Any = torch.utils.deterministic
    before = torch.are_deterministic_algorithms_enabled()
    warn = torch.is_deterministic_algorithms_warn_only_enabled()
    filled = settings.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True, warn_only=True)
    settings.fill_uninitialized_memory = fill
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warn)
        settings.fill_uninitialized_memory = filled
