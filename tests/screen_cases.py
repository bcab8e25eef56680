"""Programs with a finding that one of the cheap stages lost once, by what misled it.

A case that begins with `+` has the usual imports in front of it.
"""

from __future__ import annotations

IMPORTS = """
import torch
import torch.nn.functional as F
from torch import nn
"""

LOST = {
    "name of a class with an umlaut": """+
class Änderung(nn.Module):
    def forward(self, x):
        drop = F.dropout
        return drop(x, 0.5)
""",
    "attention with starred inputs": """+
class Net(nn.Module):
    def forward(self, x):
        qkv = (x, x, x)
        return F.scaled_dot_product_attention(*qkv, dropout_p=0.1)
""",
    "star and flag": """+
class Net(nn.Module):
    def forward(self, x):
        a = (x,)
        return F.dropout(*a, p=0.5, training=True)
""",
    "tuple alias": """+
relu, drop = F.relu, F.dropout
class Net(nn.Module):
    def forward(self, x):
        return relu(drop(x, 0.5))
""",
    "partial renamed": """+
from functools import partial as P
drop = P(F.dropout, p=0.5)
class Net(nn.Module):
    def forward(self, x):
        return drop(x)
""",
    "append of a local": """+
class Net(nn.Module):
    def __init__(self, ps=(0.5, 0.1)):
        super().__init__()
        self.ds = []
        for p in ps:
            d = nn.Dropout(p)
            self.ds.append(d)
    def forward(self, x):
        return self.ds[0](x)
""",
    "dict of a local": """+
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        d = nn.Dropout(0.5)
        self.ds = {"a": d}
    def forward(self, x):
        return self.ds["a"](x)
""",
    "item set to a local": """+
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.ds = {}
        d = nn.Dropout(0.5)
        self.ds["a"] = d
    def forward(self, x):
        return self.ds["a"](x)
""",
    "closure of init hides a module": """+
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        d = nn.Dropout(0.5)
        self.f = lambda x: d(x)
    def forward(self, x):
        return self.f(x)
""",
    "plain class in a list": """+
class Aug:
    def __init__(self):
        self.d = nn.Dropout(0.5)
    def __call__(self, x):
        return self.d(x)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.ds = [Aug()]
    def forward(self, x):
        return self.ds[0](x)
""",
    "functional as a class attribute": """+
class Net(nn.Module):
    F = torch.nn.functional
    def forward(self, x):
        return self.F.dropout(x, 0.5)
""",
    "lambda that returns it": """+
class Net(nn.Module):
    def forward(self, x):
        drop = lambda: F.dropout
        return drop()(x, 0.5)
""",
    "parameter shadowed by a nested one": """+
class Net(nn.Module):
    def forward(self, x, t=0):
        def inner(t):
            return F.dropout(x, 0.5, t)
        return inner(True)
""",
    "training overwritten": """+
class Net(nn.Module):
    def forward(self, x):
        self.training = True
        return F.dropout(x, 0.5, training=self.training)
""",
    "name shared with another framework": """
import torch
from torch import nn
try:
    from keras import backend
except ImportError:
    backend = torch.nn.functional
class Net(nn.Module):
    def forward(self, x):
        return backend.dropout(x, 0.5)
""",
    "space after the dot": """+
class Net(nn.Module):
    def forward(self, x):
        return x + F. dropout(x, 0.5)
""",
    "bracket on the next line": """+
class Net(nn.Module):
    def forward(self, x):
        return (x + F.dropout
                (x, 0.5))
""",
    "parenthesised callee": """+
class Net(nn.Module):
    def forward(self, x):
        return x + (F.dropout)(x, 0.5)
""",
    "comment with the flag": """+
class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5  # TODO p, training=self.training
        )
""",
    "comment with a bracket": """+
class Net(nn.Module):
    def forward(self, q, k, v):
        return F.scaled_dot_product_attention(
            q,  # (B, H, L, D
            k, v, None, 0.1)
""",
    "fresh module in brackets": """+
class Net(nn.Module):
    def forward(self, x):
        return x + (nn.Dropout(0.5))(x)
""",
    "comment that names init": """+
class Net(nn.Module):
    def forward(self, x):
        # sizes: see def __init__
        return nn.Dropout(0.5)(x) + 1
""",
    "tab after def": """+
class Net(nn.Module):
    def __init__(self):
        super().__init__()
    def	forward(self, x):
        d = nn.Dropout(0.5)
        return d(x)
""",
    "self train without spaces": """+
class Net(nn.Module):
    def forward(self, x):
        if self.train==True:
            return x
        return -x
""",
    "self space train": """+
class Net(nn.Module):
    def forward(self, x):
        return x if self. train else -x
""",
    "def two spaces train": """+
class Net(nn.Module):
    def  train(self, mode=True):
        super().train(mode)
""",
    "train positional only": """+
class Net(nn.Module):
    def train(self, mode=True, /):
        super().train(mode)
""",
    "train with a comment": """+
class Net(nn.Module):
    def train(self, mode=True  # a, b
              ):
        super().train(mode)
""",
    "partial with a comment": """+
from functools import partial
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = partial(  # half
            F.dropout, p=0.5)
    def forward(self, x):
        return self.drop(x)
""",
    "bracket in an import comment": """
from torch import nn
from torch.nn.functional import (  # the usual (two)
    relu,
    dropout,
)
class Net(nn.Module):
    def forward(self, x):
        return relu(dropout(x, 0.5))
""",
    "as on the next line": """
from torch import nn
from torch.nn.functional import dropout \\
    as drop
class Net(nn.Module):
    def forward(self, x):
        return drop(x, 0.5)
""",
    "one line try": """
from torch import nn
try: from torch.nn.functional import dropout
except ImportError: dropout = None
class Net(nn.Module):
    def forward(self, x):
        return dropout(x, 0.5)
""",
    "alias of an alias": """
import torch
from torch import nn
A = torch.nn
B = A.functional
drop = B.dropout
class Net(nn.Module):
    def forward(self, x):
        return drop(x, 0.5)
""",
    "local in a list with a call": """+
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        d = nn.Dropout(0.5)
        self.ds = [d, nn.Linear(8, 8)]
""",
    "times on the left": """+
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.ds = 3 * [nn.Dropout(0.5)]
""",
    "continued line": """+
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.ds = \\
            [nn.Dropout(0.5)]
""",
    "item without spaces": """+
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.ds={}
        self.ds["a"]=nn.Dropout(0.5)
""",
    "self is called this": """+
class Net(nn.Module):
    def __init__(this):
        super().__init__()
        this.ds = [nn.Dropout(0.5)]
""",
    "sticky two spaces": """+
class Net(nn.Module):
    def forward(self, x):
        if not self.training:
            self.drop =  0
        return F.dropout(x, self.drop, self.training)
""",
    "sticky point zero": """+
class Net(nn.Module):
    def forward(self, x):
        if not self.training:
            self.drop = .0
        return F.dropout(x, self.drop, self.training)
""",
    "sticky times zero": """+
class Net(nn.Module):
    def forward(self, x):
        if not self.training:
            self.drop *= 0
        return F.dropout(x, self.drop, self.training)
""",
    "sticky this": """+
class Net(nn.Module):
    def forward(this, x):
        if not this.training:
            this.drop = 0.0
        return F.dropout(x, this.drop, this.training)
""",
    "long list": """+
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.ds = [
"""
    + "            nn.Linear(8, 8),  # a layer like all the others\n" * 32
    + "            nn.Dropout(0.5),\n        ]\n",
    "mode under another name": """+
class Net(nn.Module):
    def forward(self, x):
        on = self.training
        return F.alpha_dropout(x, on)
""",
    "mode under a third name": """+
class Net(nn.Module):
    def forward(self, x):
        on = self.training
        rate = on
        return F.alpha_dropout(x, rate)
""",
    "mode handed to a helper": """+
class Net(nn.Module):
    def drop(self, x, p):
        return F.dropout(x, p, self.training)

    def forward(self, x):
        return self.drop(x, self.training)
""",
    "two calls in one f-string": """+
class Net(nn.Module):
    def forward(self, x):
        print(f"{x} {F.dropout(x, 0.5)}")
        return x
""",
}

# Plainly fine for the tree stage, each for another reason; nothing is to be found.
DISMISSED = {
    "a class method named as an override": """+
class Net(nn.Module):
    @classmethod
    def eval(cls, *args):
        return None
    @staticmethod
    def train(epochs):
        pass
    def forward(self, x):
        return x
""",
    "class handed to a decorator": """+
@register(nn.Dropout)
def infer(node):
    return node
""",
    "list of a class without dropout": """+
class Cache:
    def __init__(self):
        self.kept = 0
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.caches = []
        self.caches.append(Cache())
    def forward(self, x):
        return self.drop(x)
""",
    "list of sequentials without dropout": """+
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.heads = [nn.Sequential(nn.Linear(8, 8)), nn.Sequential()]
    def forward(self, x):
        return self.drop(x)
""",
    "tuple of what was dropped": """+
class Net(nn.Module):
    def forward(self, x, y):
        x = F.dropout(x, 0.5, self.training)
        self.cached = (x, y)
        return x
""",
    "module without a functional twin": """+
CASES = []
def case(module, size):
    CASES.append((module, size))
case(nn.MultiheadAttention, 8)
class Net(nn.MultiheadAttention):
    def forward(self, x):
        layer = nn.TransformerEncoderLayer(8, 2)
        return super().forward(x, x, x)
""",
    "name of a layer": """+
class Net(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        layers = [("dropout", nn.Identity()), ("fc", nn.Linear(8, 8))]
        self.body = nn.Sequential(*(getattr(blocks, f"block{i}") for i in range(2)))
        self.norm = getattr(blocks, "norm", None)
        self.head = blocks.build(layers, F, nn)
    def forward(self, x):
        return self.head(x)
""",
    "ordered layers": """+
from collections import OrderedDict
class Net(nn.Module):
    def reset(self, p):
        self.head = nn.Sequential(OrderedDict([("drop", nn.Dropout(p)), ("fc", nn.Linear(8, 8))]))
    def forward(self, x):
        return self.head(x)
""",
    "flag of the configuration": """+
class Net(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.is_training = config.is_training
    def forward(self, x):
        return F.dropout(x, 0.5, training=self.is_training)
""",
}

# Next to what is dismissed, with a finding.
NEAR = {
    "class that drops by its base": """+
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
class Block(Base):
    def forward(self, x):
        return self.drop(x)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = []
        self.blocks.append(Block())
    def forward(self, x):
        return self.blocks[0](x)
""",
    "class that drops by its part": """+
class Inner(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
    def forward(self, x):
        return self.drop(x)
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Inner()
    def forward(self, x):
        return self.inner(x)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = {"a": Block()}
    def forward(self, x):
        return self.blocks["a"](x)
""",
    "class in a method": """+
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.drop = nn.Dropout(0.5)
        self.blocks = [Block()]
    def forward(self, x):
        return self.blocks[0](x)
""",
    "container under another name": """
from torch import nn
from torch.nn import Sequential as S
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = [S(nn.Linear(8, 8), nn.Dropout(0.5))]
    def forward(self, x):
        return self.blocks[0](x)
""",
    "module without a twin in a list": """+
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.TransformerEncoderLayer(8, 2) for _ in range(2)]
    def forward(self, x):
        return self.layers[0](x)
""",
    "module without a twin under another name": """+
Layer = nn.TransformerEncoderLayer
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [Layer(8, 2)]
    def forward(self, x):
        return self.layers[0](x)
""",
    "name in a variable": """+
NAME = "dropout"
class Net(nn.Module):
    def forward(self, x):
        x = F.dropout(x, 0.5, self.training)
        return getattr(F, NAME)(x, 0.5)
""",
    "name in a variable of the function": """+
class Net(nn.Module):
    def forward(self, x):
        name = "dropout"
        drop = getattr(nn.functional, name)
        return drop(F.dropout(x, 0.5, self.training), 0.5)
""",
    "flag of the configuration, and a constant": """+
class Net(nn.Module):
    on = True
    def forward(self, x):
        return F.dropout(x, 0.5, training=self.on)
class Other(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.on = config.on
    def forward(self, x):
        return F.dropout(x, 0.5, training=self.on)
""",
    "flag of another flag": """+
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.always = True
        self.on = self.always
    def forward(self, x):
        return F.dropout(x, 0.5, training=self.on)
""",
    "flag of another class": """+
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.on = True
    def forward(self, x):
        return F.dropout(x, 0.5, training=self.on)
class Other(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.on = config.on
""",
    "flag that a method sets": """+
class Net(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.on = config.on
    def forward(self, x):
        self.on = True
        return F.dropout(x, 0.5, training=self.on)
""",
    "ordered layers that are called": """+
class Net(nn.Module):
    def forward(self, x):
        return dict([("drop", nn.Dropout(0.5)(x))])
""",
}


def _whole(cases: dict[str, str]) -> dict[str, str]:
    return {name: IMPORTS + code[1:] if code[0] == "+" else code for name, code in cases.items()}


LOST, NEAR, DISMISSED = _whole(LOST), _whole(NEAR), _whole(DISMISSED)
