from __future__ import annotations

from collections.abc import Iterator

from dropout_lint.catalog import CatalogFunction
from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import CATALOG, Finding, Invalid, Rule
from dropout_lint.semantics.interpreter.guards import FREE
from dropout_lint.semantics.model import SemanticModel


class DropoutAlwaysOff(Rule):
    """A dropout function of a module is off in train mode too.

    ## What it does

    Finds calls in the methods of a module whose mode argument is false in both modes: those of
    `F.alpha_dropout`, `F.feature_alpha_dropout`, `F.rrelu` and `drop_path` (timm, kornia) that
    leave it out, where it defaults to `False`, and `training=False` that is written out.

    ## Why is this bad?

    The call returns its input (`F.rrelu` a leaky ReLU), in training as well. What looks like
    regularisation is none, and the rate is tuned for nothing.

    ## Example

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Net(nn.Module):
        def forward(self, x):
            return F.alpha_dropout(F.selu(x), 0.1)
    ```

    ## Use instead

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Net(nn.Module):
        def forward(self, x):
            return F.alpha_dropout(F.selu(x), 0.1, training=self.training)
    ```

    ## Fix safety

    Unsafe: dropout comes to life in training, which is the point, and changes results.

    ## When it is intentional

    A call that is never to drop can go; otherwise `# dropout-lint: intentional <reason>`.

    ## References

    - [torch.nn.functional.alpha_dropout](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.alpha_dropout.html)
    - [EfficientNet-PyTorch issue 7](https://github.com/lukemelas/EfficientNet-PyTorch/issues/7),
      drop connect that was never passed on
    """

    code = "DRP015"
    name = "dropout-always-off"
    severity = Severity.WARNING
    default = False
    tries_fixes = True
    prefilter = ((CATALOG,),)
    respects_intent = False
    shows_in_training = True

    VALID = (
        """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, training=False):
        x = F.alpha_dropout(x, 0.1, self.training)
        x = F.rrelu(x, training=training)
        return F.alpha_dropout(x, 0.0)
""",
        """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if self.training:
            return F.dropout(x, 0.5)
        return F.dropout(x, 0.5, training=False)
""",
        """
import torch.nn.functional as F
from torch import nn


class WeightDrop(nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module = module
        self.raw = F.dropout(module.weight, 0.5, training=False)
""",
        """
import torch.nn.functional as F


def scores(x):
    return F.rrelu(x)
""",
    )
    INVALID = (
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.rrelu(x)
""",
            unsafe="""
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.rrelu(x, training=self.training)
""",
        ),
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, training=False)
""",
            unsafe="""
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, training=self.training)
""",
        ),
        Invalid(
            """
from timm.layers import drop_path
from torch import nn


class Block(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        return x + drop_path(self.body(x), self.p)
""",
            unsafe="""
from timm.layers import drop_path
from torch import nn


class Block(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        return x + drop_path(self.body(x), self.p, training=self.training)
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        for site in model.sites:
            row = site.row
            if (
                not isinstance(row, CatalogFunction)
                or row.mode is None
                or not site.function.in_module
            ):
                continue
            if model.functions.serves_building(site.function) or site.reached(True) != FREE:
                continue
            if site.flag is None and not (site.flag_missing and row.mode.default is False):
                continue
            if site.switched_off and site.may_drop:
                called = model.tree.code(site.called)
                is_off = "defaults to" if site.flag is None else "is"
                message = (
                    f"`{called}` does nothing in train mode either: its `{row.mode.name}` "
                    f"{is_off} False"
                )
                yield Finding(site.place, message, site.function, fixer.always_off(site))
