"""Which torch op draws random numbers, given its arguments.

The tag `nondeterministic_seeded` is on 149 aten overloads of torch 2.13, also on attention with
``dropout_p = 0`` and on backward passes. So the tag is a condition only, and the arguments decide.
They are found by their names in the op's schema, so that later ops are covered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

_RATES = ("dropout_p", "dropout", "p")
_MODES = ("train", "training")
_NEVER = ("_fused_sdp_choice", "_nested_tensor_softmax_with_shape", "_no_dropout_inplace")


@dataclass(frozen=True)
class OpDraw:
    """Whether one call of an op draws. ``p`` is its rate, None for a tensor or no rate."""

    op: str
    active: bool
    is_dropout: bool
    p: float | None = None
    own_generator: bool = False


_Decide = Callable[[Sequence[Any], Mapping[str, Any]], OpDraw]
_deciders: dict[Any, _Decide | None] = {}


def op_draw(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> OpDraw | None:
    """The draw of a call; None for an op that never draws. ``func`` is an `OpOverload`."""
    try:
        decide = _deciders[func]
    except KeyError:
        decide = _deciders[func] = _decider(func)
    return None if decide is None else decide(args, kwargs)


def _decider(func: Any) -> _Decide | None:
    schema = getattr(func, "_schema", None)
    if schema is None:  # an operator of higher order: the ops that it runs are dispatched too
        return None
    op = schema.name.replace("::", ".")
    name = op.partition(".")[2]
    order = [argument.name for argument in schema.arguments]
    if torch.Tag.nondeterministic_seeded not in func.tags and not _is_gated(order):
        return None
    if "_backward" in name or any(never in name for never in _NEVER):
        return None
    defaults = {argument.name: argument.default_value for argument in schema.arguments}
    rate = next((name for name in _RATES if name in order), None)
    mode = next((name for name in _MODES if name in order), None)

    def bound(args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        return {**defaults, **dict(zip(order, args, strict=False)), **kwargs}

    def dropout(args: Sequence[Any], kwargs: Mapping[str, Any]) -> OpDraw:
        given = bound(args, kwargs)
        on = given[mode] is not False if mode is not None else True  # train=None means True
        p = float(given[rate]) if rate is not None else None
        if given.get("num_layers", 2) == 1:  # recurrent layers drop between layers only
            return OpDraw(op, False, True, p)
        return OpDraw(op, on and (p is None or 0 < p < 1), True, p, _has_generator(given))

    def bernoulli(args: Sequence[Any], kwargs: Mapping[str, Any]) -> OpDraw:
        given = bound(args, kwargs)
        p = given.get("p", given.get("self"))
        number = float(p) if isinstance(p, (int, float)) else None
        return OpDraw(op, _is_open(p), False, number, _has_generator(given))

    def normal(args: Sequence[Any], kwargs: Mapping[str, Any]) -> OpDraw:
        given = bound(args, kwargs)
        return OpDraw(op, given["std"] != 0, False, None, _has_generator(given))

    def always(args: Sequence[Any], kwargs: Mapping[str, Any]) -> OpDraw:
        return OpDraw(op, True, False, None, _has_generator(bound(args, kwargs)))

    if name.rstrip("_").startswith("bernoulli"):
        return bernoulli
    if "std" in order and str(schema.arguments[order.index("std")].type) == "float":
        return normal
    if mode is not None or rate == "dropout_p":
        return dropout
    return always


def _is_gated(names: list[str]) -> bool:
    """Whether an op has both a rate and a mode: those of quantised layers have no tag."""
    return any(rate in names for rate in _RATES) and any(mode in names for mode in _MODES)


def _is_open(p: Any) -> bool:
    """Whether a probability, or any of a tensor of them, is neither 0 nor 1."""
    if isinstance(p, torch.Tensor):
        return p.is_meta or bool(((p > 0) & (p < 1)).any())
    return bool(0 < p < 1)


def _has_generator(given: Mapping[str, Any]) -> bool:
    """Whether a call has a generator of its own (the default one may be an argument too)."""
    generator = given.get("generator")
    if generator is None:
        return False
    defaults: list[Any] = [torch.default_generator]
    if torch.cuda.is_initialized():
        defaults.extend(torch.cuda.default_generators)
    return all(generator._cdata != one._cdata for one in defaults)  # wrapped anew at each call
