"""A module that is built at its call becomes a call of the function, with an import if need be."""

from __future__ import annotations

import pytest
from fixing.test_wrong_fixes import assert_same_behaviour
from support.linting import fixed

NET = """\
{imports}


class Net(nn.Module):
    def __init__(self, rates=(0.25, 0.5)):
        super().__init__()
        self.rates, self.rate = rates, 0.3
        self.fc = nn.Linear(8, 8)

    def forward(self, x):
        for p in self.rates:
            x = {call}
        return x
"""
USUAL = "from torch import nn"


def net(call: str, imports: str = USUAL) -> str:
    return NET.format(call=call, imports=imports)


@pytest.mark.models
@pytest.mark.parametrize(
    ("call", "want"),
    [
        ("nn.Dropout(p)(x)", "F.dropout(x, p, training=self.training)"),
        ("nn.Dropout(p=p)(self.fc(x))", "F.dropout(self.fc(x), p=p, training=self.training)"),
        ("nn.Dropout(p)(x + 1)", "F.dropout(x + 1, p, training=self.training)"),
        ("nn.AlphaDropout(p)(x)", "F.alpha_dropout(x, p, training=self.training)"),
        (
            "nn.Dropout(p, True)(self.fc(x))",
            "F.dropout(self.fc(x), p, training=self.training, inplace=True)",
        ),
        (
            "nn.Dropout(p, inplace=False)(x)",
            "F.dropout(x, p, training=self.training, inplace=False)",
        ),
        (
            "nn.Dropout(p)(\n                self.fc(x)\n            )",
            "F.dropout(\n                self.fc(x),\n                p, training=self.training\n"
            "            )",
        ),
    ],
)
def test_function_takes_its_place(call: str, want: str) -> None:
    pytest.importorskip("torch", reason="executing the models needs torch")
    code = net(call)
    text = fixed(code)
    assert text == net(want, f"import torch.nn.functional as F\n{USUAL}")
    assert_same_behaviour(code, text)


@pytest.mark.parametrize(
    ("imports", "want"),
    [
        ("import torch\nfrom torch import nn", "import torch\nimport torch.nn.functional as F\n"),
        ("import torch.nn as nn", "import torch.nn as nn\nimport torch.nn.functional as F\n"),
        (
            '"""Doc."""\nfrom __future__ import annotations\nfrom torch import nn',
            "annotations\nimport torch.nn.functional as F\nfrom torch import nn\n",
        ),
        ("from torch import nn\nfrom torch.nn import functional as TF", "x = TF.dropout(x, p,"),
        ("from torch import nn\nF = 5", "x = nn.functional.dropout(x, p,"),
        ("from torch import nn\ndef f(F):\n    return F", "x = nn.functional.dropout(x, p,"),
        ("import torch\nfrom torch import nn\nfrom os.path import *", "x = nn.functional.drop"),
        ("from torch import nn\nif nn:\n    import torch", "import torch.nn.functional as F\nfrom"),
    ],
)
def test_import_is_added_where_it_is_needed(imports: str, want: str) -> None:
    assert want in fixed(net("nn.Dropout(p)(x)", imports))


@pytest.mark.parametrize(
    "call",
    [
        "nn.Dropout(self.rates[0] * p)(self.fc(x))",
        "nn.Dropout(p := 0.5)(x)",
        "nn.Dropout(p)((p := self.fc(x)))",
        "nn.Dropout(  # as ever\n                p\n            )(x)",
    ],
)
def test_rate_that_may_be_another_after_the_input_keeps_the_module(call: str) -> None:
    text = fixed(net(call))
    assert ".train(self.training)" in text and "functional" not in text


def test_two_calls_share_the_import() -> None:
    text = fixed(net("nn.Dropout(p)(nn.Dropout2d(p)(x))"))
    assert text.count("import torch.nn.functional as F") == 1
    assert text.count(", training=self.training)") == 2
