"""The verdict on small models, and that executing them says the same.

`SILENT` draw nothing in eval mode and have no finding. `FOUND` draw in eval mode; a comment
``#: CODE`` stands on each line of a finding. Both follow `HEAD` and define ``Net``.
"""

from __future__ import annotations

import re
from types import ModuleType

import pytest
from helpers import run

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
_MARK = re.compile(r"  #: (.*)$", re.MULTILINE)

SILENT = {
    "a call of the mode": """
class Net(nn.Module):
    def forward(self, x, use=True):
        if all([self.training, use]):
            x = F.dropout(x, 0.5)
        return F.dropout(x, round(0.5 * self.training**2, 2))
""",
    "a table of rates": """
class Net(nn.Module):
    def forward(self, x):
        options = {}
        options["p"] = 0.5 if self.training else 0.0
        x = F.dropout(x, options["p"])
        return F.dropout(x, {True: 0.5, False: 0.0}[self.training])
""",
    "a name for the mode": """
class Net(nn.Module):
    def forward(self, x):
        mode = "train" if self.training else "eval"
        if mode in ("train", "fit"):
            x = F.dropout(x, 0.5)
        if vars(self)["training"]:
            x = F.dropout(x, 0.5)
        return x
""",
    "a pattern with the mode": """
class Net(nn.Module):
    def forward(self, x):
        match (self.training, x.dim()):
            case (True, 2):
                return F.dropout(x, 0.5)
        return x
""",
    "a list of rates": """
class Net(nn.Module):
    def forward(self, x):
        rates = [0.1]
        rates.append(0.5)
        for p in [q * self.training for q in rates]:
            x = F.dropout(x, p)
        for p in rates if self.training else []:
            x = F.dropout(x, p)
        return x
""",
    "an object that holds the rate": """
from types import SimpleNamespace

class Net(nn.Module):
    def forward(self, x):
        options = SimpleNamespace(p=0.5 if self.training else 0.0)
        return F.dropout(x, options.p)
""",
    "a helper that gets the mode": """
def rate(p, on):
    return p if on else 0.0

class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, rate(0.5, self.training))
""",
    "helpers of helpers": """
class Net(nn.Module):
    @property
    def noisy(self):
        return self.training

    @property
    def rate(self):
        return 0.5 if self.noisy else 0.0

    def is_on(self):
        return self.noisy

    def forward(self, x):
        if self.is_on():
            x = F.dropout(x, 0.1)
        return F.dropout(x, self.rate)
""",
    "a helper of the base class": """
class Base(nn.Module):
    def is_on(self):
        return self.training

class Net(Base):
    def is_on(self):
        return True

    def forward(self, x):
        return F.dropout(x, 0.5) if super().is_on() else x
""",
    "a lambda that asks": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rate = lambda: 0.5 if self.training else 0.0

    def forward(self, x):
        return F.dropout(x, self.rate())
""",
    "options with the rate": """
class Net(nn.Module):
    def _drop(self, x, p=0.5):
        return F.dropout(x, p)

    def forward(self, x):
        options = {"p": 0.5 if self.training else 0.0}
        return self._drop(x, **options)
""",
    "a helper that raises": """
class Net(nn.Module):
    def _check(self):
        if not self.training:
            raise RuntimeError

    def forward(self, x):
        try:
            self._check()
            return F.dropout(x, 0.5)
        except RuntimeError:
            return x
""",
    "a rate and a flag set in train()": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5
        self.active = True

    def train(self, mode=True):
        super().train(mode)
        self.p = 0.5 if mode else 0.0
        self.active = mode
        return self

    def forward(self, x):
        if self.active:
            x = F.dropout(x, 0.5)
        return F.dropout(x, self.p)
""",
    "a rate set in a helper": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = self.rate = 0.5

    def _update(self):
        self.p = self.rate if self.training else 0.0

    def forward(self, x):
        self._update()
        return F.dropout(x, self.p)
""",
    "a rate set in a nested function": """
class Net(nn.Module):
    def forward(self, x):
        p = 0.5

        def off():
            nonlocal p
            p = 0.0

        if not self.training:
            off()
        return F.dropout(x, p)
""",
    "a method chosen by the mode": """
class Net(nn.Module):
    def noisy(self, x):
        return F.dropout(x, 0.5)

    def plain(self, x):
        return x

    def forward(self, x):
        step = self.noisy if self.training else self.plain
        return step(x)
""",
    "a method chosen in train()": """
class Net(nn.Module):
    def noisy(self, x):
        return F.dropout(x, 0.5)

    def plain(self, x):
        return x

    def train(self, mode=True):
        super().train(mode)
        self.step = self.noisy if mode else self.plain
        return self

    def forward(self, x):
        return self.step(x)
""",
    "a decorator that asks": """
def train_only(function):
    def inner(self, x):
        return function(self, x) if self.training else x
    return inner

class Net(nn.Module):
    @train_only
    def noisy(self, x):
        return F.dropout(x, 0.5)

    def forward(self, x):
        return self.noisy(x)
""",
    "the mode as a default": """
class Net(nn.Module):
    def forward(self, x):
        def step(x, on=self.training):
            return F.dropout(x, 0.5) if on else x

        return step(x)
""",
    "wanted where it is called in eval mode": """
class Net(nn.Module):
    def _encode(self, x):
        return F.dropout(x, 0.5)

    def mc_predict(self, x):
        return [self._encode(x) for _ in range(4)]

    def forward(self, x):
        return self._encode(x) if self.training else x
""",
}
FOUND = {
    "a rate that train() does not change": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5

    def train(self, mode=True):
        super().train(mode)
        self.p = 0.5 if mode else 0.1
        return self

    def forward(self, x):
        return F.dropout(x, self.p)  #: DRP001
""",
    "a method chosen by something else": """
class Net(nn.Module):
    def noisy(self, x):
        return F.dropout(x, 0.5)  #: DRP001

    def plain(self, x):
        return x

    def forward(self, x):
        step = self.noisy if x.dim() == 2 else self.plain
        return step(x)
""",
    "a helper that does not know the mode": """
def rate(p):
    return p * 0.5

class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, rate(0.5))  #: DRP001
""",
    "a default of a nested function": """
class Net(nn.Module):
    def forward(self, x):
        def inner(y=F.dropout(x, 0.5)):  #: DRP001
            return y

        return inner()
""",
    "data made with the mode decides nothing": """
class Net(nn.Module):
    def forward(self, x):
        x = F.dropout(x, 0.1, self.training)
        if x.sum() < 1e9:
            x = F.dropout(x, 0.5)  #: DRP001
        return x
""",
    "the same list in both modes": """
class Net(nn.Module):
    def forward(self, x):
        scale = 2.0 if self.training else 1.0
        rates = [0.1]
        rates.append(0.5)
        for p in rates:
            x = F.dropout(x * scale, p)  #: DRP001
        return x
""",
}


def expected(code: str) -> tuple[str, list[str]]:
    """The code without its marks, and the findings that the marks name."""
    code = HEAD + code
    found = [
        f"{name}:{row}"
        for row, line in enumerate(code.splitlines(), 1)
        for mark in _MARK.findall(line)
        for name in mark.split()
    ]
    return _MARK.sub("", code), found


def findings(code: str) -> list[str]:
    return [f"{d.code}:{d.location.row}" for d in run(code).diagnostics]


@pytest.mark.parametrize("code", [*SILENT.values(), *FOUND.values()], ids=[*SILENT, *FOUND])
def test_the_verdict(code: str) -> None:
    code, wanted = expected(code)
    assert findings(code) == wanted


def test_what_is_found_is_marked() -> None:
    assert all(expected(code)[1] for code in FOUND.values())
    assert not any(expected(code)[1] for code in SILENT.values())


@pytest.mark.models
@pytest.mark.parametrize("code", [*SILENT.values(), *FOUND.values()], ids=[*SILENT, *FOUND])
def test_executing_says_the_same(code: str) -> None:
    torch = pytest.importorskip("torch", reason="executing the models needs torch")
    code, wanted = expected(code)
    module = ModuleType("verdict")
    exec(compile(code, "verdict.py", "exec"), module.__dict__)
    model = module.Net()
    model.eval()
    before = torch.get_rng_state()
    model(torch.ones(4, 8))
    assert torch.equal(before, torch.get_rng_state()) == (not wanted)
