"""What the tables say of torch is true of the torch that is installed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from dropout_lint.fixing.library_names import (
    FUNCTION_INPLACE_POSITION,
    MODULE_CONTAINERS,
    MODULE_INPLACE_POSITION,
    MODULES_OF_UNKNOWN_EFFECT,
    NEW_TENSORS,
    PASSES_INPUT_THROUGH,
    VIEWS,
)

torch = pytest.importorskip("torch", reason="the tables are about torch")
pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]

ARGUMENTS = [(), (1,), (4,), (0, 1), ((4,),), (4, 4), (4, 4, 1), (1, 4)]
NO_OPERATIONS = {"index", "module_load"}


def shares_memory(one: Any, other: Any) -> bool:
    if isinstance(other, (tuple, list)):
        return any(shares_memory(one, part) for part in other)
    if not isinstance(other, torch.Tensor) or other.layout is not torch.strided:
        return False
    memory = other.untyped_storage().data_ptr()
    return bool(memory and memory == one.untyped_storage().data_ptr())


def results(
    function: Callable[..., Any], *first: Any, given: Sequence[tuple[Any, ...]] = ARGUMENTS
) -> list[Any]:
    """What a function makes of those of some arguments that it takes."""
    made = []
    for arguments in given:
        try:
            made.append(function(*first, *arguments))
        except Exception:
            continue
    return made


def operations(of: Any) -> list[str]:
    names = (name for name in dir(of) if not name.endswith("_") and not name.startswith("_"))
    found = (n for n in names if callable(getattr(of, n)) and not inspect.isclass(getattr(of, n)))
    return [n for n in found if n not in VIEWS | NO_OPERATIONS and "drop" not in n]


def test_methods_that_are_no_views_return_new_memory() -> None:
    tensor = torch.rand(2, 4, 4)
    for name in operations(torch.Tensor):
        made = results(getattr(tensor, name))
        assert not any(shares_memory(tensor, one) for one in made), name


@pytest.mark.parametrize("module", ["nn.functional", "linalg", "special", "fft"])
def test_functions_that_are_no_views_return_new_memory(module: str) -> None:
    tensor, there = torch.rand(2, 4, 4, 4), torch
    for name in module.split("."):
        there = getattr(there, name)
    for name in operations(there):
        given = ARGUMENTS[: 1 if name in FUNCTION_INPLACE_POSITION else None]
        made = results(getattr(there, name), tensor, given=given)
        assert not any(shares_memory(tensor, one) for one in made), name


def test_modules_that_pass_nothing_through_return_new_memory() -> None:
    known = MODULE_CONTAINERS | MODULES_OF_UNKNOWN_EFFECT | PASSES_INPUT_THROUGH
    for name in dir(torch.nn):
        layer = getattr(torch.nn, name)
        if not inspect.isclass(layer) or name in known or "Dropout" in name or "Lazy" in name:
            continue
        given = ARGUMENTS[: 1 if name in MODULE_INPLACE_POSITION else None]
        for built in results(layer, given=given):
            for shape in ((2, 4, 4, 4), (4, 4)):
                tensor = torch.rand(shape)
                for made in results(built, tensor, given=[()]):
                    assert not shares_memory(tensor, made), name


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", sorted(n for n in NEW_TENSORS if n[0].isupper()))
def test_result_of_a_layer_may_be_changed(name: str, training: bool) -> None:
    tried = False
    for built in results(getattr(torch.nn, name), given=[(4,), (4, 4), (4, 4, 1), (4, 4, 4)]):
        for shape in ((2, 4), (2, 4, 4), (2, 4, 4, 4), (2, 4, 4, 4, 4)):
            tensor = torch.rand(shape, requires_grad=True)
            if name == "Embedding":
                tensor = torch.zeros(shape, dtype=torch.long)
            for made in results(
                built.train(training), *[tensor] * (1 + (name == "Bilinear")), given=[()]
            ):
                made.mul_(2).sum().backward()
                tried = True
    assert tried
