"""What the linter has to say about one file."""

from __future__ import annotations

from dataclasses import dataclass

from dropout_lint.diagnostics import Diagnostic
from dropout_lint.files.source import Source

GROUPS = ("diagnostics", "intentional", "noqa", "ignored")


@dataclass(frozen=True)
class Report:
    """The findings in one file, each group in source order.

    ``diagnostics`` count. ``intentional`` are declared to be wanted by the code. ``noqa`` and
    ``ignored`` are taken back by a ``# noqa`` or a ``# dropout-lint: ignore`` comment.
    """

    source: Source
    diagnostics: tuple[Diagnostic, ...] = ()
    intentional: tuple[Diagnostic, ...] = ()
    noqa: tuple[Diagnostic, ...] = ()
    ignored: tuple[Diagnostic, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, group) for group in GROUPS)
