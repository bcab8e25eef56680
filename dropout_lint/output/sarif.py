"""SARIF 2.1.0 for code scanning."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from dropout_lint import __version__
from dropout_lint.diagnostics import Diagnostic, Fix, Severity
from dropout_lint.files.source import Source
from dropout_lint.linting.report import Report
from dropout_lint.output.links import HOMEPAGE, rule_url
from dropout_lint.rules.base import Rule, all_rules

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(reports: Sequence[Report], errors: Sequence[str] = ()) -> str:
    """A SARIF log with every rule and every result; suppressed ones are marked as such.

    ``errors`` are sentences about what could not be done.
    """
    seen: Counter[str] = Counter()
    results = [
        _result(report.source, diagnostic, report, seen)
        for report in reports
        for diagnostic in sorted(
            (*report.diagnostics, *report.intentional, *report.noqa, *report.ignored),
            key=lambda diagnostic: diagnostic.sort_key,
        )
    ]
    notes = [{"level": "error", "message": {"text": error}} for error in errors]
    run = {
        "tool": {
            "driver": {
                "name": "dropout-lint",
                "version": __version__,
                "informationUri": HOMEPAGE,
                "rules": [_rule(rule) for rule in all_rules()],
            }
        },
        "invocations": [
            {"executionSuccessful": not errors, "toolExecutionNotifications": notes},
        ],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The repository's root."}}},
        "results": results,
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"  # ASCII: no console's encoding can spoil it


def _rule(rule: type[Rule]) -> dict[str, Any]:
    sections = rule.sections()
    return {
        "id": rule.code,
        "name": "".join(part.title() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.summary()},
        "fullDescription": {
            "text": f"{sections['What it does']}\n\n{sections['Why is this bad?']}"
        },
        "help": {"text": rule.documentation(), "markdown": rule.documentation()},
        "helpUri": rule_url(rule.code),
        "defaultConfiguration": {"enabled": rule.default, "level": _LEVEL[rule.severity]},
        "properties": {"tags": ["pytorch", "dropout", "correctness"]},
    }


def _result(
    source: Source, diagnostic: Diagnostic, report: Report, seen: Counter[str]
) -> dict[str, Any]:
    codes = [rule.code for rule in all_rules()]
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": "note" if diagnostic.intentional else _LEVEL[diagnostic.severity],
        "message": {"text": diagnostic.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(source),
                    "region": _region(source, diagnostic.start, diagnostic.end),
                }
            }
        ],
        "partialFingerprints": {"dropoutLint/v1": _fingerprint(source, diagnostic, seen)},
    }
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(source, fix) for fix in (diagnostic.fix, *diagnostic.alternatives)]
    if diagnostic not in report.diagnostics:
        reason = diagnostic.intentional or "suppressed by a comment"
        result["suppressions"] = [{"kind": "inSource", "justification": reason}]
    return result


def _artifact(source: Source) -> dict[str, Any]:
    """The location of a file: relative to the working folder, or absolute outside of it."""
    path = os.path.abspath(source.name)
    here = os.path.join(os.getcwd(), "")
    inside = path.startswith(here)
    name = os.fsencode(path.removeprefix(here).replace(os.sep, "/"))
    if inside:  # a colon in a relative URI would end its scheme
        return {"uri": quote(name), "uriBaseId": "%SRCROOT%"}
    return {"uri": f"file:///{quote(name, safe='/:').lstrip('/')}"}


def _region(source: Source, start: int, end: int) -> dict[str, int]:
    first, last = source.location(start), source.location(end)
    return {
        "startLine": first.row,
        "startColumn": first.column,
        "endLine": last.row,
        "endColumn": last.column,
    }


def _fingerprint(source: Source, diagnostic: Diagnostic, seen: Counter[str]) -> str:
    """A hash that stays when lines move: of rule, file, function, code without spaces, ordinal."""
    code = "".join(source.text[diagnostic.start : diagnostic.end].split())
    key = "\0".join((diagnostic.code, _artifact(source)["uri"], diagnostic.function, code))
    seen[key] += 1
    return hashlib.sha256(f"{key}\0{seen[key]}".encode()).hexdigest()[:32]


def _fix(source: Source, fix: Fix) -> dict[str, Any]:
    return {
        "description": {"text": f"{fix.message} ({fix.safety.value})"},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(source),
                "replacements": [
                    {
                        "deletedRegion": _region(source, edit.start, edit.end),
                        "insertedContent": {"text": edit.text},
                    }
                    for edit in fix.in_order
                ],
            }
        ],
    }
