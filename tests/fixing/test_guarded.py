"""`self.train` as a condition: the fix is safe where only drops and random draws are behind it."""

from __future__ import annotations

import textwrap

import pytest
from support.linting import fixed, run

from dropout_lint.diagnostics import Safety

HEAD = """\
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.scale = 2.0
        self.fc = nn.Linear(8, 8)
        self.drop = nn.Dropout(p)

    def forward(self, x):
"""
DROPS = {
    "a function": "if self.train:\n    x = F.dropout(x, self.p)\nreturn x",
    "a rate beside it": "if self.train and self.p > 0:\n    x = F.dropout(x)\nreturn x",
    "a module": "if self.train:\n    x = self.drop(x)\nreturn x",
    "two of them": "if self.train:\n    x = F.dropout(x)\n    x = F.alpha_dropout(x)\nreturn x",
    "one in the other": "if self.train:\n    x = self.drop(F.dropout(x))\nreturn x",
    "under a condition": "if self.train:\n    if self.p:\n        x = F.dropout(x)\nreturn x",
    "both branches": "if self.train:\n    y = F.dropout(x)\nelse:\n    y = x\nreturn y",
    "the other way round": "if not self.train:\n    y = x\nelse:\n    y = F.dropout(x)\nreturn y",
    "a return": "if self.train:\n    return F.dropout(x)\nreturn x",
    "an early return": "if not self.train:\n    return x\nreturn F.dropout(x)",
    "an expression": "return F.dropout(x) if self.train else x",
    "an expression, the other way round": "return x if not self.train else F.dropout(x)",
    "a rate": "return F.dropout(x, self.p if self.train else 0.0, training=True)",
    "a rate under a name": "p = self.p if self.train else 0.0\nreturn F.dropout(x, p)",
    "a rate that is tested": (
        "p = self.p if self.train else 0.0\nif p > 0:\n    x = F.dropout(x, p)\nreturn x"
    ),
    "a rate in branches": (
        "if self.train:\n    p = self.p\nelse:\n    p = 0.0\nreturn F.dropout(x, p)"
    ),
    "a mask": (
        "if self.train:\n    mask = torch.bernoulli(torch.full_like(x, 0.5))\n"
        "    x = x * mask / 0.5\nreturn x"
    ),
    "a mask that is filled": (
        "if self.train:\n    x = x.masked_fill(torch.rand_like(x) < self.p, 0.0)\nreturn x"
    ),
    "an early return before a mask": (
        "if not self.train:\n    return x\nmask = torch.rand_like(x) > self.p\nreturn x * mask"
    ),
    "noise": "if self.train:\n    x = x + torch.randn_like(x) * self.scale\nreturn x",
    "a mask in front": (
        "if self.train:\n    mask = (torch.rand_like(x) > self.p).float()\n    x = mask * x\n"
        "return x"
    ),
    "noise under a name": (
        "if self.train:\n    noise = torch.randn_like(x) * self.scale\n    x = x + noise\nreturn x"
    ),
}
MORE = {
    "a scale": "if self.train:\n    x = x * self.scale\nreturn x",
    "a layer": "if self.train:\n    x = self.fc(x)\nreturn x",
    "a layer beside the drop": "if self.train:\n    x = F.dropout(x)\n    x = self.fc(x)\nreturn x",
    "a layer around the drop": "if self.train:\n    x = self.fc(F.dropout(x))\nreturn x",
    "a layer in the drop": "if self.train:\n    x = F.dropout(self.fc(x))\nreturn x",
    "an item": "if self.train:\n    x[0] = x[0] * self.scale\nreturn x",
    "an attribute": "if self.train:\n    self.scale = 3.0\nreturn x * self.scale",
    "the other branch": "if not self.train:\n    x = x / self.scale\nreturn x",
    "the other branch beside a drop": (
        "if self.train:\n    x = F.dropout(x)\nelse:\n    x = self.fc(x)\nreturn x"
    ),
    "what is returned": "if self.train:\n    return F.dropout(x), x.sum()\nreturn x",
    "an early return before more": "if not self.train:\n    return x\nreturn self.fc(F.dropout(x))",
    "two layers": "return self.fc(x) if self.train else x",
    "a number": "n = 3 if self.train else 1\nreturn F.dropout(x, self.p) * n",
    "a rate that is used otherwise": (
        "p = self.p if self.train else 0.0\nreturn F.dropout(x, p) * (1 - p)"
    ),
    "a mask that is returned": (
        "mask = torch.ones_like(x)\nif self.train:\n    mask = torch.rand_like(x)\nreturn x, mask"
    ),
    "something unknown": "if self.train:\n    self.log(x)\nreturn x",
    "nothing random": "if self.train and self.p > 0:\n    x = x.relu()\nreturn x",
}


def net(body: str) -> str:
    return HEAD + textwrap.indent(body, " " * 8) + "\n"


def offered(body: str) -> tuple[Safety, str]:
    found = [d for d in run(net(body)).diagnostics if d.code == "DRP011"]
    assert len(found) == 1
    assert found[0].fix is not None
    return found[0].fix.safety, found[0].fix.message


@pytest.mark.parametrize("body", DROPS.values(), ids=list(DROPS))
def test_safe_where_only_drops_are_guarded(body: str) -> None:
    assert offered(body) == (Safety.SAFE, "Use `self.training`")


@pytest.mark.parametrize("body", MORE.values(), ids=list(MORE))
def test_unsafe_where_more_is_guarded(body: str) -> None:
    safety, message = offered(body)
    assert safety is Safety.UNSAFE
    assert message == (
        "Use `self.training` (unsafe: the condition guards more than drops, so results in eval "
        "mode change)"
    )


@pytest.mark.models
@pytest.mark.parametrize("body", DROPS.values(), ids=list(DROPS))
def test_what_is_safe_keeps_training_and_lets_eval_mode_through(body: str) -> None:
    torch = pytest.importorskip("torch", reason="executing the models needs torch")
    before, after = net(body), fixed(net(body))
    outputs = []
    for code in (before.replace("self.train:", "True:").replace("self.train ", "True "), after):
        namespace: dict[str, object] = {}
        exec(compile(code, "net.py", "exec"), namespace)
        torch.manual_seed(0)
        outputs.append(namespace["Net"]()(torch.ones(4, 8)))  # type: ignore[operator]
    assert torch.equal(*outputs)
    model = namespace["Net"]().eval()  # type: ignore[operator]
    x = torch.ones(4, 8)
    assert torch.equal(model(x.clone()), x)
