"""The heart: what a drop does in train and in eval mode, form by form.

Each case is the body of a `forward`; `DROP` stands for a call that drops whenever it runs. The
verdict is what the only site does in train and in eval mode: on, off, or gated (somebody else
decides).
"""

from __future__ import annotations

import textwrap

import pytest

from dropout_lint.catalog import builtin
from dropout_lint.semantics.interpreter.guards import FREE, Cond, Guard, weakest
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.big_stack import on_big_stack

DROP = "F.dropout(x, 0.5)"

HEADER = """
import functools
import torch
import torch.nn.functional as F
from torch import nn


"""
METHOD = """
class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.zero = 0.0

    def forward(self, x, y=None, training=None, deterministic=False, *rest, **options):
"""


def verdict(code: str) -> tuple[str, str]:
    """What the last site of the code does in train and in eval mode."""
    model = on_big_stack(lambda: SemanticModel(code, builtin()))
    sites = on_big_stack(lambda: model.sites)
    assert sites, "no site found"

    def word(training: bool) -> str:
        guards = sites[-1].active(training)
        return "off" if guards is None else "on" if guards == FREE else "gated"

    return word(True), word(False)


def in_forward(body: str) -> str:
    body = textwrap.dedent(body).strip().replace("DROP", DROP)
    return HEADER + METHOD.lstrip("\n") + textwrap.indent(body, " " * 8) + "\n"


FOLLOWS = {
    "if": """
        if self.training:
            x = DROP
        return x
    """,
    "if-not-else": """
        if not self.training:
            pass
        else:
            x = DROP
        return x
    """,
    "elif": """
        if y is not None:
            x = x + y
        elif self.training:
            x = DROP
        return x
    """,
    "early return": """
        if not self.training:
            return x
        return DROP
    """,
    "early raise": """
        if not self.training:
            raise RuntimeError
        return DROP
    """,
    "assert": """
        assert self.training
        return DROP
    """,
    "and": """
        if self.p > 0 and self.training and y is None:
            x = DROP
        return x
    """,
    "not or": """
        if not (self.p == 0 or not self.training):
            x = DROP
        return x
    """,
    "is True": """
        if self.training is True:
            x = DROP
        return x
    """,
    "!= False": """
        if self.training != False:
            x = DROP
        return x
    """,
    "bool()": """
        if bool(self.training):
            x = DROP
        return x
    """,
    "conditional expression": "return DROP if self.training else x",
    "and expression": "return self.training and DROP",
    "or expression": "return not self.training or DROP",
    "walrus": """
        if (mode := self.training) and mode:
            x = DROP
        return x
    """,
    "local flag": """
        on = self.training
        return F.dropout(x, 0.5, on)
    """,
    "local flag through another": """
        on = self.training and self.p > 0
        active = on
        return F.dropout(x, 0.5, training=active)
    """,
    "inverted twice": """
        off = not self.training
        return F.dropout(x, 0.5, not off)
    """,
    "tuple assignment": """
        p, on = self.p, self.training
        return F.dropout(x, p, on)
    """,
    "rate in a local": """
        p = self.p if self.training else 0.0
        return F.dropout(x, p)
    """,
    "rate overwritten": """
        p = self.p
        if not self.training:
            p = 0
        return F.dropout(x, p)
    """,
    "rate set in the branch": """
        p = 0.0
        if self.training:
            p = self.p
        return F.dropout(x, p)
    """,
    "rate times mode": "return F.dropout(x, self.p * self.training)",
    "rate times float(mode)": "return F.dropout(x, float(self.training) * self.p)",
    "rate by subscript": "return F.dropout(x, (0.0, self.p)[self.training])",
    "rate times= mode": """
        p = self.p
        p *= self.training
        return F.dropout(x, p)
    """,
    "guarded by the rate": """
        p = self.p if self.training else 0.0
        if p > 0:
            x = DROP
        return x
    """,
    "continue": """
        for layer in self.layers:
            x = layer(x)
            if not self.training:
                continue
            x = DROP
        return x
    """,
    "break": """
        while True:
            if not self.training:
                break
            x = DROP
        return x
    """,
    "while": """
        while self.training and y:
            x = DROP
        return x
    """,
    "match": """
        match self.training:
            case True:
                x = DROP
            case _:
                pass
        return x
    """,
    "match guard": """
        match y:
            case None if self.training:
                x = DROP
        return x
    """,
    "try": """
        try:
            x = DROP if self.training else x
        except ValueError:
            pass
        return x
    """,
    "with": """
        with torch.autocast("cpu"):
            if self.training:
                x = DROP
        return x
    """,
    "nested function": """
        def drop(z):
            return F.dropout(z, 0.5)
        return drop(x) if self.training else x
    """,
    "nested function asks": """
        def drop(z):
            if not self.training:
                return z
            return F.dropout(z, 0.5)
        return drop(x)
    """,
    "lambda": """
        drop = lambda z: F.dropout(z, 0.5, self.training)
        return drop(x)
    """,
    "escaping lambda": "return self.apply(lambda z: F.dropout(z, 0.5, self.training), x)",
    "comprehension": "return [DROP for x in y if self.training]",
    "partial": """
        drop = functools.partial(F.dropout, training=self.training)
        return drop(x, p=0.5)
    """,
    "getattr": "return F.dropout(x, 0.5, getattr(self, 'training', False))",
    "alias of self": """
        this = self
        return F.dropout(x, 0.5, this.training)
    """,
    "max": "return F.dropout(x, max(0.0, self.p * self.training))",
    "rate on self in this call": """
        self.q = self.p if self.training else 0.0
        return F.dropout(x, self.q)
    """,
    "fresh module told": "return nn.Dropout(0.5).train(self.training)(x)",
    "fresh module set": """
        drop = nn.Dropout(0.5)
        drop.training = self.training
        return drop(x)
    """,
    "fresh module in eval": """
        drop = nn.Dropout(0.5)
        if not self.training:
            drop.eval()
        return drop(x)
    """,
}
ALWAYS_ON = {
    "plain": "return DROP",
    "no_grad does not help": """
        with torch.no_grad():
            return DROP
    """,
    "constructor flag": """
        if self.use_dropout:
            x = DROP
        return x
    """,
    "rate of a module": "return F.dropout(x, self.drop.p)",
    "rate tested": """
        if self.p:
            x = DROP
        return x
    """,
    "both branches": """
        p = self.p if self.training else 0.1
        return F.dropout(x, p)
    """,
    "restored": """
        p = 0.0
        if self.training:
            pass
        p = self.p
        return F.dropout(x, p)
    """,
    "data decides": """
        if x.size(0) > 1:
            x = DROP
        return x
    """,
    "form of what followed the mode": """
        h = self.noise(x, self.training)
        if h.dim() > 1 and h.shape[0] > 1:
            h = DROP
        return h
    """,
    "form of what another module's mode decides": """
        if self.training or self.fc.training:
            x = x + 1
        return DROP if x.size(0) > 1 else x
    """,
    "string that is no mode": """
        if self.kind == "lstm":
            x = DROP
        return x
    """,
    "loop": """
        for _ in range(3):
            x = DROP
        return x
    """,
    "after a loop that breaks": """
        for _ in range(3):
            if self.training:
                break
        return DROP
    """,
    "finally": """
        try:
            return x
        finally:
            x = DROP
    """,
    "except": """
        try:
            x = x + 1
        except ValueError:
            x = DROP
        return x
    """,
    "flag reassigned": """
        training = True
        return F.dropout(x, 0.5, training)
    """,
    "fresh module": "return nn.Dropout(0.5)(x)",
    "partial": "return functools.partial(F.dropout, p=0.5)(x)",
}
GATED = {
    "parameter": "return F.dropout(x, 0.5, training)",
    "inverted parameter": "return F.dropout(x, 0.5, not deterministic)",
    "guarding parameter": """
        if not deterministic:
            x = DROP
        return x
    """,
    "early return on a parameter": """
        if deterministic:
            return x
        return DROP
    """,
    "parameter or mode": """
        training = self.training if training is None else training
        return F.dropout(x, 0.5, training)
    """,
    "another object's mode": "return F.dropout(x, 0.5, self.encoder.training)",
    "own flag": """
        if self.is_training:
            x = DROP
        return x
    """,
    "monte-carlo switch": """
        if self.training or self.mc_dropout:
            x = DROP
        return x
    """,
    "string mode": """
        if self.phase == "train":
            x = DROP
        return x
    """,
    "string that is a mode": """
        if y == "train":
            x = DROP
        return x
    """,
    "gradients": """
        if torch.is_grad_enabled():
            x = DROP
        return x
    """,
    "keyword options": "return F.dropout(x, options.get('p'))",
}
OFF = {
    "rate zero": "return F.dropout(x, 0.0)",
    "rate attribute zero": "return F.dropout(x, self.zero)",
    "flag False": "return F.dropout(x, 0.5, False)",
    "default off": "return F.alpha_dropout(x, 0.5)",
    "attention without rate": "return F.scaled_dot_product_attention(x, x, x)",
}


def cases(table: dict[str, str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("body", table.values(), ids=table.keys())


def eval_of(body: str) -> str:
    return verdict(in_forward(body))[1]


@cases(FOLLOWS)
def test_follows_the_mode(body: str) -> None:
    train, evaluated = verdict(in_forward(body))
    assert train in ("on", "gated")
    assert evaluated == "off"


@cases(ALWAYS_ON)
def test_is_on_in_eval_mode(body: str) -> None:
    assert eval_of(body) == "on"


@cases(GATED)
def test_is_somebody_elses_decision(body: str) -> None:
    train, evaluated = verdict(in_forward(body))
    assert evaluated == "gated"
    assert train in ("on", "gated")


@cases(OFF)
def test_never_drops(body: str) -> None:
    assert verdict(in_forward(body)) == ("off", "off")


INVERTED = {
    "not": "return F.dropout(x, 0.5, not self.training)",
    "branch": """
        if self.training:
            return x
        return DROP
    """,
}


@cases(INVERTED)
def test_inverted(body: str) -> None:
    assert verdict(in_forward(body)) == ("off", "on")


CALLERS = {
    "guarded call": ("on", "off", """
class Net(nn.Module):
    def drop(self, x):
        return F.dropout(x, 0.5)

    def forward(self, x):
        return self.drop(x) if self.training else x
"""),
    "one caller is not guarded": ("on", "on", """
class Net(nn.Module):
    def drop(self, x):
        return F.dropout(x, 0.5)

    def forward(self, x):
        x = self.drop(x) if self.training else x
        return self.drop(x)
"""),
    "two levels": ("on", "off", """
class Net(nn.Module):
    def inner(self, x, p):
        return F.dropout(x, p)

    def outer(self, x, p):
        return self.inner(x, p)

    def forward(self, x):
        return self.outer(x, self.p if self.training else 0.0)
"""),
    "flag handed down": ("on", "off", """
class Net(nn.Module):
    def inner(self, x, on):
        return F.dropout(x, 0.5, on)

    def forward(self, x):
        return self.inner(x, on=self.training)
"""),
    "flag handed down is True": ("on", "on", """
class Net(nn.Module):
    def inner(self, x, on):
        return F.dropout(x, 0.5, on)

    def forward(self, x):
        return self.inner(x, True)
"""),
    "rate that a function makes of a flag": ("off", "gated", """
def rate(flag):
    return 0.5 if flag else 0.0

class Net(nn.Module):
    def forward(self, x):
        if self.training:
            return x
        return F.dropout(x, rate(self.training))
"""),
    "called from the constructor only": ("on", "off", """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.start = self.make(torch.ones(3))

    def make(self, x):
        return F.dropout(x, 0.5)
"""),
    "handed over as a value": ("on", "on", """
class Net(nn.Module):
    def block(self, x):
        return F.dropout(x, 0.5)

    def forward(self, x):
        return torch.utils.checkpoint.checkpoint(self.block, x)
"""),
    "called by a subclass": ("on", "off", """
class Base(nn.Module):
    def drop(self, x):
        return F.dropout(x, 0.5)


class Net(Base):
    def forward(self, x):
        if self.training:
            x = self.drop(x)
        return x
"""),
    "rate from a property": ("on", "off", """
class Net(nn.Module):
    @property
    def rate(self):
        return self.p if self.training else 0.0

    def forward(self, x):
        return F.dropout(x, self.rate)
"""),
    "flag from a method": ("on", "off", """
class Net(nn.Module):
    def active(self):
        return self.training and self.p > 0

    def forward(self, x):
        return F.dropout(x, 0.5, self.active())
"""),
    "training step": ("on", "off", """
class Net(nn.Module):
    def training_step(self, batch):
        return F.dropout(batch, 0.5)
"""),
    "default of a parameter": ("on", "on", """
class Net(nn.Module):
    def drop(self, x, p=0.5):
        return F.dropout(x, p)

    def forward(self, x):
        return self.drop(x)
"""),
    "default of a parameter nobody passes": ("on", "on", """
class Net(nn.Module):
    def forward(self, x, p=0.5):
        return F.dropout(x, p)
"""),
    "recursion": ("on", "on", """
class Net(nn.Module):
    def down(self, x, n):
        return self.down(F.dropout(x, 0.5), n - 1) if n else x

    def forward(self, x):
        return self.down(x, 3)
"""),
    "a switch at the head of the script": ("gated", "gated", """
IS_TRAIN = True
class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, IS_TRAIN)
"""),
    "a constant at the head of the script": ("on", "on", """
ALWAYS = True
class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, ALWAYS)
"""),
    "a lambda kept on self, read in train mode": ("on", "off", """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = lambda x: F.dropout(x, 0.5)
    def forward(self, x):
        return self.act(x) if self.training else x
"""),
    "a function kept on self, read in train mode": ("on", "off", """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        def act(x):
            return F.dropout(x, 0.5)
        self.act = act
    def forward(self, x):
        if not self.training:
            return x
        return self.act(x)
"""),
    "a lambda kept on self, read from outside too": ("on", "on", """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = lambda x: F.dropout(x, 0.5)
    def forward(self, x):
        return self.act(x) if self.training else x
def apply(net, x):
    return net.act(x)
"""),
    "a lambda kept on self, called by the constructor's own helper": ("on", "on", """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = lambda x: F.dropout(x, 0.5)
        self.reset()
    def reset(self):
        self.act(torch.ones(3))
    def forward(self, x):
        return self.act(x) if self.training else x
"""),
    "lambda kept by the constructor": ("on", "on", """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = lambda x: F.dropout(x, 0.5)
"""),
    "module built lazily": ("on", "on", """
class Net(nn.Module):
    def forward(self, x):
        self.drop = nn.Dropout(0.5)
        return self.drop(x)
"""),
}  # fmt: skip


@pytest.mark.parametrize(("train", "evaluated", "code"), CALLERS.values(), ids=list(CALLERS))
def test_between_functions(train: str, evaluated: str, code: str) -> None:
    assert verdict(HEADER + code) == (train, evaluated)


def test_conditions_compose_like_booleans() -> None:
    guard = Guard("caller", "training")
    guarded, free = frozenset({guard}), FREE
    unknown, mode = Cond(free, free), Cond(guarded, guarded)
    assert unknown & mode == Cond(guarded, free)
    assert unknown | mode == Cond(free, guarded)
    assert ~(unknown & mode) == Cond(free, guarded)
    assert weakest(None, guarded) == guarded
    assert weakest(guarded, free) == free
    assert weakest(None, None) is None


# Attributes that a class sets once, and what a drop behind them does in train and in eval mode. A
# switch with the name of a mode is there for who uses the model and writes `net.train = False`.
SWITCHES = {
    "self.train = True": ("self.train", "gated", "gated"),
    "self.is_train = True": ("self.is_train", "gated", "gated"),
    "self.testing = False": ("not self.testing", "gated", "gated"),
    'self.mode = "train"': ('self.mode == "train"', "gated", "gated"),
    "self.on = True": ("self.on", "on", "on"),
    "self.training = True": ("self.training", "on", "off"),
    "self.train_rate = 0.0": ("self.train_rate", "off", "off"),
}


@pytest.mark.parametrize("setting", SWITCHES)
@pytest.mark.parametrize("place", ["constructor", "class"])
def test_a_switch_is_somebody_elses_decision(setting: str, place: str) -> None:
    asked, *expected = SWITCHES[setting]
    constructor = f"def __init__(self):\n        super().__init__()\n        {setting}"
    write = setting.removeprefix("self.") if place == "class" else constructor
    if write == "training = True":
        write = constructor  # `nn.Module` sets it on the instance
    code = f"""
class Net(nn.Module):
    {write}

    def forward(self, x):
        return F.dropout(x, 0.5, training={asked})
"""
    assert list(verdict(HEADER + code)) == expected
