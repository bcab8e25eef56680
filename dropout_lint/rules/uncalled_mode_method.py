from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.diagnostics import Edit, Fix, Safety, Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.driving.receivers import is_model
from dropout_lint.semantics.driving.torch_imports import imports_torch
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.tree import tail_of

HEAD = """
import torch
from model import Net

model = Net()
model.load_state_dict(torch.load("net.pt"))
"""
TAIL = """with torch.no_grad():
    print(model(torch.ones(1, 4)))
"""


class ModeMethodNotCalled(Rule):
    """`model.eval` or `model.train` is a statement without parentheses, which does nothing.

    ## What it does

    Finds statements that only name the method `eval` or `train` of a model: `model.eval`.

    ## Why is this bad?

    A method that is named and not called does nothing. The model stays in the mode that it was in:
    after `model.eval` dropout still drops and BatchNorm still goes by the batch, so that
    predictions are random and depend on each other.

    ## Example

    ```python
    import torch


    def predict(model, x):
        model.eval
        with torch.no_grad():
            return model(x)
    ```

    ## Use instead

    ```python
    import torch


    def predict(model, x):
        model.eval()
        with torch.no_grad():
            return model(x)
    ```

    ## Fix safety

    Unsafe: the call changes the mode, which is the point, and with it all that the program computes
    from there on. There is no fix where the class has a `train` of its own.

    ## When it is intentional

    Where an attribute is only asked for, to see whether it is there, the rule is silent: in a `try`
    that catches the error and below `pytest.raises`. So it is at the end of a cell (`# %%`).

    ## References

    - [torch.nn.Module.eval](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval)
    - [ruff's B018](https://docs.astral.sh/ruff/rules/useless-expression/), which calls any such
      statement useless
    """

    code = "DRP101"
    name = "mode-method-not-called"
    severity = Severity.ERROR
    prefilter = SCREENED
    respects_intent = False
    shows_in_eval = False
    about_callers = True

    VALID = (
        HEAD + "model.eval()\n" + TAIL,
        HEAD + "switch = model.eval\nswitch()\n" + TAIL,
        HEAD + "try:\n    model.eval\nexcept AttributeError:\n    model = Net()\n",
        """
import pytest
import torch


def test_it_is_no_module(model):
    with pytest.raises(AttributeError):
        model.eval
    with torch.no_grad():
        model(torch.ones(1))
""",
        """
import argparse

import torch

args = argparse.ArgumentParser().parse_args()
args.train
args.model.eval
""",
        """
import torch


class Model:
    @property
    def eval(self):
        print("evaluating")


model = Model()
model.eval
torch.manual_seed(0)
""",
        HEAD + "# %%\nmodel.eval\n# %%\n" + TAIL,
    )
    INVALID = (
        Invalid(
            HEAD + "model.eval  # no dropout from here on\n" + TAIL,
            unsafe=HEAD + "model.eval()  # no dropout from here on\n" + TAIL,
        ),
        Invalid(
            """
import torch


class Trainer:
    def __init__(self, net, rate):
        self.net = net
        self.optimizer = torch.optim.SGD(net.parameters(), rate)

    def epoch(self, batches):
        self.net.train
        for x, y in batches:
            self.optimizer.zero_grad()
            ((self.net(x) - y) ** 2).mean().backward()
            self.optimizer.step()
        self.net.eval; print("done")
""",
            unsafe="""
import torch


class Trainer:
    def __init__(self, net, rate):
        self.net = net
        self.optimizer = torch.optim.SGD(net.parameters(), rate)

    def epoch(self, batches):
        self.net.train()
        for x, y in batches:
            self.optimizer.zero_grad()
            ((self.net(x) - y) ** 2).mean().backward()
            self.optimizer.step()
        self.net.eval(); print("done")
""",
            count=2,
        ),
        Invalid(
            """
from torch import nn


class Net(nn.Module):
    def predict(self, x):
        self.eval
        return self(x)
""",
            unsafe="""
from torch import nn


class Net(nn.Module):
    def predict(self, x):
        self.eval()
        return self(x)
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        if not imports_torch(model):
            return
        for node, scope in model.names.mentions:
            if not isinstance(node, cst.Attribute) or node.attr.value not in ("train", "eval"):
                continue
            statement = model.tree.parent(node)
            if not isinstance(statement, cst.Expr):
                continue
            if _is_asked_for(model, statement) or _ends_cell(model, statement):
                continue
            if is_model(model, node.value, scope):
                text = model.tree.code(node)
                end = model.tree.span(node)[1]
                fix = Fix(f"Call `{text}()`", (Edit(end, end, "()"),), Safety.UNSAFE, "rewrite")
                message = (
                    f"`{text}` is not called, so the model stays in the mode it is in; "
                    f"`{text}()` is meant"
                )
                yield Finding(node, message, model.functions.of_scope(scope), (fix,))


def _is_asked_for(model: SemanticModel, statement: cst.Expr) -> bool:
    """Whether something around a statement expects that the attribute may be missing."""
    inner: cst.CSTNode = statement
    for node in model.tree.ancestors(statement):
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            return False
        if isinstance(node, cst.Try) and inner is node.body and any(map(_catches, node.handlers)):
            return True
        if isinstance(node, cst.With):
            calls = (item.item for item in node.items if isinstance(item.item, cst.Call))
            names = {tail_of(call.func).lower() for call in calls}
            if any("raises" in name or name == "suppress" for name in names):
                return True
        inner = node
    return False


def _catches(handler: cst.ExceptHandler) -> bool:
    """Whether a handler catches what a missing attribute raises."""
    if handler.type is None:
        return True
    kinds = [handler.type]
    if isinstance(handler.type, cst.Tuple):
        kinds = [element.value for element in handler.type.elements]
    return any(tail_of(kind) in ("AttributeError", "Exception", "BaseException") for kind in kinds)


def _ends_cell(model: SemanticModel, statement: cst.Expr) -> bool:
    """Whether a statement ends a cell of a script that is one of cells, and so shows a value."""
    line = model.tree.parent(statement)
    module = model.tree.parent(line) if line is not None else None
    if not isinstance(module, cst.Module) or not isinstance(line, cst.SimpleStatementLine):
        return False
    if line.body[-1] is not statement or not _has_cells(model.tree.text):
        return False
    place = list(module.body).index(line)
    if place == len(module.body) - 1:
        return True
    behind = module.body[place + 1]
    return any(
        each.comment is not None and _has_cells(each.comment.value) for each in behind.leading_lines
    )


def _has_cells(text: str) -> bool:
    return "# %%" in text or "# In[" in text or "# +" in text
