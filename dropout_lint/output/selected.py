"""Which diagnostics of a report are shown, and which fix of each."""

from __future__ import annotations

from collections.abc import Sequence

from dropout_lint.diagnostics import Diagnostic, Fix
from dropout_lint.linting.pipeline import chosen_fix
from dropout_lint.linting.report import Report


def shown(report: Report, show_intentional: bool) -> Sequence[Diagnostic]:
    """The diagnostics that count and, if asked for, the intentional ones, in source order."""
    if not show_intentional:
        return report.diagnostics
    both = (*report.diagnostics, *report.intentional)
    return sorted(both, key=lambda diagnostic: diagnostic.sort_key)


def shown_fix(diagnostic: Diagnostic, unsafe: bool) -> Fix | None:
    """The fix that ``--fix`` applies, or failing that the first one that is offered."""
    return chosen_fix(diagnostic, unsafe) or diagnostic.fix
