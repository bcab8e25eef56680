from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.diagnostics import Edit, Fix, Safety, Severity
from dropout_lint.fixing.edits.layout import begins_line, indentation, newline_at
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.driving.loops import WrongLoop, loops_in_eval_mode
from dropout_lint.semantics.driving.torch_imports import imports_torch
from dropout_lint.semantics.model import SemanticModel

HEAD = """
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 1))
optimizer = torch.optim.SGD(model.parameters(), 0.1)


def evaluate(model, x):
    model.eval()
    with torch.no_grad():
        return model(x).mean()


model.train()
"""
STEP = """    optimizer.zero_grad()
    model(x).mean().backward()
    optimizer.step()
"""


class TrainingGoesOnInEvalMode(Rule):
    """A loop trains a model, puts it into eval mode to evaluate it, and trains on like that.

    ## What it does

    Finds loops with a forward and a backward pass of a model, in which `eval()` is called on it,
    by the loop itself or in a function or method of the project that it calls, and no `train()`
    before the next pass. The class of the model has to be known to have dropout or BatchNorm.

    ## Why is this bad?

    From the first evaluation on the model is trained without dropout and with the statistics that
    BatchNorm has by then, which stay as they are. Nothing fails, and the result is a model that is
    less regular than its configuration says. The usual reason is a `model.train()` above the loop.

    ## Example

    ```python
    import torch
    from torch import nn


    def train(batches, x):
        model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 1))
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        model.train()
        for epoch in range(10):
            for batch in batches:
                optimizer.zero_grad()
                model(batch).mean().backward()
                optimizer.step()
            model.eval()
            print(model(x))
    ```

    ## Use instead

    ```python
    import torch
    from torch import nn


    def train(batches, x):
        model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 1))
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        for epoch in range(10):
            model.train()
            for batch in batches:
                optimizer.zero_grad()
                model(batch).mean().backward()
                optimizer.step()
            model.eval()
            print(model(x))
    ```

    ## Fix safety

    Unsafe: the training after the first evaluation becomes another one, which is the point. The fix
    calls `train()` at the beginning of each turn of the loop. There is none where the function of
    the loop has no name for the model.

    ## When it is intentional

    Where a model is to be trained in eval mode, say so by `model.eval()` above the loop or right
    before the pass: the rule is silent then. A mode that is set for one turn only, by
    `if epoch == last` or before a `break`, is no finding either.

    ## References

    - [torch.nn.Module.train](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.train)
    - [vsepp issue 4](https://github.com/fartashf/vsepp/issues/4), where the cure changed
      the results
    """

    code = "DRP102"
    name = "training-goes-on-in-eval-mode"
    severity = Severity.ERROR
    prefilter = SCREENED
    respects_intent = False
    shows_in_eval = False
    about_callers = True

    VALID = (
        HEAD
        + "for x in torch.ones(3, 2, 4):\n    model.train()\n"
        + STEP
        + "    evaluate(model, x)",
        HEAD + "for x in torch.ones(3, 2, 4):\n" + STEP + "evaluate(model, x)\n",
        HEAD + "for x in torch.ones(3, 2, 4):\n    model.eval()\n" + STEP,
        HEAD
        + "ema = AveragedModel(model)\nfor x in torch.ones(3, 2, 4):\n"
        + STEP
        + "    ema.eval()\n",
        HEAD.replace("nn.Dropout(0.5)", "nn.ReLU()")
        + "for x in torch.ones(3, 2, 4):\n"
        + STEP
        + "    evaluate(model, x)\n",
    )
    INVALID = (
        Invalid(
            HEAD + "for x in torch.ones(3, 2, 4):\n" + STEP + "    evaluate(model, x)\n",
            unsafe=HEAD
            + "for x in torch.ones(3, 2, 4):\n    model.train()\n"
            + STEP
            + "    evaluate(model, x)\n",
        ),
        Invalid(
            """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.norm = nn.BatchNorm1d(4)

    def forward(self, x):
        return self.norm(self.fc(x))


class Trainer:
    def __init__(self):
        self.net = Net()
        self.optimizer = torch.optim.SGD(self.net.parameters(), 0.1)

    def fit(self, batches):
        for epoch in range(10):
            # one epoch
            for x in batches:
                self.optimizer.zero_grad()
                self.net(x).mean().backward()
                self.optimizer.step()
            self.validate(batches)

    def validate(self, batches):
        self.net.eval()
        with torch.no_grad():
            print(sum(self.net(x).mean() for x in batches))


Trainer().fit(torch.ones(2, 3, 4))
""",
            unsafe="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.norm = nn.BatchNorm1d(4)

    def forward(self, x):
        return self.norm(self.fc(x))


class Trainer:
    def __init__(self):
        self.net = Net()
        self.optimizer = torch.optim.SGD(self.net.parameters(), 0.1)

    def fit(self, batches):
        for epoch in range(10):
            # one epoch
            self.net.train()
            for x in batches:
                self.optimizer.zero_grad()
                self.net(x).mean().backward()
                self.optimizer.step()
            self.validate(batches)

    def validate(self, batches):
        self.net.eval()
        with torch.no_grad():
            print(sum(self.net(x).mean() for x in batches))


Trainer().fit(torch.ones(2, 3, 4))
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        if not imports_torch(model):
            return
        for wrong in loops_in_eval_mode(model):
            if wrong.known:
                yield finding(model, wrong)


def finding(model: SemanticModel, wrong: WrongLoop) -> Finding:
    """The finding for a loop, at its head."""
    loop = wrong.loop
    row = model.tree.line(wrong.evaluation)
    message = (
        f"this loop trains on in eval mode: line {row} puts `{wrong.path}` into it, and nothing "
        f"calls `{wrong.path}.train()` before the next pass"
    )
    head = loop.iter if isinstance(loop, cst.For) else loop.test
    fix = _fix(model, wrong)
    fixes = (fix,) if fix is not None else ()
    return Finding(head, message, model.functions.of_scope(wrong.scope), fixes)


def _fix(model: SemanticModel, wrong: WrongLoop) -> Fix | None:
    """A call of `train` as the first statement of the loop."""
    body = wrong.innermost.body
    if not isinstance(body, cst.IndentedBlock) or not body.body:
        return None
    text, start = model.tree.text, model.tree.span(body.body[0])[0]
    if not begins_line(text, start):
        return None
    line = f"{wrong.path}.train()"
    edit = Edit(start, start, line + newline_at(text, start) + indentation(text, start))
    return Fix(f"Call `{line}` in each turn", (edit,), Safety.UNSAFE, "rewrite")
