"""The results of a run: the report of one file, its outcome, and those of all files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from dropout_lint.diagnostics import Diagnostic
from dropout_lint.files.source import Source

# "lint" only reports, "diff" fixes in memory, "fix" writes the files.
Action = Literal["lint", "diff", "fix"]
GROUPS = ("diagnostics", "intentional", "noqa", "ignored")


@dataclass(frozen=True)
class Report:
    """The findings in one file, each group in source order.

    ``diagnostics`` count. ``intentional`` are declared to be wanted by the code. ``noqa`` and
    ``ignored`` are suppressed by a ``# noqa`` or a ``# dropout-lint: ignore`` comment. A ``note``
    is a sentence about what the analysis left out; ``unfinished`` one for the user where there may
    be more findings. ``exempted`` is the row of the comment that leaves out the whole file.
    """

    source: Source
    diagnostics: tuple[Diagnostic, ...] = ()
    intentional: tuple[Diagnostic, ...] = ()
    noqa: tuple[Diagnostic, ...] = ()
    ignored: tuple[Diagnostic, ...] = ()
    note: str | None = None
    unfinished: str | None = None
    exempted: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say about the file."""
        silent = self.note is None and self.exempted is None
        return silent and not any(getattr(self, group) for group in GROUPS)


@dataclass(frozen=True)
class Outcome:
    """The outcome of one file. ``before`` and ``after`` are its bytes where fixing changed it.

    With an ``error`` and a ``report`` the file could be linted but not fixed. A ``note`` is a
    sentence about how it was fixed, or why not, where nothing went wrong.
    """

    path: str
    report: Report | None = None
    fixed: Counter[str] = field(default_factory=Counter)
    before: bytes = b""
    after: bytes = b""
    error: str | None = None
    note: str | None = None


@dataclass
class Results:
    """The outcomes of a run that have something to say, by path, and its number of files.

    ``missing`` holds a sentence for each path that led to no file; ``notebooks`` counts the files
    of folders that are left out because nothing here reads them.
    """

    outcomes: list[Outcome]
    files: int
    missing: list[str] = field(default_factory=list)
    notebooks: int = 0

    @property
    def reports(self) -> list[Report]:
        return [outcome.report for outcome in self.outcomes if outcome.report is not None]

    @property
    def errors(self) -> list[str]:
        return self.missing + [o.error for o in self.outcomes if o.error is not None]

    @property
    def notes(self) -> list[str]:
        notes = [outcome.note for outcome in self.outcomes] + [r.note for r in self.reports]
        return [note for note in notes if note is not None]

    @property
    def unchecked(self) -> int:
        """The number of files without a report because something is wrong with them."""
        return sum(o.error is not None and o.report is None for o in self.outcomes)

    @property
    def unfixed(self) -> int:
        """The number of files that were linted and could not be fixed."""
        linted = sum(o.error is not None and o.report is not None for o in self.outcomes)
        return linted - self.unfinished

    @property
    def unfinished(self) -> int:
        """The number of files that were linted in part."""
        return sum(report.unfinished is not None for report in self.reports)

    @property
    def checked(self) -> int:
        return self.files - self.unchecked - len(self.exemptions)

    @property
    def exemptions(self) -> list[str]:
        """A sentence for each file that a comment in it leaves out."""
        return [
            f"{r.source.name}: line {r.exempted}: the file is left out by "
            f"`{r.source.line(r.exempted).strip()}`"
            for r in self.reports
            if r.exempted is not None
        ]
