"""Targets of the verifier: every form finds its models, and every wrong one says what is wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from support.linting import FIXTURES

from dropout_lint.config import Configurations
from dropout_lint.verify.targets.target_specs import (
    Target,
    TargetError,
    expand,
    follows_convention,
    load,
    parse,
)

NET = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, width: int = 3) -> None:
        super().__init__()
        self.layer = nn.Linear(width, 2)

    def forward(self, x):
        return self.layer(x)


class Outer:
    Inner = Net


class Wide(nn.Module):
    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.size = (width, depth)


class Plain:
    pass


NUMBER = 3
instance = Net(5)


def make(width=4):
    return Net(width)
"""


@pytest.fixture(autouse=True)
def imports_undone() -> Iterator[None]:
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if not name.startswith(("torch", "numpy", "dropout_lint")):
            del sys.modules[name]


def write(name: str, code: str = NET) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(code), encoding="utf-8")
    return path


def wrong(spec: str) -> str:
    with pytest.raises(TargetError) as caught:
        parse(spec)
    return str(caught.value)


# --- names --------------------------------------------------------------------------------------


def test_a_path_with_a_name(here: Path) -> None:
    write("sub/net.py")
    target = parse("sub/net.py:Outer.Inner")
    assert (target.file, target.name) == (str(here / "sub" / "net.py"), "Outer.Inner")


def test_a_module_with_and_without_a_name() -> None:
    assert parse("pkg.models:Net") == Target("pkg.models:Net", module="pkg.models", name="Net")
    assert parse("pkg.models") == Target("pkg.models", module="pkg.models")


def test_a_path_with_a_colon_in_it(here: Path) -> None:
    path = write("a:b/net.py")
    assert parse(str(path)) == Target("a:b/net.py", file=str(here / path))
    assert parse("a:b/net.py:Net").name == "Net"


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("nowhere/net.py:Net", "there is no such file or folder; check the path"),
        ("net.py:Net:forward", "'Net:forward' is not a name of Python"),
        ("net.py:2nd", "'2nd' is not a name of Python"),
        ("net.py:", "'' is not a name of Python"),
        ("sub:Net", "sub is a folder, and a folder has no Net; name its file"),
        ("notes.txt", "notes.txt is not a Python file"),
        ("notes.txt:Net", "notes.txt is not a Python file"),
        ("my-models:Net", "is neither a path nor the name of a module"),
        ("", "is neither a path nor the name of a module"),
    ],
)
def test_wrong_names(here: Path, spec: str, says: str) -> None:
    write("net.py")
    write("sub/inner.py")
    write("notes.txt", "")
    message = wrong(spec)
    assert message.startswith(f"{spec}: ")
    assert says in message
    assert ";" in message, "and what to do"


def test_a_folder_stands_for_its_files_with_example_inputs(here: Path) -> None:
    write("models/net.py", NET + "\n\ndef example_inputs():\n    return ()\n")
    write("models/deep/attribute.py", "class A:\n    example_input_array = None\n")
    write("models/script.py", "raise SystemExit('run by accident')\n")
    write("models/comment.py", "# example_inputs\n")
    write("models/broken.py", "def example_inputs(:\n")
    write("models/.venv/net.py", "def example_inputs(): ...\n")
    found, problems = expand([parse("models"), parse("models/net.py")], Configurations({}))
    assert [target.spec for target in found] == [
        "models/deep/attribute.py",
        "models/net.py",
    ]
    assert not problems


def test_a_folder_without_models_is_a_problem(here: Path) -> None:
    write("models/net.py")
    found, problems = expand([parse("models")], Configurations({}))
    assert not found
    assert problems == [
        "models: no file in it defines example_inputs(); define it beside build() or in a model "
        "class, or name a model as path/file.py:Name"
    ]


def test_the_convention_is_read_without_running_anything(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text("raise SystemExit\n\ndef example_inputs(): ...\n")
    assert follows_convention(str(path))
    assert not follows_convention(str(tmp_path / "none.py"))
    assert all(follows_convention(str(path)) for path in FIXTURES.glob("*.py"))


# --- importing ----------------------------------------------------------------------------------


def test_a_file_is_imported_as_python_would(here: Path) -> None:
    write("tools/near.py", "VALUE = 1\n")
    write("common.py", "VALUE = 2\n")
    write("tools/net.py", "import near, common\nVALUES = (near.VALUE, common.VALUE, __name__)\n")
    assert load(parse("tools/net.py")).VALUES == (1, 2, "net")


def test_a_file_of_a_package_keeps_its_relative_imports(here: Path) -> None:
    write("src/pack/__init__.py", "")
    write("src/pack/sub/__init__.py", "from . import net\n")
    write("src/pack/other.py", "VALUE = 1\n")
    write("src/pack/sub/net.py", "from ..other import VALUE\nNAME = __name__\n")
    module = load(parse("src/pack/sub/net.py"))
    assert (module.VALUE, module.NAME) == (1, "pack.sub.net")
    assert load(parse("src/pack/sub/__init__.py")).net is module


def test_names_that_are_taken_or_no_names_at_all(here: Path) -> None:
    write("json.py", "OURS = 1\n")
    write("01-first.v2.py", "OURS = 2\n")
    import json

    assert load(parse("json.py")).OURS == 1
    assert sys.modules["json"] is json
    assert load(parse("01-first.v2.py")).OURS == 2


def test_a_module_is_found_from_the_current_folder(here: Path) -> None:
    write("pack/__init__.py", "")
    write("pack/net.py", "NUMBER = 3\n")
    assert load(parse("pack.net:Net")).NUMBER == 3


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("nopack.net:Net", "there is no module 'nopack'; install it, or run from the folder"),
        ("pack.nonet", "there is no module 'pack.nonet'; install it"),
        ("pack.net.Net", "there is no module 'pack.net.Net'; write pack.net:Net"),
    ],
)
def test_modules_that_are_not_there(here: Path, spec: str, says: str) -> None:
    write("pack/__init__.py", "")
    write("pack/net.py", "class Net: ...\n")
    with pytest.raises(TargetError, match=r"^" + spec.replace(".", r"\.")) as caught:
        load(parse(spec))
    assert says in str(caught.value)


def test_an_error_inside_the_module_is_left_as_it_is(here: Path) -> None:
    write("net.py", "import does_not_exist_either\n")
    with pytest.raises(ModuleNotFoundError, match="does_not_exist_either"):
        load(parse("net.py"))
    assert "net" not in sys.modules
    write("pack/__init__.py", "import does_not_exist_either\n")
    write("pack/net.py")
    with pytest.raises(ModuleNotFoundError, match="does_not_exist_either"):
        load(parse("pack.net"))


# --- models -------------------------------------------------------------------------------------


def names(spec: str, init: object = None) -> list[str]:
    from dropout_lint.verify.targets.models import models

    target = parse(spec)
    return [model.name for model in models(target, load(target), init)]


def built(spec: str, init: object = None) -> object:
    from dropout_lint.verify.targets.models import models

    target = parse(spec)
    (model,) = models(target, load(target), init)
    return model.source() if not hasattr(model.source, "forward") or isinstance(
        model.source, type
    ) else model.source  # fmt: skip


def unfit(spec: str, init: object = None) -> str:
    with pytest.raises(TargetError) as caught:
        names(spec, init)
    return str(caught.value)


@pytest.mark.models
class TestModels:
    @pytest.fixture(autouse=True)
    def torch(self, here: Path) -> None:
        pytest.importorskip("torch", reason="models are built with torch")
        write("net.py")

    def test_classes_functions_and_instances(self) -> None:
        widths = {
            spec: built(f"net.py:{spec}").layer.in_features  # type: ignore[attr-defined]
            for spec in ("Net", "Outer.Inner", "make", "instance")
        }
        assert widths == {"Net": 3, "Outer.Inner": 3, "make": 4, "instance": 5}

    def test_constructor_arguments(self) -> None:
        assert built("net.py:Wide", {"width": 1, "depth": 2}).size == (1, 2)  # type: ignore[attr-defined]
        assert built("net.py:Wide", [3, 4]).size == (3, 4)  # type: ignore[attr-defined]
        assert built("net.py:make", {"width": 9}).layer.in_features == 9  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        ("spec", "says"),
        [
            ("net.py:Nett", "there is no Nett in it; did you mean Net?"),
            ("net.py:Outer.Other", "there is no Other in it; it has Inner"),
            ("net.py:xyz", "there is no xyz in it; it has Net, Wide, make"),
            ("net.py:NUMBER", "is a value of type int; name an nn.Module class or a function"),
            ("net.py:Plain", "is a class, but not an nn.Module; name a model class, or a function"),
            ("net.py:Wide", """give them as in --init '{"width": …, "depth": …}', or name"""),
            ("net.py", "no model in it can be built as it is; define build() and example_inputs()"),
        ],
    )
    def test_names_that_stand_for_no_model(self, spec: str, says: str) -> None:
        message = unfit(spec)
        assert message.startswith(f"{spec}: ")
        assert says in message

    def test_an_abstract_class(self) -> None:
        write(
            "abstract.py",
            """\
            import abc
            from torch import nn

            class Base(nn.Module, abc.ABC):
                @abc.abstractmethod
                def forward(self, x): ...
            """,
        )
        assert "is abstract (forward); name a subclass" in unfit("abstract.py:Base")

    def test_arguments_for_an_instance(self) -> None:
        assert "is a model already; leave --init out" in unfit("net.py:instance", {})

    def test_arguments_for_nothing_in_particular(self) -> None:
        assert "net.py: --init needs to know what it is for; name a class" in unfit("net.py", [1])

    def test_a_file_offers_what_follows_the_convention(self) -> None:
        write(
            "many.py",
            """\
            import torch
            from torch import nn
            from net import Net  # another file's

            class Part(nn.Module):
                def forward(self, x):
                    return x

            class Whole(nn.Module):
                @staticmethod
                def example_inputs():
                    return (torch.zeros(1),)

            class Sub(Whole):
                def __init__(self, width): ...

            class Lightning(nn.Module):
                example_input_array = torch.zeros(1)

            class Without(nn.Module):
                example_input_array = None
            """,
        )
        assert names("many.py") == ["Whole", "Lightning"]
        with open("many.py", "a") as file:
            file.write("\ndef build():\n    return Whole()\n")
        assert names("many.py") == ["Whole", "Lightning"], "imported already"
        del sys.modules["many"]
        assert names("many.py") == ["build", "Whole", "Lightning"]

    def test_inputs_of_a_file_are_for_all_its_classes(self) -> None:
        write("both.py", NET + "\n\ndef example_inputs():\n    return (torch.zeros(1, 3),)\n")
        assert names("both.py") == ["Net"]

    def test_the_line_of_a_model(self) -> None:
        from dropout_lint.verify.targets.models import models

        target = parse("net.py:make")
        assert (
            models(target, load(target))[0].line == NET.splitlines().index("def make(width=4):") + 1
        )
