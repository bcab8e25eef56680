"""A fix to module form takes the import with it that nothing else uses, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.linting import fixed, run

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.fixing.edits.apply import splice
from dropout_lint.linting.pipeline import fix, lint

NET = """\
{imports}


class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        x = {call}(x, self.p)
        return {call}(x, 0.2)
"""
USUAL = "import torch.nn.functional as F\nfrom torch import nn"


def net(imports: str = USUAL, call: str = "F.dropout", more: str = "") -> str:
    return NET.format(imports=imports, call=call) + more


@pytest.mark.parametrize(
    ("imports", "call", "left"),
    [
        (USUAL, "F.dropout", "from torch import nn"),
        (
            "from torch import nn\nfrom torch.nn import functional as F",
            "F.dropout",
            "from torch import nn",
        ),
        (
            "from torch import nn\nfrom torch.nn.functional import dropout",
            "dropout",
            "from torch import nn",
        ),
        (
            "from torch.nn.functional import dropout as drop, relu\nfrom torch import nn",
            "drop",
            "from torch.nn.functional import relu\nfrom torch import nn",
        ),
        (
            "from torch import nn\nfrom torch.nn.functional import (\n    relu,\n    dropout,\n)",
            "dropout",
            "from torch import nn\nfrom torch.nn.functional import (\n    relu,\n)",
        ),
        (
            "import torch.nn as nn, torch.nn.functional as F",
            "F.dropout",
            "import torch.nn as nn",
        ),
    ],
)
def test_import_without_a_use_goes(imports: str, call: str, left: str) -> None:
    text = fixed(net(imports, call))
    assert text.partition("\n\n\nclass")[0] == left
    assert "self.dropout2(x)" in text and run(text).is_empty


def test_prose_may_say_the_name() -> None:
    text = net(
        more='''    def other(self):
        """Of shape (N, F)."""  # F features
'''
    )
    assert "functional" not in fixed(text)


def test_crlf() -> None:
    text = fixed(net().replace("\n", "\r\n"))
    assert text.startswith("from torch import nn\r\n\r\n")


KEPT = {
    "another use": "\n\ndef f(x):\n    return F.relu(x)\n",
    "all": "\n\n__all__ = ['F', 'Net']\n",
    "string annotation": "\n\ndef f(x: 'F.Thing'):\n    return x\n",
    "eval": "\n\ndef f(x, name):\n    return eval(name)(x)\n",
    "globals": "\n\nnames = sorted(globals())\n",
    "example": '\n\ndef f(x):\n    """Run.\n\n    >>> F.relu(x)\n    """\n',
    "type comment": "\n\nx = None  # type: F.Thing\n",
    "formatted": "\n\ny = f'{F.relu}'\n",
    "bound again": "\n\nF = None\n",
    "not fixed": "\n\ndef g(x):\n    return F.dropout(x)\n",
}


@pytest.mark.parametrize("why", KEPT)
def test_import_that_may_be_used_stays(why: str) -> None:
    assert "import torch.nn.functional as F" in fixed(net(more=KEPT[why]))


@pytest.mark.parametrize(
    "imports",
    [
        "import torch.nn.functional as F  # noqa: F401\nfrom torch import nn",
        "import torch.nn.functional as F  # the functional form\nfrom torch import nn",
        "from torch import nn\nif True:\n    import torch.nn.functional as F",
        "from torch import nn; import torch.nn.functional as F",
        "import torch.nn.functional as F\nimport torch.nn.functional as F\nfrom torch import nn",
    ],
)
def test_import_that_says_more_stays(imports: str) -> None:
    text = fixed(net(imports))
    assert imports in text and run(text).is_empty


def test_module_of_torch_itself_stays() -> None:
    code = net("import torch\nfrom torch import nn", "torch.nn.functional.dropout")
    assert "import torch\n" in fixed(code)


def test_name_that_the_new_module_needs_stays() -> None:
    code = net("import torch.nn as nn", "nn.functional.dropout")
    assert "import torch.nn as nn" in fixed(code)


def test_flag_keeps_it() -> None:
    assert USUAL in fixed(net(), fix_style="flag")


@pytest.mark.parametrize(
    "other",
    [
        "from .layers import *\ny = F.relu\n",
        "from .layers import Net, F\n",
        "from .layers import (\n    Net,\n    F,\n)\n",
        "from . import layers\ny = layers.F.relu\n",
    ],
)
def test_name_that_another_file_has_from_here_stays(tmp_path: Path, other: str) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    path = tmp_path / "pack" / "layers.py"
    path.parent.mkdir()
    (path.parent / "other.py").write_text("def f():\n    pass\n\n" + other)
    path.write_text(net())
    assert USUAL in fix(Source.read(str(path)), Settings()).text
    (path.parent / "other.py").write_text("def f():\n    pass\n\nfrom .layers import Net\n")
    assert USUAL not in fix(Source.read(str(path)), Settings()).text


def test_package_keeps_what_it_brings(tmp_path: Path) -> None:
    path = tmp_path / "__init__.py"
    path.write_text(net())
    assert USUAL in fix(Source.read(str(path)), Settings()).text


def test_one_fix_alone_keeps_what_the_other_call_uses() -> None:
    code = net()
    for found in lint(Source("m.py", code), Settings()).diagnostics:
        assert found.fix is not None
        assert USUAL in splice(code, found.fix.edits)
        assert splice(code, found.fix.edits).count("F.dropout") == 1


def test_the_last_use_takes_the_import_with_it() -> None:
    code = net().replace("        x = F.dropout(x, self.p)\n", "")
    (found,) = lint(Source("m.py", code), Settings()).diagnostics
    assert found.fix is not None
    removed = [code[edit.start : edit.end] for edit in found.fix.edits]
    assert "import torch.nn.functional as F\n" in removed
