from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.diagnostics import Edit, Fix, Safety, Severity
from dropout_lint.fixing.edits.layout import end_of_block, new_line
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.facts.dropping import class_drops
from dropout_lint.semantics.facts.recurrent import has_one_layer
from dropout_lint.semantics.interpreter.run import Called, Run
from dropout_lint.semantics.interpreter.values import NONE, Ref, SelfObject, truth
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import children


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
                if method is None or function is None or not _is_override(model, function):
                    continue
                if _only_returns(method) and not _last_run(model, function).exit_state:
                    continue
                if any(name in base.outline.loops for base in info.imported):
                    continue
                mode = _mode_fault(model, function) if _depends_on_mode(model, info) else None
                returns = not _returns_none(model, function)
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


def _mode_fault(model: SemanticModel, function: FunctionInfo) -> str | None:
    """What is wrong with the mode that the method leaves when it is asked for eval mode."""
    in_train, in_eval = model.run(function, True), _last_run(model, function)
    if in_eval.raises or _hands_self_on(in_eval):
        return None
    left = in_eval.exit_state.get("self.training")
    if left is not None:
        asked = in_eval is in_train or truth(left).when_false is not None
        return None if asked else "does not pass the mode on"
    if "self.training" in in_train.exit_state:  # `if mode: super().train(mode)`, and nothing else
        return None if _toggled(in_eval) else "does not pass eval mode on"
    return "does not set the mode"


def _hands_self_on(run: Run) -> bool:
    """Whether something unknown gets the module itself, and may do anything with it."""
    return any(
        isinstance(argument.value.only, SelfObject)
        for called in run.calls
        for argument in called.arguments
        if not (isinstance(called.callee, Ref) and called.callee.name.startswith("builtins."))
    )


def _toggled(run: Run) -> list[Called]:
    """The calls of some object's ``train`` or ``eval``."""
    return [
        called
        for called in run.calls
        if isinstance(called.node.func, cst.Attribute)
        and called.node.func.attr.value in ("train", "eval")
        and len(called.node.args) <= 1
    ]


def _is_override(model: SemanticModel, function: FunctionInfo) -> bool:
    """Whether the method is about modes: ``train(self)`` may as well be a training loop."""
    if not function.is_named_as_override or function.positional:
        return function.is_mode_override
    run = _last_run(model, function)
    return bool(_toggled(run)) or "self.training" in run.exit_state


def _last_run(model: SemanticModel, function: FunctionInfo) -> Run:
    """The method's run in eval mode; ``train(self)`` has one in train mode only."""
    return model.run(function, not function.is_mode_override)


def _returns_none(model: SemanticModel, function: FunctionInfo) -> bool:
    """Whether all that the method returns in some mode is None."""
    runs = {_last_run(model, function), model.run(function, function.name == "train")}
    return any(not run.raises and run.returned == NONE for run in runs)


def _only_returns(method: cst.FunctionDef) -> bool:
    """``return self`` and nothing else but a docstring."""
    statements = [
        statement
        for line in children(method.body)
        for statement in (line.body if isinstance(line, cst.SimpleStatementLine) else [line])
        if not (isinstance(statement, cst.Expr) and isinstance(statement.value, cst.BaseString))
    ]
    return all(isinstance(s, (cst.Return, cst.Pass)) for s in statements) and any(
        isinstance(s, cst.Return) and s.value is not None for s in statements
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
