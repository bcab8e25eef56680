"""What a base of the project does for its subclasses."""

from __future__ import annotations

import pytest
from support.packages import BASE, COMMON, F, Write, codes, net

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import fix


def inherited(write: Write, base: str, call: str, more: str = "") -> list[str]:
    root = write(
        {
            "pkg/__init__.py": "",
            "pkg/base.py": "import torch.nn.functional as F\nfrom torch import nn\n\n\n"
            f"class Base(nn.Module):\n{base}\n",
            "pkg/net.py": net(F + "from .base import Base", call=call, more=more),
        }
    )
    return codes(root / "pkg/net.py")


INIT = "    def __init__(self, p=0.1):\n        super().__init__()\n"


def test_a_rate_that_the_base_sets_to_zero_drops_nothing(write: Write) -> None:
    call = "F.dropout(x, self.p)"
    assert inherited(write, f"{INIT}        self.p = 0.0", call) == []
    assert inherited(write, "    p = 0", call) == []
    assert inherited(write, f"{INIT}        self.p = 0.1", call) == ["DRP001"]
    assert inherited(write, f"{INIT}        self.p = p", call) == ["DRP001"]
    assert inherited(write, f"{INIT}        self.p = -0.0", call) == []


def test_a_rate_that_the_base_changes_is_not_settled_here(write: Write) -> None:
    call = "F.dropout(x, self.p)"
    here = "    p = 0.0\n\n"
    assert inherited(write, "    pass", call, here) == []
    assert inherited(write, f"{INIT}        self.p = 0.5", call, here) == ["DRP001"]
    setter = "    def set(self, p):\n        self.p = 0"
    assert inherited(write, setter, call, here) == ["DRP001"]
    named = f"{INIT}        setattr(self, 'p', p)"
    assert inherited(write, named, call, here) == ["DRP001"]
    assert inherited(write, f"{INIT}        self.p, self.q = p, 0", call, here) == ["DRP001"]
    looped = f"{INIT}        for self.p in (0.1, 0.2):\n            pass"
    assert inherited(write, looped, call, here) == ["DRP001"]
    assert inherited(write, "    @property\n    def p(self):\n        return 1", call, here) == [
        "DRP001"
    ]


def test_a_method_taken_for_the_mode_is_found_under_a_known_base(write: Write) -> None:
    call = "F.dropout(x, 0.1, self.train)"
    assert inherited(write, "    pass", call) == ["DRP011"]
    # Where the base makes something else of the name, it is that.
    assert inherited(write, f"{INIT}        self.train = False", call) == []
    flag = "    @property\n    def train(self):\n        return self.training"
    assert inherited(write, flag, call) == []


LAYER = """
import torch.nn.functional as F
from torch import nn


class OwnDropout(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.1, {flag})


class PlainDropout:
    def forward(self, x):
        return F.dropout(x, 0.1, self.training)
"""


@pytest.mark.parametrize(
    ("flag", "kept", "wanted"),
    [
        ("self.training", "[OwnDropout() for _ in range(2)]", ["DRP006"]),
        ("self.training", "[nn.Sequential(nn.ReLU(), OwnDropout())]", ["DRP006"]),
        ("self.training", "nn.ModuleList([OwnDropout()])", []),
        ("self.training", "[PlainDropout()]", []),
        ("False", "[OwnDropout()]", []),
    ],
)
def test_a_dropout_layer_of_the_project_in_a_list(
    flag: str, kept: str, wanted: list[str], write: Write
) -> None:
    root = write(
        {
            "pack/__init__.py": "",
            "pack/layers.py": LAYER.format(flag=flag),
            "pack/net.py": "from torch import nn\n"
            "from .layers import OwnDropout, PlainDropout\n\n\n"
            "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
            f"        self.drops = {kept}\n\n    def forward(self, x):\n"
            "        for drop in self.drops:\n            x = drop(x)\n        return x\n",
        }
    )
    assert codes(root / "pack" / "net.py") == wanted


def test_an_override_of_train_in_the_base_keeps_the_mode(write: Write) -> None:
    base = "    def train(self, mode=True):\n        super().train(mode)\n        return self"
    assert inherited(write, base, "F.dropout(x, 0.1)") == ["DRP001"]
    assert inherited(write, base, "F.dropout(x, 0.1, self.training)") == []
    assert inherited(write, base, "F.dropout(x, 0.1 if self.training else 0.0)") == []
    assert inherited(write, base, "F.dropout(x, 0.1, self.train)") == ["DRP011"]


def test_what_the_base_sets_by_the_mode_is_its_decision(write: Write) -> None:
    call = "F.dropout(x, self.now)"
    head = f"{INIT}        self.p = self.now = p\n\n"
    train = "    def train(self, mode=True):\n        self.now = self.p if mode else 0.0\n"
    again = "        return super().train(mode)\n"
    assert inherited(write, head + train + again, call) == []
    hook = "    def before(self):\n        self.now = self.p if self.training else 0.0\n"
    assert inherited(write, head + hook, call) == []
    other = "    def before(self):\n        self.now = self.p\n"
    assert inherited(write, head + other, call) == ["DRP001"]


def test_a_training_loop_of_the_base_is_the_projects_own_protocol(write: Write) -> None:
    base = "    def train(self, batches, epochs):\n        return [self(b) for b in batches]"
    more = "    def train(self):\n        super().train(self.batches, 3)\n\n"
    call = "F.dropout(x, 0.1, self.training)"
    assert inherited(write, base, call, more) == []
    assert inherited(write, "    pass", call, more) == ["DRP007"]


def test_a_function_that_the_base_keeps_on_self_is_not_followed(write: Write) -> None:
    assert inherited(write, f"{INIT}        self.drop = F.dropout", "self.drop(x, 0.5)") == []


def test_a_module_is_named_as_the_base_is_where_a_star_brings_both(write: Write) -> None:
    head = "from .common import *\n\n\nclass Net(nn.Module):\n    def __init__(self):\n"
    body = "        super().__init__()\n        self.fc = nn.Linear(8, 8)\n\n"
    drop = "    def forward(self, x):\n        return self.fc(F.dropout(x, 0.5))\n"
    package = {"pkg/__init__.py": "", "pkg/common.py": COMMON, "pkg/net.py": head + body + drop}
    path = write(package) / "pkg" / "net.py"
    fixed = fix(Source.decode(path.read_bytes(), str(path)), Settings()).text
    assert "self.dropout = nn.Dropout(0.5)" in fixed and "F.dropout" not in fixed


def test_the_module_form_is_used_where_the_base_shows_that_it_takes_modules(write: Write) -> None:
    code = net(F + "from torch import nn\nfrom .base import Base",
               more="    def __init__(self):\n        super().__init__()\n\n")  # fmt: skip
    root = write({"pkg/__init__.py": "", "pkg/base.py": BASE, "pkg/net.py": code})
    fixed = fix(Source.read(str(root / "pkg/net.py")), Settings()).text
    assert "        super().__init__()\n        self.dropout = nn.Dropout(0.5)\n" in fixed
    assert "return self.dropout(x)" in fixed
    assert codes(root / "pkg/net.py") == ["DRP001"]
