"""What is wrong with a command line of verify, and the process of the command."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.command import hear_interrupts
from support.linting import FIXTURES, ROOT
from support.verifying import verify

pytestmark = pytest.mark.models

NO_TORCH = "verify executes models with torch, which is not installed here; install it with `pip "


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ([], "name what to verify, as in `dropout-lint verify model.py:Net`, or set `targets`"),
        (["nowhere.py"], "nowhere.py: there is no such file or folder; check the path"),
        (["noisy.py", "--init", "{"], "--init: is not valid JSON (Expecting property name"),
        (["noisy.py", "--init", "3"], "--init: expected an object of keyword arguments or a list"),
        (["noisy.py", "--input-size", "2x3"], "--input-size 2x3: expected whole numbers with"),
        (["noisy.py", "--inputs", "noisy"], "--inputs noisy: name a function, as in package"),
        (["noisy.py", "--inputs", "no.py:f"], "--inputs no.py:f: there is no such file or folder"),
    ],
)
def test_wrong_arguments(args: list[str], says: str) -> None:
    result = verify(*args)
    assert (result.code, result.out) == (2, "")
    (problem,) = result.problems
    assert problem.startswith(says)


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--memory=lots", "must be a size such as 8GB or 512MB, not 'lots'"),
        ("--seeds=1", "must be at least two different whole numbers, such as 0,1,2"),
        ("--seeds=1,1", "must be at least two different whole numbers, such as 0,1,2"),
        ("--timeout=0", "0"),
        ("--device=tpu", "'tpu' is not one of"),
    ],
)
def test_wrong_options(option: str, says: str) -> None:
    result = verify("noisy.py", option)
    assert (result.code, result.out) == (2, "")
    assert says in result.err


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("tmeout = 3", "unknown key `verify.tmeout`; the keys are targets, declared, device"),
        ("timeout = 'long'", "`verify.timeout` must be a number above 0, not 'long'"),
        ("memory = true", "`verify.memory` must be a size such as 8GB or 512MB, not True"),
        ("device = 'tpu'", "`verify.device` must be one of cpu, cuda, meta, auto, not 'tpu'"),
        ("declared = ['a']", "`verify.declared` must be a table of reasons"),
        ("seeds = [1]", "`verify.seeds` must be at least two different whole numbers"),
    ],
)
def test_wrong_configuration(folder: Path, table: str, says: str) -> None:
    settings = folder / "wrong.toml"
    settings.write_text(f"[tool.dropout-lint.verify]\n{table}\n")
    result = verify("noisy.py", "--config", str(settings))
    assert (result.code, result.out) == (2, "")
    assert says in result.err


def test_a_wrong_target_does_not_stop_the_others() -> None:
    result = verify("clean.py:Nett", "clean.py:Net", "nowhere.py")
    assert result.code == 2
    assert result.problems == ["nowhere.py: there is no such file or folder; check the path"]
    assert "FAILED clean.py:Nett: wrong target\n  there is no Nett in it; did you" in result.out
    assert "ok     clean.py:Net: deterministic" in result.out


def test_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    result = verify("noisy.py")
    assert (result.code, result.out) == (2, "")
    assert result.problems == [f'{NO_TORCH}install "dropout-lint[verify]"`']


def test_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    result = verify("noisy.py", "--device=cuda")
    assert (result.code, result.out) == (2, "")
    (problem,) = result.problems
    assert re.fullmatch(
        r"--device cuda: torch \S+ sees no CUDA device here; use --device cpu or auto", problem
    )


def test_the_process_of_the_command_does_not_import_torch() -> None:
    code = (
        "import sys; from dropout_lint.commands.verify import verify; "
        "from dropout_lint.commands.command_line import cli; "
        "cli(['verify', 'noisy.py'], standalone_mode=False)"
    )
    check = f"import atexit, sys; atexit.register(lambda: print('torch' in sys.modules)); {code}"
    done = subprocess.run(
        [sys.executable, "-c", check],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert done.stdout.endswith("1 model: 1 random in eval mode.\nFalse\n")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interrupt_ends_everything(folder: Path) -> None:
    (folder / "endless.py").write_text(
        "import os, pathlib, time\n\n\n"
        "def build():\n"
        "    pathlib.Path('endless.new').write_text(str(os.getpid()))\n"
        "    os.rename('endless.new', 'endless.pid')\n"
        "    time.sleep(1000)\n"
    )
    command = subprocess.Popen(
        [sys.executable, "-m", "dropout_lint", "verify", "endless.py:build", "--timeout=900"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, preexec_fn=hear_interrupts,
    )  # fmt: skip
    started = folder / "endless.pid"
    while not started.exists() and command.poll() is None:
        time.sleep(0.05)
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=300)
    assert (command.returncode, out) == (2, "")
    assert err == "dropout-lint: interrupted, so not everything was verified\n"
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_all_fixtures_are_verified() -> None:
    result = verify(str(FIXTURES), "--with-lint", "--output-format=json")
    assert result.code == 1
    rows = json.loads(result.out)
    assert len(rows) == len(list(FIXTURES.glob("*.py")))
    assert all(row["failure"] is None and not row["synthesised"] for row in rows)
    statuses = {match["status"] for row in rows for match in row["lint"]}
    assert statuses == {"confirmed"}, "every finding in a fixture has its witness"


def test_what_the_linter_takes_for_intended_is_expected_to_be_random() -> None:
    paths = [str(FIXTURES / name) for name in ("mc_dropout.py", "tacotron_prenet.py")]
    result = verify(*paths, "--output-format=json")
    assert result.code == 0
    reports = [row["report"] for row in json.loads(result.out)]
    assert [report["verdict"] for report in reports] == ["declared", "declared"]
    reasons = [site["declared"] for report in reports for site in report["sites"]]
    assert "the name `Prenet` says so" in reasons
    assert all(reasons) and len(reasons) >= 4


def test_intent_does_not_excuse_what_does_not_repeat(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "import torch\n"
        "import torch.nn.functional as F\n"
        "class Prenet(torch.nn.Module):\n"
        "    def forward(self, x):\n"
        "        torch.seed()\n"
        "        return F.dropout(x)\n"
        "def example_inputs():\n"
        "    return (torch.ones(64),)\n"
    )
    result = verify(str(file), "--output-format=json")
    assert result.code == 1
    (row,) = json.loads(result.out)
    assert row["report"]["verdict"] != "declared" and row["report"]["repeats"] is False
