"""The verify command: what it prints in every format, its exit codes, and what can go wrong."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree as ET

import pytest
from support.command import Result, hear_interrupts, run
from support.hosts import kept_hosts
from support.linting import FIXTURES, ROOT

from dropout_lint.verify.report.report import Verdict, eval_report

pytestmark = pytest.mark.models

HEAD = """\
import torch
import torch.nn.functional as F
from torch import nn


def example_inputs():
    return (torch.ones(4, 8),)


"""
FILES = {
    "noisy.py": """\
        class Net(nn.Module):
            def forward(self, x):
                return F.dropout(x, 0.5)  # the line


        def build():
            return Net()
        """,
    "clean.py": """\
        class Net(nn.Module):
            def __init__(self, width=8):
                super().__init__()
                self.drop = nn.Dropout(0.5)
                self.out = nn.Linear(width, 2)

            def forward(self, x):
                return self.out(self.drop(x))
        """,
    "sticky.py": """\
        class Net(nn.Module):
            p = 0.5

            def forward(self, x):
                if not self.training:
                    self.p = 0.0
                return F.dropout(x, self.p)


        def build():
            return Net()
        """,
    "two.py": """\
        import ctypes


        class First(nn.Module):
            def forward(self, x):
                print("hello from First")
                return ctypes.string_at(0)  # the crash


        class Second(nn.Module):
            def forward(self, x):
                return x + 1
        """,
    "broken.py": """\
        import not_installed_anywhere  # the import
        """,
    "wrong.py": """\
        class Net(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.out = nn.Linear(width, 2)

            def forward(self, x):
                return self.out(x)
        """,
}
NO_TORCH = "verify executes models with torch, which is not installed here; install it with `pip "


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch", reason="models are executed with torch")
    folder = tmp_path_factory.mktemp("models")
    for name, code in FILES.items():
        (folder / name).write_text(HEAD + dedent(code), encoding="utf-8")
    (folder / "pyproject.toml").write_text("[tool.dropout-lint]\n")
    return folder


@pytest.fixture(scope="module", autouse=True)
def hosts() -> Iterator[None]:
    with kept_hosts("dropout_lint.verify.process.session.Host"):
        yield


@pytest.fixture(autouse=True)
def inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.fixture(scope="module")
def rows(folder: Path) -> dict[str, dict[str, object]]:
    """What JSON says about all files at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        result = verify(".", "--with-lint", "--output-format", "json", "--timeout=300")
    assert result.code == 1, result.err
    return {row["target"]: row for row in json.loads(result.out)}


def verify(*args: str) -> Result:
    return run("verify", *args)


def line_of(name: str, mark: str) -> int:
    lines = (HEAD + dedent(FILES[name])).splitlines()
    return 1 + next(number for number, line in enumerate(lines) if line.endswith(f"# {mark}"))


# --- one run over a folder ----------------------------------------------------------------------


def test_each_model_of_a_folder_gets_its_own_result(rows: dict[str, dict[str, object]]) -> None:
    assert {target: row["status"] for target, row in rows.items()} == {
        "broken.py": "failed",
        "clean.py:Net": "clean",
        "noisy.py:build": "findings",
        "sticky.py:build": "findings",
        "two.py:First": "failed",
        "two.py:Second": "clean",
        "wrong.py": "failed",
    }


def test_json_has_everything(folder: Path, rows: dict[str, dict[str, object]]) -> None:
    noisy = rows["noisy.py:build"]
    report = eval_report(noisy["report"])  # type: ignore[arg-type]
    assert report.verdict is Verdict.RANDOM
    (site,) = report.sites
    assert (site.where.file, site.where.line) == (
        str(folder / "noisy.py"),
        line_of("noisy.py", "the line"),
    )
    assert report.spread is not None
    assert report.spread.relative_rms is not None and report.spread.relative_rms > 0.1
    assert (noisy["inputs"], noisy["synthesised"]) == ("example_inputs() of noisy", False)
    assert eval_report(rows["sticky.py:build"]["report"]).train.lost  # type: ignore[arg-type, union-attr]


def test_failures_in_json(folder: Path, rows: dict[str, dict[str, object]]) -> None:
    found = {
        target: (failure["kind"], failure["file"], failure["line"])
        for target, row in rows.items()
        if isinstance(failure := row["failure"], dict)
    }
    assert found == {
        "broken.py": (
            "import error",
            str(folder / "broken.py"),
            line_of("broken.py", "the import"),
        ),
        "two.py:First": ("crash", str(folder / "two.py"), line_of("two.py", "the crash")),
        "wrong.py": ("build error", None, 0),
    }
    assert rows["two.py:First"]["output"] == "hello from First\n"


def test_findings_are_joined_with_what_ran(rows: dict[str, dict[str, object]]) -> None:
    joined = {
        (match["code"], match["status"])  # type: ignore[index]
        for row in rows.values()
        for match in row["lint"]  # type: ignore[attr-defined]
    }
    assert joined == {("DRP001", "confirmed"), ("DRP009", "confirmed")}


# --- text ---------------------------------------------------------------------------------------


def test_text_reads_like_a_report() -> None:
    result = verify("noisy.py", "clean.py", "--with-lint")
    assert result.code == 1
    row = line_of("noisy.py", "the line")
    moved = re.search(r"out moves between seeds by [\d.]+% of its size \(RMS\)", result.out)
    assert moved is not None
    for part in (
        "RANDOM noisy.py:build: random in eval mode\n  inputs: example_inputs() of noisy\n",
        "; the largest entry changes in ",
        "  F.dropout (p = 0.5) draws in eval mode, in the model itself (Net)\n",
        f"--> noisy.py:{row}\n",
        f"{row} |         return F.dropout(x, 0.5)  # the line\n",
        "   |         ^^^^^^^^^^^^^^^^^^^^^^^^\n",
        "  help: pass training=self.training (`dropout-lint --fix` can), or declare it with",
        f"  lint: noisy.py:{row}: DRP001 confirmed\n",
        "ok     clean.py:Net: deterministic in eval mode\n",
        "2 models: 1 random in eval mode, 1 clean.\n1 finding of the linter: 1 confirmed.\n",
    ):
        assert part in result.out, part


def test_failures_in_text() -> None:
    result = verify("two.py:First", "-v")
    assert result.code == 3
    for part in (
        "FAILED two.py:First: crash\n",
        "  the process died of SIGSEGV, a segmentation fault while running the model\n",
        f"--> two.py:{line_of('two.py', 'the crash')}\n",
        "  | Fatal Python error: Segmentation fault\n",
        "  output:\n  | hello from First\n",
        "1 model: 1 not verified.\n",
    ):
        assert part in result.out, part


def test_a_lost_dropout_in_text() -> None:
    result = verify("sticky.py:build")
    assert result.code == 1
    assert "LOST   sticky.py:build: deterministic in eval mode, and dropout does not" in result.out
    assert "F.dropout (p = 0.5) drops in train mode, but no more after eval and train" in result.out
    assert "1 model: 1 losing dropout after eval mode.\n" in result.out


def test_quiet_leaves_out_what_is_clean() -> None:
    result = verify("clean.py", "two.py:Second", "-q")
    assert (result.code, result.out, result.err) == (0, "", "")


# --- other formats ------------------------------------------------------------------------------


def test_github_annotations() -> None:
    result = verify("noisy.py", "two.py", "sticky.py", "--output-format=github", "--jobs=2")
    assert result.code == 1
    lines = result.out.splitlines()
    start = "title=dropout-lint verify,file="
    assert [line.split("::")[1] for line in lines] == [
        f"error {start}noisy.py,line={line_of('noisy.py', 'the line')}",
        f"warning {start}two.py,line={line_of('two.py', 'the crash')}",
        f"error {start}sticky.py,line=16",
    ]
    assert lines[0].endswith("::noisy.py:build: " + lines[0].partition("noisy.py:build: ")[2])
    assert "F.dropout (p = 0.5) draws in eval mode" in lines[0]


# The common schema (junit-10.xsd of Jenkins): attributes and children of each element.
_COUNTS = {"name", "tests", "failures", "errors", "time"}
JUNIT = {
    "testsuites": (_COUNTS | {"disabled"}, {"testsuite"}),
    "testsuite": (
        _COUNTS | {"disabled", "skipped", "timestamp", "hostname", "id", "package"},
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name", "assertions", "time", "classname", "status"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "system-out": (set(), set()),
}


def test_junit_xml_keeps_to_the_schema(folder: Path) -> None:
    result = verify(
        "noisy.py", "two.py", "--output-format=junit", "--output-file", "results/../junit.xml"
    )
    assert result.code == 2, "there is no such folder"
    result = verify("noisy.py", "two.py", "--output-format=junit", "-o", "junit.xml")
    assert (result.code, result.out) == (1, "")
    root = ET.parse(folder / "junit.xml").getroot()
    for element in root.iter():
        attributes, children = JUNIT[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children
    (suite,) = root
    counts = [suite.get(name) for name in ("tests", "failures", "errors")]
    assert counts == ["3", "1", "1"]
    cases = [(c.get("classname"), c.get("name"), [e.tag for e in c]) for c in suite]
    assert cases == [
        ("noisy.py", "build", ["failure"]),
        ("two.py", "First", ["error", "system-out"]),
        ("two.py", "Second", []),
    ]
    problem = suite[0][0]
    assert problem.get("message") == "random in eval mode"
    assert "F.dropout (p = 0.5) draws" in (problem.text or "")


def test_a_page_is_written_too(folder: Path) -> None:
    pytest.importorskip("jinja2", reason="the page is made with it")
    result = verify("noisy.py", "two.py:First", "--report", "page.html")
    assert result.code == 1
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert "noisy.py:build" in page
    # Dots of the model as it is and of the fixed one, of which nothing is written.
    assert page.count("<circle") > 24
    assert "after" in re.findall(r'<circle[^>]*class="([a-z]+)"', page)
    assert (folder / "noisy.py").read_text() == HEAD + dedent(FILES["noisy.py"])
    assert "crash: the process died of SIGSEGV" in page


# --- options ------------------------------------------------------------------------------------


def test_constructor_arguments_and_sizes() -> None:
    result = verify("wrong.py:Net", "--init", '{"width": 5}', "--input-size", "3,5", "-v")
    assert result.code == 0, result.out
    assert "ok     wrong.py:Net: deterministic in eval mode\n" in result.out
    assert "  inputs: --input-size 3,5\n" in result.out


def test_made_up_inputs_are_called_so(folder: Path) -> None:
    (folder / "bare.py").write_text(
        "from torch import nn\n\n\ndef build():\n    return nn.Linear(3, 2)\n"
    )
    result = verify("bare.py")
    assert result.code == 0
    assert result.out == (
        "ok     bare.py:build: no randomness seen in eval mode, with inputs that were made up\n"
        "1 model: 1 clean (1 with made-up inputs).\n"
    )


@pytest.mark.parametrize("options", [["--fast"], ["--device=meta"], ["--seeds", "7,8"]])
def test_other_ways_to_run(options: list[str]) -> None:
    result = verify("noisy.py", "--output-format=json", *options)
    assert result.code == 1
    (row,) = json.loads(result.out)
    assert [site["op"] for site in row["report"]["sites"]] == ["F.dropout"]
    if "7,8" in options:
        assert row["report"]["seeds"] == [7, 8]


def test_a_hang_ends_with_the_deadline(folder: Path) -> None:
    code = "import time\n\n\ndef build():\n    time.sleep(1000)  # the line\n"
    (folder / "slow.py").write_text(code)
    result = verify("slow.py:build", "two.py:Second", "--timeout=3")
    assert result.code == 3
    assert "FAILED slow.py:build: hang\n  building the model did not end within 3 s" in result.out
    assert "--> slow.py:5\n" in result.out
    assert "ok     two.py:Second" in result.out


def test_too_much_memory(folder: Path) -> None:
    (folder / "big.py").write_text("def build():\n    return bytearray(1 << 36)\n")
    result = verify("big.py:build", "--memory=1GB")
    assert result.code == 3
    assert "FAILED big.py:build: out of memory\n" in result.out


def test_declared_randomness(folder: Path) -> None:
    settings = folder / "declared.toml"
    settings.write_text(
        '[tool.dropout-lint.verify.declared]\n"noisy.py:*" = "on purpose"\n"head.mc" = "unused"\n'
    )
    result = verify("noisy.py", "--config", str(settings))
    assert result.code == 0
    row = line_of("noisy.py", "the line")
    assert result.out == (
        "ok     noisy.py:build: random in eval mode, as declared\n"
        "  out moves between seeds by " + result.out.split(" by ")[1].split("\n")[0] + "\n"
        f"  declared: noisy.py:{row} F.dropout: on purpose\n"
        "  warning: head.mc is declared random and drew nothing\n"
        "1 model: 1 clean.\n"
    )


def test_targets_from_the_configuration(folder: Path) -> None:
    settings = folder / "targets.toml"
    settings.write_text(
        "[tool.dropout-lint.verify]\ntargets = ['clean.py']\noutput-format='json'\n"
    )
    result = verify("--config", str(settings))
    assert [row["target"] for row in json.loads(result.out)] == ["clean.py:Net"]


# --- what is wrong with the command line --------------------------------------------------------


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


# --- the process itself -------------------------------------------------------------------------


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
