from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import CATALOG, Finding, Invalid, Rule
from dropout_lint.semantics.facts.attribute_uses import count_uses, names_all_it_uses
from dropout_lint.semantics.facts.effects.built_layers import holds_dropout
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, Write


class DropoutNeverUsed(Rule):
    """A dropout module is built and nothing uses it.

    ## What it does

    Finds dropout modules that `__init__` puts on `self` and that nothing in the file uses, in a
    class with a `forward` of its own.

    ## Why is this bad?

    The model trains without the dropout that its author believes in, and its rate is tuned for
    nothing. Where it is left over from a change, it misleads whoever reads it. The rule is off by
    default, since a module may be there for subclasses and callers in other files.

    ## Example

    ```python
    from torch import nn


    class Attention(nn.Module):
        def __init__(self, p):
            super().__init__()
            self.dropout = nn.Dropout(p)

        def forward(self, q, k, v):
            return (q @ k.transpose(1, 2)).softmax(-1) @ v
    ```

    ## Use instead

    ```python
    from torch import nn


    class Attention(nn.Module):
        def __init__(self, p):
            super().__init__()
            self.dropout = nn.Dropout(p)

        def forward(self, q, k, v):
            return self.dropout((q @ k.transpose(1, 2)).softmax(-1)) @ v
    ```

    ## Fix safety

    There is no fix: to apply the dropout changes training, and whether to remove it is for the
    author to decide.

    ## When it is intentional

    A module that only other files use, or that is kept for the sake of subclasses: say so with
    `# dropout-lint: intentional <reason>`.

    ## References

    - [Informer2020 issue 97](https://github.com/zhouhaoyi/Informer2020/issues/97): attention
      dropout built and forgotten
    """

    code = "DRP019"
    name = "dropout-never-used"
    severity = Severity.WARNING
    default = False
    prefilter = ((CATALOG,),)
    respects_intent = False
    shows_in_training = True

    VALID = (
        """
from torch import nn


class Attention(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.dropout = nn.Dropout(p)


class Plain(Attention):
    def forward(self, x):
        return self.dropout(x)
""",
        """
from torch import nn


class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.drop = nn.Dropout(p)

    def forward(self, x):
        for layer in self.children():
            x = layer(x)
        return x


class Named(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.drop1 = nn.Dropout(p)

    def forward(self, x):
        return getattr(self, "drop" + "1")(x)
""",
        """
from torch import nn


class Layer(nn.TransformerEncoderLayer):
    def __init__(self, p):
        super().__init__(8, 2)
        self.dropout1 = nn.Dropout(p)

    def forward(self, x):
        return super().forward(x)
""",
        """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.0)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        self.drop(x)
        return x
""",
    )
    INVALID = (
        Invalid(
            """
from torch import nn


class Attention(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.scale = 0.1
        self.dropout = nn.Dropout(p)

    def forward(self, q, k, v):
        return (q @ k.transpose(1, 2) * self.scale).softmax(-1) @ v
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        uses: Counter[str] | None = None
        for info in model.classes:
            built = _built(model, info)
            uses = count_uses(model) if built and uses is None else uses
            is_seen = bool(built) and names_all_it_uses(model, info)
            for name, write in built.items():
                assert uses is not None and write.method is not None
                function = model.functions.by_node.get(write.method)
                if not uses[name] and is_seen:
                    message = f"`self.{name}` is never applied: nothing in this file uses it"
                    yield Finding(write.target, message, function)


def _built(model: SemanticModel, info: ClassInfo) -> dict[str, Write]:
    """The attributes of a module that hold a dropout module that may drop, and works on a copy."""
    if not info.is_surely_module:
        return {}
    return {
        name: writes[0]
        for name, writes in info.writes.items()
        if info.find_writes(name) == writes and all(holds_dropout(model, w) for w in writes)
    }
