"""Bases that a file imports from its own project."""

from __future__ import annotations

import pytest
from support.packages import BASE, COMMON, PACKAGE, F, Files, Write, codes, net

from dropout_lint.config import Settings

MODULES = {
    "relative": "from .base import Base",
    "renamed": "from .base import Base as B",
    "parent": "from ..base import Base",
    "absolute": "from pkg.base import Base",
    "module": "from . import base",
    "dotted": "import pkg.base",
    "module-renamed": "import pkg.base as b",
    "re-export": "from .layers import Base",
    "re-export-renamed": "from .layers import Layer as Base",
    "re-export-of-package": "from pkg import layers",
    "star": "from .base import *",
    "star-of-star": "from .stars import *",
    "alias": "from .alias import Base",
    "chain": "from .chain import Base",
    "choice": "from .choice import Base",
    "guarded": "from .guarded import Base",
    "generic": "from .generic import Base",
    "rebound": "from .again import Base",
    "typed": "from .typed import Base",
    "conditional": "try:\n    from .base import Base\nexcept ImportError:\n    Base = None",
    "in-function": "from .base import Base\ndef load():\n    from .own import Base",
}

SPELLED = {
    "renamed": "B",
    "module": "base.Base",
    "dotted": "pkg.base.Base",
    "module-renamed": "b.Base",
    "re-export-of-package": "layers.Layer",
    "generic": "Base[int]",
}


@pytest.mark.parametrize("form", MODULES)
def test_a_base_of_the_project_makes_a_module(form: str, write: Write) -> None:
    name = "pkg/sub/net.py" if form == "parent" else "pkg/net.py"
    # No `forward` and no look at the mode: nothing but the base says that this is a module.
    code = net(F + MODULES[form], SPELLED.get(form, "Base"))
    files = {**PACKAGE, "pkg/sub/__init__.py": "", name: code}
    root = write(files)
    assert codes(root / name) == ["DRP001"]
    (root / "pkg" / "base.py").write_text("class Base:\n    pass\n")
    (root / "pkg" / "layers" / "core.py").write_text("class Base:\n    pass\n")
    plain = {"star-of-star", "alias", "choice", "guarded", "generic"}
    assert codes(root / name) == (["DRP001"] if form in plain else [])


LAYOUTS: dict[str, tuple[Files, str, str]] = {
    "scripts": ({"base.py": BASE}, "net.py", "from base import Base"),
    "script-relative": ({"models/base.py": BASE}, "models/net.py", "from .base import Base"),
    "namespace": ({"models/base.py": BASE}, "models/gcn/net.py", "from models.base import Base"),
    "namespace-relative": (
        {"models/base.py": BASE},
        "models/gcn/net.py",
        "from ..base import Base",
    ),
    "namespace-in-package": (
        {"pkg/__init__.py": "", "pkg/a/base.py": BASE},
        "pkg/b/net.py",
        "from pkg.a.base import Base",
    ),
    "package-in-namespace": (
        {"space/pkg/__init__.py": "", "space/pkg/base.py": BASE},
        "space/pkg/net.py",
        "from space.pkg.base import Base",
    ),
    "src": ({"src/pkg/__init__.py": BASE}, "tests/test_net.py", "from pkg import Base"),
    "src-inside": (
        {"src/pkg/__init__.py": "", "src/pkg/base.py": BASE, "src/pkg/sub/__init__.py": ""},
        "src/pkg/sub/net.py",
        "from pkg.base import Base",
    ),
    "run-inside-a-package": (
        {"pkg/__init__.py": "", "pkg/base.py": BASE},
        "pkg/net.py",
        "from base import Base",
    ),
    "own-init": ({"pkg/base.py": BASE}, "pkg/__init__.py", "from .base import Base"),
    "stub": ({"pkg/__init__.py": "", "pkg/base.pyi": BASE}, "pkg/net.py", "from .base import Base"),
    "module-beside-a-data-folder": (
        {"models/base/data.txt": "", "base.py": BASE},
        "models/net.py",
        "from base import Base",
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout: str, write: Write) -> None:
    others, name, imports = LAYOUTS[layout]
    root = write({**others, name: net(F + imports)})
    assert codes(root / name) == ["DRP001"]
    known = next(root / other for other in others if others[other] == BASE)
    known.write_text("class Base:\n    pass\n")
    assert codes(root / name) == []


NOT_MODULES = {
    "plain": "class Base:\n    training = True\n",
    "dataset": "from torch.utils.data import Dataset\n\n\nclass Base(Dataset):\n    pass\n",
    "dataset-over-two": (
        "from torch.utils.data import Dataset\n\n\nclass Root(Dataset):\n    pass\n\n\n"
        "class Base(Root):\n    def forward(self, x):\n        return self.training\n"
    ),
    "exception": "class Base(Exception):\n    pass\n",
    "autograd": "import torch\n\n\nclass Base(torch.autograd.Function):\n    pass\n",
    "abstract": "import abc\n\n\nclass Base(abc.ABC):\n    pass\n",
}


@pytest.mark.parametrize("base", NOT_MODULES)
def test_a_base_that_is_no_module_is_none_whatever_its_subclass_looks_like(
    base: str, write: Write
) -> None:
    look = "    def forward(self, x):\n        return F.dropout(x) if self.training else x\n\n"
    code = net("import torch\n" + F + "from .base import Base", more=look)
    root = write({"pkg/__init__.py": "", "pkg/base.py": NOT_MODULES[base], "pkg/net.py": code})
    assert codes(root / "pkg/net.py") == []
    # It is the file that says so: without it, the look of the class decides.
    (root / "pkg/base.py").unlink()
    assert codes(root / "pkg/net.py") == ["DRP001"]


def test_a_base_of_unknown_origin_stays_a_guess(write: Write) -> None:
    base = "from elsewhere import Thing\n\n\nclass Base(Thing):\n"
    code = net(F + "from .base import Base")
    files = {"pkg/__init__.py": "", "pkg/net.py": code}
    root = write({**files, "pkg/base.py": base + "    pass\n"})
    assert codes(root / "pkg/net.py") == []
    # The look of the base counts as that of a base in the same file does.
    (root / "pkg/base.py").write_text(base + "    def forward(self, x):\n        return x\n")
    assert codes(root / "pkg/net.py") == ["DRP001"]


def test_bases_in_a_circle_end(write: Write) -> None:
    root = write(
        {
            "pkg/__init__.py": "from .a import *\nfrom .b import *\n",
            "pkg/a.py": "from .b import B\nfrom . import *\n\n\nclass A(B):\n    pass\n",
            "pkg/b.py": "from .a import A\nfrom . import *\nX = X\n\n\nclass B(A):\n    pass\n",
            "pkg/net.py": net(F + "from . import A, X\nfrom .net import Net as Old", "A"),
        }
    )
    assert codes(root / "pkg/net.py") == []


def test_names_come_through_modules_that_import_each_other(write: Write) -> None:
    root = write(
        {
            "pkg/__init__.py": "",
            "pkg/a.py": "from .b import *\nfrom .c import *\n",
            "pkg/b.py": "from .a import *\n",
            "pkg/c.py": "from .a import *\n" + COMMON,
            "pkg/net.py": net("from .b import *", "nn.Module"),
        }
    )
    assert codes(root / "pkg/net.py") == ["DRP001"]


def test_a_base_from_a_file_that_imports_this_one(write: Write) -> None:
    root = write(
        {
            "pkg/__init__.py": "",
            "pkg/mid.py": "from .net import Root\n\n\nclass Mid(Root):\n    pass\n",
            "pkg/net.py": "from torch import nn\n\n\nclass Root(nn.Module):\n    pass\n\n\n"
            + net(F + "from .mid import Mid", "Mid"),
        }
    )
    assert codes(root / "pkg/net.py") == ["DRP001"]


def test_a_configured_base_is_known_by_any_path_to_it(write: Write) -> None:
    settings = Settings(module_bases=("pkg.base.Base",))
    root = write(
        {
            "pkg/__init__.py": "from .base import Base\n",
            "pkg/base.py": "Base = make()\n",
            "pkg/one.py": net(F + "from .base import Base"),
        }
    )
    assert codes(root / "pkg/one.py") == []
    assert codes(root / "pkg/one.py", settings) == ["DRP001"]
