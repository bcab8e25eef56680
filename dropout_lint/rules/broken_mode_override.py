from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.diagnostics import Edit, Fix, Safety, Severity
from dropout_lint.fixing.edits.layout import end_of_block, new_line
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.facts.dropping import class_drops
from dropout_lint.semantics.facts.mode_overrides import (
    is_override,
    last_run,
    mode_fault,
    only_returns,
    returns_none,
)
from dropout_lint.semantics.facts.recurrent import has_one_layer
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.functions import FunctionInfo


class BrokenModeOverride(Rule):
    """A module overrides `train()` or `eval()` and does not set the mode, or returns nothing.

    ## What it does

    Finds methods `train(self, mode=True)` and `eval(self)` of an `nn.Module` after which the module
    is not in eval mode when it should be: they neither call the base class's method nor set
    `self.training`, call `super().train()` without the mode, or do so in one direction only. Also
    those that do not return `self`.

    ## Why is this bad?

    `eval()` is `self.train(False)`. An override that does not set the mode leaves the module and
    its children as they were, so dropout goes on. One that returns nothing makes
    `model = model.eval()` put `None` into `model`.

    ## Example

    ```python
    from torch import nn


    class Backbone(nn.Module):
        def train(self, mode=True):
            super().train(mode)
            self.norm.eval()
    ```

    ## Use instead

    ```python
    from torch import nn


    class Backbone(nn.Module):
        def train(self, mode=True):
            super().train(mode)
            self.norm.eval()
            return self
    ```

    ## Fix safety

    Adding `return self` is safe. Where the mode is not set there is no fix: only the author knows
    which children are meant to follow.

    ## When it is intentional

    To keep a module in eval mode for good, write `return super().train(False)`. A method that does
    nothing but `return self` is taken for a deliberate lock.

    ## References

    - [torch.nn.Module.train](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.train)
    """

    code = "DRP007"
    name = "broken-mode-override"
    severity = Severity.ERROR
    tries_fixes = True
    prefilter = SCREENED
    respects_intent = False
    shows_in_eval = False

    VALID = (
        """
from torch import nn


class Agent(nn.Module):
    def train(self, **options):
        for batch in self.batches(**options):
            self.body.train()
            self.step(batch)


class Net(nn.Module):
    def train(self, *args, **kwargs):
        return super().train(*args, **kwargs)
""",
        """
from torch import nn


class Wrapper(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model
        del self.training  # that of the model is meant

    def eval(self):
        self.model.eval()
        return self

    def __getattr__(self, name):
        return getattr(super().__getattr__("model"), name)
""",
        """
from torch import nn


class Net(nn.Module):
    def train(self, mode: bool = True):
        return super().train(False)
""",
        """
from torch import nn


class Net(nn.Module):
    def train(self, mode=True):
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self
""",
        """
from torch import nn


class Agent(nn.Module):
    def train(self, batches, epochs):
        for batch in batches:
            self.step(batch)

    def eval(self, batches):
        return [self.score(batch) for batch in batches]
""",
        """
from torch import nn


class Frozen(nn.Module):
    def train(self, mode=True):
        return self
""",
        """
from torch import nn


class Wrapper(nn.Module):
    def train(self, trainer=None, **options):
        return (trainer or self.trainer).train(self, **options)

    def eval(self):
        self.model.eval()
        return self
""",
    )
    INVALID = (
        Invalid(
            """
from torch import nn


class Net(nn.Module):
    def train(self, *args, **kwargs):
        super().train(*args, **kwargs)
        self.frozen.eval()
""",
            fixed="""
from torch import nn


class Net(nn.Module):
    def train(self, *args, **kwargs):
        super().train(*args, **kwargs)
        self.frozen.eval()
        return self
""",
        ),
        Invalid(
            """
from torch import nn


class Net(nn.Module):
    def train(self, mode=True):
        super(Net, self).train(mode)
        if mode:
            self.norm.eval()  # frozen
""",
            fixed="""
from torch import nn


class Net(nn.Module):
    def train(self, mode=True):
        super(Net, self).train(mode)
        if mode:
            self.norm.eval()  # frozen
        return self
""",
        ),
        Invalid(
            """
from torch import nn


class Net(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body
        self.drop = nn.Dropout(0.1)

    def train(self):
        self.body.train()

    def eval(self):
        self.body.eval()
        return self
""",
            count=2,
        ),
        Invalid(
            """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(8, 8, num_layers=2, dropout=0.5)

    def train(self, mode=True):
        self.told = mode
        return self
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        for info in model.classes:
            for name in ("train", "eval"):
                method = info.methods.get(name)
                function = model.functions.by_node.get(method)
                if method is None or function is None or not is_override(model, function):
                    continue
                if only_returns(method) and not last_run(model, function).exit_state:
                    continue
                if any(name in base.outline.loops for base in info.imported):
                    continue
                mode = mode_fault(model, function) if _depends_on_mode(model, info) else None
                returns = not returns_none(model, function)
                if mode is None and returns:
                    continue
                missing = [mode] if mode is not None else []
                missing += [] if returns else ["does not return `self`"]
                effect = "`eval()` then returns None" if not mode else "dropout does not follow it"
                message = f"`{name}()` overrides nn.Module's and {' and '.join(missing)}; {effect}"
                fixes = (_return_self(model, method, function),) if not mode else ()
                yield Finding(method.name, message, function, fixes)


def _depends_on_mode(model: SemanticModel, info: ClassInfo) -> bool:
    """Whether the class itself asks for the mode or has dropout; else its children are all."""
    if any(member.reads_training for member in info.lineage) or class_drops(model, info):
        return True
    return any(
        has_one_layer(model, called) is False
        for function in model.functions
        if function.owner in info.lineage and function.builds
        for called in model.alone(function, True).calls
    )


def _return_self(model: SemanticModel, method: cst.FunctionDef, function: FunctionInfo) -> Fix:
    safety = Safety.SAFE if model.tree.exact else Safety.UNSAFE
    code = f"return {function.self_name}"
    last = method.body.body[-1]
    last = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    if isinstance(last, cst.Return):
        return Fix(f"`{code}`", (Edit(*model.tree.span(last), code),), safety, "rewrite")
    at = end_of_block(model.tree, method.body)
    if isinstance(method.body, cst.IndentedBlock):
        row = new_line(model.tree, method.body.body[0], code)
    else:
        at, row = model.tree.span(method.body.body[-1])[1], f"; {code}"
    return Fix(f"Add `{code}`", (Edit(at, at, row),), safety, "rewrite")
