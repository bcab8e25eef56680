"""The help text of a fix has the article that its construction is read with."""

from __future__ import annotations

import pytest
from support.linting import run

MODEL = """\
import torch
import torch.nn.functional as F
{spelled}


class Net({base}.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        return F.dropout(x, self.p)
"""


@pytest.mark.parametrize(
    ("spelled", "base", "built"),
    [
        ("from torch import nn", "nn", "an `nn.Dropout(self.p)`"),
        ("import torch.nn as tnn", "tnn", "a `tnn.Dropout(self.p)`"),
        ("from torch import nn as layers", "layers", "a `layers.Dropout(self.p)`"),
        ("", "torch.nn", "a `torch.nn.Dropout(self.p)`"),
        ("from torch.nn import Dropout", "torch.nn", "a `Dropout(self.p)`"),
        ("from torch.nn import Dropout as Off", "torch.nn", "an `Off(self.p)`"),
    ],
)
def test_article(spelled: str, base: str, built: str) -> None:
    code = MODEL.format(spelled=spelled, base=base)
    (diagnostic,) = run(code).diagnostics
    assert diagnostic.fix is not None
    assert f", {built} built in `__init__`" in diagnostic.fix.message
