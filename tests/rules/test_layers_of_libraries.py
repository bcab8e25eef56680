"""Layers of other libraries that are built where they are called."""

from __future__ import annotations

import pytest
from support.linting import codes

HEAD = """
from timm.layers import DropPath
from torch import nn
from torchvision.ops import DropBlock2d, StochasticDepth


class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.path = DropPath(p) if p > 0.0 else nn.Identity()

    def forward(self, x):
        return """


@pytest.mark.parametrize(
    "call", ["DropPath(0.1)(x)", "StochasticDepth(0.1, 'row')(x)", "DropBlock2d(self.p, 3)(x)"]
)
def test_a_new_layer_is_in_train_mode(call: str) -> None:
    assert codes(f"{HEAD}{call}\n") == ["DRP005"]


@pytest.mark.parametrize(
    "call", ["self.path(x)", "DropPath()(x)", "DropPath(0.1).train(self.training)(x)"]
)
def test_a_layer_without_a_rate_or_with_the_mode(call: str) -> None:
    assert codes(f"{HEAD}{call}\n") == []


def test_a_layer_of_another_framework() -> None:
    code = HEAD.replace("from timm.layers", "from flax.linen").replace(
        "from torch import", "from flax.linen import linen as"
    )
    assert codes(f"{code}DropPath(0.1)(x)\n") == []
