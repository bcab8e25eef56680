from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.diagnostics import Edit, Fix, Safety, Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.fixing.layout import end_of_block, new_line
from dropout_lint.rules.base import Finding, Invalid, Rule
from dropout_lint.semantics.classes import ClassInfo, is_self, self_name
from dropout_lint.semantics.containers import class_drops
from dropout_lint.semantics.model import Model
from dropout_lint.semantics.tree import children, walk

_MODE_PARAMETERS = ("mode", "train", "training", "is_train", "is_training", "flag")


class BrokenModeOverride(Rule):
    """A module overrides `train()` or `eval()` and does not set the mode, or returns nothing.

    ## What it does

    Finds methods `train(self, mode=True)` and `eval(self)` of an `nn.Module` that neither call the
    base class's method nor set `self.training`, and those that do not return `self`.

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
    respects_intent = False

    VALID = (
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
    )

    def check(self, model: Model, fixer: Fixer) -> Iterator[Finding]:
        for info in model.classes:
            if not info.is_module:
                continue
            for name in ("train", "eval"):
                method = info.methods.get(name)
                own = self_name(method) if method is not None else None
                if method is None or own is None or not _is_override(method, own):
                    continue
                if _only_returns(method) or any(name in base.outline.loops for base in info.far):
                    continue
                sets = _sets_mode(method, own) or not _depends_on_mode(model, info)
                returns = _returns(method)
                if sets and returns:
                    continue
                missing = [] if sets else ["does not set the mode"]
                missing += [] if returns else ["does not return `self`"]
                effect = "`eval()` then returns None" if sets else "dropout does not follow it"
                message = f"`{name}()` overrides nn.Module's and {' and '.join(missing)}; {effect}"
                fixes = (_return_self(model, method, own),) if sets else ()
                unit = model.units.by_node.get(id(method))
                yield Finding(method.name, message, unit, fixes)


def _is_override(method: cst.FunctionDef, own: str) -> bool:
    """Whether the method can be called as nn.Module's: not a training or evaluation loop."""
    params = method.params
    rest = [*params.posonly_params, *params.params][1:]
    open_ended = params.star_kwarg is not None or isinstance(params.star_arg, cst.Param)
    if open_ended or params.kwonly_params:
        return False
    if method.name.value == "train" and len(rest) == 1:
        default = rest[0].default
        is_bool = isinstance(default, cst.Name) and default.value in ("True", "False")
        return is_bool or rest[0].name.value in _MODE_PARAMETERS
    if rest:
        return False
    return any(_toggles(node) for node in walk(method.body)) or _sets_mode(method, own)


def _depends_on_mode(model: Model, info: ClassInfo) -> bool:
    """Whether the class itself asks for the mode or has dropout; else its children are all."""
    return any(c.reads_training for c in info.lineage) or class_drops(model, info)


def _toggles(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and node.func.attr.value in ("train", "eval")
        and len(node.args) <= 1
    )


def _sets_mode(method: cst.FunctionDef, own: str) -> bool:
    """Whether the body calls another class's ``train``/``eval`` for self, or sets the flag."""
    for node in walk(method.body):
        if isinstance(node, cst.AssignTarget) and isinstance(node.target, cst.Attribute):
            if node.target.attr.value == "training" and is_self(node.target.value, own):
                return True
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
            continue
        if node.func.attr.value not in ("train", "eval"):
            continue
        receiver = node.func.value
        if isinstance(receiver, cst.Call) and isinstance(receiver.func, cst.Name):
            if receiver.func.value == "super":
                return True
        if is_self(receiver, own) and node.func.attr.value != method.name.value:
            return True  # eval() by way of self.train(False)
        if node.args and is_self(node.args[0].value, own):
            return True  # nn.Module.train(self, mode)
    return False


def _returns(method: cst.FunctionDef) -> bool:
    return any(
        isinstance(node, cst.Return) and node.value is not None for node in walk(method.body)
    )


def _only_returns(method: cst.FunctionDef) -> bool:
    """``return self`` and nothing else but a docstring."""
    statements = [
        statement
        for line in children(method.body)
        for statement in (line.body if isinstance(line, cst.SimpleStatementLine) else [line])
        if not (isinstance(statement, cst.Expr) and isinstance(statement.value, cst.BaseString))
    ]
    return all(isinstance(s, (cst.Return, cst.Pass)) for s in statements) and _returns(method)


def _return_self(model: Model, method: cst.FunctionDef, own: str) -> Fix:
    safety = Safety.SAFE if model.tree.exact else Safety.UNSAFE
    at = end_of_block(model.tree, method.body)
    code = f"return {own}"
    if isinstance(method.body, cst.IndentedBlock):
        row = new_line(model.tree, method.body.body[0], code)
    else:
        at, row = model.tree.span(method.body.body[-1])[1], f"; {code}"
    return Fix(f"Add `{code}`", (Edit(at, at, row),), safety, "rewrite")
