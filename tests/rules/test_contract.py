"""Adding a rule is adding a file: a rule declares all that the screen needs to know of it."""

from __future__ import annotations

import ast
import gc
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command import run

import dropout_lint.rules
from dropout_lint.catalog import builtin
from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting import selection
from dropout_lint.linting.checking import diagnose
from dropout_lint.linting.pipeline import lint
from dropout_lint.linting.runner import check_text
from dropout_lint.plugins.flake8 import DropoutChecker
from dropout_lint.rules import declared
from dropout_lint.rules.base import Invalid, Rule, all_rules
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.big_stack import on_big_stack

TOY = '''\
from collections.abc import Iterator

import libcst as cst

from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import CATALOG, SCREENED, Finding, Rule
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.tree import walk


class SoftmaxWithoutDim(Rule):
    """A softmax is built without its dimension."""

    code = "DRP990"
    name = "softmax-without-dim"
    severity = Severity.ERROR
{declaration}
    VALID = ()
    INVALID = ()

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        for node in walk(model.tree.module):
            if isinstance(node, cst.Call) and model.tree.code(node.func).endswith("Softmax"):
                if not node.args:
                    yield Finding(node, "`Softmax` has no `dim`", None)
'''
# Nothing here that the dropout family's screen would look at twice.
CODE = "from torch import nn\n\nlayer = nn.Softmax()\n"
OTHER = "from torch import nn\n\nlayer = nn.Softmin(0)\n"
DECLARATIONS = {
    "nothing": "",
    "a word": '    prefilter = ((b"Softmax",),)\n',
    "two groups": '    prefilter = (b"Softmax", b"softmax"), (CATALOG, b"torch")\n',
}
COMMAND = """\
import sys

import dropout_lint.rules

dropout_lint.rules.__path__.append(sys.argv.pop(1))

from dropout_lint.commands.command_line import main

sys.exit(main())
"""


@pytest.fixture(params=DECLARATIONS.values(), ids=DECLARATIONS.keys())
def folder(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A folder with a rule on by default, where the package looks for rules too."""
    folder = tmp_path / "more_rules"
    folder.mkdir()
    (folder / "toy_softmax.py").write_text(TOY.format(declaration=request.param))
    before = all_rules()
    monkeypatch.setattr(dropout_lint.rules, "__path__", [*dropout_lint.rules.__path__, str(folder)])
    importlib.invalidate_caches()
    yield folder
    monkeypatch.undo()
    sys.modules.pop("dropout_lint.rules.toy_softmax", None)
    vars(dropout_lint.rules).pop("toy_softmax", None)
    selection._enabled.cache_clear()
    gc.collect()
    assert all_rules() == before


@pytest.fixture
def net(here: Path) -> Path:
    (here / "net.py").write_text(CODE)
    (here / "other.py").write_text(OTHER)
    return here / "net.py"


SELECTIONS: dict[str, list[str]] = {
    "default": [],
    "selected": ["--select", "DRP990"],
    "added": ["--extend-select", "DRP013"],
    "all": ["--select", "ALL"],
}


@pytest.mark.parametrize("options", SELECTIONS.values(), ids=SELECTIONS.keys())
def test_the_command_finds_what_a_new_rule_finds(
    folder: Path, net: Path, options: list[str]
) -> None:
    done = run(*options, "--output-format=concise", "net.py", "other.py")
    assert done.code == 1
    assert re.findall(r"^(\S+?):(\d+):\d+: (DRP\d+)", done.out, re.MULTILINE) == [
        ("net.py", "3", "DRP990")
    ]


def test_an_ignored_new_rule_is_silent(folder: Path, net: Path) -> None:
    assert run("--ignore", "DRP990", "net.py").code == 0


def test_a_process_of_its_own_finds_it(folder: Path, net: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, str(folder), "--output-format=concise", "net.py"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("net.py:3:9: DRP990 ")


def test_flake8_finds_it(folder: Path, net: Path) -> None:
    checker = DropoutChecker(ast.parse(CODE), str(net), CODE.splitlines(keepends=True))
    assert [(row, text[:6]) for row, _, text, _ in checker.run()] == [(3, "DRP990")]


def test_a_rule_of_a_caller_is_honoured() -> None:
    """A subclass that lies in no file of the package."""
    softmax = _toy_class()
    try:
        outcome = check_text(CODE.encode(), "net.py", Settings(), "lint")
        assert outcome.report is not None
        assert [d.code for d in outcome.report.diagnostics] == ["DRP990"]
    finally:
        del softmax, outcome
        selection._enabled.cache_clear()
        gc.collect()
    assert "DRP990" not in {rule.code for rule in all_rules()}


def _toy_class() -> object:
    names: dict[str, object] = {"__name__": "toy"}
    exec(TOY.format(declaration=""), names)
    return names["SoftmaxWithoutDim"]


def test_a_new_screened_rule_imports_no_rule(tmp_path: Path) -> None:
    """Declared in the usual form, it costs nothing where the screen dismisses the file."""
    for name, line in {"on": "    prefilter = SCREENED\n", "off": "    default = False\n"}.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / "toy.py").write_text(TOY.format(declaration=line))
        assert declared._is_covered_folder(str(folder))


@pytest.mark.parametrize(
    "text",
    [
        TOY.format(declaration=""),
        TOY.format(declaration="").replace("INVALID = ()", "INVALID = ()\n    default = False"),
        TOY.format(declaration="    prefilter = SCREENED\n").replace("(Rule)", "(base.Rule)"),
        TOY.format(declaration="    prefilter = SCREENED\n") * 2,
        TOY.format(declaration="    if True:\n        prefilter = SCREENED\n"),
    ],
)  # fmt: skip
def test_what_declares_in_no_usual_form_is_imported(tmp_path: Path, text: str) -> None:
    (tmp_path / "toy.py").write_text(text)
    assert not declared._is_covered_folder(str(tmp_path))


def test_the_files_say_what_the_rules_declare() -> None:
    """No rule is imported to find out, unless one that is on is beyond the screen."""
    beyond = tuple(rule for rule in all_rules() if rule.default and not rule.is_screened())
    assert declared.default_rules_beyond_screen() == beyond
    for folder in dropout_lint.rules.__path__:
        assert declared._is_covered_folder(folder) is not bool(beyond)


def test_no_rule_is_imported_where_the_screen_dismisses_everything(net: Path) -> None:
    code = (
        "import sys\n"
        "from dropout_lint.commands.command_line import cli\n"
        "cli(['net.py'], standalone_mode=False)\n"
        "assert not {'libcst', 'dropout_lint.rules.missing_training'} & {*sys.modules}\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# --- the screen and the rules that it covers ----------------------------------------------

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.code}-{i}")
    for rule in all_rules()
    for i, example in enumerate(rule.INVALID)
]
_IMPORT = re.compile(r"^(?:import torch.*|from torch(?:\.\S+)? import [\w, ]+)\n", re.MULTILINE)


def through_common(code: str) -> tuple[str, str]:
    """An example and a file of the same project through which all of torch comes to it."""
    lines = _IMPORT.findall(code)
    names = sorted({name for line in lines for name in _bound(line)})
    if not names:
        return code, ""
    head = f"from .common import {', '.join(names)}\n"
    return code.replace(lines[0], head, 1).replace("".join(lines[1:]), "", 1), "".join(lines)


def _bound(line: str) -> Iterator[str]:
    statement = ast.parse(line).body[0]
    assert isinstance(statement, (ast.Import, ast.ImportFrom))
    yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)


@pytest.mark.parametrize("layout", ["alone", "common"])
@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_the_screen_loses_no_finding(
    rule: type[Rule], example: Invalid, layout: str, tmp_path: Path
) -> None:
    code, common = through_common(example.code) if layout == "common" else (example.code, "")
    path = tmp_path / "pkg" / "net.py"
    path.parent.mkdir()
    (path.parent / "__init__.py").write_text("")
    (path.parent / "common.py").write_text(common)
    path.write_text(code)
    source = Source.read(str(path))
    for settings in (Settings(), Settings(select=(rule.code,)), Settings(select=("ALL",))):
        without = on_big_stack(lambda s=settings: unscreened(source, s))
        assert lint(source, settings) == without
        outcome = check_text(path.read_bytes(), str(path), settings, "lint")
        if not without.is_empty:
            assert outcome.report == without
    if layout == "alone":
        assert len(lint(source, Settings(select=(rule.code,))).diagnostics) == example.count


def unscreened(source: Source, settings: Settings):  # type: ignore[no-untyped-def]
    return diagnose(SemanticModel(source.text, builtin(), source.path), source, settings)
