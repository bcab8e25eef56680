"""The verifier's results as JUnit XML: a test case a model, as CI servers read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from dropout_lint.output import verify_advice as advice
from dropout_lint.output.verify_text import render as as_text
from dropout_lint.verify.report.results import CLEAN, FAILED, ModelResult

# What XML 1.0 cannot hold, in whatever way it is written.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(results: Sequence[ModelResult]) -> str:
    counts = {
        "tests": str(len(results)),
        "failures": str(sum(r.status not in (CLEAN, FAILED) for r in results)),
        "errors": str(sum(r.status == FAILED for r in results)),
        "time": f"{sum(r.seconds for r in results):.3f}",
    }
    suites = ET.Element("testsuites", {"name": "dropout-lint verify", **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": "dropout-lint verify", **counts})
    for result in results:
        _case(suite, result)
    ET.indent(suites)
    text = ET.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _case(suite: ET.Element, result: ModelResult) -> None:
    path, _, name = result.target.rpartition(":")
    attributes = {
        "classname": _clean(path or result.target),
        "name": _clean(name),
        "time": f"{result.seconds:.3f}",
    }
    case = ET.SubElement(suite, "testcase", attributes)
    if result.status != CLEAN:
        failure = result.failure
        kind = failure.kind.value if failure is not None else str(result.status)
        message = failure.message if failure is not None else advice.verdict(result)
        tag = "error" if result.status == FAILED else "failure"
        problem = ET.SubElement(case, tag, {"message": _clean(message), "type": kind})
        problem.text = _clean(as_text([result], verbose=True))
    if result.output:
        ET.SubElement(case, "system-out").text = _clean(result.output)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
