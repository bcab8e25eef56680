from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.catalog import CatalogFunction
from dropout_lint.diagnostics import Edit, Fix, FixStyle, Safety, Severity
from dropout_lint.fixing.edits.layout import has_comment
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.fixing.hazards.guarded import REASON, guards_drops_only
from dropout_lint.fixing.hazards.reasons import has_own_mode
from dropout_lint.fixing.instances.receiver import visible_self
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.tree import Tree
from dropout_lint.vocabulary.modes import speaks_of_mode


class ModeFlagIsNotAFlag(Rule):
    """`self.train` is used as a flag where `self.training` is meant.

    ## What it does

    Finds `self.train` and `self.eval` used as a truth value or as a mode argument in a module:
    `p if self.train else 0.0`, `if not self.train:`, `training=self.train`.

    ## Why is this bad?

    `self.train` is a method, and a method is always true. The condition holds in eval mode too, so
    dropout never stops. (`F.dropout` itself raises TypeError on recent versions of torch;
    torch_geometric's functions take it silently.)

    ## Example

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Attention(nn.Module):
        def forward(self, q, k, v):
            p = 0.1 if self.train else 0.0
            return F.scaled_dot_product_attention(q, k, v, dropout_p=p)
    ```

    ## Use instead

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Attention(nn.Module):
        def forward(self, q, k, v):
            p = 0.1 if self.training else 0.0
            return F.scaled_dot_product_attention(q, k, v, dropout_p=p)
    ```

    ## Fix safety

    Safe for `self.train` where only its truth counts and all that it decides is what is dropped: in
    train mode it is the same, and in eval mode the drop is gone. Unsafe where the condition guards
    more than drops: results in eval mode, deterministic today, change. Unsafe as well where it is
    compared (`self.train == True` is false today), asserted, or handed to a function that may
    call it, and for `self.eval`, which is always true as well: `not self.training` changes what
    runs in train mode. Where a dropout function is told `self.eval`, the fix is `self.training`.

    ## When it is intentional

    It is not: the test has only one outcome.

    ## References

    - [torch.nn.Module.train](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.train)
    """

    code = "DRP011"
    name = "mode-flag-is-not-a-flag"
    severity = Severity.ERROR
    prefilter = SCREENED
    respects_intent = False
    shows_in_eval = False  # the method may be taken for the mode where eval mode never comes
    shows_in_callees = True
    shows_at_other_lines = True
    is_about_text = True
    waived_obligations = dict.fromkeys(
        (12,), "its fix makes all that it guards follow the mode, not dropout alone: that is meant"
    )

    VALID = (
        """
from torch import nn


class Net(nn.Module):
    def fit(self, x):
        self.train()
        switch = self.train
        switch(False)
        return self(x) if self.training else x
""",
        """
import torch


class Trainer:
    def step(self, x):
        return x if self.train else None
""",
        """
from torch import nn


class Net(nn.Module):
    def __init__(self, train):
        super().__init__()
        self.train = train

    def forward(self, x):
        return x if self.train else None
""",
    )
    INVALID = (
        Invalid(
            """
from torch import nn
from torch_geometric.utils import dropout_edge


class Net(nn.Module):
    def forward(self, x, edges):
        edges, _ = dropout_edge(edges, p=0.2, training=self.train)
        return self.conv(x, edges)
""",
            fixed="""
from torch import nn
from torch_geometric.utils import dropout_edge


class Net(nn.Module):
    def forward(self, x, edges):
        edges, _ = dropout_edge(edges, p=0.2, training=self.training)
        return self.conv(x, edges)
""",
        ),
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if self.train and self.p > 0:
            x = F.dropout(x, self.p)
        return x if not self.eval else self.head(x)
""",
            fixed="""
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if self.training and self.p > 0:
            x = F.dropout(x, self.p)
        return x if not self.eval else self.head(x)
""",
            unsafe="""
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if self.training and self.p > 0:
            x = F.dropout(x, self.p)
        return x if not (not self.training) else self.head(x)
""",
            count=2,
        ),
        Invalid(
            """
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if self.train:
            x = x * self.scale
        return x
""",
            unsafe="""
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if self.training:
            x = x * self.scale
        return x
""",
        ),
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, self.eval)
""",
            unsafe="""
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, self.training)
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        arguments: set[cst.BaseExpression] | None = None
        for node, scope in model.names.mentions:
            if not isinstance(node, cst.Attribute) or node.attr.value not in ("train", "eval"):
                continue
            function = model.functions.of_scope(scope)
            if (
                function is None
                or function.owner is None
                or not is_self(node.value, function.self_name)
            ):
                continue
            name = node.attr.value
            if not function.owner.is_surely_module or function.owner.find_writes(name):
                continue
            own = visible_self(model, function, node)
            if own is None:
                continue
            if arguments is None:
                arguments = self._mode_arguments(model)
            is_argument = node in arguments
            if _is_a_flag(model.tree, node) or is_argument:
                follows = name == "train" or is_argument  # a drop that is on in eval mode only?
                meant = f"{own}.training" if follows else f"not {own}.training"
                message = f"`{own}.{name}` is a method and always true; `{meant}` is meant"
                fix = self._fix(model, fixer, node, function.owner, meant, is_argument)
                yield Finding(node, message, function, (fix,))

    @staticmethod
    def _mode_arguments(model: SemanticModel) -> set[cst.BaseExpression]:
        """What tells dropout functions whether to drop."""
        return {
            site.flag.node.value
            for site in model.sites
            if isinstance(site.row, CatalogFunction)
            and site.flag is not None
            and not site.row.inverted
        }

    @staticmethod
    def _fix(
        model: SemanticModel,
        fixer: Fixer,
        node: cst.Attribute,
        owner: ClassInfo,
        meant: str,
        is_argument: bool,
    ) -> Fix:
        start, end = model.tree.span(node)
        safe = (
            node.attr.value == "train"
            and (_is_only_tested(model.tree, node) or is_argument)
            and not any(isinstance(n, cst.Assert) for n in model.tree.ancestors(node))
            and model.tree.exact
            and not has_own_mode(model, owner)
            and not fixer.changes_a_drop_in_place
            and not fixer.changes_what_depends_on(node)
            and not has_comment(model.tree.text[start:end])
        )
        text = f"({meant})" if meant.startswith("not ") else meant
        message = f"Use `{meant}`"
        if safe and not is_argument and not guards_drops_only(model, node):
            safe, message = False, f"{message} (unsafe: {REASON})"
        safety = Safety.SAFE if safe else Safety.UNSAFE
        style: FixStyle = "flag" if is_argument else "rewrite"
        return Fix(message, (Edit(start, end, text),), safety, style)


def _is_only_tested(tree: Tree, node: cst.BaseExpression) -> bool:
    """Whether an expression stands where its truth is all that counts."""
    parent = tree.parent(node)
    if isinstance(parent, (cst.If, cst.While, cst.Assert, cst.IfExp, cst.CompIf)):
        return parent.test is node
    if isinstance(parent, cst.BooleanOperation):
        # The left side of an `and` is only tested; else the operation may hand its operand on.
        tested = isinstance(parent.operator, cst.And) and parent.left is node
        return tested or _is_only_tested(tree, parent)
    if isinstance(parent, cst.UnaryOperation):
        return isinstance(parent.operator, cst.Not)
    call = tree.parent(parent) if isinstance(parent, cst.Arg) else None
    return (
        isinstance(call, cst.Call) and isinstance(call.func, cst.Name) and call.func.value == "bool"
    )


def _is_a_flag(tree: Tree, node: cst.BaseExpression) -> bool:
    """Whether an expression is only tested, compared with a bool, or passed as a mode."""
    parent = tree.parent(node)
    if isinstance(parent, (cst.Comparison, cst.ComparisonTarget)):
        compared = parent if isinstance(parent, cst.Comparison) else tree.parent(parent)
        return isinstance(compared, cst.Comparison) and _compares_with_bool(compared)
    if isinstance(parent, cst.Arg) and parent.keyword is not None:
        return speaks_of_mode(parent.keyword.value)
    if isinstance(parent, cst.BooleanOperation) and _is_a_flag(tree, parent):
        return True
    return _is_only_tested(tree, node)


def _compares_with_bool(node: cst.Comparison) -> bool:
    sides = [node.left, *(target.comparator for target in node.comparisons)]
    return any(isinstance(side, cst.Name) and side.value in ("True", "False") for side in sides)
