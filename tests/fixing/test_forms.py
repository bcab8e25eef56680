"""The form that a fix takes: as the rest of the class has it, and with the names that it has."""

from __future__ import annotations

import pytest
from support.linting import fixed, run

from dropout_lint.diagnostics import Safety

NET = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, dropout=0.1, keep=0.8):
        super().__init__()
        self.fc = nn.Linear(8, 8)
{init}
    def forward(self, x):
{forward}
"""


def net(forward: str, init: str = "") -> str:
    def indented(text: str) -> str:
        return "".join(f"        {line}\n" for line in text.splitlines())

    return NET.format(init=indented(init), forward=indented(forward).rstrip())


# --- a rate that is the share to keep ---------------------------------------------------------


@pytest.mark.parametrize(
    ("init", "rate"),
    [
        ("self.keep_prob = keep", "self.keep_prob"),
        ("self.dropout_keep_prob = keep", "self.dropout_keep_prob"),
        ("self.p = keep_rate = keep", "self.p"),
        ("self.opt = {'keep_prob': keep}", "self.opt['keep_prob']"),
        ("self.cfg = keep", "self.cfg.keepProb"),
        ("self.p_keep = keep", "p=self.p_keep"),
        ("self.survival_rate = keep", "self.survival_rate if x.size(0) else 0.5"),
    ],
)
@pytest.mark.parametrize("call", ["F.dropout(x, {rate})", "nn.Dropout({rate})(x)"])
def test_share_to_keep_is_said_and_its_fix_is_unsafe(init: str, rate: str, call: str) -> None:
    (found,) = run(net(f"return {call.format(rate=rate)}", init)).diagnostics
    assert "lands in the place of `p`, the share that is dropped" in found.message
    assert {fix.safety for fix in (found.fix, *found.alternatives) if fix} <= {Safety.UNSAFE}


@pytest.mark.parametrize(
    ("init", "rate"),
    [
        ("self.keep_prob = keep", "1 - self.keep_prob"),
        ("self.p = 1.0 - keep", "self.p"),
        ("self.keep_dropout = dropout", "self.keep_dropout"),
        ("self.keeper = dropout", "self.keeper"),
        ("self.p = dropout", "self.p"),
    ],
)
def test_share_to_drop_is_fixed_unasked(init: str, rate: str) -> None:
    (found,) = run(net(f"return F.dropout(x, {rate})", init)).diagnostics
    assert "lands" not in found.message
    assert found.fix is not None and found.fix.safety is Safety.SAFE


# --- what the neighbours do -------------------------------------------------------------------


def test_class_that_passes_the_flag_gets_the_flag() -> None:
    other = "F.dropout(self.fc(x), 0.3, training=self.training)"
    text = fixed(net(f"x = F.dropout(x, 0.3)\nreturn {other}"))
    assert "x = F.dropout(x, 0.3, training=self.training)" in text


@pytest.mark.parametrize(
    "neighbour",
    [
        "F.dropout(x, 0.3, training=True)",
        "F.scaled_dot_product_attention(x, x, x)",
        "F.alpha_dropout(x, 0.3, False)",
    ],
)
def test_neighbour_that_does_not_follow_the_mode_is_no_example(neighbour: str) -> None:
    text = fixed(net(f"x = F.dropout(x, 0.3)\nreturn {neighbour}"))
    assert "x = self.dropout(x)" in text


def test_class_with_a_dropout_module_gets_a_module() -> None:
    other = "F.dropout(self.drop(x), 0.3, training=self.training)"
    text = fixed(net(f"x = F.dropout(x, 0.2)\nreturn {other}", "self.drop = nn.Dropout(0.1)"))
    assert "x = self.drop2(x)" in text


# --- names ------------------------------------------------------------------------------------

OTHER = """

class Other(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.dropout = nn.Dropout(p)

    def forward(self, x):
        return self.dropout(x)
"""


@pytest.mark.parametrize("other", ["", OTHER])
def test_module_beside_a_rate_is_called_a_layer(other: str) -> None:
    code = net("return F.dropout(x, self.dropout)", "self.dropout = dropout") + other
    assert "return self.dropout_layer(x)" in fixed(code)


def test_second_module_has_a_number() -> None:
    code = net("return self.dropout(F.dropout(x, 0.2))", "self.dropout = nn.Dropout(dropout)")
    assert "return self.dropout(self.dropout2(x))" in fixed(code)


# --- a flag in the place of the rate ----------------------------------------------------------


@pytest.mark.parametrize(
    ("init", "forward", "want"),
    [
        ("self.dropout = dropout", "return F.dropout(x, self.training)",
         "F.dropout(x, self.dropout, training=self.training)"),
        ("self.drop_rate = dropout", "return F.dropout(x, p=self.training)",
         "F.dropout(x, p=self.drop_rate, training=self.training)"),
        ("self.dropout, self.attn_drop = dropout, 0.5",
         "if self.attn_drop > 0:\n    x = F.dropout(x, self.training)\nreturn x",
         "F.dropout(x, self.attn_drop, training=self.training)"),
        ("self.dropout, self.attn_drop = dropout, 0.5", "return F.dropout(x, self.training)",
         "F.dropout(x, training=self.training)"),
        ("self.drop = nn.Dropout(dropout)", "return F.dropout(self.drop(x), self.training)",
         "F.dropout(self.drop(x), training=self.training)"),
        ("self.dropout = dropout", "return self.dropout(F.dropout(x, self.training))",
         "F.dropout(x, training=self.training)"),
        ("self.drop_last = True", "return F.dropout(x, self.training)",
         "F.dropout(x, training=self.training)"),
    ],
)  # fmt: skip
def test_flag_as_rate_gets_the_rate_that_is_stored(init: str, forward: str, want: str) -> None:
    code = net(forward, init)
    assert want in fixed(code, unsafe_fixes=True)
    assert fixed(code) == code
