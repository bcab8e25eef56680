from __future__ import annotations

from collections.abc import Iterator

from dropout_lint.catalog import CatalogFunction
from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.interpreter.values import ModeMethod
from dropout_lint.semantics.model import SemanticModel


class HardcodedTrainingFlag(Rule):
    """The mode argument of a dropout function is always true.

    ## What it does

    Finds dropout calls in a module whose mode argument is `True`, written out or through a
    variable, or true in eval mode only (an inverted flag). Functions and methods of your own that
    hand such an argument on to a dropout count as well; the call that passes the constant is the
    finding.

    ## Why is this bad?

    The call drops in eval mode too, so predictions are random. It is a warning and never fixed
    without being asked, because `training=True` is often meant.

    ## Example

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Net(nn.Module):
        def forward(self, x):
            return F.dropout(x, 0.5, training=True)
    ```

    ## Use instead

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Net(nn.Module):
        def forward(self, x):
            return F.dropout(x, 0.5, training=self.training)
    ```

    ## Fix safety

    Unsafe, always: where the randomness is part of the method, gating it breaks the model. A
    Tacotron 2 with a gated prenet goes from a loss of 0.6 to about 20.

    ## When it is intentional

    Say so: `# dropout-lint: intentional <reason>` on the line or the line above. Understood as well
    are names such as `Prenet` or `MCDropout`, of a class, a function, a module or of all callers;
    comments and docstrings such as "even at inference"; a comment that keeps the flag which `True`
    took the place of; a dropout layer of one's own that is told to stay on; two numbered draws from
    one input (`edges1`, `edges2`). `--show-intentional` lists what was taken for intended, and why.

    ## References

    - [SimpleNet issue 2](https://github.com/Coderx7/SimpleNet/issues/2), where it was a bug
    - [tacotron2 issue 247](https://github.com/NVIDIA/tacotron2/issues/247), where it was meant
    """

    code = "DRP003"
    name = "hardcoded-training-flag"
    severity = Severity.WARNING
    prefilter = SCREENED
    shows_in_callees = True
    shows_at_other_lines = True

    VALID = (
        """
import torch.nn.functional as F
from torch import nn


class Prenet(nn.Module):
    def forward(self, x):
        return F.dropout(F.relu(self.fc(x)), 0.5, training=True)
""",
        """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        if self.training:
            x = F.dropout(x, 0.5, training=True)
        return x
""",
        """
import torch
from torch import nn


class Net(nn.Module):
    def attend(self, scores, p):
        return torch.dropout(scores, p, train=True)

    def forward(self, x):
        return self.attend(x, 0.1 if self.training else 0.0)
""",
    )
    INVALID = (
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, True)
""",
            unsafe="""
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, self.training)
""",
        ),
        Invalid(
            """
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        train = True
        return torch.dropout(x, 0.5, train)
""",
            unsafe="""
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        train = True
        return torch.dropout(x, 0.5, self.training)
""",
        ),
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, not self.training)
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
        for site in model.sites:
            if (
                not isinstance(site.row, CatalogFunction)
                or site.flag is None
                or site.row.mode is None
            ):
                continue
            if not site.function.in_module or not site.always_active(False):
                continue
            if isinstance(site.flag.value.only, ModeMethod):  # `self.eval`: DRP011 speaks of it
                continue
            called = model.tree.code(site.called)
            flag, on = f"`{site.row.mode.name}`", not site.row.inverted
            if site.active(True) is None:
                message = (
                    f"`{called}` is on in eval mode and off in train mode: its {flag} is inverted"
                )
            else:
                message = f"`{called}` stays on after `eval()`: its {flag} is always {on}"
            message += site.row.reaches
            yield Finding(site.place, message, site.function, fixer.wrong_flag(site))
