from __future__ import annotations

from collections.abc import Iterator

from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import CATALOG, Finding, Invalid, Rule
from dropout_lint.semantics.facts.effects.stored_drops import stored_drops
from dropout_lint.semantics.model import SemanticModel


class StoredDrop(Rule):
    """What a dropout returned is kept for good: in a weight, or in a cache.

    ## What it does

    Finds, in what runs when a module is called, a drop of a weight that is written back to the same
    weight (`w.data = F.dropout(w.data)`, `w.copy_(…)`, `nn.Parameter(…)`, in place), and a drop
    whose result is kept where there was none yet (`if self.table is None: self.table = …`, an item
    of a cache, `cached_property`).

    ## Why is this bad?

    A weight that is dropped once is zero from then on: after n forward passes in train mode a share
    of `1 - (1 - p)**n` of the weights is gone. A cache keeps the mask of its first call, also in
    eval mode.

    ## Example

    ```python
    import torch.nn.functional as F
    from torch import nn


    class DropConnect(nn.Module):
        def forward(self, x):
            self.fc.weight.data = F.dropout(self.fc.weight.data, 0.5, training=self.training)
            return self.fc(x)
    ```

    ## Use instead

    ```python
    import torch.nn.functional as F
    from torch import nn


    class DropConnect(nn.Module):
        def forward(self, x):
            weight = F.dropout(self.fc.weight, 0.5, training=self.training)
            return F.linear(x, weight, self.fc.bias)
    ```

    ## Fix safety

    There is no fix: where the dropped tensor is to go is for the author to say. Keep in a cache
    what is computed before the dropout.

    ## When it is intentional

    Weights that are pruned for good: say so with `# dropout-lint: intentional <reason>`. A weight
    that the same method restores and a cache that something in the file clears are left alone.

    ## References

    - [Regularizing and Optimizing LSTM Language Models](https://arxiv.org/abs/1708.02182): its
      DropConnect keeps the raw weight and drops from it anew
    """

    code = "DRP017"
    name = "stored-drop"
    severity = Severity.WARNING
    default = False
    prefilter = (CATALOG,), (b".data", b"Parameter", b"copy_", b"self")
    respects_intent = False
    shows_in_eval = False

    VALID = (
        """
import torch.nn.functional as F
from torch import nn


class WeightDrop(nn.Module):
    def forward(self, x):
        for name in self.names:
            raw = getattr(self.rnn, name + "_raw")
            setattr(self.rnn, name, nn.Parameter(F.dropout(raw, 0.5, training=self.training)))
        self.fc.weight.data = F.dropout(self.raw, 0.5, training=self.training)
        return self.rnn(x)


class Restored(nn.Module):
    def forward(self, x):
        kept = self.fc.weight.data.clone()
        self.fc.weight.data = F.dropout(self.fc.weight.data, 0.5, training=self.training)
        x = self.fc(x)
        self.fc.weight.data = kept
        return x
""",
        """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.5)
        self.table = None
        self.state = None

    def reset(self):
        self.table = None

    def forward(self, x):
        if self.table is None:
            self.table = self.dropout(self.embed.weight)
        self.state = self.dropout(x)
        if self.plain is None:
            self.plain = self.embed.weight
        return self.dropout(self.plain)[x] + self.state
""",
        """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.5)
        self.table = None

    def forward(self, x):
        if not self.training and self.table is None:
            self.table = self.dropout(self.embed.weight)
        return self.table[x]
""",
    )
    INVALID = (
        Invalid(
            """
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        for name, weight in self.rnn.named_parameters():
            if "weight_hh" in name:
                weight.data = F.dropout(weight.data, self.p, training=self.training)
        with torch.no_grad():
            self.fc.weight.copy_(self.drop(self.fc.weight))
        self.out.weight = nn.Parameter(F.dropout(self.out.weight, 0.5, self.training))
        F.dropout(self.key.weight.data, 0.5, self.training, inplace=True)
        return self.rnn(x)[0]
""",
            count=4,
        ),
        Invalid(
            """
from functools import cached_property

from torch import nn


class Cached(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.5)
        self.table = None
        self.items = {}

    @cached_property
    def rows(self):
        return self.dropout(self.embed.weight)

    def columns(self):
        if self.table is not None:
            return self.table
        table = self.dropout(self.embed.weight)
        self.table = table.t()
        return self.table

    def forward(self, key, ids):
        if key not in self.items:
            self.items[key] = self.dropout(self.embed(ids))
        if not hasattr(self, "mask"):
            self.mask = self.dropout(ids + 1)
        return self.items[key] + self.columns()[ids] + self.rows[ids] * self.mask
""",
            count=4,
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        for stored in stored_drops(model):
            if stored.is_weight:
                message = (
                    f"the dropped `{stored.target}` is written back to the weight: what is zero "
                    "once stays zero, in eval mode too"
                )
            else:
                message = (
                    f"`{stored.target}` keeps what a dropout returned at the first call, in eval "
                    "mode too"
                )
            yield Finding(stored.node, message, stored.function)
