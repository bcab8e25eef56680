"""What the command line says about inputs and constructor arguments, checked without torch.

The process that only reads the command line uses this; torch is imported when a tensor is made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from dropout_lint.verify.targets.target_specs import Target, TargetError, parse

if TYPE_CHECKING:
    import torch

_SEED = 0
_DTYPES = {
    "float": "float32", "double": "float64", "half": "float16", "int": "int32", "long": "int64",
    "short": "int16", "cfloat": "complex64", "cdouble": "complex128",
} | {
    name: name
    for name in """float16 bfloat16 float32 float64 int8 int16 int32 int64 uint8 bool complex64
    complex128""".split()
}  # fmt: skip


# Keyword or positional arguments of what builds a model.
ConstructorArguments: TypeAlias = "dict[str, Any] | list[Any] | None"


class InputError(Exception):
    """There are no inputs; the message is a sentence for the user."""


@dataclass(frozen=True)
class InputOptions:
    """The inputs that the command line gives: a function's name, and sizes such as ``2,3:long``."""

    function: str | None = None
    sizes: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> InputOptions:
        return cls(fields.get("function"), tuple(fields.get("sizes", ())))

    def check(self) -> None:
        """Raises InputError where something is written wrongly; nothing is imported."""
        for size in self.sizes:
            parse_size(size)
        if self.function is not None:
            function_target(self.function)


def function_target(spec: str) -> Target:
    """The target, with a name, of the function that ``--inputs`` names. Raises InputError."""
    try:
        target = parse(spec)
    except TargetError as error:
        raise InputError(f"--inputs {error}") from None
    if target.name is None:
        raise InputError(f"--inputs {spec}: name a function, as in package.module:function")
    return target


def parse_size(text: str) -> tuple[tuple[int, ...], str]:
    """Shape and dtype of ``2,3,224,224[:dtype]``. Raises InputError."""
    sizes, _, kind = text.partition(":")
    parts = [part.strip() for part in sizes.split(",")]
    if not all(part.isdigit() for part in parts):
        raise InputError(
            f"--input-size {text}: expected whole numbers with commas between them, "
            "as in 2,3,224,224 or 2,16:long"
        )
    name = kind.strip().removeprefix("torch.") or "float32"
    if name not in _DTYPES:
        known = ", ".join(sorted(_DTYPES))
        raise InputError(f"--input-size {text}: unknown dtype {name!r}; the dtypes are {known}")
    return tuple(map(int, parts)), _DTYPES[name]


def constructor_arguments(text: str | None) -> ConstructorArguments:
    """The arguments that ``--init`` gives as JSON. Raises InputError."""
    if text is None:
        return None
    try:
        arguments = json.loads(text)
    except ValueError as error:
        raise InputError(
            f"--init: is not valid JSON ({error}); write it as '{{\"dim\": 8}}'"
        ) from None
    if not isinstance(arguments, (dict, list)):
        raise InputError(
            f"--init: expected an object of keyword arguments or a list of arguments, not {text}"
        )
    return arguments


def filled(shape: tuple[int, ...], dtype: str = "float32", bound: int = 2) -> torch.Tensor:
    """A tensor of numbers that are the same each time: normal ones, or integers below a bound.

    The bound of 2 suits the smallest vocabulary.
    """
    import torch

    wanted: torch.dtype = getattr(torch, dtype)
    generator = torch.Generator().manual_seed(_SEED)
    if wanted.is_floating_point or wanted.is_complex:
        return torch.randn(shape, generator=generator).to(wanted)
    return torch.randint(0, max(1, bound), shape, generator=generator).to(wanted)
