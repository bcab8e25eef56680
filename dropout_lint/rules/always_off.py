from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.catalog import CatalogFunction
from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import CATALOG, Finding, Invalid, Rule
from dropout_lint.semantics.interpreter.guards import FREE
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site


class DropoutAlwaysOff(Rule):
    """A dropout function of a module is off in train mode too.

    ## What it does

    Finds calls in the methods of a module whose mode argument is false in both modes: those of
    `F.alpha_dropout`, `F.feature_alpha_dropout`, `F.rrelu` and `drop_path` (timm, kornia) that
    leave it out, where it defaults to `False`, and `training=False` that is written out. So is a
    call that only runs where its own rate is 0, because the condition around it is the wrong way
    round: `if not dropout: x = F.dropout(x, dropout)`.

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
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, dropout=0.0):
        if not dropout:
            x = F.dropout(x, dropout)
        return x
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
        yield from _behind_inverted_conditions(model)
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
                called = model.tree.code(site.node.func)
                is_off = "defaults to" if site.flag is None else "is"
                message = (
                    f"`{called}` does nothing in train mode either: its `{row.mode.name}` "
                    f"{is_off} False"
                )
                yield Finding(site.node, message, site.function, fixer.always_off(site))


def _behind_inverted_conditions(model: SemanticModel) -> Iterator[Finding]:
    """The calls without a mode that only run where their own rate is 0."""
    for site in model.sites:
        rate = site.rate.node.value if site.rate is not None else None
        if not site.flag_missing or not isinstance(rate, (cst.Name, cst.Attribute)):
            continue
        if _is_zero_there(model, site, rate):
            message = (
                f"`{model.tree.code(site.node.func)}` drops nothing: it only runs where its rate "
                f"`{model.tree.code(rate)}` is 0"
            )
            yield Finding(site.node, message, site.function)


def _is_zero_there(model: SemanticModel, site: Site, rate: cst.BaseExpression) -> bool:
    """Whether a condition around a call says that a rate is 0 or None."""
    below: cst.CSTNode = site.node
    for above in model.tree.ancestors(site.node):
        if above is site.function.node:
            return False
        if isinstance(above, (cst.If, cst.IfExp)) and below is not above.test:
            if _says(model, above.test, model.tree.code(rate), is_zero=below is above.body):
                return True
        below = above
    return False


def _says(model: SemanticModel, test: cst.BaseExpression, rate: str, *, is_zero: bool) -> bool:
    """Whether a condition that holds says that a rate is 0; else that it says so by not holding."""
    if isinstance(test, cst.BooleanOperation):
        joins = isinstance(test.operator, cst.And) == is_zero
        return joins and any(
            _says(model, side, rate, is_zero=is_zero) for side in (test.left, test.right)
        )
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return _says(model, test.expression, rate, is_zero=not is_zero)
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        compared = test.comparisons[0]
        if model.tree.code(test.left) != rate or not _is_nothing(compared.comparator):
            return False
        kinds = _ZERO_IF if is_zero else _ZERO_UNLESS
        return isinstance(compared.operator, kinds)
    return not is_zero and model.tree.code(test) == rate


def _is_nothing(node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.Name):
        return node.value == "None"
    return isinstance(node, (cst.Integer, cst.Float)) and not node.evaluated_value


_ZERO_IF = (cst.Equal, cst.LessThanEqual, cst.Is)
_ZERO_UNLESS = (cst.NotEqual, cst.GreaterThan, cst.IsNot)
