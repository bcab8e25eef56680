"""What the verify command prints in every format."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent
from xml.etree import ElementTree as ET

import pytest
from support.verifying import FILES, HEAD, line_of, verify

pytestmark = pytest.mark.models


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
