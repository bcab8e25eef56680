from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.catalog import CatalogFunction
from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.rules.rate_flag_mixup import is_mode_flag
from dropout_lint.semantics.facts.effects.unset_rates import remark_on_rate
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site

_INVERTED = (
    "`{}` is on in eval mode and off in train mode: the condition around it is the wrong way round"
)


class DropoutMissingTraining(Rule):
    """A dropout function is called in a module without its mode argument.

    ## What it does

    Finds calls of `F.dropout` and its family (`dropout1d/2d/3d`, `multi_head_attention_forward`,
    `dropout_edge` and the like of torch_geometric, `stochastic_depth` of torchvision) in methods
    of an `nn.Module` that leave out the `training` argument and can run in eval mode.

    A function or method of your own that takes the mode as a parameter and drops unless told
    otherwise counts as one of the family: `drop_and_add(x, y)` is reported where `drop_and_add` has
    `training=True` (or `deterministic=False`) and hands it to `F.dropout`, however many functions
    are in between. So does one that draws its mask by hand, as copies of `drop_path` do: zeros and
    ones from `bernoulli_`, `torch.rand(…) < p`, `keep + torch.rand(…)` rounded down, numpy or
    `torch.distributions`, by which what the function gets is multiplied, zeroed or selected.
    Functions of other files of the project are followed where their name holds `dropout` or
    `drop_`.

    ## Why is this bad?

    `training` defaults to `True`. `model.eval()` does not reach a function call, so the call goes
    on dropping: predictions are random and worse than the model is, and nothing says so.

    ## Example

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(8, 2)

        def forward(self, x):
            return self.fc(F.dropout(x, 0.5))
    ```

    ## Use instead

    ```python
    from torch import nn


    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(8, 2)
            self.dropout = nn.Dropout(0.5)

        def forward(self, x):
            return self.fc(self.dropout(x))
    ```

    or `F.dropout(x, 0.5, training=self.training)`.

    ## Fix safety

    Safe: in train mode outputs, gradients and random state are bit-identical, in eval mode the
    output is deterministic, `state_dict()` keys are unchanged. The module form is used where it
    provably changes nothing else, the flag otherwise (or always, with `--fix-style flag`), and
    where the class passes the mode as a flag elsewhere and holds no dropout module. A whole model
    that was pickled with the old code lacks the new attribute; a `state_dict` does not. Unsafe
    where the result may be changed in place (`h += …`, `F.relu(h, inplace=True)`, also by way of a
    view, a container or a function of the file): in eval mode the call then returns its input
    itself. Also unsafe where the rate is called a share to keep (`keep_prob`), which is the wrong
    way round, in a lambda kept by `__init__`, in a class that may be no module, and in one whose
    own `train()` does not set the mode it is given. For a function of your own the fix is the flag;
    it is unsafe where the function does more with it than drop (or give back its input:
    `if not training: return x`), where it goes through several functions, and where a subclass may
    override the method. The message says which it is.

    ## When it is intentional

    Tacotron prenets, Monte-Carlo dropout and noise for diversity drop in eval mode on purpose. Say
    so with `# dropout-lint: intentional <reason>` on the line or the line above; class and function
    names such as `Prenet` or `MCDropout` and comments such as "always on" are understood.

    ## References

    - [torch.nn.functional.dropout](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html)
    - [ESPnet PR 1784](https://github.com/espnet/espnet/pull/1784),
      [deepchem issue 5086](https://github.com/deepchem/deepchem/issues/5086),
      [pytorch-fm issue 21](https://github.com/rixwew/pytorch-fm/issues/21)
    """

    code = "DRP001"
    name = "dropout-missing-training"
    severity = Severity.ERROR
    prefilter = SCREENED
    shows_in_callees = True

    VALID = (
        """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        x = F.dropout(x, 0.5, training=self.training)
        return F.dropout(x, 0.5, self.training)
""",
        """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def _noise(self, x):
        return F.dropout(x, 0.2)

    def forward(self, x):
        if self.training:
            x = self._noise(x)
        if not self.training:
            return x
        return F.dropout(x)
""",
        """
import chainer.functional as F
from chainer import Chain


class Net(Chain):
    def forward(self, x):
        return F.dropout(x, 0.5)
""",
        """
import torch.nn.functional as F


class DropPixels:
    def __call__(self, image):
        return F.dropout(image, 0.1)
""",
        """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def add_noise(self, x, p):
        return F.dropout(x, p)

    def forward(self, x, **options):
        return F.dropout(x, **options)
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
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        x = F.dropout(x, p=self.p)
        return self.fc(x)
""",
            fixed="""
from torch import nn


class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p
        self.fc = nn.Linear(8, 2)
        self.dropout = nn.Dropout(p=self.p)

    def forward(self, x):
        x = self.dropout(x)
        return self.fc(x)
""",
            flag="""
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        x = F.dropout(x, p=self.p, training=self.training)
        return self.fc(x)
""",
        ),
        Invalid(
            """
from torch import nn
from torch.nn.functional import dropout


class Block(nn.Sequential):
    def forward(self, x):
        for layer in self:
            x = dropout(
                layer(x),
                p=0.1,  # as in the paper
            )
        return x
""",
            fixed="""
from torch import nn
from torch.nn.functional import dropout


class Block(nn.Sequential):
    def forward(self, x):
        for layer in self:
            x = dropout(
                layer(x),
                p=0.1,  # as in the paper
                training=self.training,
            )
        return x
""",
        ),
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


def drop_and_add(x, residual, deterministic=False):
    return F.dropout(x, 0.1, training=not deterministic) + residual


class Block(nn.Module):
    def forward(self, x):
        return drop_and_add(self.fc(x), x)
""",
            fixed="""
import torch.nn.functional as F
from torch import nn


def drop_and_add(x, residual, deterministic=False):
    return F.dropout(x, 0.1, training=not deterministic) + residual


class Block(nn.Module):
    def forward(self, x):
        return drop_and_add(self.fc(x), x, deterministic=not self.training)
""",
        ),
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Residual(nn.Module):
    def forward(self, x):
        h = F.dropout(x, 0.5)
        h += x
        return h
""",
            unsafe="""
from torch import nn


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        h = self.dropout(x)
        h += x
        return h
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        reported: set[cst.CSTNode] = set()  # a call may mean several functions
        for site in model.sites:
            row = site.row
            if site.node in reported:
                continue
            if (
                isinstance(row, CatalogFunction)
                and row.mode is not None
                and row.on_by_default
                and site.flag_missing
                and site.function.in_module
                and site.always_active(False)
                and not is_mode_flag(site)
            ):
                called = model.tree.code(site.called)
                message = (
                    f"`{called}` without `{row.mode.name}` stays on after `eval()`; "
                    f"it defaults to {row.mode.default}{row.reaches}"
                    f"{fixer.doubt_about_rate(site)}{remark_on_rate(model, site)}"
                )
                reported.add(site.node)
                fixes = fixer.missing_flag(site)
                if _runs_in_eval_mode_only(model, site):
                    message, fixes = _INVERTED.format(called), ()
                yield Finding(site.place, message, site.function, fixes)


def _runs_in_eval_mode_only(model: SemanticModel, site: Site) -> bool:
    """Whether a condition around a call lets it run in eval mode only: with the flag, never."""
    in_train = model.contexts.of(site.function, True).guards
    return in_train is not None and site.reached(True) is None
