"""GitHub annotations: workflow commands, a line for each diagnostic."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from dropout_lint.diagnostics import Severity
from dropout_lint.linting.report import Report
from dropout_lint.output.selected import shown

_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(reports: Sequence[Report], show_intentional: bool) -> str:
    lines = []
    for report in reports:
        for diagnostic in shown(report, show_intentional):
            first, last = diagnostic.location, diagnostic.end_location
            level = "notice" if diagnostic.intentional else _LEVEL[diagnostic.severity]
            place_of = {
                "title": f"dropout-lint ({diagnostic.code})",
                "file": report.source.name.replace(os.sep, "/"),
                "line": str(first.row),
                "endLine": str(last.row),
            }
            if first.row == last.row:  # GitHub takes columns on a single line only
                place_of |= {"col": str(first.column), "endColumn": str(last.column)}
            fields = properties(place_of)
            place = f"{report.source.name}:{first.row}:{first.column}"
            text = f"{place}: {diagnostic.code} {diagnostic.message}"
            lines.append(f"::{level} {fields}::{data(text)}\n")
    return "".join(lines)


def properties(values: Mapping[str, str]) -> str:
    return ",".join(f"{key}={_property(value)}" for key, value in values.items())


def data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return data(text).replace(":", "%3A").replace(",", "%2C")
