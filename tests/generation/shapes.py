"""Tables: how torch is imported, what the class is like, how its file is laid out."""

# ruff: noqa: E501 - rows of tables

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .grammar import Form

# --- imports -----------------------------------------------------------------------------------

_USUAL = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


@dataclass(frozen=True)
class Imports(Form):
    """A way to import torch: what stands before the names of each of its modules.

    A ``text`` with ``{nn}`` or ``{F}`` imports the names one by one; ``alias`` renames those of F.
    ``files`` are other files of the package that it takes.
    """

    F: str = "F."
    nn: str = "nn."
    torch: str = "torch."
    alias: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


IMPORTS = [
    Imports("usual", _USUAL, 6),
    Imports("from torch", "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"),
    Imports("torch only", "import torch\n", F="torch.nn.functional.", nn="torch.nn."),
    Imports("assigned", "import torch\nfrom torch import nn\n\nF = nn.functional\n"),
    Imports("star of nn", "import torch\nfrom torch.nn import *\n", F="functional.", nn=""),
    Imports("other names", "import torch as t\nimport torch.nn.functional as fun\nimport torch.nn as N\n",
            F="fun.", nn="N.", torch="t."),
    Imports("stars", "import torch\nfrom torch.nn import *\nfrom torch.nn.functional import *\n",
            F="", nn=""),
    Imports("one by one", "import torch\nfrom torch.nn import {nn}\n{F}", F="", nn=""),
    Imports("one by one, renamed", "import torch\nfrom torch.nn import {nn}\n{F}", F="", nn="",
            alias="my_"),
    Imports("in a try", "try:\n    import torch\n    import torch.nn as nn\n"
            "    import torch.nn.functional as F\nexcept ImportError:\n    torch = None\n"),
    Imports("from the project", "from .common import *\n", files={"common.py": _USUAL}),
    Imports("from the project, by name", "from .common import F, nn, torch\n",
            files={"common.py": _USUAL}),
    Imports("of the project", "import torch\nfrom pkg import common\n", F="common.F.",
            nn="common.nn.", files={"common.py": _USUAL}),
]  # fmt: skip

# --- the class ---------------------------------------------------------------------------------

_INIT = "def __init__($self, p=0.5):\n    super().__init__()\n    %init\n"
_FORWARD = "def forward($self, x):\n    %body\n    return RESULT\n"
_BASE = "class Base(@nn.Module):\n    def __init__($self):\n        super().__init__()\n"


@dataclass(frozen=True)
class Shape(Form):
    """What the class looks like: ``text`` with the blocks %attribute, %init, %method, %body.

    ``unfit`` are words that must not be in the statements of ``__init__``; "any" stands for any
    statement at all. ``entry`` is what builds the model, if not the class ``NAME`` itself.
    """

    unfit: tuple[str, ...] = ()
    entry: str = "NAME"
    tensor_only: bool = False  # it goes on with what its forward returns
    files: Mapping[str, str] = field(default_factory=dict)


def _class(base: str = "@nn.Module", init: str = _INIT, forward: str = _FORWARD, more: str = "",
           methods_first: bool = True, decorator: str = "") -> str:  # fmt: skip
    members = ["%method", forward] if methods_first else [forward, "%method"]
    body = "\n".join(part for part in ("%attribute", init, *members, more) if part)
    lines = "\n".join("    " + line if line else line for line in body.split("\n"))
    return f"{decorator}class NAME({base}):\n{lines}\n"


# Functions of another file of the package.
_FAR = {
    "ops.py": """def plain_dropout(x):
    return @F.dropout(x, 0.5)


def rate_dropout(x, p):
    return @F.dropout(x, p)


def drop_add(x, y, p=0.1, training=True):
    return y + @F.dropout(x, p, training)


def drop_norm(x, y, training=True):
    return drop_add(x, y, training=training) / 2


def drop_unless(x, deterministic=False):
    if deterministic:
        return x
    return @F.dropout(x, 0.3)


def make_dropout(p):
    return @nn.Dropout(p)
"""
}
_FAR_IMPORT = (
    "from .ops import drop_add, drop_norm, drop_unless, make_dropout, plain_dropout, rate_dropout"
    "\n\n\n"
)


def _far(call: str) -> str:
    """A forward that ends in a call."""
    return _FORWARD.replace("    %body", f"    %body\n    x = {call}")


_MODULES = ("Dropout", "Linear", "ModuleList", "GRU", "Sequential")

SHAPES = [
    Shape("plain", _class(), 6),
    Shape("without __init__", _class(init=""), 6, unfit=("any",)),
    Shape("methods last", _class(methods_first=False), 3),
    Shape("super by name", _class(init=_INIT.replace("super()", "super(NAME, $self)"))),
    Shape("Module.__init__", _class(init=_INIT.replace("super().__init__()", "@nn.Module.__init__($self)"))),
    Shape("one-line super", _class(init=_INIT.replace("__init__()", "__init__(); $self.width = 8"))),
    Shape("docstring", '"""About."""\n\n\n' + _class(
        init='"""A net."""\n\n' + _INIT.replace("    super()", '    """Build it."""\n    super()'))),
    Shape("early return", _class(init=_INIT + "    if p < 0:\n        return\n    $self.width = 8\n")),
    Shape("early return, taken", _class(
          init=_INIT + "    if p > 0:\n        return\n    $self.width = 8\n"), 3),
    Shape("super last", _class(init="def __init__($self, p=0.5):\n    %init\n    super().__init__()\n"),
          unfit=_MODULES),
    Shape("options", _class(init=_INIT.replace("p=0.5", "p=0.5, *, width=8, **options"))),
    Shape("comments", _class(init=_INIT + "    # the end\n")),
    Shape("reset", _class(init=_INIT + "    $self.reset()\n",
          more="def reset($self):\n    for one in $self.parameters():\n        one.data.mul_(1.0)\n")),
    Shape("name is taken", _class(init=_INIT + "    $self.dropout = 0.5\n    $self.drop = None\n")),
    Shape("has a module", _class(init=_INIT + "    $self.dropout = @nn.Dropout(0.5)\n",
          forward=_FORWARD.replace("    %body", "    x = $self.dropout(x)\n    %body"))),
    Shape("base in the file", _BASE + "        $self.width = 8\n\n\n" + _class("Base")),
    Shape("base holds all but forward", _class("@nn.Module", forward="").replace("NAME", "Base")
          + "\n\nclass NAME(Base):\n" + "".join(f"    {line}\n" for line in _FORWARD.splitlines())),
    Shape("subclass goes on", _class().replace("NAME", "Base")
          + "\n\nclass NAME(Base):\n    def forward($self, x):\n"
            "        return super().forward(x) * 2\n", tensor_only=True),
    Shape("heir skips the constructor", _class().replace("NAME", "Base")
          + "\n\nclass NAME(Base):\n    def __init__($self):\n        @nn.Module.__init__($self)\n",
          5, unfit=("any",)),
    Shape("Sequential", _class("@nn.Sequential", _INIT.replace("__init__()", "__init__(@nn.Linear(8, 8))"))),
    Shape("Sequential, iterated", _class("@nn.Sequential",
          _INIT.replace("__init__()", "__init__(@nn.Linear(8, 8))"),
          _FORWARD.replace("    %body", "    for layer in $self:\n        x = layer(x)\n    %body")),
          unfit=("ModuleList", "GRU", "kept_", "table_")),
    Shape("Sequential, all of it", _class("@nn.Sequential",
          _INIT.replace("__init__()", "__init__(@nn.Linear(8, 8))"),
          _FORWARD.replace("    %body", "    x = super().forward(x)\n    %body")),
          unfit=("ModuleList", "GRU", "kept_", "table_")),
    Shape("Sequential, of Module.__init__", _class("@nn.Sequential",
          _INIT.replace("super().__init__()", "@nn.Module.__init__($self)\n    $self.first = @nn.Linear(8, 8)"),
          _FORWARD.replace("    %body", "    x = super().forward(x)\n    %body")), 4,
          unfit=("ModuleList", "GRU", "kept_", "table_")),
    Shape("children", _class(forward=_FORWARD.replace(
          "    %body", "    for layer in $self.children():\n        x = layer(x)\n    %body")),
          unfit=("ModuleList", "GRU", "kept_", "table_")),
    Shape("dataclass", "from dataclasses import dataclass\n\n\n" + _class(
          init="p: float = 0.5\n\ndef __post_init__($self):\n    super().__init__()\n    p = $self.p\n"
               "    $self.q = p\n    %init\n",
          decorator="@dataclass(eq=False)\n")),
    Shape("good override", _class(
          more="def train($self, mode=True):\n    super().train(mode)\n    return $self\n")),
    Shape("override returns nothing", _class(
          more="def train($self, mode=True):\n    super().train(mode)\n"), 1),
    Shape("override forgets", _class(more="def train($self, mode=True):\n    $self.told = mode\n    return $self\n"), 1),
    Shape("block", _class().replace("NAME", "Block") + "\n\nclass NAME(@nn.Module):\n"
          "    def __init__($self):\n        super().__init__()\n        $self.block = Block()\n\n"
          "    def forward($self, x):\n        return $self.block(x) + 1\n", tensor_only=True),
    Shape("another class", "class Other(@nn.Module):\n    def __init__($self):\n"
          "        super().__init__()\n        $self.drop = @nn.Dropout(0.1)\n\n"
          "    def forward($self, x):\n        return @F.dropout($self.drop(x), 0.2)\n\n\n" + _class(
          forward=_FORWARD.replace("    %body", "    %body\n    x = $self.other(x)"),
          init=_INIT + "    $self.other = Other()\n")),
    Shape("mixin", "class Dropping:\n    def shake($self, x):\n        return @F.dropout(x, 0.5)\n"
          "\n\n" + _class("Dropping, @nn.Module",
                          forward=_FORWARD.replace("    %body", "    x = $self.shake(x)\n    %body"))),
    Shape("in a function", "def build(p=0.5):\n" + "".join(
          f"    {line}\n" if line else "\n" for line in _class().splitlines())
          + "\n    return NAME(p)\n", entry="build"),
    Shape("base in another file", "from .base import Base\n\n\n" + _class("Base"),
          files={"base.py": _BASE}),
    Shape("base re-exported", "from pkg import Base as Net_\n\n\n" + _class("Net_"),
          files={"base.py": _BASE, "__init__.py": "from .base import Base\n"}),
    Shape("base by star", "from .base import *\n\n\n" + _class("Base"), files={"base.py": _BASE}),
    Shape("base of a base", "from .middle import Middle\n\n\n" + _class("Middle"),
          files={"base.py": _BASE, "middle.py": "from . import base\n\n\nclass Middle(base.Base):\n    pass\n"}),
    Shape("far function", _FAR_IMPORT + _class(forward=_far("plain_dropout(x)")), files=_FAR),
    Shape("far function of a rate", _FAR_IMPORT + _class(
          forward=_far("rate_dropout(x, 0.5 if $self.training else 0.0)")), files=_FAR),
    Shape("far function, told", _FAR_IMPORT + _class(
          forward=_far("drop_add(x, 1, training=$self.training)")), files=_FAR),
    Shape("far function, not told", _FAR_IMPORT + _class(forward=_far("drop_add(x, 1)")), 1,
          files=_FAR),
    Shape("far function, told a constant", _FAR_IMPORT + _class(
          forward=_far("drop_add(x, 1, 0.2, True)")), 1, files=_FAR),
    Shape("far function of a far function", _FAR_IMPORT + _class(
          forward=_far("drop_norm(x, 1, $self.training)")), files=_FAR),
    Shape("far function turned round", _FAR_IMPORT + _class(
          forward=_far("drop_unless(x, not $self.training)")), files=_FAR),
    Shape("far function if training", _FAR_IMPORT + _class(
          forward=_far("plain_dropout(x) if $self.training else x")), files=_FAR),
    Shape("far function that builds", _FAR_IMPORT + _class(
          forward=_far("make_dropout(0.5)(x)")), 1, files=_FAR),
    Shape("rate of a far base", "from .base import Base\n\n\n" + _class("Base", forward=_FORWARD.replace(
          "    %body", "    x = @F.dropout(x, $self.far)\n    %body")),
          files={"base.py": _BASE + "        $self.far = 0.5\n"}),
]  # fmt: skip

NAMES = [
    Form("Net", "Net", 30),
    Form("Prenet", "Prenet", 1),
    Form("MCDropoutNet", "MCDropoutNet", 1),
]
SELF = [Form("self", "self", 12), Form("this", "this", 1)]
RESULTS = [
    Form("x", "x", 6),
    Form("tuple", "x, x.sum()", 1),
    Form("dict", '{"x": x}', 1),
]
COUNTS = [Form("one", "1", 4), Form("two", "2", 4), Form("three", "3", 2)]

# --- the layout --------------------------------------------------------------------------------

ENDS = [
    Form("LF", "\n", 10),
    Form("CRLF", "\r\n"),
    Form("CR", "\r", 1),
]
INDENTS = [Form("four", "    ", 12), Form("tab", "\t"), Form("two", "  ")]
MARKS = [Form("none", "", 14), Form("byte order mark", "\ufeff", 1)]
HEADS = [Form("none", "", 8), Form("comment", "# \u00fcber\n"), Form("docstring", '"""A file."""\n'),
         Form("future", "from __future__ import annotations\n\n")]  # fmt: skip
TAILS = [Form("line end", "\n", 10), Form("none", "", 1)]
# What is put into some of the gaps between tokens, inside of brackets and outside.
SPACES = [
    Form("none", "", 16),
    Form("breaks", "\n      ", 1),
    Form("comments", "  # note\n    ", 1),
    Form("blanks", "  ", 1),
]
GAPS = [Form("no", "", 5), Form("yes", "yes", 1)]

TABLES = {
    "imports": IMPORTS, "shape": SHAPES, "name": NAMES, "own": SELF, "result": RESULTS,
    "count": COUNTS, "ends": ENDS, "indent": INDENTS, "mark": MARKS, "head": HEADS, "tail": TAILS,
    "space": SPACES, "gap": GAPS,
}  # fmt: skip
