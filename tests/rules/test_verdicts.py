"""The verdict on small models, and that executing them says the same.

`SILENT` draw nothing in eval mode and have no finding. `FOUND` draw in eval mode; a comment
``#: CODE`` stands on each line of a finding. Both follow `HEAD` and define ``Net``.
"""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any

import pytest
from support.linting import fixed

from dropout_lint.catalog import builtin
from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.checking import diagnose
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.big_stack import on_big_stack

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
    "modules in a list that nobody calls": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drops = [nn.Dropout(0.5), nn.Dropout(0.1)]

    def forward(self, x):
        first, second = self.drops[0], self.drops[1]
        return x


class Other(nn.Module):
    def __init__(self):
        super().__init__()
        self.drops = nn.ModuleList([nn.Dropout(0.5)])

    def forward(self, x):
        return self.drops[0](x)
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
    "a fresh module that a helper switches": """
def sync(module, on):
    module.train(on)

class Net(nn.Module):
    def forward(self, x):
        drop = nn.Dropout(0.5)
        sync(drop, self.training)
        return drop(x)
""",
    "a fresh module under two names": """
class Net(nn.Module):
    def forward(self, x):
        one = nn.Dropout(0.5)
        other = one
        other.eval()
        two = nn.Dropout(0.5)
        setattr(two, "training", self.training)
        self.three = nn.Dropout(0.5)
        self.train(self.training)
        return self.three(two(one(x)))
""",
    "a frozen teacher in a list": """
class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(x)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        teacher = Teacher()
        teacher.eval()
        self.teacher = [teacher]

    def forward(self, x):
        return self.teacher[0](x)
""",
    "a list used in train mode only": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drops = [nn.Dropout(0.5)]

    def forward(self, x):
        if self.training:
            for drop in self.drops:
                x = drop(x)
        return x
""",
    "a list that gets the mode where it is used": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drops = [nn.Dropout(0.5)]

    def forward(self, x):
        for drop in self.drops:
            x = drop.train(self.training)(x)
        return x
""",
    "a list registered by a helper": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Dropout(0.5)]
        self.body = self._make()

    def _make(self):
        return nn.Sequential(*self.layers)

    def forward(self, x):
        return self.body(x)
""",
    "blocks that do not drop as they are built": """
class Block(nn.Module):
    def __init__(self, p=0.0):
        super().__init__()
        self.drop = nn.Dropout(p)

    def forward(self, x):
        return self.drop(x)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = [Block()]

    def forward(self, x):
        return self.blocks[0](x)
""",
    "train() by way of a helper": """
class Net(nn.Module):
    def _set(self, mode):
        self.training = mode

    def train(self, mode=True):
        self._set(mode)
        return self

    def forward(self, x):
        return F.dropout(x, 0.5, self.training)
""",
    "train() with setattr": """
class Net(nn.Module):
    def train(self, mode=True):
        setattr(self, "training", mode)
        return self

    def forward(self, x):
        return F.dropout(x, 0.5, self.training)
""",
    "train() with super() in a local": """
class Net(nn.Module):
    def train(self, mode=True):
        parent = super()
        parent.train(mode)
        self.training: bool = mode
        return self

    def forward(self, x):
        return F.dropout(x, 0.5, self.training)
""",
    "a counter named after dropout": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout_steps = 0

    def forward(self, x):
        if not self.training:
            self.dropout_steps = 0
        return F.dropout(x, 0.5, self.training)
""",
    "a rate that train() restores": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5

    def train(self, mode=True):
        super().train(mode)
        if mode:
            self.p = 0.5
        return self

    def forward(self, x):
        if not self.training:
            self.p = 0.0
        return F.dropout(x, self.p, self.training)
""",
    "an attribute named like a function": """
def drop(x):
    return F.dropout(x, 0.1)

def augment(batch):
    return drop(batch)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(x)
""",
}
FOUND = {
    "a chain of modules that is built and called": """
class Net(nn.Module):
    def forward(self, x):
        net = nn.Sequential(nn.ReLU(), nn.Dropout(0.5))  #: DRP005
        x = net.to(x.device)(x)
        x = nn.Sequential(nn.Sequential(nn.Dropout(0.5)), nn.ReLU()).forward(x)  #: DRP005
        other = nn.Sequential(nn.ReLU(), nn.Dropout(0.5))
        other.train(self.training)
        x = nn.Sequential(nn.ReLU(), nn.Dropout(0.5)).eval()(x)
        self.net = nn.Sequential(nn.ReLU(), nn.Dropout(0.5)) if self.training else nn.Identity()
        return other(self.net(x))
""",
    "modules that nobody registers": """
SHARED = nn.Dropout(0.5)  #: DRP006
KEPT = nn.Dropout(0.5)
TOLD = nn.Dropout(0.5)
IDLE = nn.Dropout(0.5)


class Net(nn.Module):
    mine = nn.Sequential(nn.Dropout(0.5))  #: DRP006
    own = nn.Dropout(0.5)

    def __init__(self):
        super().__init__()
        self.kept = KEPT
        self.own = nn.Dropout(0.5)

    def forward(self, x):
        TOLD.train(self.training)
        if self.training:
            x = IDLE(x)
        return self.own(TOLD(self.kept(SHARED(self.mine(x)))))
""",
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
    "behind conditions on other modes": """
class Net(nn.Module):
    def __init__(self, test_mode=False):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.test_mode = test_mode

    def forward(self, x, is_train=False, mode="train"):
        assert isinstance(is_train, bool)
        if self.fc.training:
            x = x + 1
        if self.test_mode:
            x = x.detach()
        else:
            x = x + 0
        while is_train and x is None:
            x = x + 2
        match mode:
            case "train":
                x = x + 1
            case _:
                x = x + 2
        return F.dropout(x, 0.5)  #: DRP001
""",
    "counters": """
class Net(nn.Module):
    def forward(self, x):
        i = 0
        while i < 2:
            i += 1
        k = 0
        for _ in range(4):
            if k == 3:
                x = F.dropout(x, 0.5)  #: DRP001
            k = k + 1
        if k > 3:
            x = F.dropout(x, 0.5)  #: DRP001
        return F.dropout(x, 0.5)  #: DRP001
""",
    "a hook that the constructor registers": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.fc.register_forward_hook(self._hook)

    def _hook(self, module, inputs, output):
        return F.dropout(output, 0.5)  #: DRP001

    def forward(self, x):
        return self.fc(x)
""",
    "a function that the constructor registers": """
def hook(module, inputs, output):
    return F.dropout(output, 0.5)  #: DRP002

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.fc.register_forward_hook(hook)

    def forward(self, x):
        return self.fc(x)
""",
    "a lambda that a helper of the constructor keeps": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self._setup()

    def _setup(self):
        self.f = lambda x: F.dropout(x, 0.5)  #: DRP001

    def forward(self, x):
        return self.f(x)
""",
    "methods named like builders": """
class Net(nn.Module):
    def build(self, x):
        return F.dropout(x, 0.5)  #: DRP001

    def reset(self, x):
        return nn.Dropout(0.5)(x)  #: DRP005

    def forward(self, x):
        return self.reset(self.build(x))
""",
    "what a subclass sets": """
class Base(nn.Module):
    p = 0.0
    noisy = False

    def rate(self):
        return 0.5 if self.training else 0.0

    def forward(self, x):
        x = F.dropout(x, self.p)  #: DRP001
        if self.noisy:
            x = F.dropout(x, 0.5)  #: DRP001
        return F.dropout(x, self.rate())  #: DRP001

class Net(Base):
    p = 0.5
    noisy = True

    def rate(self):
        return 0.5
""",
    "another class's method of that name": """
class Other(nn.Module):
    def encode(self, x, p):
        return x

    def forward(self, x):
        return self.encode(x, 0.0)

class Net(nn.Module):
    def encode(self, x, p=0.5):
        return F.dropout(x, p)  #: DRP001

    def __call__(self, x):
        model = self
        return model.encode(x)
""",
    "a mixin": """
class DropMixin:
    def drop(self, x):
        return F.dropout(x, 0.5)  #: DRP001

class Net(DropMixin, nn.Module):
    def forward(self, x):
        return self.drop(x)
""",
    "attention in a function": """
def attend(x, p):
    return F.scaled_dot_product_attention(x, x, x, dropout_p=p)  #: DRP002

class Net(nn.Module):
    def forward(self, x):
        return attend(x[None, None], 0.5)
""",
    "a list in a tuple assignment": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drops, self.n = [nn.Dropout(0.5)], 2  #: DRP006

    def forward(self, x):
        return self.drops[0](x)
""",
    "train() that loses the mode": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def train(self, mode=True):  #: DRP007
        super().train()
        return self

    def forward(self, x):
        return self.drop(x)
""",
    "train() in one direction": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def train(self, mode=True):  #: DRP007
        if mode:
            super().train(mode)
        return self

    def forward(self, x):
        return self.drop(x)
""",
    "train() that is always on": """
class Net(nn.Module):
    def train(self, mode=True):  #: DRP007
        self.training = True
        return self

    def forward(self, x):
        return F.dropout(x, 0.5, self.training)
""",
    "eval() that trains": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def eval(self):  #: DRP007
        return super().train()

    def forward(self, x):
        return self.drop(x)
""",
    "views without numbers": """
class Net(nn.Module):
    def forward(self, x):
        out = [0, 0]
        out[0] = F.dropout(x, 0.5)  #: DRP001
        out[1] = F.dropout(x, 0.5)  #: DRP001
        self.a = F.dropout(x, 0.5)  #: DRP001
        self.b = F.dropout(x, 0.5)  #: DRP001
        return out[0] + out[1] + self.a + self.b
""",
    "comments about something else": """
class Net(nn.Module):
    def forward(self, x):
        # x is always float here
        x = F.dropout(x, 0.5)  #: DRP001

        y = F.dropout(x, 0.5)  # (B, 1, D) during inference  #: DRP001
        return y
""",
}
# DRP007 for what the method returns: the mode itself is set.
RETURNS_NONE = {
    "None": """
    def train(self, mode=True):  #: DRP007
        super().train(mode)
        return None
""",
    "what a nested function returns": """
    def train(self, mode=True):  #: DRP007
        super().train(mode)
        def count():
            return 1
        count()
""",
    "in one mode": """
    def train(self, mode=True):  #: DRP007
        super().train(mode)
        if mode:
            return self
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
    report = on_big_stack(
        lambda: diagnose(SemanticModel(code, builtin()), Source("v.py", code), Settings())
    )
    return [f"{d.code}:{d.location.row}" for d in report.diagnostics]


def build(code: str) -> Any:
    module = ModuleType("verdict")
    exec(compile(code, "verdict.py", "exec"), module.__dict__)
    return module.Net()


@pytest.mark.parametrize("code", [*SILENT.values(), *FOUND.values()], ids=[*SILENT, *FOUND])
def test_the_verdict(code: str) -> None:
    code, wanted = expected(code)
    assert findings(code) == wanted


def test_what_is_found_is_marked() -> None:
    assert all(expected(code)[1] for code in FOUND.values())
    assert not any(expected(code)[1] for code in SILENT.values())


@pytest.mark.models
@pytest.mark.parametrize("method", RETURNS_NONE.values(), ids=list(RETURNS_NONE))
def test_an_override_that_returns_none(method: str) -> None:
    code, wanted = expected(f"class Net(nn.Module):{method}")
    assert findings(code) == wanted
    cured = fixed(code)
    assert not findings(cured)
    pytest.importorskip("torch", reason="executing the models needs torch")
    for text, works in ((code, False), (cured, True)):
        model = build(text)
        assert (model.eval() is model) == works
        assert not model.training


@pytest.mark.models
@pytest.mark.parametrize("code", [*SILENT.values(), *FOUND.values()], ids=[*SILENT, *FOUND])
def test_executing_says_the_same(code: str) -> None:
    torch = pytest.importorskip("torch", reason="executing the models needs torch")
    code, wanted = expected(code)
    model = build(code)
    model.eval()
    before = torch.get_rng_state()
    model(torch.ones(4, 8))
    assert torch.equal(before, torch.get_rng_state()) == (not wanted)
