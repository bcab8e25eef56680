"""Small packages whose files import each other, and what is found in them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from pathlib import Path

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.checking import diagnose
from dropout_lint.linting.pipeline import lint
from dropout_lint.screen.text.lexical import Lexical
from dropout_lint.screen.tree.syntax import may_matter
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.big_stack import on_big_stack
from support.cases import texts_of

Files = Mapping[str, str]

Write = Callable[[Files], Path]

BASE = "from torch import nn\n\n\nclass Base(nn.Module):\n    pass\n"

COMMON = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"


def net(imports: str, base: str = "Base", call: str = "F.dropout(x, 0.5)", more: str = "") -> str:
    """A file with one class, whose method drops."""
    head = f"{imports}\n\n\nclass Net({base}):\n"
    return f"{head}{more}    def encode(self, x):\n        return {call}\n"


F = "import torch.nn.functional as F\n"


def codes(path: Path, settings: Settings | None = None) -> list[str]:
    """The findings in a file; what the cheap stages dismiss must be silent without them too."""
    settings = settings or Settings()
    source = Source.read(str(path))
    found = [diagnostic.code for diagnostic in lint(source, settings).diagnostics]
    full = on_big_stack(
        lambda: diagnose(
            SemanticModel(source.text, settings.catalog, source.path), source, settings
        )
    )
    assert found == [diagnostic.code for diagnostic in full.diagnostics]
    if found:
        assert Lexical(settings.catalog).may_matter(path.read_bytes())
        assert may_matter(ast.parse(source.text), settings.catalog)
    return found


CASES = Path(__file__).parents[1] / "semantics" / "project" / "cases"

PACKAGE = texts_of(CASES / "bases")

SHARED = texts_of(CASES / "names_of_torch")
