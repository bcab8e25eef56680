from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import CATALOG, Finding, Invalid, Rule
from dropout_lint.semantics.facts.draws import CALLS, WORDS, draws
from dropout_lint.semantics.interpreter.guards import Guard, Guards
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.vocabulary.modes import FLAG_NAME_WORDS, TRAIN_EVAL_WORDS
from dropout_lint.vocabulary.words import words

_OWN = re.compile(r"self\.(\w+)(?: |$)")


class ShadowModeFlag(Rule):
    """Randomness is switched by an attribute of the module that `train()` and `eval()` do not set.

    ## What it does

    Finds dropout calls, masks and noise in a module that run if an attribute such as
    `self.is_training`, `self.train_flag` or `self.mode == "train"` says so, where the class sets
    the attribute in `__init__` or in a method of its own, and not with the mode.

    ## Why is this bad?

    `model.eval()` sets `training` and nothing else. Whoever evaluates the model as every PyTorch
    model is evaluated gets random predictions; and a flag that was switched off for an evaluation
    stays off in the training that follows.

    ## Example

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Net(nn.Module):
        def __init__(self, is_training=True):
            super().__init__()
            self.is_training = is_training

        def forward(self, x):
            if self.is_training:
                x = F.dropout(x, 0.5)
            return x
    ```

    ## Use instead

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Net(nn.Module):
        def forward(self, x):
            if self.training:
                x = F.dropout(x, 0.5)
            return x
    ```

    ## Fix safety

    There is no fix: who sets the flag, and when, is often in other files.

    ## When it is intentional

    A property that returns `self.training`, a flag that an overridden `train()` sets, and options
    (`use_dropout`, `mc_dropout`, `dropout_at_test_time`) are not reported.

    ## References

    - [d2l-en issue 1093](https://github.com/d2l-ai/d2l-en/issues/1093), a textbook whose test
      accuracy was measured with dropout on
    """

    code = "DRP008"
    name = "shadow-mode-flag"
    severity = Severity.WARNING
    default = False
    prefilter = (CATALOG, *WORDS), (CATALOG, *CALLS)

    VALID = (
        """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, use_dropout, is_training):
        super().__init__()
        self.use_dropout = use_dropout
        self.mc_dropout = False
        self.mode = "sum" if is_training else "concat"
        self._is_training = is_training

    @property
    def is_training(self):
        return self.training

    def forward(self, x):
        if self.use_dropout:
            x = F.dropout(x, 0.5, self.training)
        if self.is_training:
            x = F.dropout(x, 0.5)
        if self.mode == "concat":
            x = F.dropout(x, 0.5, self.mode)
        return F.dropout(x, 0.5, self.training and self._is_training)
""",
        """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.is_training = True

    def train(self, mode=True):
        self.is_training = mode
        return super().train(mode)

    def forward(self, x):
        return F.dropout(x, 0.5, self.is_training)
""",
        """
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, train_flag):
        super().__init__()
        self.train_flag = train_flag

    def forward(self, x):
        return F.dropout(x, 0.5, self.train_flag)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block(True)

    def train(self, mode=True):
        self.block.train_flag = mode
        return super().train(mode)
""",
        """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, test_time_dropout):
        super().__init__()
        self.test_time_dropout = test_time_dropout
        self.only_train_part = test_time_dropout

    def forward(self, x):
        if self.only_train_part:
            x = F.dropout(x, 0.5, self.test_time_dropout)
        return F.dropout(x, 0.5, self.training or self.test_time_dropout)
""",
    )
    INVALID = (
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, is_training=True):
        super().__init__()
        self.is_training = is_training

    def forward(self, x):
        return F.dropout(x, 0.5, training=self.is_training)
""",
        ),
        Invalid(
            """
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, mode, p):
        super().__init__()
        self.mode = mode
        self.testing = False
        self.p = p

    def set_testing(self, testing):
        self.testing = testing

    def forward(self, x):
        if self.mode == "train":
            x = F.dropout(x, 0.5)
        if not self.testing:
            x = x * (torch.rand(x.size(0), 1) > self.p)
        return x
""",
            count=2,
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        found = [
            (site.call or site.node, site.function, site.active(False)) for site in model.sites
        ]
        found += [(draw.node, draw.function, draw.in_eval) for draw in draws(model)]
        for node, function, guards in found:
            name = _shadow(model, function, guards) if guards and function.in_module else None
            if name is not None:
                message = (
                    f"`{model.tree.code(node.func)}` is switched by `self.{name}`, which `eval()` "
                    "does not set"
                )
                yield Finding(node, message, function)


def _shadow(model: SemanticModel, function: FunctionInfo, guards: Guards) -> str | None:
    """The attribute that decides alone, if it stands for the mode and does not follow it."""
    names = {_of_self(guard) for guard in guards}
    name = next(iter(names))
    assert function.owner is not None
    if name is None or len(names) > 1 or words(name) - TRAIN_EVAL_WORDS - FLAG_NAME_WORDS:
        return None
    # `self.mode == "train"` says it, `self.mode == "concat"` does not.
    is_mode = all(words(guard.name) & TRAIN_EVAL_WORDS for guard in guards)
    return name if is_mode and _is_set_by_hand(model, function.owner, name) else None


def _of_self(guard: Guard) -> str | None:
    """The attribute of ``self.x`` and ``self.x == 'train'``."""
    found = _OWN.match(guard.name) if guard.kind == "flag" else None
    return found.group(1) if found is not None else None


def _is_set_by_hand(model: SemanticModel, owner: ClassInfo, name: str) -> bool:
    """Whether the class sets the attribute itself, and nothing in the file with the mode."""
    family = [*owner.lineage, *owner.derived]
    writes = [write for info in family for write in info.writes.get(name, ())]
    if not writes or owner.imported_base_sets_by_mode(name) or owner.find_method(name) is not None:
        return False
    if any(mode in info.methods for info in family for mode in ("train", "eval")):
        return False
    setters = {model.functions.by_node[w.method] for w in writes if w.method is not None}
    setters.update(_setters(model, name))
    callers = {caller for setter in setters for caller in model.functions.callers(setter)}
    return not any(
        function.is_mode_override or model.knows_mode(function) for function in setters | callers
    )


def _setters(model: SemanticModel, name: str) -> Iterator[FunctionInfo]:
    """The units that set an attribute of that name on whatever object."""
    for node, scope in model.names.mentions_of(name):
        if isinstance(node, cst.Attribute):
            function = model.functions.of_scope(scope)
            parent = model.tree.parent(node)
            if function is not None and isinstance(parent, (cst.AssignTarget, cst.AnnAssign)):
                yield function
