from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.catalog import CatalogFunction
from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.facts.effects.built_layers import holds_dropout
from dropout_lint.semantics.interpreter.values import Const
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import walk


class DropoutNeverApplied(Rule):
    """The result of a dropout is thrown away.

    ## What it does

    Finds calls of a dropout function, or of a dropout module of the class, that are statements of
    their own and do not work in place.

    ## Why is this bad?

    `F.dropout(x, 0.5)` does not change `x`. The model trains without the dropout that its author
    believes in, and its rate is tuned for nothing.

    ## Example

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Net(nn.Module):
        def forward(self, x):
            F.dropout(x, 0.5, training=self.training)
            return x
    ```

    ## Use instead

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Net(nn.Module):
        def forward(self, x):
            x = F.dropout(x, 0.5, training=self.training)
            return x
    ```

    ## Fix safety

    There is no fix: to apply the dropout changes training, and whether to remove it is for the
    author to decide.

    ## When it is intentional

    A call that is there to be timed or to draw: say so with
    `# dropout-lint: intentional <reason>`.

    ## References

    - [pytorch-image-models, Xception](https://github.com/huggingface/pytorch-image-models/blob/v0.4.12/timm/models/xception.py),
      copied into many projects with `F.dropout(x, ...)` as a statement
    """

    code = "DRP014"
    name = "dropout-never-applied"
    severity = Severity.WARNING
    prefilter = SCREENED
    respects_intent = False
    shows_in_training = True

    VALID = (
        """
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, inplace):
        super().__init__()
        self.drop = nn.Dropout(0.5, inplace=True)
        self.other = nn.Dropout(0.5, inplace)
        self.log = nn.ModuleList([nn.Dropout(0.5)])

    def forward(self, x):
        F.dropout(x, 0.5, self.training, inplace=True)
        torch.dropout_(x, 0.5, self.training)
        self.drop(x)
        self.other(x)
        self.log(x)
        return x
""",
        """
import torch.nn.functional as F
from torch import nn


def test_dropout(x, raises):
    with raises(ValueError):
        F.dropout(x, 1.5)


def warm_up(x, times):
    for _ in range(times):
        F.dropout(x, 0.5)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.0)

    def forward(self, x):
        self.dropout(x)
        return x
""",
    )
    INVALID = (
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p
        self.drop = nn.Dropout(p)

    def forward(self, x):
        if self.p > 0:
            F.dropout(x, self.p, training=self.training)
        self.drop(x)
        return x
""",
            count=2,
        ),
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Base(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.drop = nn.Dropout(p) if p > 0 else nn.Identity()


class Net(Base):
    def forward(self, x):
        x = self.layer(x); self.drop(x)
        return logits(x)


def logits(x):
    x = x.relu()
    (F.dropout(x, 0.5))
    return x.softmax(-1)
""",
            count=2,
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        nodes = [(s.node, s.function) for s in model.sites if _is_thrown_away(model, s)]
        nodes += _modules_thrown_away(model)
        for node, function in nodes:
            called = model.tree.code(node.func)
            message = f"the result of `{called}` is thrown away, and its input is unchanged"
            yield Finding(node, message, function)


def _modules_thrown_away(model: SemanticModel) -> Iterator[tuple[cst.Call, FunctionInfo]]:
    """The calls ``self.drop(x)`` that are statements of their own."""
    for info in model.classes:
        for method in info.methods.values() if info.is_surely_module else ():
            function = model.functions.by_node[method]
            for node in walk(method.body) if function.self_name is not None else ():
                call = node.value if isinstance(node, cst.Expr) else None
                if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
                    continue
                writes = info.find_writes(call.func.attr.value)
                if is_self(call.func.value, function.self_name) and writes:
                    if all(holds_dropout(model, write) for write in writes):
                        yield call, function


def _is_thrown_away(model: SemanticModel, site: Site) -> bool:
    """Whether a call is a statement of its own, works in place on nothing, and tests nothing."""
    row, function = site.row, site.function
    if not isinstance(row, CatalogFunction) or not isinstance(
        model.tree.parent(site.node), cst.Expr
    ):
        return False
    if row.tail.endswith("_") or site.bound.open or not site.sole:
        return False
    if not function.in_module and (
        function.owner is not None or _is_tried(model, site.node) or not _is_used_later(model, site)
    ):
        return False
    given = site.bound.value(row.parameter("inplace"))
    return given is None or given.only == Const(False)


def _is_used_later(model: SemanticModel, site: Site) -> bool:
    """Whether what a call drops from comes to what its function returns."""
    given = site.node.args[0].value if site.node.args else None
    end = model.tree.span(site.node)[1]
    returned = [node for node in walk(site.function.node.body) if isinstance(node, cst.Return)]
    return isinstance(given, cst.Name) and any(
        isinstance(name, cst.Name) and name.value == given.value
        for statement in returned
        if model.tree.span(statement)[0] > end
        for name in walk(statement)
    )


def _is_tried(model: SemanticModel, node: cst.CSTNode) -> bool:
    """``with raises(ValueError): F.dropout(x, 1.5)``."""
    return any(isinstance(above, (cst.With, cst.Try)) for above in model.tree.ancestors(node))
