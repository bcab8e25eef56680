"""`dropout-lint --fix --prove`: what is written, and what is said about each edit."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.hosts import kept_hosts
from support.linting import FIXTURES

from dropout_lint.commands.command_line import cli

pytest.importorskip("torch", reason="the models are executed")
pytestmark = pytest.mark.models


def command(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with kept_hosts("dropout_lint.commands.prove.Host"):
        yield tmp_path_factory.mktemp("models") / "here"


@pytest.fixture
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of the same name for each test, in which the same host can run."""
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    yield folder
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture
def gcn(here: Path) -> Path:
    return Path(shutil.copy(FIXTURES / "gcn.py", here))


@pytest.fixture
def inplace(here: Path) -> Path:
    return Path(shutil.copy(FIXTURES / "inplace_result.py", here))


def test_what_is_refuted_is_left_as_it_was_and_the_rest_is_written(
    gcn: Path, inplace: Path
) -> None:
    before = inplace.read_bytes()
    targets = ("--prove", "gcn.py:build", "--prove", "inplace_result.py")
    done = command("--fix", "--unsafe-fixes", *targets, ".")
    assert inplace.read_bytes() == before
    assert "nn.Dropout(p=0.5)" in gcn.read_text()
    assert done.exit_code == 1  # findings are left
    assert "gcn.py:41: DRP001 proved by build\n" in done.stderr
    assert "inplace_result.py: left as it was, a fix is refuted: build, obligation" in done.stderr
    assert "3 edits: 3 proved; 1 file left as it was.\n" in done.stderr


def test_a_diff_is_proved_and_nothing_written(gcn: Path) -> None:
    before = gcn.read_bytes()
    done = command("--diff", "--prove", "gcn.py", "gcn.py")
    assert gcn.read_bytes() == before
    assert "+        self.dropout = nn.Dropout(p=0.5)" in done.stdout
    assert "3 edits: 3 proved.\n" in done.stderr


def test_a_target_that_fails_is_a_failure_and_the_calls_are_proved(gcn: Path) -> None:
    Path("broken.py").write_text("raise RuntimeError('no')\n")
    done = command("--fix", "--prove", "broken.py:Net", "gcn.py")
    assert done.exit_code == 2
    assert "broken.py:Net: nothing could be proved with it" in done.stderr
    assert "gcn.py:41: DRP001 pattern-verified (no model ran it)\n" in done.stderr
    assert "nn.Dropout(p=0.5)" in gcn.read_text()


NET = """
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, rate, *, width):
        super().__init__()
        self.fc = nn.Linear(width, 2)
        self.rate = rate

    def forward(self, x):
        return F.dropout(self.fc(x), self.rate)
"""


@pytest.mark.parametrize(
    ("inputs", "level"),
    [
        (("--input-size", "3,7"), "proved by Net"),
        (("--inputs", "given.py:some"), "proved by Net"),
        (("--input-size", "3,6"), "pattern-verified"),
    ],
)
def test_the_models_can_be_given_arguments_and_inputs(
    inputs: tuple[str, str], level: str, here: Path
) -> None:
    Path("net.py").write_text(NET)
    Path("given.py").write_text("import torch\n\ndef some():\n    return torch.ones(4, 7)\n")
    init = ("--init", '{"rate": 0.5, "width": 7}')
    done = command("--fix", "--prove", "net.py:Net", *init, *inputs, "net.py")
    assert f"net.py:13: DRP001 {level}" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--prove", "gcn.py", "gcn.py"), "give --fix or --diff too"),
        (("--fix", "--prove", "gcn.py", "-"), "needs files"),
        (("--fix", "--prove", "no.py:Net", "gcn.py"), "--prove no.py:Net: there is no such file"),
        (("--fix", "--init", "{}", "gcn.py"), "--init is for the models of --prove"),
        (("--fix", "--prove", "gcn.py", "--init", "{", "gcn.py"), "--init: is not valid JSON"),
        (("--fix", "--prove", "gcn.py", "--input-size", "2x", "gcn.py"), "--input-size 2x: expect"),
        (("--fix", "--prove", "gcn.py", "--inputs", "gcn", "gcn.py"), "name a function, as in"),
    ],
)
def test_what_cannot_be_proved_as_it_is_given(
    arguments: tuple[str, ...], words: str, gcn: Path
) -> None:
    before = gcn.read_bytes()
    done = command(*arguments)
    assert done.exit_code == 2
    assert words in done.stderr
    assert gcn.read_bytes() == before
