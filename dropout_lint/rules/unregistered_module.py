from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.diagnostics import Edit, Fix, Safety, Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.semantics.facts.container_uses import used_in_eval
from dropout_lint.semantics.facts.containers import Contents, contents_of, drops, kind_of
from dropout_lint.semantics.facts.unowned_modules import unowned_modules
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.names import Scope


class UnregisteredDropoutModule(Rule):
    """Modules with dropout are kept where no module registers them: in a list, or on a class.

    ## What it does

    Finds attributes of an `nn.Module` that hold dropout modules, or modules that contain dropout,
    in a plain Python container; and those that are built at class level or at the top of the file
    and called in a method.

    ## Why is this bad?

    `nn.Module` registers modules, `nn.ModuleList` and `nn.ModuleDict` that are set on an instance:
    not lists and dicts, not attributes of the class, not globals. What is not registered stays in
    train mode: `eval()` never reaches it, so it goes on dropping. (Neither do `to()`,
    `parameters()` and `state_dict()` reach it.)

    ## Example

    ```python
    from torch import nn


    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.drops = [nn.Dropout(0.1), nn.Dropout(0.5)]

        def forward(self, x):
            for drop in self.drops:
                x = drop(x)
            return x
    ```

    ## Use instead

    ```python
    from torch import nn


    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.drops = nn.ModuleList([nn.Dropout(0.1), nn.Dropout(0.5)])

        def forward(self, x):
            for drop in self.drops:
                x = drop(x)
            return x
    ```

    ## Fix safety

    Unsafe: modules with parameters appear in `state_dict()` and in the optimiser from then on, and
    a tuple or dict with other keys may be used in ways that `nn.ModuleList` does not offer. No fix
    is offered for what is built outside of the instance.

    ## When it is intentional

    Some keep a module out of `parameters()` by hiding it in a list. Then switch it by hand in
    `train()`, and say so with `# dropout-lint: intentional <reason>`.

    ## References

    - [torch.nn.ModuleList](https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html)
    - [mt-dnn issue 45](https://github.com/namisan/mt-dnn/issues/45)
    """

    code = "DRP006"
    name = "unregistered-dropout-module"
    severity = Severity.ERROR
    prefilter = SCREENED
    registers_modules = True

    VALID = (
        """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drops = nn.ModuleList([nn.Dropout(0.1) for _ in range(2)])
""",
        """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = []
        self.layers.append(nn.Dropout(0.1))
        self.body = nn.Sequential(*self.layers)
""",
        """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.1)
        self.layers = [self.drop]
""",
        """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.activations = [nn.ReLU(), nn.Tanh()]
        self.rates = [0.1, 0.5]
""",
        """
from torch import nn

DROP = nn.Dropout(0.1)
HEAD = nn.Dropout(0.2)


class Net(nn.Module):
    drop = nn.Dropout(0.1)

    def __init__(self):
        super().__init__()
        self.head = HEAD

    def forward(self, x):
        DROP.train(self.training)
        self.drop.train(self.training)
        return DROP(self.drop(self.head(x)))
""",
    )
    INVALID = (
        Invalid(
            """
from torch import nn


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.drops = [nn.Dropout(0.1) for _ in range(n)]
""",
            unsafe="""
from torch import nn


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.drops = nn.ModuleList([nn.Dropout(0.1) for _ in range(n)])
""",
        ),
        Invalid(
            """
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.1))


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.blocks = []
        for _ in range(n):
            self.blocks.append(Block())
        self.heads = {"a": nn.Dropout(0.1), "b": nn.Dropout(0.2)}
""",
            unsafe="""
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.1))


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.blocks = nn.ModuleList()
        for _ in range(n):
            self.blocks.append(Block())
        self.heads = nn.ModuleDict({"a": nn.Dropout(0.1), "b": nn.Dropout(0.2)})
""",
            count=2,
        ),
        Invalid(
            """
from torch import nn

DROP = nn.Dropout(0.1)


class Net(nn.Module):
    mix = nn.Sequential(nn.ReLU(), nn.Dropout(0.5))

    def forward(self, x):
        return DROP(self.mix(x))
""",
            count=2,
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        for unowned in unowned_modules(model):
            message = (
                f"`{unowned.name}` is built at {unowned.level}, where no module registers it: "
                "`eval()` never reaches it"
            )
            yield Finding(unowned.target, message, None, ())
        for info in model.classes:
            if not info.is_module:
                continue
            for name, writes in info.writes.items():
                if any(write.value is None or write.method is None for write in writes):
                    continue
                found = contents_of(model, info, name, writes)
                if found is None or found.escapes or not drops(model, found):
                    continue
                if not used_in_eval(model, info, name):
                    continue
                kind = found.kind
                message = (
                    f"`self.{name}` keeps modules with dropout in a plain {kind}: "
                    "`eval()` never reaches them"
                )
                function = model.functions.by_node.get(found.write.method)
                fixes = self._fixes(model, info, found)
                yield Finding(found.write.target, message, function, fixes)

    def _fixes(self, model: SemanticModel, info: ClassInfo, found: Contents) -> tuple[Fix, ...]:
        value = found.write.value
        wrapper = {"list": "ModuleList", "tuple": "ModuleList", "dict": "ModuleDict"}[found.kind]
        assert found.write.method is not None and value is not None
        scope = model.names.scopes[found.write.method]
        spelled = _spelled(model, scope, wrapper)
        display = isinstance(value, (cst.List, cst.ListComp, cst.Tuple, cst.Dict, cst.DictComp))
        nested = any(kind_of(element) is not None for element, _ in found.elements)
        if nested or spelled is None or not display or len(info.writes[found.write.name]) > 1:
            return ()
        start, end = model.tree.outer_span(value)
        edits: tuple[Edit, ...] = (Edit(start, start, f"{spelled}("), Edit(end, end, ")"))
        if isinstance(value, cst.Tuple) and not value.lpar:
            return ()
        if model.tree.outer_code(value) in ("[]", "()", "{}"):
            edits = (Edit(start, end, f"{spelled}()"),)
        return (Fix(f"Use `{spelled}`", edits, Safety.UNSAFE, "rewrite"),)


def _spelled(model: SemanticModel, scope: Scope, wrapper: str) -> str | None:
    for code in (f"nn.{wrapper}", f"torch.nn.{wrapper}", wrapper):
        if model.names.qualified(cst.parse_expression(code), scope) == (f"torch.nn.{wrapper}",):
            return code
    return None
