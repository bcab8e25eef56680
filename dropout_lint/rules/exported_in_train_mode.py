from __future__ import annotations

from collections.abc import Iterator

from dropout_lint.diagnostics import Edit, Fix, Safety, Severity
from dropout_lint.fixing.edits.layout import needs_parentheses
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.driving.exports import Export, exports_in_train_mode
from dropout_lint.semantics.driving.torch_imports import imports_torch
from dropout_lint.semantics.model import SemanticModel

HEAD = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 8)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        return self.dropout(self.fc(x))


x = torch.ones(1, 4)
"""
BUILT = HEAD + "model = Net()\n"


class ExportedInTrainMode(Rule):
    """A model is traced or exported as it was built, in train mode.

    ## What it does

    Finds calls of `torch.jit.trace`, `torch.jit.trace_module`, `torch.export.export` and
    `torch.onnx.export` whose model the same function, or the top level of the script, builds and
    does not put into eval mode, where its class is known to have dropout or BatchNorm.

    ## Why is this bad?

    A new model is in train mode, and tracing writes down what it does in the mode that it is in.
    What is exported drops at random wherever it is run, or normalises by the batch, and `eval()`
    comes too late for it. `torch.onnx.export` put a model into eval mode itself as long as it
    traced; since torch 2.9 it exports what it is given. `torch.jit.script` and
    `torch.fx.symbolic_trace` keep the modules, which follow a later `eval()`.

    ## Example

    ```python
    import torch
    from torch import nn

    model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5))
    torch.jit.trace(model, torch.ones(1, 4)).save("model.pt")
    ```

    ## Use instead

    ```python
    import torch
    from torch import nn

    model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5))
    torch.jit.trace(model.eval(), torch.ones(1, 4)).save("model.pt")
    ```

    ## Fix safety

    Unsafe: it changes what is exported, which is the point, and leaves the model in eval mode.
    There is no fix where the class has an `eval` or a `train` of its own.

    ## When it is intentional

    Say so by `model.train()` right before the export, or by the exporter's own argument `training`.

    ## References

    - [torch.jit.trace](https://docs.pytorch.org/docs/stable/generated/torch.jit.trace.html), whose
      warning speaks of the mode
    - [torch.export](https://docs.pytorch.org/docs/stable/export.html)
    """

    code = "DRP103"
    name = "exported-in-train-mode"
    severity = Severity.ERROR
    prefilter = SCREENED
    respects_intent = False
    shows_in_eval = False
    about_callers = True

    VALID = (
        BUILT + "model.eval()\ntorch.jit.trace(model, x)\n",
        BUILT + "torch.jit.script(model)\n",
        BUILT + "model.train()\ntorch.export.export(model, (x,))\n",
        BUILT + 'torch.onnx.export(model, (x,), "net.onnx", dynamo=False)\n',
        HEAD + "def export(model):\n    return torch.export.export(model, (x,))\n",
        """
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 8), nn.ReLU())
torch.jit.trace(model, torch.ones(1, 4))
""",
        BUILT + "prepare(model)\ntorch.jit.trace(model, x)\n",
    )
    INVALID = (
        Invalid(
            BUILT + 'model.load_state_dict(torch.load("net.pt"))\ntorch.jit.trace(model, x)\n',
            unsafe=BUILT
            + 'model.load_state_dict(torch.load("net.pt"))\ntorch.jit.trace(model.eval(), x)\n',
        ),
        Invalid(
            HEAD + 'torch.onnx.export(Net().to("cpu"), (x,), "net.onnx")\n',
            unsafe=HEAD + 'torch.onnx.export(Net().to("cpu").eval(), (x,), "net.onnx")\n',
        ),
        Invalid(
            """
import torchvision
from torch.export import export


def exported(x):
    model = torchvision.models.resnet18()
    return export(model, (x,))
""",
            unsafe="""
import torchvision
from torch.export import export


def exported(x):
    model = torchvision.models.resnet18()
    return export(model.eval(), (x,))
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        if not imports_torch(model):
            return
        for export in exports_in_train_mode(model):
            what = model.tree.code(export.given)
            since = ", since torch 2.9," if export.entry == "torch.onnx.export" else ""
            message = (
                f"`{what}` is in train mode, which `{model.tree.code(export.call.func)}`{since} "
                f"writes into what it makes; put it into eval mode before"
            )
            fixes = (_fix(model, export),) if export.accepts_eval else ()
            function = model.functions.of_scope(export.scope)
            yield Finding(export.call, message, function, fixes)


def _fix(model: SemanticModel, export: Export) -> Fix:
    start, end = model.tree.outer_span(export.given)
    edits = [Edit(end, end, ".eval()")]
    if needs_parentheses(export.given):
        edits = [Edit(start, start, "("), Edit(end, end, ").eval()")]
    return Fix("Export it in eval mode", tuple(edits), Safety.UNSAFE, "rewrite")
