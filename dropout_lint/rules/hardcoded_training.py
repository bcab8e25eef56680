from __future__ import annotations

from collections.abc import Iterator

from dropout_lint.catalog import CatalogFunction
from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.rules.ungated_function import is_left_to_callers, says_who
from dropout_lint.semantics.facts.calling.callers import Callers
from dropout_lint.semantics.facts.calling.mode_options import mode_options
from dropout_lint.semantics.interpreter.values import Const, ModeMethod
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site, shown_callee


class HardcodedTrainingFlag(Rule):
    """The mode argument of a dropout function is always true.

    ## What it does

    Finds dropout calls in a module whose mode argument is `True`, written out or through a
    variable, or true in eval mode only (an inverted flag). Functions and methods of your own that
    hand such an argument on to a dropout count as well; the call that passes the constant is the
    finding. It may also stand in a free function that a module calls in eval mode.

    An option of a module's own `forward` is one more way to write it: `forward(x, train=True)` or
    `forward(x, resample=True)` drops whenever nobody passes the option, whatever `eval()` says. The
    parameter is reported if it decides about a drop, lets it run by default, and no call in the
    project passes it (tests do not count).

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
        Invalid(
            """
import torch
from torch import nn


def attend(query, key, value, p):
    scores = torch.softmax(query @ key.transpose(-2, -1), dim=-1)
    return torch.dropout(scores, p, train=True) @ value


class Net(nn.Module):
    def forward(self, x):
        return attend(x, x, x, 0.1)
""",
            unsafe="""
import torch
from torch import nn


def attend(query, key, value, p, training=True):
    scores = torch.softmax(query @ key.transpose(-2, -1), dim=-1)
    return torch.dropout(scores, p, train=training) @ value


class Net(nn.Module):
    def forward(self, x):
        return attend(x, x, x, 0.1, training=self.training)
""",
        ),
        Invalid(
            """
import torch
from torch import nn


class Drop(nn.Module):
    def __init__(self, rate=0.5):
        super().__init__()
        self.keep = 1 - rate

    def forward(self, x, resample=True):
        if not resample:
            return x
        return x * torch.bernoulli(torch.full_like(x, self.keep)) / self.keep
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        yield from _options(model)
        callers = Callers(model)
        for site in model.sites:
            if (
                not isinstance(site.row, CatalogFunction)
                or site.flag is None
                or site.row.mode is None
            ):
                continue
            if site.function.self_name is None:
                yield from _in_function(site, site.row, callers, fixer)
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


def _options(model: SemanticModel) -> Iterator[Finding]:
    """The options of a ``forward`` that are on by default and that nobody turns off."""
    for option in mode_options(model):
        name, function = option.parameter.name.value, option.function
        message = (
            f"`{name}` of `{function.qualname}()` is {option.default} and nobody passes it: "
            f"{model.project_calls.shown(option.drop)} stays on after `eval()`"
        )
        yield Finding(option.parameter, message, function)


def _in_function(
    site: Site, row: CatalogFunction, callers: Callers, fixer: Fixer
) -> Iterator[Finding]:
    """The finding in a function without a mode that a module calls, if there is one."""
    assert site.flag is not None and row.mode is not None
    flag = site.flag.value.only
    if not isinstance(flag, Const) or bool(flag.value) is row.inverted:
        return
    caller = callers.of(site) if is_left_to_callers(site) else None
    if caller is None:
        return
    model = fixer.model
    message = (
        f"`{shown_callee(model, site.node)}` in `{site.function.name}()` stays on after `eval()`: "
        f"its `{row.mode.name}` is always {not row.inverted}{row.reaches}; "
        f"{says_who(caller, model)}"
    )
    fixes = fixer.ungated_function(site) if caller.model is model else ()
    yield Finding(site.place, message, site.function, fixes)
