"""Names and bases that a file imports from its own project."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from support import command
from support.cases import texts_of
from support.linting import ROOT

from dropout_lint.catalog import Catalog, builtin
from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.checking import diagnose
from dropout_lint.linting.pipeline import fix, lint
from dropout_lint.screen.text.lexical import Lexical
from dropout_lint.screen.tree.syntax import may_matter
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.project import project as project_module
from dropout_lint.semantics.project.outline import MAX_SIZE
from dropout_lint.semantics.project.project import MAX_FILES, Project
from dropout_lint.semantics.syntax.big_stack import on_big_stack

Files = Mapping[str, str]
Write = Callable[[Files], Path]

BASE = "from torch import nn\n\n\nclass Base(nn.Module):\n    pass\n"
COMMON = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"


def net(imports: str, base: str = "Base", call: str = "F.dropout(x, 0.5)", more: str = "") -> str:
    """A file with one class, whose method drops."""
    head = f"{imports}\n\n\nclass Net({base}):\n"
    return f"{head}{more}    def encode(self, x):\n        return {call}\n"


F = "import torch.nn.functional as F\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_files(files: Files) -> Path:
        for name, text in {"pyproject.toml": "", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write_files


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


def model_of(path: Path) -> SemanticModel:
    return on_big_stack(lambda: SemanticModel(path.read_text(), builtin(), str(path)))


# --- bases --------------------------------------------------------------------------------------

CASES = Path(__file__).parent / "cases"
PACKAGE = texts_of(CASES / "bases")

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


# --- functions ----------------------------------------------------------------------------------

FUNCTIONS = {
    "star": ("from .common import *", "F.dropout(x, 0.5)"),
    "star-nn": ("from .common import *", "nn.functional.dropout(x, 0.5)"),
    "star-torch": ("from .common import *", "torch.nn.functional.dropout(x, 0.5)"),
    "star-alias": ("from .common import *\ndrop = F.dropout", "drop(x, 0.5)"),
    "star-module-alias": ("from .common import *\nG = F", "G.dropout(x, 0.5)"),
    "star-partial": (
        "from functools import partial\nfrom .common import *\ndrop = partial(F.dropout, p=0.5)",
        "drop(x)",
    ),
    "star-on-self": ("from .common import *", "self.F.dropout(x, 0.5)"),
    "name": ("from .common import F, nn", "F.dropout(x, 0.5)"),
    "renamed": ("from .common import F as fun, nn", "fun.dropout(x, 0.5)"),
    "module": ("from . import common\nfrom torch import nn", "common.F.dropout(x, 0.5)"),
    "absolute": ("import pkg.common\nfrom torch import nn", "pkg.common.F.dropout(x, 0.5)"),
    "function": ("from .funcs import dropout\nfrom torch import nn", "dropout(x, 0.5)"),
    "function-renamed": ("from .funcs import dropout as d\nfrom torch import nn", "d(x, 0.5)"),
    "function-star": ("from .funcs import *\nfrom torch import nn", "dropout(x, 0.5)"),
    "all": ("from .listed import *", "F.dropout(x, 0.5)"),
    "all-added": ("from .added import *", "F.dropout(x, 0.5)"),
    "all-computed": ("from .computed import *", "F.dropout(x, 0.5)"),
    "two-stars": ("from .own import *\nfrom .common import *", "F.dropout(x, 0.5)"),
}
SHARED = texts_of(CASES / "names_of_torch")


@pytest.mark.parametrize("form", FUNCTIONS)
def test_names_of_torch_through_the_project(form: str, write: Write) -> None:
    imports, call = FUNCTIONS[form]
    keep = "    def __init__(self):\n        super().__init__()\n        self.F = F\n\n"
    more = keep if "self.F" in call else ""
    root = write({**SHARED, "pkg/net.py": net(imports, "nn.Module", call, more)})
    assert codes(root / "pkg/net.py") == ["DRP001"]


OWN = {
    "function": ("from .own import dropout", "dropout(x, 0.5)"),
    "star": ("from .own import *", "dropout(x, 0.5)"),
    "namespace": ("from .own import F", "F.dropout(x, 0.5)"),
    "module": ("from . import own as F", "F.dropout(x, 0.5)"),
    "star-over-torch": (
        "from torch.nn.functional import *\nfrom .own import *",
        "dropout(x, 0.5)",
    ),
    "shadowed": ("from .shadow import *", "F.dropout(x, 0.5)"),
    "shadowed-name": ("from .shadow import F", "F.dropout(x, 0.5)"),
    "either": ("from .either import dropout", "dropout(x, 0.5)"),
    "wrapped": ("from .wrapped import dropout", "dropout(x, 0.5)"),
    "underscore": ("from .hidden import *", "_F.dropout(x, 0.5)"),
    "not-in-all": ("from .listed import *", "F.dropout(x, 0.5)"),
    "deleted": ("from .deleted import *", "F.dropout(x, 0.5)"),
    "looped": ("from .looped import F", "F.dropout(x, 0.5)"),
    "rebound-here": ("from .common import *\nfrom .own import F", "F.dropout(x, 0.5)"),
    "parameter": ("from .common import *", "(lambda F: F.dropout(x, 0.5))(x)"),
}
TRAPS = {**SHARED, **texts_of(CASES / "own_names")}


@pytest.mark.parametrize("form", OWN)
def test_what_the_project_calls_dropout_is_not_torchs(form: str, write: Write) -> None:
    imports, call = OWN[form]
    root = write(
        {**TRAPS, "pkg/net.py": net("from torch import nn\n" + imports, "nn.Module", call)}
    )
    assert codes(root / "pkg/net.py") == []


def test_a_hidden_name_comes_by_its_name_and_through_all(write: Write) -> None:
    code = net("from torch import nn\nfrom .hidden import {}", "nn.Module", "_F.dropout(x, 0.5)")
    root = write({**TRAPS, "pkg/net.py": code.format("_F")})
    assert codes(root / "pkg/net.py") == ["DRP001"]
    (root / "pkg/net.py").write_text(code.format("*"))
    assert codes(root / "pkg/net.py") == []
    hidden = root / "pkg/hidden.py"
    hidden.write_text(hidden.read_text() + "__all__ = ['_F']\n")
    assert codes(root / "pkg/net.py") == ["DRP001"]


def test_what_another_file_renames_is_not_followed(write: Write) -> None:
    # The screen decides on a file's own bytes, and `drop(x)` says nothing there.
    names = {"one": "drop", "two": "alpha_dropout"}
    renamed = "from torch.nn.functional import dropout as drop, dropout as alpha_dropout\n"
    files = {"pkg/__init__.py": "", "pkg/names.py": renamed}
    for form in ("from .names import {}", "from .names import *"):
        for file, name in names.items():
            code = net("from torch import nn\n" + form.format(name), "nn.Module", f"{name}(x, 0.5)")
            files[f"pkg/{file}.py"] = code
        root = write(files)
        assert [codes(root / f"pkg/{file}.py") for file in names] == [[], []]


def test_a_configured_function_is_found_by_any_path_to_it(write: Write) -> None:
    settings = Settings(functions={"pkg.ops.drop_some": "(x, p=0.5, training=True)"})
    root = write(
        {
            "pkg/__init__.py": "from .ops import drop_some\n",
            "pkg/ops.py": "def drop_some(x, p=0.5, training=True):\n    return x\n",
            "pkg/one.py": net("from torch import nn\nfrom . import drop_some", "nn.Module",
                              "drop_some(x)"),
            "pkg/two.py": net("from torch import nn\nfrom .ops import *", "nn.Module",
                              "drop_some(x)"),
        }
    )  # fmt: skip
    assert codes(root / "pkg/one.py", settings) == codes(root / "pkg/two.py", settings)
    assert codes(root / "pkg/one.py", settings) == ["DRP001"]


def test_functions_of_the_project_can_be_found(write: Write) -> None:
    root = write({**PACKAGE, "pkg/ops.py": "from .own import drop\n",
                  "pkg/own.py": "\n\ndef drop(x):\n    return x\n", "pkg/net.py": ""})  # fmt: skip
    project = Project(str(root / "pkg/net.py"), builtin())
    found = project.definition("pkg.ops.drop")
    assert found is not None
    assert (found.name, found.meaning.kind, found.meaning.line) == ("pkg.own.drop", "function", 3)
    assert found.place.file == str(root / "pkg/own.py")
    assert project.definition(".ops.drop") == found
    assert project.definition("pkg.ops.nothing") is None


# --- what a base does for its subclasses --------------------------------------------------------


def inherited(write: Write, base: str, call: str, more: str = "") -> list[str]:
    root = write(
        {
            "pkg/__init__.py": "",
            "pkg/base.py": "import torch.nn.functional as F\nfrom torch import nn\n\n\n"
            f"class Base(nn.Module):\n{base}\n",
            "pkg/net.py": net(F + "from .base import Base", call=call, more=more),
        }
    )
    return codes(root / "pkg/net.py")


INIT = "    def __init__(self, p=0.1):\n        super().__init__()\n"


def test_a_rate_that_the_base_sets_to_zero_drops_nothing(write: Write) -> None:
    call = "F.dropout(x, self.p)"
    assert inherited(write, f"{INIT}        self.p = 0.0", call) == []
    assert inherited(write, "    p = 0", call) == []
    assert inherited(write, f"{INIT}        self.p = 0.1", call) == ["DRP001"]
    assert inherited(write, f"{INIT}        self.p = p", call) == ["DRP001"]
    assert inherited(write, f"{INIT}        self.p = -0.0", call) == []


def test_a_rate_that_the_base_changes_is_not_settled_here(write: Write) -> None:
    call = "F.dropout(x, self.p)"
    here = "    p = 0.0\n\n"
    assert inherited(write, "    pass", call, here) == []
    assert inherited(write, f"{INIT}        self.p = 0.5", call, here) == ["DRP001"]
    setter = "    def set(self, p):\n        self.p = 0"
    assert inherited(write, setter, call, here) == ["DRP001"]
    named = f"{INIT}        setattr(self, 'p', p)"
    assert inherited(write, named, call, here) == ["DRP001"]
    assert inherited(write, f"{INIT}        self.p, self.q = p, 0", call, here) == ["DRP001"]
    looped = f"{INIT}        for self.p in (0.1, 0.2):\n            pass"
    assert inherited(write, looped, call, here) == ["DRP001"]
    assert inherited(write, "    @property\n    def p(self):\n        return 1", call, here) == [
        "DRP001"
    ]


def test_a_method_taken_for_the_mode_is_found_under_a_known_base(write: Write) -> None:
    call = "F.dropout(x, 0.1, self.train)"
    assert inherited(write, "    pass", call) == ["DRP011"]
    # Where the base makes something else of the name, it is that.
    assert inherited(write, f"{INIT}        self.train = False", call) == []
    flag = "    @property\n    def train(self):\n        return self.training"
    assert inherited(write, flag, call) == []


LAYER = """
import torch.nn.functional as F
from torch import nn


class OwnDropout(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.1, {flag})


class PlainDropout:
    def forward(self, x):
        return F.dropout(x, 0.1, self.training)
"""


@pytest.mark.parametrize(
    ("flag", "kept", "wanted"),
    [
        ("self.training", "[OwnDropout() for _ in range(2)]", ["DRP006"]),
        ("self.training", "[nn.Sequential(nn.ReLU(), OwnDropout())]", ["DRP006"]),
        ("self.training", "nn.ModuleList([OwnDropout()])", []),
        ("self.training", "[PlainDropout()]", []),
        ("False", "[OwnDropout()]", []),
    ],
)
def test_a_dropout_layer_of_the_project_in_a_list(
    flag: str, kept: str, wanted: list[str], write: Write
) -> None:
    root = write(
        {
            "pack/__init__.py": "",
            "pack/layers.py": LAYER.format(flag=flag),
            "pack/net.py": "from torch import nn\n"
            "from .layers import OwnDropout, PlainDropout\n\n\n"
            "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
            f"        self.drops = {kept}\n\n    def forward(self, x):\n"
            "        for drop in self.drops:\n            x = drop(x)\n        return x\n",
        }
    )
    assert codes(root / "pack" / "net.py") == wanted


def test_an_override_of_train_in_the_base_keeps_the_mode(write: Write) -> None:
    base = "    def train(self, mode=True):\n        super().train(mode)\n        return self"
    assert inherited(write, base, "F.dropout(x, 0.1)") == ["DRP001"]
    assert inherited(write, base, "F.dropout(x, 0.1, self.training)") == []
    assert inherited(write, base, "F.dropout(x, 0.1 if self.training else 0.0)") == []
    assert inherited(write, base, "F.dropout(x, 0.1, self.train)") == ["DRP011"]


def test_what_the_base_sets_by_the_mode_is_its_decision(write: Write) -> None:
    call = "F.dropout(x, self.now)"
    head = f"{INIT}        self.p = self.now = p\n\n"
    train = "    def train(self, mode=True):\n        self.now = self.p if mode else 0.0\n"
    again = "        return super().train(mode)\n"
    assert inherited(write, head + train + again, call) == []
    hook = "    def before(self):\n        self.now = self.p if self.training else 0.0\n"
    assert inherited(write, head + hook, call) == []
    other = "    def before(self):\n        self.now = self.p\n"
    assert inherited(write, head + other, call) == ["DRP001"]


def test_a_training_loop_of_the_base_is_the_projects_own_protocol(write: Write) -> None:
    base = "    def train(self, batches, epochs):\n        return [self(b) for b in batches]"
    more = "    def train(self):\n        super().train(self.batches, 3)\n\n"
    call = "F.dropout(x, 0.1, self.training)"
    assert inherited(write, base, call, more) == []
    assert inherited(write, "    pass", call, more) == ["DRP007"]


def test_a_function_that_the_base_keeps_on_self_is_not_followed(write: Write) -> None:
    assert inherited(write, f"{INIT}        self.drop = F.dropout", "self.drop(x, 0.5)") == []


def test_a_module_is_named_as_the_base_is_where_a_star_brings_both(write: Write) -> None:
    head = "from .common import *\n\n\nclass Net(nn.Module):\n    def __init__(self):\n"
    body = "        super().__init__()\n        self.fc = nn.Linear(8, 8)\n\n"
    drop = "    def forward(self, x):\n        return self.fc(F.dropout(x, 0.5))\n"
    package = {"pkg/__init__.py": "", "pkg/common.py": COMMON, "pkg/net.py": head + body + drop}
    path = write(package) / "pkg" / "net.py"
    fixed = fix(Source.decode(path.read_bytes(), str(path)), Settings()).text
    assert "self.dropout = nn.Dropout(0.5)" in fixed and "F.dropout" not in fixed


def test_the_module_form_waits_until_the_fixer_knows_the_base(write: Write) -> None:
    code = net(F + "from torch import nn\nfrom .base import Base",
               more="    def __init__(self):\n        super().__init__()\n\n")  # fmt: skip
    root = write({"pkg/__init__.py": "", "pkg/base.py": BASE, "pkg/net.py": code})
    fixed = fix(Source.read(str(root / "pkg/net.py")), Settings()).text
    assert fixed == code.replace("0.5)", "0.5, training=self.training)")
    assert codes(root / "pkg/net.py") == ["DRP001"]


# --- what cannot be read ------------------------------------------------------------------------

UNREADABLE: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "broken": lambda path: path.write_text("class Base(:\n"),
    "binary": lambda path: path.write_bytes(b"\x00\xff\xfe"),
    "bad-cookie": lambda path: path.write_bytes(b"# coding: nothing\nclass Base: pass\n"),
    "undecodable": lambda path: path.write_bytes(b"x = '\xff'\nclass Base: pass\n"),
    "huge": lambda path: path.write_text("class Base: pass\n" + "#" * MAX_SIZE),
    "deep": lambda path: path.write_text("class Base: pass\nx = " + "(" * 5000 + ")" * 5000),
    "link-to-itself": lambda path: path.symlink_to(path),
    "folder": lambda path: path.mkdir(),
    "computed": lambda path: path.write_text("Base = make()\n"),
    "empty": lambda path: path.write_text(""),
}
if hasattr(os, "mkfifo"):
    UNREADABLE["pipe"] = os.mkfifo


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_is_unknown(what: str, write: Write) -> None:
    look = "    def forward(self, x):\n        return x\n\n"
    root = write(
        {
            "pkg/__init__.py": "",
            "pkg/net.py": net("import torch\n" + F + "from .base import Base", more=look),
            "pkg/star.py": net("from .base import *\nimport torch\n" + F, more=look),
            "pkg/none.py": net("import torch\n" + F + "from .base import Base"),
        }
    )
    UNREADABLE[what](root / "pkg/base.py")
    assert codes(root / "pkg/net.py") == codes(root / "pkg/star.py") == ["DRP001"]
    assert codes(root / "pkg/none.py") == []


def test_a_file_that_changes_is_read_again(write: Write) -> None:
    root = write({"net.py": net(F + "from base import Base"), "base.py": "class Base: pass\n"})
    assert codes(root / "net.py") == []
    (root / "base.py").write_text(BASE)
    assert codes(root / "net.py") == ["DRP001"]


# --- bounds -------------------------------------------------------------------------------------


def test_no_file_is_opened_without_a_question(write: Write) -> None:
    many = {f"pkg/m{i}.py": BASE for i in range(5)}
    imports = "".join(f"from .m{i} import Base as B{i}, helper{i}\n" for i in range(5))
    code = F + "from torch import nn\n" + imports + "from .m0 import *\n"
    own = "class Net(nn.Module):\n    def forward(self, x):\n        x = helper1(B2(x), len(x))\n"
    root = write({"pkg/__init__.py": "", **many, "pkg/net.py": code + own + "        "
                  "return F.dropout(x)\n"})  # fmt: skip
    model = model_of(root / "pkg/net.py")
    assert [site.row.name for site in model.sites] == ["torch.nn.functional.dropout"]
    assert [info.is_module for info in model.classes] == [True]
    assert not model.project.files
    (root / "pkg/net.py").write_text(code + own.replace("nn.Module", "B3") + "        return x\n")
    model = model_of(root / "pkg/net.py")
    assert [info.is_module for info in model.classes] == [True]
    assert list(model.project.files) == [str(root / "pkg/m3.py")]


def test_the_files_read_for_one_file_are_bounded(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 3 * MAX_FILES
    stars = "".join(f"from .m{i} import *\n" for i in range(count))
    files = {"pkg/__init__.py": stars, **{f"pkg/m{i}.py": "x = 1\n" for i in range(count)}}
    root = write({**files, "pkg/net.py": net(F + "from . import Base")})
    opened: list[str] = []
    outline_of = project_module.outline_of
    monkeypatch.setattr(
        project_module, "outline_of", lambda path: opened.append(path) or outline_of(path)
    )
    model = model_of(root / "pkg/net.py")
    assert [info.is_module for info in model.classes] == [False]
    assert len(set(opened)) == len(model.project.files) == MAX_FILES
    assert len(opened) == MAX_FILES


def test_the_bytes_read_for_one_file_are_bounded(write: Write) -> None:
    stars = "".join(f"from .m{i} import *\n" for i in range(10))
    filler = "#" * (MAX_SIZE - 10) + "\nx = 1\n"
    files = {"pkg/__init__.py": stars, **{f"pkg/m{i}.py": filler for i in range(10)}}
    root = write({**files, "pkg/net.py": net(F + "from . import Base")})
    model = model_of(root / "pkg/net.py")
    assert sum(Path(file).stat().st_size for file in model.project.files) <= (
        project_module.MAX_BYTES
    )
    assert len(model.project.files) == 4


def test_long_chains_end(write: Write) -> None:
    chain = {f"pkg/m{i}.py": f"from .m{i + 1} import Base\n" for i in range(60)}
    root = write({"pkg/__init__.py": "", **chain, "pkg/m60.py": BASE,
                  "pkg/net.py": net(F + "from .m0 import Base"),
                  "pkg/near.py": net(F + "from .m55 import Base")})  # fmt: skip
    assert codes(root / "pkg/net.py") == []
    assert codes(root / "pkg/near.py") == ["DRP001"]


def test_every_module_of_a_dense_net_of_stars_is_asked_once(write: Write) -> None:
    count = 20
    everything = "".join(f"from .m{i} import *\n" for i in range(count))
    files = {f"pkg/m{i}.py": everything for i in range(count)}
    root = write({"pkg/__init__.py": "", **files, "pkg/net.py": net(F + "from .m0 import Base")})
    model = model_of(root / "pkg/net.py")
    assert [info.is_module for info in model.classes] == [False]
    assert len(model.project.files) == count


def test_nothing_of_the_project_is_executed(write: Write) -> None:
    bomb = "import pathlib\npathlib.Path(__file__).with_suffix('.ran').touch()\n" + BASE
    code = net(F + "from .base import Base\nfrom .base import *")
    root = write({"pkg/__init__.py": bomb, "pkg/base.py": bomb, "pkg/net.py": code})
    assert codes(root / "pkg/net.py") == ["DRP001"]
    assert not list(root.rglob("*.ran"))
    assert "pkg" not in sys.modules


# --- the ways in --------------------------------------------------------------------------------


def test_the_command_and_stdin(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    code = net("from .common import *\nfrom .base import Base")
    root = write({**PACKAGE, **SHARED, "pkg/net.py": code})
    monkeypatch.chdir(root)
    place = "pkg/net.py:7:16"
    assert command.places(command.run("--output-format", "concise", "pkg/net.py")) == [place]
    read = ("--output-format", "concise", "-", "--stdin-filename")
    assert command.places(command.run(*read, "pkg/net.py", stdin=code.encode())) == [place]
    new = command.run(*read, "pkg/new.py", stdin=code.encode())  # a file that does not exist yet
    assert command.places(new) == ["pkg/new.py:7:16"]
    other = command.run(*read, "elsewhere/net.py", stdin=code.encode())
    assert command.places(other) == []
    monkeypatch.chdir(root / "pkg")
    assert command.places(command.run(*read, "net.py", stdin=code.encode())) == ["net.py:7:16"]
    nameless = command.run("--output-format", "concise", "-", stdin=code.encode())
    assert command.places(nameless) == []


@pytest.mark.parametrize("way", ["file", "stdin"])
def test_flake8(way: str, write: Write) -> None:
    code = net("from .common import *\nfrom .base import Base")
    root = write({**PACKAGE, **SHARED, "pkg/net.py": code})
    arguments = ["pkg/net.py"] if way == "file" else ["-", "--stdin-display-name", "pkg/net.py"]
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--isolated", "--select", "DRP", *arguments],
        input=code, cwd=root, text=True, capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert [line.partition(" ")[0] for line in done.stdout.splitlines()] == ["pkg/net.py:7:16:"]


def test_a_text_of_no_file_has_no_project() -> None:
    catalog = Catalog()
    project = Project(None, catalog)
    assert project.origin(".base.Base") == ".base.Base"
    assert project.starred(".common", "F") is None
    assert project.starred("torch.nn", "functional") == "torch.nn.functional"
    assert project.class_of(".base.Base") is None
    assert project.package == ""
