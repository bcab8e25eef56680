"""`train` and `eval` of the user's own: whether they return the module, as torch's do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import torch


def broken_returns(model: torch.nn.Module, fresh: Callable[[], torch.nn.Module]) -> list[str]:
    """A sentence for each override in a model's classes that returns something else.

    ``fresh`` makes the copy on which they are called; none is made for a model without overrides.
    """
    own = {kind for module in model.modules() if _overridden(kind := type(module))}
    notes: list[str] = []
    if not own:
        return notes
    for module in fresh().modules():
        kind = type(module)
        for method in _overridden(kind) if kind in own else ():
            with contextlib.suppress(Exception):  # the forward pass is what counts
                result = getattr(module, method)()
                if result is not module:
                    what = "None" if result is None else f"a {type(result).__name__}"
                    notes.append(
                        f"{kind.__name__}.{method}() returns {what}, not the module; "
                        "let it return self"
                    )
        own.discard(kind)
    return notes


def _overridden(kind: type[torch.nn.Module]) -> list[str]:
    """Which of `train` and `eval` a class of the user's overrides."""
    if kind.__module__.startswith("torch."):
        return []
    base = torch.nn.Module
    return [name for name in ("train", "eval") if getattr(kind, name) is not getattr(base, name)]
