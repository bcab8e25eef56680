from __future__ import annotations

from collections.abc import Iterator

from dropout_lint.catalog import ModuleClass
from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.rules.rate_flag_mixup import is_mode_flag
from dropout_lint.semantics.facts.calling.callers import Caller, Callers
from dropout_lint.semantics.facts.calling.helper_objects import holder_of
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site, location, shown_callee
from dropout_lint.vocabulary.modes import FLAG_PARAMETERS, speaks_of_mode


class UngatedDropoutInFunction(Rule):
    """A helper function that a module calls drops without knowing the mode.

    ## What it does

    Finds free functions and static methods that call `F.dropout` (or a fresh `nn.Dropout`) without
    a mode argument, or an attention function with a drop rate, or draw a mask by hand and drop by
    it, leave the mode to nobody, and are
    called by a method of an `nn.Module` in a way that can run in eval mode. The method may be in
    the same file or in another one of the project, and there may be any number of functions in
    between; the message names it. A call that only tests make does not
    count, and neither does a function that nobody in the project calls.

    A method of a plain object that a module keeps on self and calls (`self.noise = Noise(p)`, in
    the same file) is a finding too, without a fix.

    A function that does take the mode as a parameter is no finding. The call that leaves it out
    (`DRP001`) or passes a constant (`DRP003`) is.

    ## Why is this bad?

    The function has no `self`, so it cannot know whether the model is training; `training` defaults
    to `True`, and the helper drops in eval mode too.

    ## Example

    ```python
    import torch.nn.functional as F
    from torch import nn


    def drop_and_add(x, residual):
        return F.dropout(x, 0.1) + residual


    class Block(nn.Module):
        def forward(self, x):
            return drop_and_add(self.fc(x), x)
    ```

    ## Use instead

    ```python
    import torch.nn.functional as F
    from torch import nn


    def drop_and_add(x, residual, training=True):
        return F.dropout(x, 0.1, training=training) + residual


    class Block(nn.Module):
        def forward(self, x):
            return drop_and_add(self.fc(x), x, training=self.training)
    ```

    ## Fix safety

    Unsafe: the function gets a parameter, and so do the functions between it and the module;
    callers in other files keep the default. Offered where every use in the file is a plain call,
    from such a function or from a method that knows `self.training`, and not where the module is in
    another file: a fix changes one file.

    ## When it is intentional

    Say so with `# dropout-lint: intentional <reason>` on the line or the line above.

    ## References

    - [torch.nn.functional.dropout](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html)
    """

    code = "DRP002"
    name = "ungated-dropout-in-function"
    severity = Severity.WARNING
    tries_fixes = True
    prefilter = SCREENED
    shows_at_other_lines = True

    VALID = (
        """
import torch.nn.functional as F
from torch import nn


def drop_and_add(x, residual, training):
    return F.dropout(x, 0.1, training=training) + residual


class Block(nn.Module):
    def forward(self, x):
        return drop_and_add(self.fc(x), x, self.training)
""",
        """
import torch.nn.functional as F
from torch import nn


def attend(scores, p):
    return F.dropout(scores, p)


class Block(nn.Module):
    def forward(self, x):
        return attend(x, self.p if self.training else 0.0)
""",
        """
import torch
import torch.nn.functional as F


def corrupt(x):
    return F.dropout(x, 0.1)
""",
    )
    INVALID = (
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


def drop_and_add(x, residual):
    return F.dropout(x, 0.1) + residual


class Block(nn.Module):
    def forward(self, x):
        x = drop_and_add(self.attend(x), x)
        return drop_and_add(self.fc(x), residual=x)
""",
            unsafe="""
import torch.nn.functional as F
from torch import nn


def drop_and_add(x, residual, training=True):
    return F.dropout(x, 0.1, training=training) + residual


class Block(nn.Module):
    def forward(self, x):
        x = drop_and_add(self.attend(x), x, training=self.training)
        return drop_and_add(self.fc(x), residual=x, training=self.training)
""",
        ),
        Invalid(
            """
from torch import nn


def attend(scores, p):
    return nn.Dropout(p)(scores)


class Block(nn.Module):
    def forward(self, x):
        return attend(x, self.p)
""",
            unsafe="""
from torch import nn


def attend(scores, p, training=True):
    return nn.Dropout(p).train(training)(scores)


class Block(nn.Module):
    def forward(self, x):
        return attend(x, self.p, training=self.training)
""",
        ),
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Ops:
    @staticmethod
    def drop_and_add(x, residual):
        return F.dropout(x, 0.1) + residual


class Block(nn.Module):
    def forward(self, x):
        return Ops.drop_and_add(self.fc(x), x)
""",
            unsafe="""
import torch.nn.functional as F
from torch import nn


class Ops:
    @staticmethod
    def drop_and_add(x, residual, training=True):
        return F.dropout(x, 0.1, training=training) + residual


class Block(nn.Module):
    def forward(self, x):
        return Ops.drop_and_add(self.fc(x), x, training=self.training)
""",
        ),
        Invalid(
            """
import torch
from torch import nn


def drop_tokens(x, rate):
    keep = torch.rand(x.size(0), x.size(1), 1, device=x.device) >= rate
    return x * keep


class Block(nn.Module):
    def forward(self, x):
        return drop_tokens(x, 0.1)
""",
        ),
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


def drop(x):
    return F.dropout(x)


class Block(nn.Module):
    def forward(self, x):
        return self.apply_each(drop, x) + drop(x)
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        callers = Callers(model)
        drawn = set(model.drawn_sites)
        for site in (*model.sites, *model.drawn_sites):
            if not (site in drawn or _is_ungated(site)) or not is_left_to_callers(site):
                continue
            is_method = site.function.self_name is not None
            if not is_method:
                caller = callers.of(site)
            else:
                is_on = site.always_active(False) and not site.function.in_module
                is_on = is_on and site not in drawn
                caller = holder_of(model, site.function) if is_on else None
            if caller is None:
                continue
            is_listed = site.entry is not None
            called = model.tree.code(site.called) if is_listed else shown_callee(model, site.node)
            message = (
                f"`{called}` in `{site.function.name}()` does not know the mode; "
                f"{says_who(caller, model)}"
            )
            is_fixed = caller.model is model and not is_method
            fixes = fixer.ungated_function(site) if is_fixed else ()
            yield Finding(site.place, message, site.function, fixes)


def says_who(caller: Caller, model: SemanticModel) -> str:
    """The part of a message that names the method which calls a function in eval mode."""
    where = ""
    if caller.model is not model:
        where = f" ({location(caller.node, caller.model, model)})"
    uses = "keeps it for" if caller.function.builds else "calls it in"
    return f"`{caller.function.qualname}`{where} {uses} eval mode too"


def is_left_to_callers(site: Site) -> bool:
    """Whether the function has no parameter that may be meant to decide about the drop."""
    modes = [p.name.value for p in site.function.parameters if speaks_of_mode(p.name.value)]
    # A plain flag that decides about something else was forgotten here.
    return all(mode in FLAG_PARAMETERS for mode in modes) and (
        not modes or site.always_active(False)
    )


def _is_ungated(site: Site) -> bool:
    row = site.row
    if isinstance(row, ModuleClass):
        return row.functional is not None
    if row.mode is None:
        return row.rate is not None and not is_mode_flag(site)
    return row.on_by_default and site.flag_missing and not is_mode_flag(site)
