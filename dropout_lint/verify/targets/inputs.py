"""Inputs for a model: the first that exists of what the user gives, what the code offers, a guess.

The order: ``--inputs``, ``--input-size``, ``example_inputs()`` of the model, its class or its file,
Lightning's ``example_input_array``, Transformers' ``dummy_inputs``, and last inputs made up from
the signature of forward and the layers, which are labelled as such. torch is imported on use, so
that the process which only reads the command line can check the options.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from dropout_lint.verify.targets.names import TargetError, load, parse

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


class InputError(Exception):
    """Inputs that cannot be had; the message is a sentence for the user."""


@dataclass(frozen=True)
class Given:
    """What the command line says about inputs: a function's name, and sizes such as ``2,3:long``"""

    function: str | None = None
    sizes: tuple[str, ...] = ()

    def check(self) -> None:
        """Raises InputError where something is written wrongly; nothing is imported."""
        for size in self.sizes:
            parse_size(size)
        if self.function is None:
            return
        try:
            target = parse(self.function)
        except TargetError as error:
            raise InputError(f"--inputs {error}") from None
        if target.name is None:
            raise InputError(
                f"--inputs {self.function}: name a function, as in package.module:function"
            )


@dataclass(frozen=True)
class Inputs:
    """Inputs for `verify_eval` (tuple, dict or single value) and where they come from."""

    value: Any
    origin: str
    synthesised: bool = False


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


def constructor_arguments(text: str | None) -> dict[str, Any] | list[Any] | None:
    """What ``--init`` says. Raises InputError."""
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InputError(
            f"--init: is not valid JSON ({error}); write it as '{{\"dim\": 8}}'"
        ) from None
    if not isinstance(found, (dict, list)):
        raise InputError(
            f"--init: expected an object of keyword arguments or a list of arguments, not {text}"
        )
    return found


def find_inputs(
    model: torch.nn.Module,
    namespace: ModuleType | None = None,
    given: Given | None = None,
    seconds: float = 15.0,
) -> Inputs:
    """Inputs for a model, the first of the ladder that exists.

    Args:
        model: the model, built; synthesis runs it (in eval mode, on a copy where one can be had).
        namespace: the module of the user's that the model comes from.
        given: what the command line says.
        seconds: how long made-up inputs may be looked for.

    Raises:
        InputError: where nothing fits. Also whatever the user's functions raise.
    """
    given = given or Given()
    if given.function is not None:
        return Inputs(_called(given.function), f"--inputs {given.function}")
    if given.sizes:
        value = tuple(filled(*parse_size(size)) for size in given.sizes)
        return Inputs(value, " ".join(f"--input-size {size}" for size in given.sizes))
    found = _offered(model, namespace)
    if found is not None:
        return found
    from dropout_lint.verify.targets.synthesis import synthesise

    value, how = synthesise(model, seconds)
    return Inputs(value, f"synthesised: {how}", synthesised=True)


def filled(shape: tuple[int, ...], kind: str = "float32", bound: int = 2) -> torch.Tensor:
    """A tensor of numbers that are the same each time: normal ones, or integers below a bound.

    With the bound of 2 whole numbers are good for the smallest vocabulary.
    """
    import torch

    dtype: torch.dtype = getattr(torch, kind)
    generator = torch.Generator().manual_seed(_SEED)
    if dtype.is_floating_point or dtype.is_complex:
        return torch.randn(shape, generator=generator).to(dtype)
    return torch.randint(0, max(1, bound), shape, generator=generator).to(dtype)


def _called(spec: str) -> Any:
    """What the function returns that ``--inputs`` names."""
    try:
        target = parse(spec)
        if target.name is None:
            raise InputError(f"--inputs {spec}: name a function, as in package.module:function")
        function = load(target)
        for part in target.name.split("."):
            function = getattr(function, part)
    except TargetError as error:
        raise InputError(f"--inputs {error}") from None
    except AttributeError as error:
        raise InputError(f"--inputs {spec}: {error}; check the name") from None
    if not callable(function):
        raise InputError(f"--inputs {spec}: is no function; name one that returns the inputs")
    return function()


def _offered(model: torch.nn.Module, namespace: ModuleType | None) -> Inputs | None:
    """What the code itself offers."""
    name = "example_inputs"
    for holder, what in ((model, f"{type(model).__name__}"), (namespace, _file(namespace))):
        value = getattr(holder, name, None)
        if value is not None:
            given = value() if callable(value) and not _is_tensor(value) else value
            return Inputs(given, f"{name}() of {what}")
    for holder in (model, namespace):
        value = getattr(holder, "example_input_array", None)
        if value is not None:
            return Inputs(value, "example_input_array")
    value = getattr(model, "dummy_inputs", None)
    if isinstance(value, dict) and value:
        return Inputs(value, "dummy_inputs")
    return None


def _file(namespace: ModuleType | None) -> str:
    return "the file" if namespace is None else f"{namespace.__name__}"


def _is_tensor(value: Any) -> bool:
    import torch

    return isinstance(value, torch.Tensor)
