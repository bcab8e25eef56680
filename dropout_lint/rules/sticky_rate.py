from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.diagnostics import Edit, Fix, Safety, Severity
from dropout_lint.fixing.edits.layout import (
    end_of_block,
    has_comment,
    indentation,
    line_end,
    line_start,
    newline_at,
)
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.fixing.instances.receiver import visible_self
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.facts.zeroed_rates import zeroed_rates
from dropout_lint.semantics.interpreter.run import Written
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import children


class StickyDropoutRate(Rule):
    """A drop rate kept on the module is set to zero in eval mode and never set back.

    ## What it does

    Finds `if not self.training: self.p = 0.0` in the methods of a module: an assignment of zero to
    a rate attribute that runs in eval mode only, with none in train mode to restore it.

    ## Why is this bad?

    The attribute outlives the call. The first validation pass switches dropout off for all of the
    training that follows, and nothing says so.

    ## Example

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Attention(nn.Module):
        def forward(self, q, k, v):
            if not self.training:
                self.dropout_p = 0.0
            return F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout_p)
    ```

    ## Use instead

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Attention(nn.Module):
        def forward(self, q, k, v):
            dropout_p = self.dropout_p if self.training else 0.0
            return F.scaled_dot_product_attention(q, k, v, dropout_p=dropout_p)
    ```

    ## Fix safety

    Unsafe: dropout comes back to life in training, which is the point, and changes results.

    ## When it is intentional

    To switch dropout off for good, do it in a method of its own that the caller calls.

    ## References

    - [Megatron-LM PR 411](https://github.com/NVIDIA/Megatron-LM/pull/411)
    """

    code = "DRP009"
    name = "sticky-dropout-rate"
    severity = Severity.ERROR
    tries_fixes = True
    prefilter = SCREENED
    respects_intent = False
    shows_in_eval = False
    shows_at_other_lines = True
    fixes_eval_only = True

    VALID = (
        """
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def forward(self, q, k, v):
        if self.training:
            self.dropout_p = self.rate
        else:
            self.dropout_p = 0.0
        return F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout_p)
""",
        """
from torch import nn


class Attention(nn.Module):
    def update_dropout(self, p):
        self.dropout_p = p

    def freeze(self):
        self.dropout_p = 0.0
""",
        """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if self.training:
            return F.dropout(x, 0.5)
        self.drop_rate = 0.0
        return F.dropout(x, self.drop_rate)
""",
        """
from torch import nn


class Counter(nn.Module):
    def forward(self, x):
        if not self.training:
            self.steps = 0
        return x
""",
    )
    INVALID = (
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def forward(self, q, k, v):
        if not self.training:
            self.dropout_p = 0.0
        return F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout_p)
""",
            unsafe="""
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def forward(self, q, k, v):
        dropout_p = self.dropout_p
        if not self.training:
            dropout_p = 0.0
        return F.scaled_dot_product_attention(q, k, v, dropout_p=dropout_p)
""",
        ),
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def forward(self, q, k, v):
        if self.training:
            causal = self.causal
        else:
            causal = q.size(-2) > 1
            self.dropout_p = 0
        return F.scaled_dot_product_attention(
            q, k, v, dropout_p=self.dropout_p, is_causal=causal
        )
""",
            unsafe="""
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def forward(self, q, k, v):
        dropout_p = self.dropout_p
        if self.training:
            causal = self.causal
        else:
            causal = q.size(-2) > 1
            dropout_p = 0
        return F.scaled_dot_product_attention(
            q, k, v, dropout_p=dropout_p, is_causal=causal
        )
""",
        ),
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        self.drop = self.drop if self.training else 0
        return F.dropout(x, self.drop, self.training)
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        for function in model.functions:
            for written in zeroed_rates(model, function):
                message = (
                    f"`self.{written.target.attr.value}` is set to zero in eval mode and never set "
                    "back: later training goes on without dropout"
                )
                yield Finding(written.target, message, function, _fixes(model, function, written))


def _fixes(model: SemanticModel, function: FunctionInfo, written: Written) -> tuple[Fix, ...]:
    """A local instead of the attribute; or no assignment at all where nothing reads it later."""
    line = model.tree.parent(written.statement)
    block = model.tree.parent(line) if line is not None else None
    branch = model.tree.parent(block) if block is not None else None
    if line is None or block is None or not isinstance(branch, (cst.If, cst.Else)):
        return ()
    fix = None
    if isinstance(branch, cst.Else) and len(list(children(block))) == 1:
        fix = _without_else(model, function, written, branch)
    fix = fix or _with_local(model, function, written, branch)
    return (fix,) if fix is not None else ()


def _reads(model: SemanticModel, function: FunctionInfo, written: Written) -> list[cst.Attribute]:
    """Where else the unit mentions the attribute."""
    name = written.target.attr.value
    return [
        node
        for node in model.functions.places.attributes(name, function.node.body)
        if is_self(node.value, function.self_name) and node is not written.target
    ]


def _without_else(
    model: SemanticModel, function: FunctionInfo, written: Written, branch: cst.Else
) -> Fix | None:
    start, end = model.tree.span(branch)[0], end_of_block(model.tree, branch)
    text = model.tree.text
    if any(model.tree.span(node)[0] > end for node in _reads(model, function, written)):
        return None
    if has_comment(text[start:end]):
        return None
    above = line_start(text, start)
    above -= 2 if text[above - 2 : above] == "\r\n" else 1
    return Fix("Leave the rate as it is", (Edit(above, end, ""),), Safety.UNSAFE, "rewrite")


def _with_local(
    model: SemanticModel, function: FunctionInfo, written: Written, branch: cst.If | cst.Else
) -> Fix | None:
    name = written.target.attr.value
    own = visible_self(model, function, written.target)
    if (
        own is None
        or name in function.scope.bindings
        or not isinstance(written.statement, cst.Assign)
    ):
        return None
    test: cst.CSTNode = branch
    while isinstance(above := model.tree.parent(test), cst.If):  # from `else` and `elif` up
        test = above
    if above is not function.node.body:  # what comes later might not have the local
        return None
    start = model.tree.span(test)[0]
    text = model.tree.text
    head = line_start(text, start)
    row = f"{indentation(text, start)}{name} = {own}.{name}{newline_at(text, start)}"
    edits = [Edit(head, head, row), Edit(*model.tree.span(written.target), name)]
    for node in _reads(model, function, written):
        span = model.tree.span(node)
        if span[0] < line_end(text, start):
            return None  # read before: a local would not be the same
        edits.append(Edit(*span, name))
    return Fix(f"Use a local `{name}`", tuple(edits), Safety.UNSAFE, "flag")
