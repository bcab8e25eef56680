from __future__ import annotations

from collections.abc import Iterator

from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import Finding, Invalid, Rule
from dropout_lint.semantics.facts.effects.checkpoints import forgetful_checkpoints
from dropout_lint.semantics.model import SemanticModel


class ForgetfulCheckpoint(Rule):
    """Activation checkpointing forgets the random state, around something that drops.

    ## What it does

    Finds calls of `torch.utils.checkpoint.checkpoint` and `checkpoint_sequential` with
    `preserve_rng_state=False` whose function is seen to drop: a module of the class, a method, an
    inner function or a lambda with dropout in it.

    ## Why is this bad?

    The backward pass computes the block again, with another mask. The gradients then belong to
    another network than the loss, and nothing says so.

    ## Example

    ```python
    from torch import nn
    from torch.utils.checkpoint import checkpoint


    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5))

        def forward(self, x):
            return checkpoint(self.net, x, use_reentrant=False, preserve_rng_state=False)
    ```

    ## Use instead

    ```python
    from torch import nn
    from torch.utils.checkpoint import checkpoint


    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5))

        def forward(self, x):
            return checkpoint(self.net, x, use_reentrant=False)
    ```

    ## Fix safety

    There is no fix: to keep the random state takes time at each call, and whether the dropout or
    the option goes is for the author to say.

    ## When it is intentional

    Where the rate is zero whenever checkpointing is on: say so with
    `# dropout-lint: intentional <reason>`.

    ## References

    - [torch.utils.checkpoint](https://docs.pytorch.org/docs/stable/checkpoint.html)
    """

    code = "DRP104"
    name = "checkpoint-without-rng-state"
    severity = Severity.WARNING
    default = False
    prefilter = ((b"preserve_rng_state",),)
    respects_intent = False
    shows_in_eval = False
    shows_in_gradients = True

    VALID = (
        """
from torch import nn
from torch.utils.checkpoint import checkpoint


class Block(nn.Module):
    def __init__(self, keep):
        super().__init__()
        self.keep = keep
        self.net = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5))
        self.plain = nn.Sequential(nn.Linear(8, 8), nn.GELU())

    def forward(self, x):
        x = checkpoint(self.net, x, use_reentrant=False)
        x = checkpoint(self.net, x, preserve_rng_state=True)
        x = checkpoint(self.net, x, preserve_rng_state=self.keep)
        return checkpoint(self.plain, x, use_reentrant=False, preserve_rng_state=False)
""",
        """
from torch import nn
from .tools import checkpoint


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5))

    def forward(self, x):
        return checkpoint(self.net, x, preserve_rng_state=False)
""",
        """
from torch.utils.checkpoint import checkpoint


def run(block, x):
    return checkpoint(block, x, preserve_rng_state=False)
""",
    )
    INVALID = (
        Invalid(
            """
from torch import nn
from torch.utils.checkpoint import checkpoint


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5))

    def forward(self, x):
        return checkpoint(self.net, x, use_reentrant=False, preserve_rng_state=False)
""",
        ),
        Invalid(
            """
import torch.nn.functional as F
import torch.utils.checkpoint as cp
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(x)


class Stack(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.blocks = nn.ModuleList([Block() for _ in range(depth)])
        self.tail = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.1))

    def run(self, x):
        return F.dropout(x, 0.5, training=self.training)

    def forward(self, x):
        for block in self.blocks:
            x = cp.checkpoint(block, x, preserve_rng_state=False)

        def inner(h):
            return self.tail(h)

        keep = False
        x = cp.checkpoint(inner, x, preserve_rng_state=keep)
        x = cp.checkpoint(lambda h: self.blocks[0](h), x, preserve_rng_state=False)
        x = cp.checkpoint_sequential(self.tail, 2, x, preserve_rng_state=False)
        return cp.checkpoint(self.run, x, preserve_rng_state=False)
""",
            count=5,
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        for found in forgetful_checkpoints(model):
            run = model.tree.code(found.run).partition("\n")[0]
            message = (
                f"`{run}` drops, and is computed again with another mask: the gradients are not "
                "those of the loss"
            )
            yield Finding(found.argument, message, found.function)
