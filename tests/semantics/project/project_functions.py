"""Small packages whose functions call each other over files, and what is found in them.

A line ``== name`` begins a file; a comment ``# DRPnnn`` at the end of a line expects a finding.
"""

from __future__ import annotations

HEAD = "import torch.nn.functional as F\nfrom torch import nn\n\n\n"

# A module in `net.py` of the package, whose forward is the rest; `ops.py` is beside it.
_NET = "== pkg/__init__.py\n== pkg/net.py\n{imports}\n{head}class Net(nn.Module):\n{body}"


def calls(ops: str, *lines: str, imports: str = "from .ops import drop_add") -> str:
    """A module that does the lines in ``forward``, beside a file with functions."""
    body = "    def forward(self, x, y=None):\n" + "".join(f"        {line}\n" for line in lines)
    return f"== pkg/ops.py\n{HEAD}{ops}" + _NET.format(imports=imports, head=HEAD, body=body)


def alone(text: str) -> str:
    return f"== net.py\n{HEAD}{text}"


FLAG = "def drop_add(x, y, p=0.1, training=True):\n    return y + F.dropout(x, p, training)\n"
INVERTED = """def drop_add(x, y, deterministic=False):
    if deterministic:
        return x + y
    return y + F.dropout(x, 0.1)
"""
CHAIN = f"""{FLAG}
def drop_norm(x, y, training=True):
    return drop_add(x, y, training=training) / 2
"""
MAKE = "def make_dropout(p):\n    return nn.Dropout(p)\n"
FRESH = "def attend(x, p):\n    return nn.Dropout(p)(x)"
FUNCTIONAL = "def attend(x, p):\n    return F.dropout(x, p)"
USES_IT = "from .ops import attend"
STATIC = """class Ops:
    @staticmethod
    def drop(x, p):
        return F.dropout(x, p)
"""
ABOVE = """
    @classmethod
    def noisy(cls, x):
        return cls.drop(x, 0.1)
"""
FLAGGED = STATIC.replace("drop(x, p)", "drop_rows(x, p, training=True)").replace(
    "(x, p)", "(x, p, training)"
)
OPS = "from .ops import Ops"
KEPT = (
    f"== pkg/__init__.py\n== pkg/ops.py\n{HEAD}{FUNCTIONAL}%s\n"
    f"== pkg/net.py\n{USES_IT}\n{HEAD}class Net(nn.Module):\n    def __init__(self):\n"
    "        super().__init__()\n        self.act = attend\n\n"
    "    def forward(self, x):\n        %s\n"
)

FOUND = {
    # --- a flag of a function of another file ---
    "left out": calls(FLAG, "return drop_add(x, x)  # DRP001"),
    "given as True": calls(FLAG, "return drop_add(x, x, training=True)  # DRP003"),
    "given by position": calls(FLAG, "return drop_add(x, x, 0.5, True)  # DRP003"),
    "given by a local": calls(FLAG, "on = True", "return drop_add(x, x, training=on)  # DRP003"),
    "inverted, left out": calls(INVERTED, "return drop_add(x, x)  # DRP001"),
    "inverted, given": calls(INVERTED, "return drop_add(x, x, deterministic=False)  # DRP003"),
    "the wrong way round": calls(
        INVERTED, "return drop_add(x, x, deterministic=self.training)  # DRP003"
    ),
    "through a function that has another name for it": alone(
        "class Net(nn.Module):\n    def inner(self, x, on):\n        if not on:\n"
        "            return x\n        return F.dropout(x, 0.2)\n\n"
        "    def outer(self, x, training):\n        return self.inner(x, on=training)\n\n"
        "    def forward(self, x):\n        return self.outer(x, True)  # DRP003\n"
    ),
    "through a function with another name for it, without a class": alone(
        "def inner(x, on):\n    if on:\n        x = F.dropout(x, 0.2)\n    return x\n\n\n"
        "def outer(x, training):\n    return inner(x, training)\n\n\n"
        "class Net(nn.Module):\n    def forward(self, x):\n"
        "        return outer(x, True)  # DRP003\n"
    ),
    "through two functions": calls(
        CHAIN, "return drop_norm(x, x)  # DRP001", imports="from .ops import drop_norm"
    ),
    "renamed": calls(
        FLAG, "return add(x, x)  # DRP001", imports="from .ops import drop_add as add"
    ),
    "of a module": calls(FLAG, "return ops.drop_add(x, x)  # DRP001", imports="from . import ops"),
    "by a star": calls(FLAG, "return drop_add(x, x)  # DRP001", imports="from .ops import *"),
    "absolute": calls(
        FLAG, "return drop_add(x, x)  # DRP001", imports="from pkg.ops import drop_add"
    ),
    "over three files": calls(
        "from .deep import dropout_if\n\n\ndef drop_add(x, y, training=True):\n"
        "    return dropout_if(x, training) + y\n",
        "return drop_add(x, x)  # DRP001",
    )
    + f"== pkg/deep.py\n{HEAD}def dropout_if(x, on):\n    return F.dropout(x, 0.5, on)\n",
    "re-exported": f"== pkg/__init__.py\nfrom .ops import drop_add\n== pkg/ops.py\n{HEAD}{FLAG}"
    f"== commands/lint.py\nfrom pkg import drop_add\n{HEAD}class Net(nn.Module):\n"
    "    def forward(self, x):\n        return drop_add(x, x)  # DRP001\n",
    "method taken for the mode": calls(
        FLAG, "return drop_add(x, x, training=self.train)  # DRP011"
    ),
    "in a function that knows nothing": calls(
        FLAG,
        "return block(x)",
        imports="from .ops import drop_add\n\n\ndef block(x):\n"
        "    return drop_add(x, x)  # DRP002\n\n",
    ),
    "in a function of a third file": calls(
        FLAG, "return block(x)", imports="from .blocks import block"
    )
    + f"== pkg/blocks.py\nfrom .ops import drop_add\n{HEAD}def block(x):\n"
    "    return drop_add(x, x)  # DRP002\n",
    # --- a flag of a function of the same file ---
    "near, left out": alone(f"""{FLAG}
class Net(nn.Module):
    def forward(self, x):
        return drop_add(x, x)  # DRP001
"""),
    "near, through functions that have no flag": alone(f"""{FLAG}
def twice(x):
    return 2 * drop_add(x, x)  # DRP002


class Net(nn.Module):
    def forward(self, x):
        return twice(x)
"""),
    "near, one of two calls": alone("""class Net(nn.Module):
    def attend(self, x, training=True):
        return F.dropout(x, 0.1, training)

    def encode(self, x):
        return self.attend(x, self.training)

    def forward(self, x):
        return self.attend(x)  # DRP001
"""),
    "near, a method of a base": alone("""class Base(nn.Module):
    def attend(self, x, is_training=True):
        if is_training:
            x = F.dropout(x, 0.1)
        return x


class Net(Base):
    def forward(self, x):
        return self.attend(x) + super().attend(x, True)  # DRP001 DRP003
"""),
    "near, static and class methods": alone("""class Net(nn.Module):
    @staticmethod
    def one(x, training=True):
        return F.dropout(x, 0.1, training)

    @classmethod
    def other(cls, x, training=True):
        return F.dropout(x, 0.1, training)

    def forward(self, x):
        x = self.one(x)  # DRP001
        return self.other(x, True)  # DRP003
"""),
    "near, a flag that decides over one of two drops": alone("""def two(x, training=True):
    x = F.dropout(x, 0.1)  # DRP002
    return F.dropout(x, 0.1, training)


class Net(nn.Module):
    def forward(self, x):
        return two(x)  # DRP001
"""),
    # --- modules that a function builds ---
    "built elsewhere, called at once": calls(
        MAKE, "return make_dropout(0.5)(x)  # DRP005", imports="from .ops import make_dropout"
    ),
    "built elsewhere, under a name": calls(
        MAKE,
        "drop = make_dropout(0.5)  # DRP005",
        "return drop(x)",
        imports="from .ops import make_dropout",
    ),
    "built near, in a method that is no forward": alone(f"""{MAKE}

def again(p):
    return make_dropout(p)


class Net(nn.Module):
    def build(self, p):
        return nn.Dropout(p)

    def encode(self, x):
        x = make_dropout(0.1)(x)  # DRP005
        return self.build(0.1)(again(0.2)(x))  # DRP005 DRP005
"""),
    # --- functions that know nothing, called from another file ---
    "fresh module": calls(f"{FRESH}  # DRP002\n", "return attend(x, 0.1)", imports=USES_IT),
    "function": calls(f"{FUNCTIONAL}  # DRP002\n", "return attend(x, p=0.1)", imports=USES_IT),
    "rate of the module": calls(
        f"{FUNCTIONAL}  # DRP002\n", "return attend(x, self.rate)", imports=USES_IT
    ),
    "attention": calls(
        "def attend(q, p=0.1):\n"
        "    return F.scaled_dot_product_attention(q, q, q, dropout_p=p)  # DRP002\n",
        "return attend(x)",
        imports=USES_IT,
    ),
    "through a function beside it": calls(
        f"{FUNCTIONAL}  # DRP002\n\n\ndef block(x):\n    return attend(x, 0.1)\n",
        "return block(x)",
        imports="from .ops import block",
    ),
    "through a function of a third file": calls(
        f"{FUNCTIONAL}  # DRP002\n", "return block(x)", imports="from .blocks import block"
    )
    + f"== pkg/blocks.py\nfrom . import ops\n{HEAD}def block(x):\n    return ops.attend(x, 0.1)\n",
    "static method": calls(
        STATIC.rstrip("\n") + "  # DRP002\n", "return Ops.drop(x, 0.5)", imports=OPS
    ),
    "class method above a static one": calls(
        STATIC.rstrip("\n") + f"  # DRP002\n{ABOVE}", "return Ops.noisy(x)", imports=OPS
    ),
    "static method of a class of a module": calls(
        STATIC.rstrip("\n") + "  # DRP002\n",
        "return ops.Ops.drop(x, 0.5)",
        imports="from . import ops",
    ),
    "static method with a flag, left out": calls(
        FLAGGED, "return Ops.drop_rows(x, 0.5)  # DRP001", imports=OPS
    ),
    "kept on self": KEPT % ("  # DRP002", "return self.act(x, 0.5)"),
    "near, static method of a class that is no module": alone(
        STATIC.rstrip("\n") + "  # DRP002\n\n\nclass Net(nn.Module):\n"
        "    def forward(self, x):\n        return Ops.drop(x, 0.5)\n"
    ),
    "from a folder above": f"== lib/layers/ops.py\n{HEAD}{FUNCTIONAL}  # DRP002\n"
    f"== commands/lint.py\nfrom lib.layers.ops import attend\n{HEAD}class Net(nn.Module):\n"
    "    def forward(self, x):\n        return attend(x, 0.1)\n",
}

_GIVEN = {
    "the mode": "return drop_add(x, x, training=self.training)",
    "the mode by position": "return drop_add(x, x, 0.5, self.training)",
    "a parameter": "return drop_add(x, x, training=y)",
    "something unknown": "return drop_add(x, x, training=self.sampling)",
    "False": "return drop_add(x, x, training=False)",
    "a star": "return drop_add(x, x, **self.options)",
    "no rate": "return drop_add(x, x, 0.0)",
    "a rate that follows": "return drop_add(x, x, 0.1 if self.training else 0.0)",
    "a rate of the mode": "return drop_add(x, x, round(0.1 * self.training, 3))",
    "a rate that the caller knows": "return drop_add(x, x, y)",
}

FINE = {
    **{f"given {what}": calls(FLAG, line) for what, line in _GIVEN.items()},
    "inverted, given the mode": calls(
        INVERTED, "return drop_add(x, x, deterministic=not self.training)"
    ),
    "static method that gets a rate that follows": calls(
        STATIC, "return Ops.drop(x, 0.5 if self.training else 0.0)", imports=OPS
    ),
    "static method of another class of the name": calls(
        STATIC + "\n\nclass Other:\n    @staticmethod\n    def drop(x, p):\n        return x\n",
        "return Other.drop(x, 0.5)",
        imports="from .ops import Other",
    ),
    "static method that something else takes the place of": calls(
        STATIC + "    drop = print\n", "return Ops.drop(x, 0.5)", imports=OPS
    ),
    "static method with a flag, given": calls(
        FLAGGED, "return Ops.drop_rows(x, 0.5, self.training)", imports=OPS
    ),
    "kept on self, for train mode": KEPT % ("", "return self.act(x, 0.5) if self.training else x"),
    "kept on self, with nothing to drop": KEPT % ("", "return self.act(x, 0.0)"),
    "only in train mode": calls(
        FLAG, "if self.training:", "    x = drop_add(x, x)", "return x"
    ),
    "behind an early return": calls(
        FLAG, "if not self.training:", "    return x", "return drop_add(x, x)"
    ),
    "off by default": calls(FLAG.replace("=True", "=False"), "return drop_add(x, x)"),
    "unknown by default": calls(FLAG.replace("=True", "=None"), "return drop_add(x, x)"),
    "no drop in it": calls("def drop_add(x, y, training=True):\n    return x\n",
                           "return drop_add(x, x)"),
    "a mode that decides nothing": calls(
        "def drop_add(x, training=True, p=0.0):\n    return F.dropout(x, p, training)\n",
        "return drop_add(x)",
    ),
    "a mode by name": calls(
        "def drop_add(x, y, mode='train'):\n    return F.dropout(x, 0.1, mode == 'train')\n",
        "return drop_add(x, x)",
    ),
    "bound again": calls(
        FLAG, "drop_add = self.add", "return drop_add(x, x)",
    ),
    "another function of the name": calls(
        "def drop_add(x, y, training=True):\n    return x\n",
        "return drop_add(x, x)",
    ) + f"== pkg/other.py\n{HEAD}{FLAG}",
    "no module": calls(FLAG, "return x") + "== pkg/augment.py\nfrom .ops import drop_add\n\n\n"
    "class DropPixels:\n    def __call__(self, x):\n        return drop_add(x, x)\n",
    "in a training step": calls(FLAG, "return x") + f"== pkg/lit.py\nfrom .ops import drop_add\n"
    f"{HEAD}class Lit(nn.Module):\n    def training_step(self, x):\n"
    "        return drop_add(x, x)\n",
    "meant to be random": calls(FLAG, "return x") + f"== pkg/mc.py\nfrom .ops import drop_add\n"
    f"{HEAD}class MCDropoutNet(nn.Module):\n    def forward(self, x):\n"
    "        return drop_add(x, x)\n",
    "near, given the mode": alone(f"""{CHAIN}
class Net(nn.Module):
    def forward(self, x):
        return drop_norm(x, x, self.training)
"""),
    "near, nobody gives it": alone("""class Net(nn.Module):
    def attend(self, x, training=True):
        return F.dropout(x, 0.1, training)

    def forward(self, x):
        return x
"""),
    "near, the flag goes through a method": alone("""class Net(nn.Module):
    def attend(self, x, training=True):
        return F.dropout(x, 0.1, training)

    def forward(self, x, training=True):
        return self.attend(x, training)
"""),
    "near, handed on": alone("""class Net(nn.Module):
    def attend(self, x, training=True):
        return F.dropout(x, 0.1, training)

    def forward(self, x):
        return checkpoint(self.attend, x, self.training)
"""),
    # --- modules that a function builds ---
    "built for the constructor": "== pkg/__init__.py\n== pkg/ops.py\n" + HEAD + MAKE
    + f"== pkg/net.py\nfrom .ops import make_dropout\n{HEAD}class Net(nn.Module):\n"
    "    def __init__(self):\n        super().__init__()\n"
    "        self.drop = make_dropout(0.1)\n"
    "        self.rest = nn.Sequential(nn.Linear(2, 2), make_dropout(0.1))\n\n"
    "    def forward(self, x):\n        return self.drop(x)\n",
    "built and switched": calls(
        MAKE,
        "return make_dropout(0.5).train(self.training)(x)",
        imports="from .ops import make_dropout",
    ),
    "built in eval mode": calls(
        "def make_dropout(p):\n    return nn.Dropout(p).eval()\n",
        "return make_dropout(0.5)(x)",
        imports="from .ops import make_dropout",
    ),
    "perhaps built": calls(
        "def make_dropout(p, other):\n    return nn.Dropout(p) if p else other\n",
        "return make_dropout(0.5, self.other)(x)",
        imports="from .ops import make_dropout",
    ),
    # --- functions that know nothing ---
    "nobody calls it": calls(f"{FUNCTIONAL}\n", "return x"),
    "only tests call it": calls(f"{FUNCTIONAL}\n", "return x")
    + f"== pkg/tests/test_ops.py\nfrom ..ops import attend\n{HEAD}class Net(nn.Module):\n"
    "    def forward(self, x):\n        return attend(x, 0.1)\n",
    "no module calls it": calls(f"{FUNCTIONAL}\n", "return x")
    + "== pkg/loop.py\nfrom .ops import attend\n\n\ndef loop(x):\n    return attend(x, 0.1)\n",
    "a prenet calls it": calls(f"{FUNCTIONAL}\n", "return x")
    + f"== pkg/tts.py\nfrom .ops import attend\n{HEAD}class Prenet(nn.Module):\n"
    "    def forward(self, x):\n        return attend(x, 0.5)\n",
    "called in train mode": calls(
        f"{FUNCTIONAL}\n", "return attend(x, 0.1) if self.training else x", imports=USES_IT
    ),
    "called with a rate that follows": calls(
        f"{FRESH}\n", "return attend(x, 0.1 if self.training else 0.0)", imports=USES_IT
    ),
    "called with a rate of the caller's": calls(
        f"{FUNCTIONAL}\n", "return attend(x, y)", imports=USES_IT
    ),
    "called with no rate": calls(f"{FRESH}\n", "return attend(x, 0)", imports=USES_IT),
    "another of its name is called": calls(
        f"{FUNCTIONAL}\n", "return attend(x, 0.1)", imports="from .mine import attend"
    )
    + "== pkg/mine.py\ndef attend(x, p):\n    return x\n",
    "it takes a mode": calls(
        "def attend(x, p, phase):\n    return x if phase == 2 else F.dropout(x, p)\n",
        "return attend(x, 0.1, 1)",
        imports=USES_IT,
    ),
    "in another project": f"== one/pyproject.toml\n== one/ops.py\n{HEAD}{FUNCTIONAL}\n"
    f"== two/pyproject.toml\n== two/net.py\nfrom ops import attend\n{HEAD}"
    "class Net(nn.Module):\n    def forward(self, x):\n        return attend(x, 0.1)\n",
}  # fmt: skip
