"""The witness of the rule whose bug shows in gradients: executed, with and without checkpoints."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from support.linting import FIXTURES

torch = pytest.importorskip("torch", reason="executing the models needs torch")
pytestmark = pytest.mark.models


def module() -> ModuleType:
    path = FIXTURES / "checkpoint_without_rng_state.py"
    found = ModuleType("checkpoint_without_rng_state")
    sys.modules[found.__name__] = found
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), found.__dict__)
    return found


def gradients(kind: str, checkpoint: Any) -> list[Any]:
    """The gradients of one step of a class of the fixture, under seeds."""
    code = module()
    if checkpoint is not None:
        code.checkpoint = checkpoint  # type: ignore[attr-defined]
    torch.manual_seed(0)
    model = getattr(code, kind)(8, 0.5).train()
    x = torch.linspace(-1.0, 1.0, steps=32).reshape(4, 8).requires_grad_()
    torch.manual_seed(1)
    model(x).square().sum().backward()
    return [parameter.grad for parameter in model.parameters()]


def at_once(run: Any, x: Any, **options: Any) -> Any:
    return run(x)


@pytest.mark.parametrize(("kind", "same"), [("Block", False), ("Twin", True)])
def test_gradients_are_those_of_the_loss_where_the_random_state_is_kept(
    kind: str, same: bool
) -> None:
    plain, again = gradients(kind, at_once), gradients(kind, None)
    assert all(map(torch.equal, plain, again)) == same
