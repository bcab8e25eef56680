"""A class whose base lies in another file gets a module where that file shows it can take one."""

from __future__ import annotations

from pathlib import Path

import pytest

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import fix

MODEL = """\
import torch.nn.functional as F
from torch import nn

from .base import Base


class Net(Base):
    def __init__(self, config):
        super().__init__(config)
        self.rate = config["rate"]
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        return F.dropout(self.fc(x), self.rate)
"""
HEAD = """\
from abc import ABC
from torch import nn


class Root(nn.Module):
    def __init__(self):
        self.logger = None
        super(Root, self).__init__()


"""


def fixed(folder: Path, base: str) -> str:
    (folder / "pyproject.toml").write_text("")
    package = folder / "pack"
    package.mkdir()
    for name, text in (("__init__.py", ""), ("base.py", HEAD + base), ("model.py", MODEL)):
        (package / name).write_text(text)
    return fix(Source.read(str(package / "model.py")), Settings()).text


INIT = "    def __init__(self, config):\n        super().__init__()\n"
GOOD = {
    "plain": f"class Base(nn.Module):\n{INIT}",
    "abstract": f"class Base(nn.Module, ABC):\n    kind = 1\n{INIT}        self.config = config\n",
    "of a base": f"class Base(Root):\n{INIT}        self.register_buffer('b', None)\n",
    "without a constructor": "class Base(Root):\n    def f(self, x):\n        return self(x)\n",
    "weights": f"class Base(nn.Module):\n{INIT}\n    def init(self):\n"
    "        for m in self.modules():\n            if isinstance(m, nn.Linear):\n"
    "                m.reset_parameters()\n",
}
BAD = {
    "children": f"class Base(nn.Module):\n{INIT}\n    def first(self):\n"
    "        return list(self.children())[0]\n",
    "attributes": f"class Base(nn.Module):\n{INIT}\n    def __setattr__(self, name, value):\n"
    "        super().__setattr__(name, value)\n",
    "computed": f"class Base(nn.Module):\n{INIT}        for k in config:\n"
    "            setattr(self, k, config[k])\n",
    "runs": f"class Base(nn.Module):\n{INIT}        self.build()\n",
    "forgets": "class Base(nn.Module):\n    def __init__(self, config):\n        self.x = config\n",
    "perhaps": "class Base(nn.Module):\n    def __init__(self, config):\n        if config:\n"
    "            super().__init__()\n",
    "copies": f"class Base(nn.Module):\n{INIT}\n    def __deepcopy__(self, memo):\n"
    "        return self\n",
    "unknown": f"from elsewhere import Other\n\n\nclass Base(Other, nn.Module):\n{INIT}",
}


@pytest.mark.parametrize("base", GOOD)
def test_base_that_takes_a_module(tmp_path: Path, base: str) -> None:
    text = fixed(tmp_path, GOOD[base])
    assert "        self.dropout = nn.Dropout(self.rate)\n" in text
    assert "return self.dropout(self.fc(x))" in text


@pytest.mark.parametrize("base", BAD)
def test_base_that_may_not(tmp_path: Path, base: str) -> None:
    text = fixed(tmp_path, BAD[base])
    assert "F.dropout(self.fc(x), self.rate, training=self.training)" in text


@pytest.mark.parametrize("use", ["self.dropout = config", "print(self.dropout)"])
def test_name_that_a_base_uses_is_not_free(tmp_path: Path, use: str) -> None:
    text = fixed(tmp_path, f"class Base(nn.Module):\n{INIT}        {use}\n")
    assert "self.dropout_layer = nn.Dropout(self.rate)" in text
