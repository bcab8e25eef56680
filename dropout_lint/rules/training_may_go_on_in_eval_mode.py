from __future__ import annotations

from collections.abc import Iterator

from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import Finding, Invalid, Rule
from dropout_lint.rules.training_goes_on_in_eval_mode import finding
from dropout_lint.semantics.driving.loops import loops_in_eval_mode
from dropout_lint.semantics.driving.torch_imports import imports_torch
from dropout_lint.semantics.model import SemanticModel

HEAD = """
import torch


def evaluate(model, x):
    model.eval()
    with torch.no_grad():
        return model(x).mean()


"""
LOOP = """def fit(model, batches):
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    model.train()
    for x in batches:
"""
STEP = """        optimizer.zero_grad()
        model(x).mean().backward()
        optimizer.step()
        evaluate(model, x)
"""


class TrainingMayGoOnInEvalMode(Rule):
    """A loop trains on in eval mode, with a model whose layers are not known.

    ## What it does

    Finds what `DRP102` finds, where nothing in the file or in those that it imports says of what
    the model is made: it is passed in, or comes from another library.

    ## Why is this bad?

    If the model has dropout or BatchNorm, it is trained without them from the first evaluation on.

    ## Example

    ```python
    import torch


    def fit(model, batches):
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        model.train()
        for x in batches:
            optimizer.zero_grad()
            model(x).mean().backward()
            optimizer.step()
            model.eval()
            print(model(x))
    ```

    ## Use instead

    ```python
    import torch


    def fit(model, batches):
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        for x in batches:
            model.train()
            optimizer.zero_grad()
            model(x).mean().backward()
            optimizer.step()
            model.eval()
            print(model(x))
    ```

    ## Fix safety

    Unsafe, as that of `DRP102`: the training after the first evaluation becomes another one.

    ## When it is intentional

    A model without layers that depend on the mode is the same in both. For all others `DRP102` says
    what is taken for intended.

    ## References

    - [DRP102](DRP102.md)
    """

    code = "DRP107"
    name = "training-may-go-on-in-eval-mode"
    severity = Severity.WARNING
    default = False
    prefilter = (b"torch",), (b"backward",)
    respects_intent = False
    shows_in_eval = False
    about_callers = True

    VALID = (
        HEAD + LOOP + "        model.train()\n" + STEP,
        HEAD
        + "from torch import nn\n\n"
        + LOOP.replace("    optim", "    model = nn.Sequential(nn.Dropout())\n    optim")
        + STEP,
    )
    INVALID = (Invalid(HEAD + LOOP + STEP, unsafe=HEAD + LOOP + "        model.train()\n" + STEP),)

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        if not imports_torch(model):
            return
        for wrong in loops_in_eval_mode(model):
            if not wrong.known:
                yield finding(model, wrong)
