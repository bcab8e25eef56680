from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.catalog import CatalogFunction
from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.interpreter.guards import FREE
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import tail_of, walk
from dropout_lint.vocabulary.dropping import speaks_of_dropping
from dropout_lint.vocabulary.modes import EVAL_WORDS, speaks_of_mode
from dropout_lint.vocabulary.words import words

_NOTHING = "does nothing in train mode either"


class DropoutAlwaysOff(Rule):
    """A dropout function of a module is off in train mode too.

    ## What it does

    Finds calls in the methods of a module whose mode argument is false in both modes: those of
    Finds calls in the methods of a module whose mode argument is false in both modes: those of
    `F.alpha_dropout`, `F.feature_alpha_dropout`, `F.rrelu` and `drop_path` (timm, kornia, your own)
    that leave it out, where it defaults to `False`, and `training=False` that is written out.
    Methods and classes that are named after inference, and copies of a weight
    (`self.weight = F.dropout(raw, 0.5, training=False)`) are left alone. A call that
    only runs where its own rate is 0 is found too, since the condition around it is the wrong way
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
    tries_fixes = True
    prefilter = SCREENED
    respects_intent = False
    shows_in_training = True
    waived_obligations = dict.fromkeys(
        (5, 6, 7, 8), "its fix brings dropout to life in train mode: that is meant"
    )

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
        """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, training=False):
        if training:
            x = nn.Dropout(self.p)(x)
        return x if training else x.softmax(-1)

    def predict(self, x):
        return self.forward(F.dropout(x, 0.5, training=False), training=False)


class InferenceNet(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, training=False)
""",
        """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        self.module.weight = F.dropout(self.raw, 0.5, training=False)
        if self.regularised:
            x = F.dropout(x, 0.5, training=self.training)
        else:
            x = F.dropout(x, 0.5, training=False)
        return self.shifted(x)

    def shifted(self, x, training=False):
        return F.dropout(x, 0.5, training=training)
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
            if not (site.switched_off and site.may_drop and _is_off_here(model, site)):
                continue
            if not (_is_for_inference(model, site.function) or _is_decided(model, site)):
                called = model.tree.code(site.called)
                is_off = "defaults to" if site.flag is None else "is"
                is_relu = "rrelu" in row.tail
                does = "is a leaky ReLU in train mode, too" if is_relu else _NOTHING
                message = f"`{called}` {does}: its `{row.mode.name}` {is_off} {row.inverted}"
                yield Finding(site.place, message, site.function, fixer.always_off(site))


def _is_off_here(model: SemanticModel, site: Site) -> bool:
    """Whether the call itself says that the mode is off, and not who calls its function.

    A method of one's own that has a switch is left to its callers.
    """
    row, func = site.row, site.node.func
    assert isinstance(row, CatalogFunction) and row.mode is not None
    is_kept = isinstance(func, cst.Attribute) and is_self(func.value, site.function.self_name)
    if site.entry is not None or is_kept:  # another function may be kept there at other times
        return False
    if row.reaches and not speaks_of_dropping(tail_of(func)):
        return False
    if site.flag is None:
        return site.flag_missing and row.mode.default is row.inverted
    flag = site.flag.node.value
    if isinstance(flag, cst.Name) and flag.value not in ("True", "False", "None"):
        bound = model.names.lookup(flag.value, site.function.scope)
        return bound is not None and bound[0] is site.function.scope and all(
            binding.kind == "value" for binding in bound[1]
        )  # fmt: skip
    return isinstance(flag, (cst.Name, cst.Integer))


def _is_for_inference(model: SemanticModel, function: FunctionInfo) -> bool:
    """Whether names say that a function is for inference, its own or those of all its callers."""
    owner = function.owner.name if function.owner is not None else ""
    if speaks_of_mode(function.name) or words(owner) & EVAL_WORDS:
        return True
    callers = [] if function.is_entry else list(model.functions.callers(function))
    return bool(callers) and all(speaks_of_mode(caller.name) for caller in callers)


def _is_decided(model: SemanticModel, site: Site) -> bool:
    """Whether another branch drops, or the call is there to copy a weight."""
    others = {s.node for s in model.sites if s is not site and s.active(True) is not None}
    for above in model.tree.ancestors(site.node):
        if isinstance(above, cst.Assign):
            targets = [target.target for target in above.targets]
            if any(isinstance(target, (cst.Attribute, cst.Subscript)) for target in targets):
                return True
        if isinstance(above, (cst.If, cst.IfExp)) and any(n in others for n in walk(above)):
            return True
        if above is site.function.node:
            break
    return False


def _behind_inverted_conditions(model: SemanticModel) -> Iterator[Finding]:
    """The calls without a mode that only run where their own rate is 0."""
    for site in model.sites:
        rate = site.rate.node.value if site.rate is not None else None
        if not site.flag_missing or not isinstance(rate, (cst.Name, cst.Attribute)):
            continue
        if _is_zero_there(model, site, rate):
            message = (
                f"`{model.tree.code(site.called)}` drops nothing: it only runs where its rate "
                f"`{model.tree.code(rate)}` is 0"
            )
            yield Finding(site.place, message, site.function)


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
