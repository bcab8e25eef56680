"""Names that a file imports from its own project."""

from __future__ import annotations

import pytest
from support.cases import texts_of
from support.packages import CASES, PACKAGE, SHARED, Write, codes, net

from dropout_lint.catalog import builtin
from dropout_lint.config import Settings
from dropout_lint.semantics.project.project import Project

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
    assert found.module.file == str(root / "pkg/own.py")
    assert project.definition(".ops.drop") == found
    assert project.definition("pkg.ops.nothing") is None
