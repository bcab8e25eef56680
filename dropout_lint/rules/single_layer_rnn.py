from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import Finding, Invalid, Rule
from dropout_lint.semantics.facts.recurrent import PARAMETERS, has_one_layer
from dropout_lint.semantics.model import SemanticModel


class RecurrentDropoutSingleLayer(Rule):
    """A recurrent layer gets a drop rate and has one layer only, so that it never drops.

    ## What it does

    Finds `nn.LSTM`, `nn.GRU` and `nn.RNN` with `dropout` and one layer, by default or as a constant
    that stands there.

    ## Why is this bad?

    `dropout` of a recurrent network acts between its layers, on the outputs of all but the last.
    With one layer there is no such place: the rate has no effect, and torch says so in a warning
    when the model is built. Whoever tunes it tunes nothing.

    ## Example

    ```python
    from torch import nn


    class Encoder(nn.Module):
        def __init__(self, p):
            super().__init__()
            self.lstm = nn.LSTM(32, 64, batch_first=True, dropout=p)
    ```

    ## Use instead

    ```python
    from torch import nn


    class Encoder(nn.Module):
        def __init__(self, p):
            super().__init__()
            self.lstm = nn.LSTM(32, 64, batch_first=True)
            self.dropout = nn.Dropout(p)

        def forward(self, x):
            return self.dropout(self.lstm(x)[0])
    ```

    or more layers, `num_layers=2`.

    ## Fix safety

    There is no fix: whether the output is to be dropped, or the rate to go, is for the author to
    say.

    ## When it is intentional

    Pass `dropout if num_layers > 1 else 0.0` where the number of layers varies.

    ## References

    - [torch.nn.LSTM](https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html)
    - [mead-baseline PR 40](https://github.com/mead-ml/mead-baseline/pull/40),
      [yoruba-adr issue 13](https://github.com/Niger-Volta-LTI/yoruba-adr/issues/13)
    """

    code = "DRP013"
    name = "recurrent-dropout-single-layer"
    severity = Severity.WARNING
    default = False
    prefilter = ((b"LSTM", b"GRU", b"RNN"),)
    respects_intent = False
    shows_in_training = True

    VALID = (
        """
from torch import nn


class Encoder(nn.Module):
    def __init__(self, n, p):
        super().__init__()
        self.two = nn.LSTM(32, 64, 2, dropout=p)
        self.some = nn.GRU(32, 64, num_layers=n, dropout=p)
        self.none = nn.RNN(32, 64, dropout=0.0)
        self.plain = nn.LSTM(32, 64)
""",
        """
from torch import nn


class Encoder(nn.Module):
    def __init__(self, num_layers=1, dropout=0.3):
        super().__init__()
        self.lstm = nn.LSTM(32, 64, num_layers, dropout=dropout)
""",
        """
from torch import nn


class Encoder(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        layers = 1
        self.lstm = nn.LSTM(32, 64, layers, dropout=dropout if layers > 1 else 0)
""",
        """
from torch import nn


class Encoder(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.lstm = nn.LSTM(32, 64, dropout=0.3, **options)
""",
        """
from keras.layers import LSTM


def build():
    return LSTM(64, dropout=0.3)
""",
    )
    INVALID = (
        Invalid(
            """
from torch import nn


class Encoder(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.lstm = nn.LSTM(32, 64, batch_first=True, bidirectional=True, dropout=p)
""",
        ),
        Invalid(
            """
import torch
from torch.nn import RNN as Recurrent

N = 1


def build(p):
    first = torch.nn.GRU(8, 8, num_layers=1, dropout=0.2)
    second = Recurrent(8, 8, N, "relu", True, False, p)
    return torch.nn.Sequential(first, second)
""",
            count=2,
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        for function in model.functions_naming(PARAMETERS.__contains__):
            seen: set[cst.CSTNode] = set()
            for called in model.alone(function, True).calls:
                if called.node not in seen and has_one_layer(model, called):
                    seen.add(called.node)
                    message = (
                        f"`{model.tree.code(called.node.func)}` with one layer never drops: its "
                        "`dropout` acts between layers"
                    )
                    yield Finding(called.node, message, function)
