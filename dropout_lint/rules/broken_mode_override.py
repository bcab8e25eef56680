from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import libcst as cst

from dropout_lint.diagnostics import Edit, Fix, Safety, Severity
from dropout_lint.fixing.edits.layout import end_of_block, new_line
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.facts.overrides.faults import Fault, Kind, faults
from dropout_lint.semantics.facts.overrides.hiding import hiding_writes
from dropout_lint.semantics.facts.overrides.returns import returns_to_change
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo


class BrokenModeOverride(Rule):
    """A module replaces `train()` or `eval()`, and calls of them do not do what they should.

    ## What it does

    Finds what stands in the place of `train(mode)` and `eval()` of an `nn.Module` and

    - cannot be called as they are, so that `eval()`, which is `train(False)`, raises TypeError: a
      `train` that takes no mode, or more than one; an attribute of that name (`self.train = True`);
    - is no switch of the mode: a training loop called `train`, which `eval()` starts;
    - leaves the module or a child in train mode: it neither calls the base class's method nor sets
      `self.training`, or only in one direction, or only under an option that is off by default; it
      forgets a child, has a second flag for it, or puts it into train mode in either case;
    - is never called: what `eval()` of a layer does in addition, for the `eval()` of a model calls
      `train(False)` of its parts;
    - does not return `self`.

    The message names what follows, the worst first.

    ## Why is this bad?

    `eval()` is `self.train(False)`, and hands on by calling `train(False)` of every child. An
    override that does not set the mode leaves the module and its children as they were, so dropout
    goes on. One that returns nothing makes `model = model.eval()` put `None` into `model`.

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

    Returning `self` is safe, and offered where it is all that is missing. A training loop needs
    another name, and where a mode is not set there is no fix: only the author knows which children
    are meant to follow.

    ## When it is intentional

    To keep a module in eval mode for good, write `return super().train(False)`. A method that does
    nothing but `return self` is taken for a deliberate lock, and parts that are put into eval mode
    behind `super().train(mode)` are frozen. A child that stays in train mode on purpose is
    documented where a name or a comment says so.

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


class Agent(nn.Module):
    def train(self, **options):
        for batch in self.batches(**options):
            self.body.train()
            self.step(batch)


class Fitted(nn.Module):
    def train(self, data, steps=100):
        for _ in range(steps):
            self.step(data)
""",
            count=2,
        ),
        Invalid(
            """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.train = True
""",
        ),
        Invalid(
            """
from torch import nn


class Merged(nn.Linear):
    def eval(self):
        super().eval()
        self.merged = True
        return self
""",
        ),
        Invalid(
            """
from torch import nn


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5))
        self.head = nn.Sequential(nn.Linear(8, 2), nn.Dropout(0.5))

    def train(self, body=True, head=True):
        self.body.train(body)
        self.head.train(head)
        return self
""",
        ),
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
                function = model.functions.by_node.get(info.methods.get(name))
                found = faults(model, function) if function is not None else []
                if function is None or not found:
                    continue
                what = " and ".join(fault.what for fault in found)
                message = f"`{name}()` overrides nn.Module's and {what}: {_effects(found)}"
                fixes = _return_self(model, function) if _only_returns_none(found) else ()
                declarable = all(fault.declarable for fault in found)
                yield Finding(function.node.name, message, function, fixes, declarable)
            for name, write in hiding_writes(model, info):
                function = model.functions.by_node.get(write.method)
                effect = "`train()` and `eval()` raise" if name == "train" else "`eval()` raises"
                message = f"`{name}` hides nn.Module's method: {effect} TypeError"
                yield Finding(write.target, message, function)


def _effects(found: list[Fault]) -> str:
    """The consequences, worst first: ``eval()`` is named once."""
    subject = "`eval()` "
    effects = [fault.consequence for fault in found]
    rest = [
        after.removeprefix(subject) if before.startswith(subject) else after
        for before, after in pairwise(effects)
    ]
    return " and ".join([effects[0], *rest])


def _only_returns_none(found: list[Fault]) -> bool:
    return all(fault.kind is Kind.RETURNS_NONE for fault in found)


def _return_self(model: SemanticModel, function: FunctionInfo) -> tuple[Fix, ...]:
    """The fix after which every path returns the module, if there is one."""
    method = function.node
    returns = returns_to_change(model, function)
    if returns is None:
        return ()
    safety = Safety.SAFE if model.tree.exact else Safety.UNSAFE
    code = f"return {function.self_name}"
    edits = [Edit(*model.tree.span(node), code) for node in returns.of_nothing]
    if not returns.at_end:
        return (Fix(f"`{code}`", tuple(edits), safety, "rewrite"),)
    if isinstance(method.body, cst.IndentedBlock):
        at = end_of_block(model.tree, method.body)
        row = new_line(model.tree, method.body.body[0], code)
    else:
        at, row = model.tree.span(method.body.body[-1])[1], f"; {code}"
    edits.append(Edit(at, at, row))
    return (Fix(f"Add `{code}`", tuple(edits), safety, "rewrite"),)
