from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.diagnostics import Edit, Fix, Safety, Severity
from dropout_lint.fixing.edits.layout import begins_line, line_end, line_start, new_line
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.facts.mode_setters import ModeSetter, mode_setters
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.tree import walk


class ModeSetWhileRunning(Rule):
    """A module puts itself or its dropout into train mode while it runs.

    ## What it does

    Finds `self.train()`, `self.drop.train()` and `self.drop.training = True` in the `forward` of a
    module, where nothing guards them and nothing takes them back; `self.eval()` in the `forward` of
    a module with dropout; and methods for inference that begin with `self.eval()` and end with an
    unconditional `self.train()`.

    ## Why is this bad?

    The mode is the caller's. After `model.eval()` the first call of `forward` puts dropout on
    again, or the first call of `generate` leaves the model in train mode, and what follows is
    random. With `self.eval()` in `forward`, training goes on without dropout after the first step.

    ## Example

    ```python
    import torch
    from torch import nn


    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.1))

        @torch.no_grad()
        def generate(self, x):
            self.eval()
            x = self.net(x)
            self.train()
            return x
    ```

    ## Use instead

    ```python
    import torch
    from torch import nn


    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.1))

        @torch.no_grad()
        def generate(self, x):
            was_training = self.training
            self.eval()
            x = self.net(x)
            self.train(was_training)
            return x
    ```

    ## Fix safety

    Unsafe: a caller may rely on the mode that it finds afterwards.

    ## When it is intentional

    For Monte Carlo dropout, put the dropout layers into train mode from outside, or say so in a
    name or a comment. Methods that a training loop calls between its steps (`validate`,
    `on_epoch_end`) are left alone, and so is a `train()` under a condition.

    ## References

    - [torch.nn.Module.train](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.train)
    """

    code = "DRP018"
    name = "mode-set-while-running"
    severity = Severity.ERROR
    prefilter = SCREENED
    shows_in_eval = False
    shows_at_other_lines = True

    VALID = (
        """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.1))

    def generate(self, x):
        was_training = self.training
        self.eval()
        x = self.net(x)
        self.train(was_training)
        return x

    def sample(self, x):
        was_training = self.training
        self.eval()
        x = self.net(x)
        if was_training:
            self.train()
        return x
""",
        """
from torch import nn


class Net(nn.Module):
    def __init__(self, teacher):
        super().__init__()
        self.teacher = teacher
        self.drop = nn.Dropout(0.1)

    def forward(self, x, monte_carlo=False):
        self.teacher.eval()
        if monte_carlo:
            self.drop.train()
        return self.drop(x) - self.teacher(x)
""",
        """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.1)

    def validate(self, batches):
        self.eval()
        losses = [self(batch) for batch in batches]
        self.train()
        return losses
""",
    )
    INVALID = (
        Invalid(
            """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        self.drop.train()
        return self.drop(x)
""",
            unsafe="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        self.drop.train(self.training)
        return self.drop(x)
""",
        ),
        Invalid(
            """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        self.train()
        return self.drop(x)


class Other(Net):
    def forward(self, x):
        self.drop.training = True
        return self.drop(x)


class Off(Net):
    def forward(self, x):
        self.eval()
        return self.drop(x)
""",
            unsafe="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        return self.drop(x)


class Other(Net):
    def forward(self, x):
        self.drop.training = self.training
        return self.drop(x)


class Off(Net):
    def forward(self, x):
        return self.drop(x)
""",
            count=3,
        ),
        Invalid(
            """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.1)

    def generate(self, x):
        self.eval()
        x = self.drop(x)
        self.train()
        return x
""",
            unsafe="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.1)

    def generate(self, x):
        was_training = self.training
        self.eval()
        x = self.drop(x)
        self.train(was_training)
        return x
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        for setter in mode_setters(model):
            fix = _fix(model, setter)
            yield Finding(
                setter.node, _message(setter), setter.function, (fix,) if fix is not None else ()
            )


def _message(setter: ModeSetter) -> str:
    name = f"`{setter.function.name}()`"
    module = f"`{setter.child}`" if setter.child else "the module"
    if not setter.trains:
        return f"{name} puts the module into eval mode: after it, training goes on without dropout"
    if setter.before is not None:
        return f"{name} leaves {module} in train mode, also where it was in eval mode before"
    return f"{name} puts {module} into train mode: `eval()` has no effect on it"


def _fix(model: SemanticModel, setter: ModeSetter) -> Fix | None:
    node, tree = setter.node, model.tree
    own = setter.function.self_name
    around = model.functions.around(node)
    if around is not setter.function:
        return None
    statement = next(n for n in tree.ancestors(node) if isinstance(n, cst.SimpleStatementLine))
    if setter.before is not None:
        return _give_back(model, setter, statement)
    if setter.child:
        code = f"{own}.training"
        if isinstance(node, cst.Call):
            start, end = tree.span(node.func)[1], tree.span(node)[1]
            return Fix(f"Pass `{code}`", (Edit(start, end, f"({code})"),), Safety.UNSAFE, "rewrite")
        assign = tree.parent(tree.parent(node) or node)
        if not isinstance(assign, cst.Assign):
            return None
        edit = Edit(*tree.span(assign.value), code)
        return Fix(f"Set `{code}`", (edit,), Safety.UNSAFE, "rewrite")
    block = tree.parent(statement)
    start, end = line_start(tree.text, tree.span(statement)[0]), tree.span(statement)[1]
    is_alone = isinstance(block, cst.IndentedBlock) and len(block.body) > 1
    is_alone = is_alone and len(statement.body) == 1 and tree.parent(node) is statement.body[0]
    ends_line = line_end(tree.text, end)
    if not is_alone or tree.text[end:ends_line].strip() or not begins_line(tree.text, start):
        return None
    behind = _next_line(tree.text, ends_line)
    return Fix("Leave it out", (Edit(start, behind, ""),), Safety.UNSAFE, "rewrite")


def _next_line(text: str, end: int) -> int:
    """The offset behind a line end."""
    return end + (2 if text[end : end + 2] == "\r\n" else 1 if end < len(text) else 0)


def _give_back(
    model: SemanticModel, setter: ModeSetter, statement: cst.SimpleStatementLine
) -> Fix | None:
    """Keep the mode before ``self.eval()``, and set it again."""
    node, before, tree = setter.node, setter.before, model.tree
    if not isinstance(node, cst.Call) or not isinstance(before, cst.Call):
        return None
    first = next(n for n in tree.ancestors(before) if isinstance(n, cst.SimpleStatementLine))
    name = "was_training"
    names = {n.value for n in walk(setter.function.node) if isinstance(n, cst.Name)}
    if tree.parent(first) is not setter.function.node.body or name in names or before is node:
        return None
    assert isinstance(before.func, cst.Attribute)
    start = tree.span(first)[0]
    holder = before.func.value
    code = f"{name} = {tree.text[slice(*tree.span(holder))]}.training"
    if not begins_line(tree.text, start) or not isinstance(holder, (cst.Name, cst.Attribute)):
        return None
    row = code + new_line(tree, first, "")
    call = Edit(tree.span(node.func)[1], tree.span(node)[1], f"({name})")
    edits = (Edit(start, start, row), call)
    return Fix("Set the mode that was before", edits, Safety.UNSAFE, "rewrite")
