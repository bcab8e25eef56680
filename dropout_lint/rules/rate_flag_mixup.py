from __future__ import annotations

from collections.abc import Iterator

from dropout_lint.catalog import CatalogFunction
from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.interpreter.values import Const, Parameter
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.vocabulary.modes import FLAG_NAMES


class ModeFlagAsProbability(Rule):
    """The mode flag is passed where the drop rate belongs.

    ## What it does

    Finds `F.dropout(x, self.training)` and its likes: the second parameter is `p`, not `training`.

    ## Why is this bad?

    `True` is the rate 1.0, so in train mode every element is dropped and the call returns zeros;
    nothing behind it learns from what was before it. In eval mode the rate is 0.0 and the model
    looks fine.

    ## Example

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Net(nn.Module):
        def forward(self, x):
            return F.dropout(x, self.training)
    ```

    ## Use instead

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Net(nn.Module):
        def forward(self, x):
            return F.dropout(x, training=self.training)
    ```

    ## Fix safety

    Unsafe: the call then drops, which changes what is trained; at the rate that the class stores
    (`self.dropout`) where it stores one, else at the function's default.

    ## When it is intentional

    It is not: a rate of 1.0 returns zeros.

    ## References

    - [torch.nn.functional.dropout](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html)
    """

    code = "DRP010"
    name = "mode-flag-as-probability"
    severity = Severity.ERROR
    prefilter = SCREENED
    respects_intent = False
    shows_in_eval = False
    shows_at_other_lines = True
    waived_obligations = dict.fromkeys(
        (5, 6, 7, 8),
        "its fix turns dropout on in train mode, where it returned zeros before: that is meant",
    )

    VALID = (
        """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, self.p * self.training, self.training)
""",
        """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, training):
        return F.dropout(x, 0.5, training)
""",
    )
    INVALID = (
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, self.training)
""",
            unsafe="""
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, training=self.training)
""",
        ),
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, p=self.training)
""",
            unsafe="""
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, training=self.training)
""",
        ),
        Invalid(
            """
import torch
import torch.nn.functional as F


def drop(x, training):
    return F.dropout(x, training)
""",
            unsafe="""
import torch
import torch.nn.functional as F


def drop(x, training):
    return F.dropout(x, training=training)
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        for site in model.sites:
            if is_mode_flag(site) and site.rate is not None and site.row.rate is not None:
                called = model.tree.code(site.called)
                message = (
                    f"`{called}` gets the mode flag as `{site.row.rate.name}`: "
                    "a rate of 1.0 in train mode, which returns zeros"
                )
                yield Finding(site.place, message, site.function, fixer.flag_as_rate(site))


def is_mode_flag(site: Site) -> bool:
    """Whether the rate argument of a site is the mode: true in train mode, false in eval mode."""
    rate = site.rate
    if rate is None or not isinstance(site.row, CatalogFunction):
        return False
    atom = rate.value.only
    if isinstance(atom, Parameter):
        return atom.name in FLAG_NAMES
    train = [drop.rate.only for drop in site.in_train if drop.rate is not None]
    evaluated = [drop.rate.only for drop in site.in_eval if drop.rate is not None]
    return (
        bool(train)
        and all(atom == Const(True) for atom in train)
        and all(atom == Const(False) for atom in evaluated)
    )
