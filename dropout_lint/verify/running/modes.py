"""The modes of torch in which a model is run: dispatch, gradients, compilation."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from dropout_lint.verify.report.eval_report import GradMode

GRAD_MODES: dict[GradMode, Callable[[], Any]] = {
    "inference": torch.inference_mode,
    "no_grad": torch.no_grad,
    "grad": torch.enable_grad,
}


class Quick(TorchDispatchMode):
    """A dispatch mode without the import of torch._dynamo, a second and more."""

    supports_higher_order_operators = True  # flex_attention and its like pass through

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Private to torch."""
        return False


class _Forwarding(Quick):
    """Passes what a thread runs to the mode of the thread that started it."""

    def __init__(self, mode: TorchDispatchMode) -> None:
        super().__init__()
        self._mode = mode

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return self._mode.__torch_dispatch__(func, types, args, kwargs)


@contextlib.contextmanager
def everywhere(mode: TorchDispatchMode, grad_mode: GradMode) -> Iterator[None]:
    """Enter a dispatch mode and a grad mode, also in threads that start in the meantime.

    Both modes are local to a thread.
    """
    run = threading.Thread.run

    def watched_run(thread: threading.Thread) -> None:
        with GRAD_MODES[grad_mode](), _Forwarding(mode):
            run(thread)

    threading.Thread.run = watched_run  # type: ignore[method-assign, assignment]
    try:
        with GRAD_MODES[grad_mode](), mode:
            yield
    finally:
        threading.Thread.run = run  # type: ignore[method-assign]


@contextlib.contextmanager
def eager() -> Iterator[None]:
    """Run compiled functions uncompiled, so that our runs do not fragment their caches."""
    set_stance = getattr(torch.compiler, "set_stance", None)  # since torch 2.6
    if "torch._dynamo" not in sys.modules or set_stance is None:
        yield
        return
    with set_stance("force_eager"):
        yield
