"""The edits of a fix, row by row, with the findings that they repair."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import chosen_fix, lint
from dropout_lint.verify.proof.synthetic import pattern


@dataclass(frozen=True)
class Hunk:
    """Rows that belong together: those that were, and those that take their place.

    Where rows were only taken out, ``after`` is the row before the gap.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True)
class Rewritten:
    """One finding and its fix: the rule, its row before the fix, and its call in a module of its
    own (what `prove_patterns` takes), None where that cannot be made."""

    code: str
    row: int
    pattern: dict[str, Any] | None = None


@dataclass(frozen=True)
class Change:
    """A file before and after fixing."""

    path: str
    before: str
    after: str
    rewritten: tuple[Rewritten, ...] = ()

    @property
    def codes(self) -> set[str]:
        return {each.code for each in self.rewritten}

    def of(self, hunk: Hunk) -> tuple[Rewritten, ...]:
        return tuple(each for each in self.rewritten if each.row in hunk.before)


def hunks(before: str, after: str) -> list[Hunk]:
    """Where two texts differ, row by row."""
    mine, theirs = before.splitlines(), after.splitlines()
    matcher = difflib.SequenceMatcher(None, mine, theirs, autojunk=False)
    edits = []
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind == "equal":
            continue
        if last - first == end - start:  # row for row
            edits += [Hunk((first + n + 1,), (start + n + 1,)) for n in range(last - first)]
            continue
        rows = range(start + 1, end + 1) if end > start else (max(start, 1),)
        edits.append(Hunk(tuple(range(first + 1, last + 1)), tuple(rows)))
    return edits


def edited_lines(before: str, after: str) -> list[int]:
    """The rows of the text after that an edit made, or that a removed row stood behind."""
    return [row for hunk in hunks(before, after) for row in hunk.after]


def rewritten(source: Source, settings: Settings) -> tuple[Rewritten, ...]:
    """The findings of a file that have a fix, each with its call in a module of its own."""
    pairs = [(d, chosen_fix(d, settings.unsafe_fixes)) for d in lint(source, settings).diagnostics]
    return tuple(
        Rewritten(d.code, d.location.row, pattern(source.text, d, fix, settings.catalog))
        for d, fix in pairs
        if fix is not None
    )
