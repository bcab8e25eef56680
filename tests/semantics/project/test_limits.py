"""Files of the project that cannot be read, and how many are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import command
from support.linting import ROOT
from support.packages import BASE, PACKAGE, SHARED, F, Write, codes, net

from dropout_lint.catalog import Catalog, builtin
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.project import resolver
from dropout_lint.semantics.project.outline import MAX_SIZE
from dropout_lint.semantics.project.project import Project
from dropout_lint.semantics.project.resolver import MAX_FILES
from dropout_lint.semantics.syntax.big_stack import on_big_stack


def model_of(path: Path) -> SemanticModel:
    return on_big_stack(lambda: SemanticModel(path.read_text(), builtin(), str(path)))


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
    outline_of = resolver.outline_of
    monkeypatch.setattr(
        resolver, "outline_of", lambda path: opened.append(path) or outline_of(path)
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
    assert sum(Path(file).stat().st_size for file in model.project.files) <= (resolver.MAX_BYTES)
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


@pytest.mark.slow
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


def test_relative_imports_end_at_the_root_of_the_project(write: Write) -> None:
    """What lies above is another project's, whatever it is."""
    root = write(
        {
            "helpers.py": "def drop(x):\n    return x\n",
            "base.py": "from torch import nn\nclass Base(nn.Module):\n    pass\n",
            "inner/pyproject.toml": "",
            "inner/pkg/__init__.py": "",
            "inner/pkg/base.py": "from torch import nn\nclass Base(nn.Module):\n    pass\n",
            "inner/pkg/sub/near.py": net(F + "from ..base import Base"),
            "inner/pkg/sub/far.py": net(F + "from ....base import Base"),
        }
    )
    assert codes(root / "inner/pkg/sub/near.py") == ["DRP001"]
    assert codes(root / "inner/pkg/sub/far.py") == []
