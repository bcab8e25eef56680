from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import libcst as cst

from dropout_lint.catalog import CatalogFunction, ModuleClass
from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import CATALOG, Finding, Invalid, Rule
from dropout_lint.semantics.facts.attribute_uses import count_uses, names_all_it_uses
from dropout_lint.semantics.interpreter.values import Const
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import ClassInfo, Write, is_self
from dropout_lint.semantics.syntax.tree import walk


class DropoutNeverApplied(Rule):
    """A dropout is computed or built, and nothing is done with it.

    ## What it does

    Finds calls of a dropout function, or of a dropout module of the class, whose result is thrown
    away; and dropout modules that `__init__` puts on `self` and that nothing in the file uses, in a
    class with a `forward` of its own.

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

    A module that only other files use, or that is kept for the sake of subclasses: say so with
    `# dropout-lint: intentional <reason>`.

    ## References

    - [Informer2020 issue 97](https://github.com/zhouhaoyi/Informer2020/issues/97): attention
      dropout built and forgotten
    """

    code = "DRP014"
    name = "dropout-never-applied"
    severity = Severity.WARNING
    default = False
    prefilter = ((CATALOG,),)
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

    def forward(self, x):
        F.dropout(x, 0.5, self.training, inplace=True)
        torch.dropout_(x, 0.5, self.training)
        self.drop(x)
        self.other(x)
        return x
""",
        """
from torch import nn


class Attention(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.dropout = nn.Dropout(p)


class Plain(Attention):
    def forward(self, x):
        return self.dropout(x)
""",
        """
from torch import nn


class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.drop = nn.Dropout(p)

    def forward(self, x):
        for layer in self.children():
            x = layer(x)
        return x


class Named(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.drop1 = nn.Dropout(p)

    def forward(self, x):
        return getattr(self, "drop" + "1")(x)
""",
        """
from torch import nn


class Layer(nn.TransformerEncoderLayer):
    def __init__(self, p):
        super().__init__(8, 2)
        self.dropout1 = nn.Dropout(p)

    def forward(self, x):
        return super().forward(x)
""",
        """
import torch.nn.functional as F
from torch import nn


def test_dropout(x, raises):
    with raises(ValueError):
        F.dropout(x, 1.5)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.0)

    def forward(self, x):
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
from torch import nn


class Attention(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.scale = 0.1
        self.dropout = nn.Dropout(p)

    def forward(self, q, k, v):
        return (q @ k.transpose(1, 2) * self.scale).softmax(-1) @ v
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        for site in model.sites:
            if _is_thrown_away(model, site):
                called = model.tree.code(site.node.func)
                message = f"the result of `{called}` is thrown away, and its input is unchanged"
                yield Finding(site.node, message, site.function)
        uses: Counter[str] | None = None
        for info in model.classes:
            built = _built(model, info)
            uses = count_uses(model) if built and uses is None else uses
            thrown_away = self._thrown_away(model, info) if built else {}
            is_seen = bool(built) and names_all_it_uses(model, info)
            for name, write in built.items():
                assert uses is not None and write.method is not None
                function = model.functions.by_node.get(write.method)
                yield from thrown_away.get(name, ())
                if not uses[name] and is_seen:
                    message = f"`self.{name}` is never applied: nothing in this file uses it"
                    yield Finding(write.target, message, function)

    @staticmethod
    def _thrown_away(model: SemanticModel, info: ClassInfo) -> dict[str, list[Finding]]:
        """The calls ``self.name(x)`` in the class that are statements of their own, by name."""
        found: dict[str, list[Finding]] = {}
        for method in info.methods.values():
            function = model.functions.by_node[method]
            for node in walk(method.body) if function.self_name is not None else ():
                called = node.value if isinstance(node, cst.Expr) else None
                if not isinstance(called, cst.Call) or not isinstance(called.func, cst.Attribute):
                    continue
                func = called.func
                if is_self(func.value, function.self_name):
                    message = (
                        f"the result of `{model.tree.code(func)}` is thrown away, and its input "
                        "is unchanged"
                    )
                    finding = Finding(called, message, function)
                    found.setdefault(func.attr.value, []).append(finding)
        return found


def _is_thrown_away(model: SemanticModel, site: Site) -> bool:
    """Whether a call is a statement of its own, works in place on nothing, and tests nothing."""
    row, function = site.row, site.function
    if not isinstance(row, CatalogFunction) or not isinstance(
        model.tree.parent(site.node), cst.Expr
    ):
        return False
    if row.tail.endswith("_") or site.bound.open or not site.sole:
        return False
    if not function.in_module and (function.owner is not None or _is_tried(model, site.node)):
        return False
    given = site.bound.value(row.parameter("inplace"))
    return given is None or given.only == Const(False)


def _is_tried(model: SemanticModel, node: cst.CSTNode) -> bool:
    """``with raises(ValueError): F.dropout(x, 1.5)``."""
    return any(isinstance(above, (cst.With, cst.Try)) for above in model.tree.ancestors(node))


def _built(model: SemanticModel, info: ClassInfo) -> dict[str, Write]:
    """The attributes of a module that hold a dropout module that may drop, and works on a copy."""
    if not info.is_surely_module:
        return {}
    return {
        name: writes[0]
        for name, writes in info.writes.items()
        if info.find_writes(name) == writes and all(_is_dropout(model, w) for w in writes)
    }


def _is_dropout(model: SemanticModel, write: Write) -> bool:
    """``self.name = nn.Dropout(p)`` in ``__init__``, with a rate that is not the constant zero."""
    value, method = write.value, write.method
    if method is None or method.name.value != "__init__" or not isinstance(value, cst.Call):
        return False
    scope = model.names.scope_at[value]
    rows = [model.catalog.module(name) for name in model.names.qualified(value.func, scope)]
    if not rows or not all(row is not None and _is_plain_drop(row) for row in rows):
        return False
    for word, arg in zip(("p", "inplace"), value.args, strict=False):
        word = arg.keyword.value if arg.keyword is not None else word
        if arg.star or (word == "inplace" and not _is_constant(arg.value, False)):
            return False
        if word == "p" and _is_constant(arg.value, 0):
            return False
    return True


def _is_plain_drop(row: ModuleClass) -> bool:
    return row.functional is not None and "ropout" in row.functional


def _is_constant(node: cst.BaseExpression, wanted: object) -> bool:
    if isinstance(node, cst.Name):
        return node.value == repr(wanted)
    return isinstance(node, (cst.Integer, cst.Float)) and node.evaluated_value == wanted
