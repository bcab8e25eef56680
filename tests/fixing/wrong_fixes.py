"""Small models whose obvious fix is wrong, by what is special about them.

Fixing one must leave it alone, or give a model that does the same. ``make`` builds the model where
``Net()`` would not do; ``drive`` calls it where more than a call is needed.
"""

from __future__ import annotations

HEAD = """import torch
import torch.nn.functional as F
from torch import nn


"""

# A source that imports nothing gets HEAD in front.
MODELS = {
    # --- no constructor, two drops ---
    "no constructor, two drops: two rates": """
class Net(nn.Module):
    def forward(self, x):
        x = F.dropout(x, 0.5)
        return F.dropout(x, 0.2)
""",
    "no constructor, two drops: function and fresh module": """
class Net(nn.Module):
    def forward(self, x):
        x = F.dropout(x, 0.5)
        return nn.Dropout(0.1)(x)
""",
    # --- fresh modules that are told a mode ---
    "fresh module: told to train": """
class Net(nn.Module):
    def forward(self, x):
        drop = nn.Dropout(0.5)
        drop.train()
        return drop(x)
""",
    "fresh module: told to train in a chain": """
class Net(nn.Module):
    def forward(self, x):
        net = nn.Sequential(nn.ReLU(), nn.Dropout(0.5))
        net.train()
        return nn.Sequential(nn.Dropout(0.5)).train()(net(x))
""",
    # --- callee with alternatives ---
    "callee with alternatives: conditional": """
class Net(nn.Module):
    def __init__(self, use=False):
        super().__init__()
        self.use = use
    def forward(self, x):
        drop = F.dropout if self.use else (lambda t, p: t)
        return drop(x, 0.5)
""",
    "callee with alternatives: in init": """
class Net(nn.Module):
    def __init__(self, drop=False):
        super().__init__()
        self.fn = F.dropout if drop else F.relu
    def forward(self, x):
        return self.fn(x)
""",
    "callee with alternatives: two dropouts": """
class Net(nn.Module):
    def __init__(self, rows=True):
        super().__init__()
        self.rows = rows
    def forward(self, x):
        return (F.dropout1d if self.rows else F.dropout)(x, 0.5)
""",
    "callee with alternatives: parameter or": """
class Net(nn.Module):
    def __init__(self, fn=torch.relu):
        super().__init__()
        self.fn = fn
    def forward(self, x):
        fn = self.fn or F.dropout
        return fn(x)
""",
    # --- a fresh module becomes a function ---
    "a fresh module becomes a function: the rate binds the input": """
class Net(nn.Module):
    def forward(self, x):
        y = x + 1
        for p in (0.25, 0.5):
            y = nn.Dropout((y := x) is None or p)(y)
        return y
""",
    "a fresh module becomes a function: F is another one here": """
class Net(nn.Module):
    def forward(self, x):
        F = dict
        for p in (0.25, 0.5):
            x = nn.Dropout(p)(x)
        return x, F
""",
    "a fresh module becomes a function: F is taken away": """
class Net(nn.Module):
    def forward(self, x):
        for p in (0.25, 0.5):
            x = nn.Dropout(p)(x)
        return x

del F
""",
    "a fresh module becomes a function: in place": """
class Net(nn.Module):
    def forward(self, x):
        x = x + 1
        for p in (0.25, 0.5):
            x = nn.Dropout(p, True)(x)
            x = nn.AlphaDropout(p, inplace=True)(x)
        return x
""",
    "a fresh module becomes a function: comments and many lines": """
class Net(nn.Module):
    def forward(self, x):
        for p in (0.25, 0.5):
            x = nn.Dropout(
                p,  # a rate
            )(x)
            x = nn.AlphaDropout(
                p=p
                * 0.5
            )(x)
        return x
""",
    "a fresh module becomes a function: no rate, another name of self": """
class Net(nn.Module):
    def forward(this, x):
        for p in (0.25, 0.5):
            x = nn.Dropout()(x)
            x = nn.FeatureAlphaDropout(p=p)(x)
        return x
""",
    # --- in place through an alias ---
    "in place through an alias: view": """
class Net(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5).view(-1, 4)
        h += 1
        return h, x
""",
    "in place through an alias: index": """
class Net(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5)[1:]
        h *= 2
        return h, x
""",
    "in place through an alias: view then add": """
class Net(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5)
        h.view(-1).add_(1)
        return h + x
""",
    "in place through an alias: alias": """
class Net(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5)
        g = h.t()
        g += 1
        return h + x
""",
    "in place through an alias: tuple assignment": """
class Net(nn.Module):
    def forward(self, x):
        a, b = F.dropout(x, 0.5), 1
        a += b
        return a + x
""",
    "in place through an alias: a partial of the file": """
import functools
import torch
import torch.nn.functional as F
from torch import nn

half = functools.partial(F.dropout, p=0.5)


class Net(nn.Module):
    def forward(self, x):
        x = F.dropout(x, 0.2)
        y = half(x, training=self.training)
        y.view(-1).mul_(2)
        return x + y
""",
    "in place through an alias: one of two functions": """
class Net(nn.Module):
    def forward(self, x):
        x = F.dropout(x, 0.2)
        y = (F.dropout if self.training else F.alpha_dropout)(x, 0.5, self.training)
        y.mul_(2)
        return x + y
""",
    "computed names: what they begin with is that of a dropout": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        for name in ("out", "in"):
            setattr(self, "drop" + name, nn.Linear(8, 8))
    def forward(self, x):
        return self.dropout(F.dropout(x, 0.5))
""",
    "computed names: nobody knows what they begin with": """
class Net(nn.Module):
    def __init__(self, names=("dropout",)):
        super().__init__()
        for name in names:
            setattr(self, f"{name}", nn.Linear(8, 8))
    def forward(self, x):
        return getattr(self, "drop" + "out")(F.dropout(x, 0.5))
""",
    "computed names: the rate": """
class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.rate_a = p
    def forward(self, x):
        for letter in "ab":
            setattr(self, "rate_" + letter, 0.1)
        return F.dropout(x, self.rate_a)
""",
    "in place through an alias: what a method taken for the mode guards": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
    def forward(self, x):
        if self.train:
            x = F.scaled_dot_product_attention(x, x, x)
        y = self.drop(x)
        y.view(-1).mul_(2)
        return x + y
""",
    "in place through an alias: the result of a lambda": """
class Net(nn.Module):
    def forward(self, x):
        drop = lambda z: F.dropout(z, 0.5)
        y = drop(x)
        y.view(-1).mul_(2)
        return x + y
""",
    "in place through an alias: the result of a function in a function": """
class Net(nn.Module):
    def forward(self, x):
        def drop(z):
            return nn.Dropout(0.5)(z)
        def twice(z):
            return drop(drop(z))
        y = twice(x)
        y += 1
        return x + y
""",
    "in place through an alias: what a nested function is given": """
class Net(nn.Module):
    def forward(self, x):
        def double(z):
            z.mul_(2)
            return z
        y = F.dropout(x, 0.5)
        return x + double(y)
""",
    "in place through an alias: attribute": """
class Net(nn.Module):
    def forward(self, x):
        self.h = F.dropout(x, 0.5)
        self.h += 1
        return self.h + x
""",
    "in place through an alias: walrus": """
class Net(nn.Module):
    def forward(self, x):
        y = (h := F.dropout(x, 0.5)).add_(1)
        return h + y + x
""",
    "in place through an alias: or expression": """
class Net(nn.Module):
    def forward(self, x):
        h = None or F.dropout(x, 0.5)
        h += 1
        return h + x
""",
    "in place through an alias: list element": """
class Net(nn.Module):
    def forward(self, x):
        hs = [F.dropout(x, 0.5)]
        hs[0] += 1
        return hs[0] + x
""",
    "in place through an alias: tuple of subscripts": """
class Net(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5)
        h[0], z = torch.zeros(8), 1
        return h + x
""",
    "in place through an alias: fresh module": """
class Net(nn.Module):
    def forward(self, x):
        h = nn.Dropout(0.5)(x).view(-1)
        h += 1
        return h + x.view(-1)
""",
    # --- in place above the drop, and met again ---
    "in place above the drop: in a loop": """
class Net(nn.Module):
    def forward(self, x):
        h = torch.zeros_like(x)
        for _ in range(2):
            h += 1
            h = F.dropout(x, 0.5)
        return h + x
""",
    "in place above the drop: in an inner function": """
class Net(nn.Module):
    def forward(self, x):
        h = x
        def shift():
            return h.add_(1)
        h = F.dropout(x, 0.5)
        return shift() + x
""",
    "in place above the drop: kept for the next call": """
class Net(nn.Module):
    kept = None
    def forward(self, x):
        if self.kept is not None:
            self.kept.add_(1)
            return self.kept + self.input
        self.input = x
        self.kept = F.dropout(x, 0.5)
        return x
""",
    "in place above the drop: a list for the next call": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.seen = []
    def forward(self, x):
        seen = self.seen
        if seen:
            h, x = seen[0]
            h += 1
            return x + h
        h = F.dropout(x, 0.5)
        seen.append((h, x))
        return x
""",
    # --- who goes through the children ---
    "children: another test is asked first": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.seen = [m for m in (0,)]
        for m in self.modules():
            if isinstance(m, nn.Linear) or m is not self:
                self.seen.append(str(m))
    def forward(self, x):
        return self.fc(F.dropout(x, 0.5)), self.seen[1:]
    def late(self):
        for m in self.modules():
            if m is not self or isinstance(m, nn.Linear):
                self.seen.append(str(m))

def make():
    net = Net()
    net.late()
    return net
""",
    "children: a container that holds the model": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
    def sizes(self):
        around = nn.Sequential(self)
        return [len(list(m.children())) for m in around.children()]
    def forward(self, x):
        return self.fc(F.dropout(x, 0.5)), self.sizes()
""",
    # --- in place elsewhere ---
    "in place elsewhere: relu module positional": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.relu = nn.ReLU(True)
    def forward(self, x):
        return self.fc(self.relu(F.dropout(x, 0.5))) + x
""",
    "in place elsewhere: relu function positional": """
class Net(nn.Module):
    def forward(self, x):
        return F.relu(F.dropout(x, 0.5), True) + x
""",
    "in place elsewhere: helper method returns the drop": """
class Net(nn.Module):
    def _drop(self, x):
        return F.dropout(x, 0.5)
    def forward(self, x):
        h = self._drop(x)
        h += 1
        return h + x
""",
    "in place elsewhere: helper function changes it": """
def add_bias(t):
    t += 1
    return t
class Net(nn.Module):
    def forward(self, x):
        return add_bias(F.dropout(x, 0.5)) + x
""",
    "in place elsewhere: child block": """
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.act = nn.ReLU(inplace=True)
    def forward(self, x):
        return self.act(x)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block()
    def forward(self, x):
        return self.block(F.dropout(x, 0.5)) + x
""",
    "in place elsewhere: sequential starred": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.ReLU(inplace=True), nn.Linear(8, 8)]
        self.body = nn.Sequential(*layers)
    def forward(self, x):
        return self.body(F.dropout(x, 0.5)) + x
""",
    "in place elsewhere: sequential that begins with a view": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.ReLU(inplace=True))
    def forward(self, x):
        return self.body(F.dropout(x, 0.5)) + x
""",
    "in place elsewhere: module list and local": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        act = nn.ReLU(inplace=True)
        self.act = act
        self.acts = nn.ModuleList([nn.Identity(), nn.ReLU(inplace=True)])
    def forward(self, x):
        return self.act(F.dropout(x, 0.5)) + x + self.acts[1](F.dropout(x, 0.5))
""",
    # --- the constructor runs the method ---
    "the constructor runs the method: flat size": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Linear(8, 4)
        self.fc = nn.Linear(self._flat(), 2)
    def _features(self, x):
        return F.dropout(self.conv(x), 0.5)
    def _flat(self):
        return self._features(torch.zeros(1, 8)).numel()
    def forward(self, x):
        return self.fc(self._features(x))
""",
    "the constructor runs the method: base calls forward": """
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.n = self(torch.zeros(1, 8)).shape[1]
class Net(Base):
    def __init__(self):
        super().__init__()
        self.k = 1
    def forward(self, x):
        return F.dropout(x, 0.5)
""",
    # --- no rate in the constructor ---
    "no rate in the constructor: tuple assignment last": """
class Net(nn.Module):
    def __init__(self, p=0.3, q=0.2):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.p, self.q = p, q
    def forward(self, x):
        return self.fc(F.dropout(x, self.p))
""",
    "no rate in the constructor: set under a condition": """
class Net(nn.Module):
    def __init__(self, use=False):
        super().__init__()
        self.use = use
        if use:
            self.p = 0.5
    def forward(self, x):
        if self.use:
            x = F.dropout(x, self.p)
        return x * 2
""",
    "no rate in the constructor: none tested with unequal": """
class Net(nn.Module):
    def __init__(self, p=None):
        super().__init__()
        self.p = None if p is None else float(p)
    def forward(self, x):
        if self.p != None:
            x = F.dropout(x, self.p)
        return x * 2
""",
    "no rate in the constructor: none tested through a local": """
class Net(nn.Module):
    def __init__(self, cfg={}):
        super().__init__()
        self.p = cfg.get("p")
    def forward(self, x):
        p = self.p
        if p is not None:
            x = F.dropout(x, self.p)
        return x * 2
""",
    "no rate in the constructor: negative means off": """
class Net(nn.Module):
    def __init__(self, p=-1.0):
        super().__init__()
        self.p = p
    def forward(self, x):
        if self.p > 0:
            x = F.dropout(x, self.p)
        return x * 2
""",
    # --- a rate that changes ---
    "a rate that changes: list item": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.ps = [0.5, 0.2]
    def step(self):
        self.ps[0] = 0.1
    def forward(self, x):
        return F.dropout(x, self.ps[0])
def drive(m, x):
    m.step()
    return m(x)
""",
    "a rate that changes: dict update": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cfg = {"p": 0.5}
    def step(self):
        self.cfg.update(p=0.1)
    def forward(self, x):
        return F.dropout(x, self.cfg["p"])
def drive(m, x):
    m.step()
    return m(x)
""",
    "a rate that changes: child schedules itself": """
class Schedule(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5
    def step(self):
        self.p *= 0.2
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.schedule = Schedule()
    def forward(self, x):
        return F.dropout(x, self.schedule.p)
def drive(m, x):
    m.schedule.step()
    return m(x)
""",
    "a rate that changes: property with setter": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.n = 0
        self.p = 0.8
    @property
    def p(self):
        return self._p / (1 + self.n)
    @p.setter
    def p(self, value):
        self._p = value
    def forward(self, x):
        y = F.dropout(x, self.p)
        self.n += 1
        return y
""",
    "a rate that changes: class level property": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.n = 0
    p = property(lambda self: 0.5 if self.n < 1 else 0.1)
    def forward(self, x):
        y = F.dropout(x, self.p)
        self.n += 1
        return y
""",
    "a rate that changes: subclass property": """
class Base(nn.Module):
    p = 0.5
    def __init__(self):
        super().__init__()
        self.n = 0
    def forward(self, x):
        return F.dropout(x, self.p)
class Net(Base):
    @property
    def p(self):
        return 0.1
""",
    # --- a rate that is written elsewhere ---
    "a rate that is written elsewhere: nested function of init": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5
        self.fc = nn.Linear(8, 8)
        def warm(module, inputs):
            self.p = 0.1
        self.fc.register_forward_pre_hook(warm)
    def forward(self, x):
        return self.fc(F.dropout(x, self.p))
""",
    "a rate that is written elsewhere: setattr outside": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5
    def forward(self, x):
        return F.dropout(x, self.p)
def drive(m, x):
    setattr(m, "p", 0.1)
    return m(x)
""",
    "a rate that is written elsewhere: tuple target outside": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5
    def forward(self, x):
        return F.dropout(x, self.p)
def drive(m, x):
    m.p, n = 0.1, 3
    return m(x)
""",
    "a rate that is written elsewhere: function put on the class": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5
    def forward(self, x):
        return F.dropout(x, self.p)
def step(self):
    self.p = 0.1
Net.step = step
def drive(m, x):
    m.step()
    return m(x)
""",
    "a rate that is written elsewhere: dict update of self": """
class Net(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.p = 0.5
        self.__dict__.update(options)
    def forward(self, x):
        return F.dropout(x, self.p)
def make():
    return Net(p=0.1)
""",
    # --- an existing module ---
    "an existing module: rate scheduled": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
    def step(self):
        self.drop.p = 0.1
    def forward(self, x):
        return self.drop(x) + F.dropout(x, 0.5)
def drive(m, x):
    m.step()
    return m(x)
""",
    "an existing module: replaced in a subclass": """
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
    def forward(self, x):
        return self.drop(x) + F.dropout(x, 0.5)
class Net(Base):
    def __init__(self):
        super().__init__()
        self.drop = nn.Identity()
""",
    "an existing module: replaced from outside": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
    def forward(self, x):
        return self.drop(x) + F.dropout(x, 0.5)
def make():
    m = Net()
    m.drop = nn.Identity()
    return m
""",
    "an existing module: kept in eval by train": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
    def train(self, mode=True):
        super().train(mode)
        self.drop.eval()
        return self
    def forward(self, x):
        return self.drop(x) + F.dropout(x, 0.5)
""",
    "an existing module: forward hook": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.drop.register_forward_hook(lambda m, i, o: o * 2)
    def forward(self, x):
        return self.drop(x) + F.dropout(x, 0.5)
""",
    # --- a local module ---
    "a local module: rate set": """
class Net(nn.Module):
    def forward(self, x):
        a = nn.Dropout(0.5)
        x = a(x)
        b = nn.Dropout(0.5)
        b.p = 0.9
        return b(x)
""",
    "a local module: eval later": """
class Net(nn.Module):
    def forward(self, x):
        d = nn.Dropout(0.5)
        y = d(x)
        d.eval()
        return y + d(x)
""",
    "a local module: hook": """
class Net(nn.Module):
    def forward(self, x):
        d = nn.Dropout(0.5)
        d.register_forward_hook(lambda m, i, o: o + 1)
        return d(x)
""",
    # --- train compared with True ---
    "train compared with True: equals": """
class Net(nn.Module):
    def forward(self, x):
        if self.train == True:
            x = x * 2
        return x
""",
    "train compared with True: identity": """
class Net(nn.Module):
    def forward(self, x):
        return x * 2 if self.train is True else x
""",
    # --- the method for the mode, and in place ---
    "the method for the mode, and in place: in the rate": """
class Net(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5 if self.train else 0.0)
        h.view(-1).mul_(2)
        return h + x
""",
    "the method for the mode, and in place: in a guard": """
class Net(nn.Module):
    def forward(self, x):
        if self.train:
            h = F.dropout(x, 0.5)
        else:
            h = x
        h += 1
        return h + x
""",
    # --- train is meant ---
    "train is meant: callback under a mode word": """
def switch(x, set_mode):
    set_mode(True)
    return x
class Net(nn.Module):
    def forward(self, x):
        return switch(x, set_mode=self.train)
""",
    "train is meant: value of or": """
class Net(nn.Module):
    def __init__(self, hook=None):
        super().__init__()
        self.hook = hook
    def forward(self, x):
        switch = self.hook or self.train
        switch(self.training)
        return x
""",
    "train is meant: nested function with its own self": """
class Config:
    train = False
class Net(nn.Module):
    def forward(self, x):
        def scale(self):
            return 2.0 if self.train else 1.0
        return x * scale(Config)
""",
    "train is meant: self rebound": """
class Config:
    train = False
class Net(nn.Module):
    def forward(self, x):
        self = Config
        return x * (2.0 if self.train else 1.0)
""",
    "train is meant: comprehension variable": """
class Config:
    train = False
class Net(nn.Module):
    def forward(self, x):
        return x * [2.0 if self.train else 1.0 for self in (Config,)][0]
""",
    # --- nn is not there ---
    "nn is not there: type checking": """
from __future__ import annotations
from typing import TYPE_CHECKING
import torch
import torch.nn.functional as F
if TYPE_CHECKING:
    from torch import nn
class Net(torch.nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)
""",
    "nn is not there: under main": """
import torch
import torch.nn.functional as F
class Net(torch.nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)
if __name__ == "__main__":
    from torch import nn
    print(nn.Linear(2, 2))
""",
    "nn is not there: except branch": """
import torch
import torch.nn.functional as F
try:
    import math
except ImportError:
    from torch import nn
class Net(torch.nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)
""",
    "nn is not there: imported later in init": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.n = 1
        from torch import nn
        nn.Linear(2, 2)
    def forward(self, x):
        return F.dropout(x, 0.5)
""",
    "nn is not there: deleted": """
Module = nn.Module
del nn
class Net(Module):
    def forward(self, x):
        return F.dropout(x, 0.5)
""",
    "nn is not there: class in a function with its own nn": """
def build(nn):
    class Net(torch.nn.Module):
        def forward(self, x):
            return F.dropout(x, 0.5)
    return Net
def make():
    return build(None)()
""",
    # --- another constructor ---
    "another constructor: mixin first": """
class Tag:
    def __init__(self):
        self.tag = 1
class Net(Tag, nn.Module):
    def __init__(self):
        Tag.__init__(self)
        nn.Module.__init__(self)
    def forward(self, x):
        return F.dropout(x, 0.5)
""",
    "another constructor: subclass calls nn Module init": """
class Base(nn.Module):
    def forward(self, x):
        return F.dropout(self.fc(x), 0.5)
class Net(Base):
    def __init__(self):
        nn.Module.__init__(self)
        self.fc = nn.Linear(8, 8)
""",
    "another constructor: subclass skips with super": """
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.other = nn.Linear(8, 8)
    def forward(self, x):
        return F.dropout(self.fc(x), 0.5)
class Net(Base):
    def __init__(self):
        super(Base, self).__init__()
        self.fc = nn.Linear(8, 8)
""",
    "another constructor: second base is never initialised": """
class A(nn.Module):
    def __init__(self):
        nn.Module.__init__(self)
        self.fc = nn.Linear(8, 8)
class B(nn.Module):
    def forward(self, x):
        return F.dropout(self.fc(x), 0.5)
class Net(A, B):
    pass
""",
    "another constructor: mixin without init in a chain with arguments": """
class Mix(nn.Module):
    def drop(self, x):
        return F.dropout(x, 0.5)
class Body(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.fc = nn.Linear(n, n)
class Net(Mix, Body):
    def __init__(self):
        super().__init__(8)
    def forward(self, x):
        return self.drop(self.fc(x))
""",
    "another constructor: init assigned in the class body": """
def _init(self):
    nn.Module.__init__(self)
    self.fc = nn.Linear(8, 8)
class Net(nn.Module):
    def forward(self, x):
        return self.fc(F.dropout(x, 0.5))
    __init__ = _init
""",
    "another constructor: deepcopy by hand": """
import copy
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
    def __deepcopy__(self, memo):
        new = Net.__new__(Net)
        nn.Module.__init__(new)
        new.fc = copy.deepcopy(self.fc, memo)
        return new
    def forward(self, x):
        return self.fc(F.dropout(x, 0.5))
def make():
    return copy.deepcopy(Net())
""",
    # --- children are counted ---
    "children are counted: feature extractor": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 8)
        self.b = nn.Linear(8, 3)
    def forward(self, x):
        return self.b(F.dropout(self.a(x), 0.5))
def make():
    return nn.Sequential(*list(Net().children())[:-1])
""",
    "children are counted: parent calls all modules": """
class Block(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.b = Block()
    def forward(self, x):
        for m in self.modules():
            if m is not self:
                x = m(x)
        return x
""",
    "children are counted: depth dependent init": """
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
    def forward(self, x):
        return self.fc(F.dropout(x, 0.5))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = Block(), Block()
        for i, m in enumerate(self.modules()):
            if isinstance(m, nn.Linear):
                nn.init.constant_(m.weight, i / 10)
    def forward(self, x):
        return self.b(self.a(x))
""",
    "children are counted: through vars": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 8)
    def forward(self, x):
        x = F.dropout(x, 0.5)
        for m in vars(self)["_modules"].values():
            x = m(x)
        return x
""",
    # --- no instance ---
    "no instance: called through the class": """
class Net(nn.Module):
    def drop(x):
        return F.dropout(x, 0.5)
    def forward(self, x):
        return Net.drop(x)
""",
    "no instance: builtins staticmethod": """
import builtins
class Net(nn.Module):
    @builtins.staticmethod
    def drop(x):
        return F.dropout(x, 0.5)
    def forward(self, x):
        return self.drop(x)
""",
    "no instance: abstractstaticmethod": """
import abc
class Net(nn.Module):
    @abc.abstractstaticmethod
    def drop(x):
        return F.dropout(x, 0.5)
    def forward(self, x):
        return Net.drop(x)
""",
    # --- perhaps no module ---
    "perhaps no module: drp001": """
import sys, types
stub = types.ModuleType("mylib")
class Transform:
    def __call__(self, x):
        return self.forward(x)
stub.Transform = Transform
sys.modules["mylib"] = stub
import torch
import torch.nn.functional as F
from mylib import Transform
class Corrupt(Transform):
    def forward(self, x):
        return F.dropout(x, 0.5)
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.corrupt = Corrupt()
    def forward(self, x):
        return self.corrupt(x) if self.training else x
""",
    "perhaps no module: drp004": """
import sys, types
stub = types.ModuleType("mylib")
class Op:
    def __call__(self, x):
        return self.forward(x)
stub.Op = Op
sys.modules["mylib"] = stub
import torch
import torch.nn.functional as F
from mylib import Op
class Attend(Op):
    def forward(self, x):
        return F.scaled_dot_product_attention(x, x, x, dropout_p=0.5)
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.attend = Attend()
    def forward(self, x):
        return self.attend(x[None, None]) if self.training else x
""",
    # --- training is not the mode ---
    "training is not the mode: locked in eval": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
    def train(self, mode=True):
        return super().train(False)
    def forward(self, x):
        return self.fc(F.dropout(x, 0.5))
""",
    "training is not the mode: locked attention": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = 0.5
    def train(self, mode=True):
        return super().train(False)
    def forward(self, x):
        x = x[None, None]
        return F.scaled_dot_product_attention(x, x, x, dropout_p=self.p)
""",
    "training is not the mode: no op": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
    def train(self, mode=True):
        return self
    def forward(self, x):
        return self.fc(F.dropout(x, 0.5))
""",
    "training is not the mode: property": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
    training = property(lambda self: False, lambda self, value: None)
    def forward(self, x):
        return self.fc(F.dropout(x, 0.5))
""",
    # --- names and selves ---
    "names and selves: class attribute by tuple": """
class Net(nn.Module):
    dropout, k = 0.5, 2
    def forward(self, x):
        return F.dropout(x, 0.5) * Net.dropout
""",
    "names and selves: attribute set from outside": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.k = 1
    def forward(self, x):
        return F.dropout(x, 0.5)
def make():
    m = Net()
    m.dropout = 0.3
    return m
""",
    "names and selves: partial holds the input": """
from functools import partial
class Net(nn.Module):
    def forward(self, x):
        drop = partial(F.dropout, x)
        return drop(0.5)
""",
    "names and selves: del self": """
class Net(nn.Module):
    def forward(self, x):
        del self
        return F.dropout(x, 0.5)
""",
    "names and selves: match rest named self": """
class Net(nn.Module):
    def forward(self, x):
        match {"a": 1, "b": 2}:
            case {"a": 1, **self}:
                return F.dropout(x, 0.5)
""",
    "names and selves: parameter as rate": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.Parameter(torch.tensor(0.5), requires_grad=False)
    def forward(self, x):
        return F.dropout(x, self.p)
""",
    "names and selves: constant set after the instance": """
class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, P)
NET = Net()
P = 0.5
def make():
    return NET
""",
    # --- comments ---
    "comments: comment in the called name": """
class Net(nn.Module):
    def forward(self, x):
        return (
            F
            # the functional form
            .dropout(x, 0.5)
        )
""",
    "comments: comment in self train": """
class Net(nn.Module):
    def forward(self, x):
        return x if (self  # the mode
            .train) else x
""",
    "in place elsewhere: sequential of an ordered dict": """
from collections import OrderedDict
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(OrderedDict(act=nn.ReLU(inplace=True)))
    def forward(self, x):
        return self.body(F.dropout(x, 0.5)) + x
""",
    "in place elsewhere: a module added by name": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.add_module("act", nn.ReLU(inplace=True))
    def forward(self, x):
        return self.act(F.dropout(x, 0.5)) + x
""",
    "children are counted: by a function": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 8)
        self.b = nn.Linear(8, 3)
    def forward(self, x):
        return self.b(F.dropout(self.a(x), 0.5))
def drive(m, x):
    return nn.Sequential(*list(m.children())[:-1])(x)
""",
    "children are counted: by a tuple of types": """
LAYERS = (nn.Module,)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        for m in self.modules():
            if isinstance(m, LAYERS):
                torch.rand(1)
    def forward(self, x):
        return self.fc(F.dropout(x, 0.5))
""",
    "train is meant: an assertion that never fails": """
class Net(nn.Module):
    def forward(self, x):
        assert self.train
        return x
""",
    # --- a flag of a function in between ---
    "a flag in between: plain": """
def drop(x, p=0.5, training=True):
    return F.dropout(x, p, training)

class Net(nn.Module):
    def forward(self, x):
        return drop(x) + drop(x, 0.2)
""",
    "a flag in between: inverted": """
def drop(x, p=0.5, *, deterministic=False):
    return F.dropout(x, p, not deterministic)

class Net(nn.Module):
    def forward(self, x):
        return drop(x, 0.2) + drop(x)
""",
    "a flag in between: it returns something else": """
def drop(x, training=True):
    return (F.dropout(x, 0.5, training), 1) if training else x

class Net(nn.Module):
    def forward(self, x):
        return drop(x)[0] + 1
""",
    "a flag in between: it raises": """
def drop(x, training=True):
    if not training:
        raise ValueError("only for training")
    return F.dropout(x, 0.5)

class Net(nn.Module):
    def forward(self, x):
        return drop(x)
""",
    "a flag in between: in place in the function": """
def drop(x, training=True):
    h = F.dropout(x, 0.5, training)
    h += 1
    return h

class Net(nn.Module):
    def forward(self, x):
        return drop(x) + x
""",
    "a flag in between: in place behind the call": """
class Net(nn.Module):
    def drop(self, x, training=True):
        return F.dropout(x, 0.5, training)
    def forward(self, x):
        h = self.drop(x)
        h += x
        return h + x
""",
    "a flag in between: in place in the second function": """
def drop(x, training=True):
    return F.dropout(x, 0.5, training)

def add(x, training=True):
    h = drop(x, training=training)
    h += 1
    return h

class Net(nn.Module):
    def forward(self, x):
        return add(x) + x
""",
    "a flag in between: it switches more": """
def drop(x, training=True):
    x = x * (2 if training else 1)
    return F.dropout(x, 0.5, training)

class Net(nn.Module):
    def forward(self, x):
        return drop(x)
""",
    "a flag in between: two of them": """
def drop(x, training=True, is_test=False):
    x = F.dropout(x, 0.5, training)
    return x if is_test else F.dropout(x, 0.1)

class Net(nn.Module):
    def forward(self, x):
        return drop(x)
""",
    "a flag in between: positional only and stars": """
def drop(x, training=True, /, *rest):
    return F.dropout(x, 0.5, training)

class Net(nn.Module):
    def forward(self, x):
        return drop(x)
""",
    "a flag in between: of an override": """
class Base(nn.Module):
    def drop(self, x, training=True):
        return F.dropout(x, 0.5, training)
    def forward(self, x):
        return self.drop(x)

class Net(Base):
    def drop(self, x):
        return F.dropout(x, 0.5, self.training)
""",
    "a module in between": """
def make(p):
    return nn.Dropout(p)

class Net(nn.Module):
    def forward(self, x):
        return make(0.5)(x)
""",
    "a module in between: kept": """
KEPT = {}

def make(p):
    KEPT[p] = nn.Dropout(p)
    return KEPT[p]

class Net(nn.Module):
    def forward(self, x):
        x = make(0.5)(x)
        return KEPT[0.5](x)
""",
}

# Ordinary code beside the above, which keeps the module form.
KEPT = {
    "normalisation layers are frozen": """
from collections import *

class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p, self.norm, self.fc = p, nn.BatchNorm1d(8), nn.Linear(8, 8)
    def freeze(self):
        for m in self.modules():
            if isinstance(m, nn.BatchNorm1d) or (m is not self and isinstance(m, nn.LayerNorm)):
                m.eval()
            elif isinstance(m, nn.GroupNorm) or isinstance(m, OrderedDict):
                m.eval()
    def forward(self, x):
        return self.fc(F.dropout(self.norm(x), self.p))
""",
    "the parts of other containers are put together": """
class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        head, tail = nn.Sequential(nn.Linear(8, 8)), nn.Sequential(nn.ReLU(), nn.Linear(8, 8))
        self.body = nn.Sequential(*(list(head.children()) + list(tail.children())[1:]))
    def forward(self, x):
        return self.body(F.dropout(x, self.p))
""",
    "computed names that begin otherwise": """
class Net(nn.Module):
    def __init__(self, p=0.5, twice=True):
        super().__init__()
        self.p, self.twice = p, twice
        for i in range(2):
            setattr(self, "%s%d" % ("bifc" if twice else "fc", i), nn.Linear(8, 8))
            self.add_module(f"norm{i}", nn.LayerNorm(8))
            name = "act" + str(i)
            setattr(self, name, nn.ReLU())
            setattr(self, "last_{}".format(i), i)
    def forward(self, x):
        for i in range(2):
            layer = getattr(self, ("bifc" if self.twice else "fc") + str(i))
            x = getattr(self, f"act{i}")(getattr(self, f"norm{i}")(layer(x)))
        return F.dropout(x, self.p)
""",
    "several classes are asked for at once": """
class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p, self.fc = p, nn.Linear(8, 8)
        for m in self.modules():
            if isinstance(m, (nn.Conv1d, nn.Linear)):
                nn.init.ones_(m.weight)
    def forward(self, x):
        return self.fc(F.dropout(x, self.p))
""",
    "in place above the drop": """
class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p, self.relu, self.fc = p, nn.ReLU(inplace=True), nn.Linear(8, 8)
    def forward(self, x, mask=None):
        for _ in range(2):
            x = self.relu(self.fc(x))
        if mask is not None:
            x.masked_fill_(mask, 0.0)
        x = torch.tanh(x)
        x = F.dropout(x, self.p)
        return x, self.fc(x)
""",
    "two rates without a constructor": """
class Net(nn.Module):
    def forward(self, x):
        x = F.dropout(x, 0.5)
        return F.dropout(x, 0.2)
""",
    "a number of features is counted in the constructor": """
class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p
        self.conv = nn.Linear(8, 4)
        self.fc = nn.Linear(self._flat(), 2)
    def _features(self, x):
        return F.dropout(self.conv(x), self.p)
    def _flat(self):
        return self._features(torch.zeros(1, 8)).numel()
    def forward(self, x):
        return self.fc(self._features(x))
""",
    "weights are set up last": """
class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p, self.fc = p, nn.Linear(8, 8)
        self.reset_parameters()
    def reset_parameters(self):
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.ones_(module.weight)
    def forward(self, x):
        if self.p > 0:
            x = F.dropout(x, self.p)
        return self.fc(x)
""",
    "the rate is set on both branches": """
class Net(nn.Module):
    def __init__(self, wide=True):
        super().__init__()
        if wide:
            self.p = 0.5
        else:
            self.p = 0.1
        self.fc = nn.Linear(8, 8)
    def forward(self, x):
        return self.fc(F.dropout(x, self.p))
""",
    "a configuration holds the rate": """
class Config:
    def __init__(self):
        self.layers = {"p": 0.5}
        self.set_defaults()
    def set_defaults(self):
        self.p = 0.5
class Net(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.fc = nn.Linear(8, 8)
    def forward(self, x):
        return self.fc(F.dropout(x, self.config.p))
def make():
    return Net(Config())
""",
    "constructors call each other": """
class Base(nn.Module):
    def __init__(self):
        super(Base, self).__init__()
        self.fc = nn.Linear(8, 8)
    def forward(self, x):
        return self.fc(F.dropout(x, 0.5))
class Middle(Base):
    pass
class Net(Middle):
    def __init__(self):
        Middle.__init__(self)
        self.head = nn.Linear(8, 2)
    def forward(self, x):
        return self.head(super().forward(x))
""",
    "a module that is only called is shared": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
    def forward(self, x):
        return self.drop(x) + F.dropout(x, 0.5)
""",
    "torch is imported where it is installed": """
try:
    import torch
    from torch import nn
    import torch.nn.functional as F
except ImportError:
    torch = None
class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)
""",
    "the result of a layer is dropped and then changed": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
    def forward(self, x):
        h = F.dropout(self.fc(x), 0.5)
        h += x
        return h
""",
    "something else is changed in place": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.act = nn.ReLU(inplace=True)
    def forward(self, x):
        h = F.dropout(x, 0.5)
        outs = []
        outs += [self.act(self.fc(h))]
        total = torch.zeros_like(x)
        total += h
        return outs[0] + total.add_(h)
""",
}

# Every function but `forward` gets a `training` parameter.
THREADED = {
    "two drops": """
def drop(x, p):
    x = F.dropout(x, p)
    return F.dropout(x, 0.2)

class Net(nn.Module):
    def forward(self, x):
        return drop(x, 0.5)
""",
    "a chain with two ends": """
def drop(x):
    return F.dropout(x, 0.5)

def twice(x):
    return drop(drop(x)) + nn.Dropout(0.1)(x)

class Net(nn.Module):
    def forward(self, x):
        return twice(x) + drop(x=x)
""",
    "from a nested function": """
def drop(x, p=0.5):
    return F.dropout(x, p)

def outer(x):
    return [drop(y) for y in (x, 2 * x)][1]

class Net(nn.Module):
    def forward(self, x):
        return outer(x)
""",
    "attention": """
def attend(x, p=0.5):
    return F.scaled_dot_product_attention(x, x, x, dropout_p=p)

class Net(nn.Module):
    def forward(self, x):
        return attend(x[None])[0]
""",
}
