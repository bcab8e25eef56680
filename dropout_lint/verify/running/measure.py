"""How much outputs of the same input differ."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import torch

from dropout_lint.verify.report.eval_report import Spread
from dropout_lint.verify.running import values

SAMPLED = 12  # entries of an output that a sample keeps
_CLASSES = (2, 100_000)


def spread(outputs: list[Any]) -> Spread | None:
    """The mean `Spread` over all pairs of outputs, in the first part that differs."""
    path = next(
        (str(difference.path) for one, other in combinations(outputs, 2)
         if (difference := values.difference(one, other)) is not None),
        None,
    )  # fmt: skip
    if path is None:
        return None
    parts = [dict(values.leaves(output)).get(path) for output in outputs]
    tensors = [part for part in parts if isinstance(part, torch.Tensor) and not part.is_meta]
    if len(tensors) < len(outputs) or len({part.shape for part in tensors}) > 1:
        return Spread(path)
    pairs = list(combinations(tensors, 2))
    return Spread(path, _mean(_relative_rms, pairs), _mean(_changed_argmax, pairs))


def _mean(measure: Any, pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> float | None:
    measured = [value for pair in pairs if (value := measure(*pair)) is not None]
    return sum(measured) / len(measured) if measured else None


def _relative_rms(one: torch.Tensor, other: torch.Tensor) -> float | None:
    if one.dtype == torch.bool or not one.numel():
        return None
    wide = torch.complex128 if one.is_complex() else torch.float64
    a, b = (torch.nan_to_num(part.detach().to(wide)).abs() for part in (one, other))
    apart = torch.nan_to_num(one.detach().to(wide) - other.detach().to(wide)).abs()
    size = float(torch.sqrt((a.square().mean() + b.square().mean()) / 2))
    return float(torch.sqrt(apart.square().mean())) / size if size else None


def _changed_argmax(one: torch.Tensor, other: torch.Tensor) -> float | None:
    """The share of rows whose argmax changes, for floats of shape (…, classes)."""
    if not one.is_floating_point() or one.dim() != 2:
        return None
    if not _CLASSES[0] <= one.shape[-1] <= _CLASSES[1] or not one.shape[0]:
        return None
    return float((one.argmax(-1) != other.argmax(-1)).float().mean())


def first_floats(output: Any, path: str | None) -> tuple[float, ...]:
    """The first entries of one part of an output: that at a path, or the first of floats."""
    for where, leaf in values.leaves(output):
        if not isinstance(leaf, torch.Tensor) or where != (path or where):
            continue
        if leaf.is_floating_point() and not leaf.is_quantized:
            return tuple(float(entry) for entry in leaf.detach().flatten()[:SAMPLED].float().cpu())
    return ()
