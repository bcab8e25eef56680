"""What counts as evidence that a drop in eval mode is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import lint

HEAD = "import torch.nn.functional as F\nfrom torch import nn\n"
TOLD = "F.dropout(x, self.p, training=True)"
REPLACED = "the comment keeps the flag that `True` took the place of"


def layer(base: str, call: str = TOLD, name: str = "Drop") -> str:
    return f"class {name}({base}):\n    def forward(self, x):\n        return {call}\n"


LAYER = "`Drop` is a dropout layer of its own, told to stay on"
# Code, and why its drop is wanted; None: nothing says so.
CODE = {
    "a dropout layer": (layer("nn.Dropout"), LAYER),
    "what dropout layers derive from": (
        "from torch.nn.modules.dropout import _DropoutNd\n" + layer("_DropoutNd"),
        LAYER,
    ),
    "a dropout layer that another derives from": (
        "class Base(nn.Dropout2d):\n    pass\n" + layer("Base"),
        LAYER,
    ),
    "a dropout layer, told through a name": (
        "ON = True\n" + layer("nn.Dropout", "F.dropout(x, self.p, ON)"),
        LAYER,
    ),
    "a dropout layer, the wrong way round": (
        layer("nn.Dropout", "F.dropout(x, self.p, not self.training)"),
        None,
    ),
    "a dropout layer that forgot": (layer("nn.Dropout", "F.dropout(x, self.p)"), None),
    "a layer that is called dropout": (
        layer("nn.Module", name="GDropout"),
        LAYER.replace("Drop", "GDropout", 1),
    ),
    "one that does more": (
        layer("nn.Module", TOLD.replace("x,", "x.transpose(1, 2),"), "SpatialDropout"),
        None,
    ),
    "one that forgot": (layer("nn.Module", "F.dropout(x, self.p)", "GDropout"), None),
    "a network with dropout": (
        layer("nn.Module", TOLD, "DropoutNet").replace("ret", "x = self.fc(x)\n        ret"),
        None,
    ),
    "another layer": (layer("nn.Linear"), None),
    "the flag in a comment": (layer("nn.Module", f"{TOLD}  # self.training)"), REPLACED),
    "the argument in a comment": (layer("nn.Module", f"{TOLD}  #training=self.training"), REPLACED),
    "another remark on the flag": (layer("nn.Module", f"{TOLD}  # not self.training"), None),
    "the flag in a comment, and none in the call": (
        layer("nn.Module", "F.dropout(x, self.p)  # self.training"),
        None,
    ),
}  # fmt: skip

LEFT = "F.dropout(x, self.p)"


def lines(*body: str, head: str = "class Net(nn.Module):") -> str:
    """A class whose `forward` has these lines."""
    return f"{head}\n    def forward(self, x):\n" + "".join(f"        {b}\n" for b in body)


def said(what: str) -> str:
    return f"{what} says so"


SWITCH = """

def enable_dropout(net):
    for m in net.modules():
        if m.__class__.__name__.startswith("Dropout"):
            m.train()
"""
KEPT = """

class Kept(nn.Module):
    def __init__(self):
        super().__init__()
        self.d = nn.Dropout(0.5)

    def eval(self):
        super().eval()
        self.d.train()
        return self
"""
PRENET_RATE = "prenet_out = F.dropout(x, self.prenet_p{})"
CODE |= {
    "the name that gets it": (
        lines(f"prenet_out = {TOLD}", "return prenet_out"),
        said("the name `prenet_out`"),
    ),
    "the name that gets it, of a missing flag": (
        lines(f"prenet_out = {LEFT}", "return prenet_out"),
        None,
    ),
    "the name that gets it, and that of the rate": (
        lines(PRENET_RATE.format(""), "return prenet_out"),
        said("the name `prenet_out`") + "; " + said("the rate's name `prenet_p`"),
    ),
    "a rate for dropout at inference": (
        lines("return F.dropout(x, self.mcdo_rate)"),
        said("the rate's name `mcdo_rate`"),
    ),
    "a comment above the lines": (
        lines("# Pre-Net", "x = self.fc(x)", "if self.p:", f"    x = {TOLD}", "return x"),
        "the comment says so: Pre-Net",
    ),
    "a comment above the lines, of a missing flag": (
        lines("# Pre-Net", "x = self.fc(x)", f"x = {LEFT}", "return x"),
        None,
    ),
    "a comment above the lines that says all": (
        lines("# keep dropout at test time", "x = self.fc(x)", f"x = {LEFT}", "return x"),
        "the comment above says so: keep dropout at test time",
    ),
    "a comment above other lines": (
        lines("# keep dropout at test time", "x = self.fc(x)", "", f"x = {LEFT}", "return x"),
        None,
    ),
    "a comment in another block": (
        lines("if self.p:", "    # MC dropout", "    x = x + 1", f"return {TOLD}"),
        None,
    ),
    "a comment that denies it": (
        lines("# no MC dropout here", "x = self.fc(x)", f"x = {TOLD}", "return x"),
        None,
    ),
    "a comment that is about something else": (
        lines("# a sparenetwork", "x = self.fc(x)", f"x = {TOLD}", "return x"),
        None,
    ),
    "stochastic forward passes": (
        lines(f"return {LEFT}  # for T stochastic forward passes"),
        "the comment says so: for T stochastic forward passes",
    ),
    "a docstring of the class": (
        lines(f"return {LEFT}", head='class Net(nn.Module):\n    """Epistemic, by dropout."""'),
        said("the docstring of `Net`"),
    ),
    "an aleatoric head": (
        lines(f"return {TOLD}", head="class AleatoricNet(nn.Module):"),
        said("the name `AleatoricNet`"),
    ),
    "an aleatoric head that forgot": (
        lines(f"return {LEFT}", head="class AleatoricNet(nn.Module):"),
        None,
    ),
    "a helper switches dropout on": (
        lines(f"return {TOLD}") + SWITCH,
        "`enable_dropout` switches dropout on for eval mode",
    ),
    "a helper switches dropout on, and the flag is missing": (
        lines(f"return {LEFT}") + SWITCH,
        None,
    ),
    "another class keeps its dropout on": (
        lines(f"return {TOLD}") + KEPT,
        "`Kept.eval` switches dropout on for eval mode",
    ),
}

VIEWS = """
def disturb(x, p=0.3):
    x = F.dropout(x, p)
    return x


class Net(nn.Module):
    def forward(self, features):
        aux1_in = [noise(f) for f in features]
        aux2_in = [disturb(f) for f in features]
        aux3_in = [mask(f) for f in features]
        return self.head(aux1_in), self.head(aux2_in), self.head(aux3_in)
"""
SEVERAL = "what calls it in eval mode makes several numbered views of one input"
CODE |= {
    "one of three views": (VIEWS, SEVERAL),
    "one of three views, of one tensor": (
        VIEWS.replace("[", "").replace(" for f in features]", "").replace("(f)", "(features)"),
        SEVERAL,
    ),
    "two views": (VIEWS.replace("aux3_in", "other"), None),
    "views of several inputs": (
        VIEWS.replace("mask(f) for f in features", "mask(f) for f in g"),
        None,
    ),
    "also elsewhere": (
        VIEWS.replace("return self", "features = disturb(features)\n        return self"),
        None,
    ),
    "views, and in train mode elsewhere": (
        VIEWS.replace(
            "        return self",
            "        if self.training:\n            x = disturb(features)\n        return self",
        ),
        SEVERAL,
    ),
}


@pytest.mark.parametrize(("code", "why"), CODE.values(), ids=list(CODE))
def test_what_says_that_a_drop_is_wanted(code: str, why: str | None, tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text(HEAD + code, encoding="utf-8")
    assert reasons(path) == [why]


# A file in a project, and why a drop in it is wanted: where the flag is written True, and where
# there is none. A missing flag needs a file that is named after dropout at inference itself.
MC = "the module's name `{}` says so"
FILES = {
    "net.py": (None, None),
    "mc_dropout.py": (MC.format("mc_dropout"),) * 2,
    "net_mcdo_block.py": (MC.format("net_mcdo_block"),) * 2,
    "macdonald.py": (None, None),
    "bayesian.py": (MC.format("bayesian"), None),
    "lib/bayesian/__init__.py": ("the module's name `bayesian` says so", None),
    "lib/bayesian/net.py": ("the module's name `bayesian` says so", None),
    "bayesian_nets/net.py": ("the folder's name `bayesian_nets` says so", None),
    "mc_dropout/net.py": ("the folder's name `mc_dropout` says so", None),
    "bayesian_nets/bayesian.py": (MC.format("bayesian"), None),
}


@pytest.mark.parametrize(("name", "told", "missing"), [(k, *v) for k, v in FILES.items()])
def test_the_name_of_the_module(
    name: str, told: str | None, missing: str | None, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in ("lib", "lib/bayesian"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "__init__.py").touch()
    for call, why in ((TOLD, told), ("F.dropout(x, self.p)", missing)):
        path.write_text(HEAD + layer("nn.Module", call, "Net"), encoding="utf-8")
        assert reasons(path) == [why]


def reasons(path: Path) -> list[str | None]:
    report = lint(Source.read(str(path)), Settings())
    return [found.intentional for found in (*report.diagnostics, *report.intentional)]


INSIDE = """\
{outer}:
    {inner}:
        class Operator(nn.Module):
            def forward(self, x):
                return F.dropout(x)
"""


@pytest.mark.parametrize(
    ("outer", "inner", "test"),
    [
        ("class Cases(unittest.TestCase)", "def test_dropout(self)", "test_dropout"),
        ("def test_dropout()", "if True", "test_dropout"),
        ("class TestDropout", "def build(self)", "TestDropout"),
        ("class DropoutTest(Base)", "def build(self)", "DropoutTest"),
        ("def testify(x)", "if True", None),
        ("class Latest", "def contest(self)", None),
    ],
)
def test_a_module_made_inside_a_test_tries_an_operator(
    outer: str, inner: str, test: str | None
) -> None:
    text = HEAD + INSIDE.format(outer=outer, inner=inner)
    report = lint(Source("test.py", text), Settings())
    if test is None:
        assert [d.code for d in report.diagnostics] == ["DRP001"]
    else:
        why = [d.intentional for d in report.intentional]
        assert why == [f"it is made inside the test `{test}`"]
