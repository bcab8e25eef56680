"""Which draws by hand go on in eval mode: the lines that end in `#!` are findings of DRP012."""

from __future__ import annotations

import pytest

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import lint

HEAD = """\
import random

import numpy as np
import torch
import torch.distributions as td
import torch.nn.functional as F
from torch import distributions, nn
from torch.distributions import Bernoulli, Normal, Uniform


"""


def net(*lines: str, init: str = "", name: str = "Net") -> str:
    """A module whose `forward` has these lines."""
    return (
        f"class {name}(nn.Module):\n    def __init__(self, p=0.1, std=0.2):\n"
        "        super().__init__()\n        self.p, self.std = p, std\n"
        f"        self.fc = nn.Linear(8, 8)\n        {init or 'self.n = 4'}\n\n"
        "    def forward(self, x, rate=0.1, labels=None):\n"
        + "".join(f"        {line}\n" for line in lines)
    )


NOISE = "def add_noise(x, std):\n    return x + std * torch.randn_like(x)\n\n\n"
START = (
    "def {}(points, count):\n    current = torch.randint(0, 9, (2,))  {}\n"
    "    for i in range(count):\n"
    "        gap = points[current]\n        current = gap.argmax(-1)\n    return current\n\n\n"
)
CODE = {
    "a distribution on self": net(
        "return x * self.coin.sample(x.shape)  #!", init="self.coin = Bernoulli(p)"
    ),
    "a distribution with a keyword": net(
        "return x * td.Bernoulli(probs=self.p).sample(x.shape)  #!"
    ),
    "a distribution in a local": net(
        "coin = distributions.Bernoulli(1 - self.p)", "return x * coin.sample(x.shape)  #!"
    ),
    "a distribution of its own module": net(
        "return x * torch.distributions.bernoulli.Bernoulli(0.5).sample(x.shape)  #!"
    ),
    "a distribution of data": net("return x * Bernoulli(self.fc(x)).sample()"),
    "a distribution of logits": net("return x * Bernoulli(logits=self.fc(x)).sample()"),
    "a distribution in train mode": net(
        "if self.training:", "    x = x * Bernoulli(self.p).sample(x.shape)", "return x"
    ),
    "a distribution whose rate is the caller's": net("return x * Bernoulli(rate).sample(x.shape)"),
    "noise of a distribution": net("return x + 0.1 * Normal(0.0, 1.0).sample(x.shape)  #!"),
    "noise of a distribution with its strength": net(
        "return x + Normal(0.0, self.std).sample(x.shape)  #!"
    ),
    "noise of a distribution on self": net(
        "return x + self.noise.sample(x.shape)  #!", init="self.noise = Normal(0.0, std)"
    ),
    "a sample of a posterior": net(
        "mean, std = self.fc(x), x", "return Normal(mean, std).rsample()"
    ),
    "a sample, scaled": net(
        "std = self.fc(x)", "return x + std * Normal(0.0, 1.0).sample(x.shape)"
    ),
    "uniform noise": net("return x + self.std * Uniform(-1.0, 1.0).sample(x.shape)  #!"),
    "uniform noise in place": net(
        "return x + torch.empty_like(x).uniform_(-self.std, self.std)  #!"
    ),
    "dequantization": net("return x + Uniform(0.0, 1.0).sample(x.shape) / 256"),
    "a helper with the strength of the module": NOISE + net("return add_noise(x, self.std)  #!"),
    "a helper under a condition on the strength": NOISE
    + net("if self.std > 0:", "    x = add_noise(x, std=self.std)  #!", "return x"),
    "a helper in train mode": NOISE
    + net("if self.training:", "    x = add_noise(x, self.std)", "return x"),
    "a helper with the strength of a caller": NOISE + net("return add_noise(x, rate)"),
    "a helper with a strength of the data": NOISE + net("return add_noise(x, self.fc(x))"),
    "a helper with a gated strength": NOISE
    + net("return add_noise(x, self.std if self.training else 0.0)"),
    "a helper with open arguments": NOISE + net("return add_noise(*x)"),
    "a helper for samples": NOISE.replace("add_noise", "sample")
    + net("return sample(x, self.std)"),
    "a helper with a switch": NOISE.replace("std):", "std, on):").replace(
        "    return", "    if not on:\n        return x\n    return"
    )
    + net("return add_noise(x, self.std, self.training)"),
    "a helper that cuts by a rate": (
        "def cut(x, rate):\n    return x * (torch.rand_like(x) > rate)\n\n\n"
        + net("return cut(self.fc(x), self.p)  #!")
    ),
    "a method that cuts by a rate": net("return self.cut(x, self.p)  #!")
    + "\n    def cut(self, x, rate):\n        return x * (torch.rand_like(x) > rate)\n",
    "word dropout in a VAE": net(
        "mask = torch.rand(x.size())  #!",
        "x[mask < self.p] = 3",
        "return self.fc(x)",
        name="TextVAE",
    ),
    "the sample of a VAE": net(
        "mean, std = self.fc(x), x",
        "noise = torch.randn_like(std) * self.std",
        "return mean + noise",
        name="TextVAE",
    ),
    "the mask of an augmentation": net(
        "return x * (torch.rand_like(x) > self.p)", name="Augmentation"
    ),
    "a hard choice": net("return x * F.gumbel_softmax(self.fc(x), hard=True)  #!"),
    "a choice in train mode": net(
        "s = self.fc(x)", "return F.gumbel_softmax(s) if self.training else s.softmax(-1)"
    ),
    "a choice of a policy": net("return F.gumbel_softmax(self.fc(x))", name="PolicyHead"),
    "a choice that the caller asks for": net("return F.gumbel_softmax(x) if rate else x"),
    "a start index": START.format("farthest", "#!") + net("return farthest(x, 3)"),
    "a start index of a sample": START.format("farthest_point_sample", "#!")
    + net("return farthest_point_sample(x, 3)"),
    "a start index that nobody asks for": START.format("farthest", "") + net("return x"),
    "an index": net("i = torch.randint(0, 8, (4,))  #!", "return self.fc(x)[:, i]"),
    "an index of a first call": net(
        "if self.first:",
        "    i = torch.randint(0, 8, (4,))",
        "    x = x[:, i]",
        "return self.fc(x)",
    ),
    "crops": net(
        "for i in range(3):",
        "    at = torch.randint(0, 8, (4,))",
        "    x = x + x[:, at : at + 3] + x[at]",
        "    at = x",
        "return self.fc(x)",
        name="Augment",
    ),
    "a crop": net("at = torch.randint(0, 8, ())", "return self.fc(x[:, at : at + 3])"),
    "masks that a loop adds up": net(
        "at = torch.randint(0, 8, (4,))",
        "for i in range(3):",
        "    at = torch.cat((at, at + i))",
        "return self.fc(x) * (at < x)",
    ),
    "an index of data": (
        "class Data(nn.Module):\n    def forward(self, values):\n"
        "        return values[torch.randint(0, len(values), (3,))]\n"
    ),
    "a number": net("return self.fc(x) * torch.randint(0, 8, (4,))"),
    "a permutation": net("return x[torch.randperm(4)]"),
    "a coin between results": net("if random.random() > self.p:", "    x = x.flip(0)", "return x"),
    "a coin for a layer": net("if random.random() > self.p:  #!", "    x = self.fc(x)", "return x"),
    "a coin for the way out": net("if np.random.rand() < self.p:  #!", "    return x", "return -x"),
    "a coin for zeros": net("if torch.rand(1) < self.p:  #!", "    x = x * 0", "return x"),
    "a named coin for zeros": net(
        "drop = torch.rand(1) < self.p  #!", "if drop:", "    x = torch.zeros_like(x)", "return x"
    ),
    "a named coin between results": net(
        "drop = torch.rand(1) < self.p", "if drop:", "    x = x.flip(0)", "return x"
    ),
    "a coin in a choice": net("return self.fc(x) if random.random() > self.p else x  #!"),
    "a coin that scales": net("return x * float(random.random() > self.p)  #!"),
    "scheduled sampling": net(
        "if random.random() < self.sampling_probability:", "    x = self.fc(x)", "return x"
    ),
    "a loss by its name": net(
        "if random.random() < self.p:",
        "    x = self.fc(x)",
        "ce_loss, logits = self.fc(x, labels=labels)",
        "return ce_loss",
    ),
    "a loss in a dict": net(
        "mask = torch.rand_like(x) < self.p", "return {'loss': self.fc(x * mask)}"
    ),
    "a helper of a loss": net("total_loss = self.fc(self.cut(x))", "return total_loss")
    + "\n    def cut(self, x):\n        return x * (torch.rand_like(x) > self.p)\n",
}


@pytest.mark.parametrize("code", CODE.values(), ids=list(CODE))
def test_draws_that_go_on_in_eval_mode(code: str) -> None:
    source = Source("net.py", HEAD + code)
    rows = [d.location.row for d in lint(source, Settings(select=("DRP012",))).diagnostics]
    wanted = [at for at, line in enumerate(source.text.splitlines(), 1) if line.endswith("#!")]
    assert rows == wanted
