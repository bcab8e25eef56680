"""JSON: a list with an object for each diagnostic."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dropout_lint.diagnostics import Diagnostic, Fix, Location
from dropout_lint.linting.report import Report
from dropout_lint.output.links import rule_url
from dropout_lint.output.selected import shown, shown_fix


def render(reports: Sequence[Report], show_intentional: bool, unsafe: bool) -> str:
    """The diagnostics as JSON, each with the fix that ``--fix`` applies, or else its first one."""
    rows = [
        _row(report, diagnostic, unsafe)
        for report in reports
        for diagnostic in shown(report, show_intentional)
    ]
    return json.dumps(rows, indent=2) + "\n"  # ASCII: no console's encoding can spoil it


def _row(report: Report, diagnostic: Diagnostic, unsafe: bool) -> dict[str, Any]:
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "filename": report.source.name,
        "cell": None,
        "location": _place(diagnostic.location),
        "end_location": _place(diagnostic.end_location),
        "function": diagnostic.function,
        "fix": _fix(report, shown_fix(diagnostic, unsafe)),
        "intentional": diagnostic.intentional,
        "url": rule_url(diagnostic.code),
    }


def _fix(report: Report, fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    return {
        "safety": fix.safety.value,
        "style": fix.style,
        "message": fix.message,
        "edits": [
            {
                "location": _place(report.source.location(edit.start)),
                "end_location": _place(report.source.location(edit.end)),
                "content": edit.text,
            }
            for edit in fix.in_order
        ],
    }


def _place(location: Location) -> dict[str, int]:
    return {"row": location.row, "column": location.column}
