"""One round of fixing: fixes that do not parse, or leave their findings, are not made."""

from __future__ import annotations

import ast
import warnings
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from dropout_lint.diagnostics import Diagnostic, Fix
from dropout_lint.fixing.edits.apply import Applied, apply_fixes
from dropout_lint.fixing.edits.moves import Moves
from dropout_lint.linting.report import Report

Offer = tuple[Diagnostic, Fix]


@dataclass(frozen=True)
class Withdrawn:
    """A fix that is not made: its finding's code and offset, and its message."""

    code: str
    start: int
    message: str
    parses: bool


@dataclass(frozen=True)
class Round:
    """A text with some fixes made, the report on it, and the fixes that are withdrawn.

    The offsets of these are those of the new text. ``before`` is the report on the old text without
    the offers that are withdrawn.
    """

    before: Report
    text: str
    report: Report
    fixed: tuple[Diagnostic, ...]
    withdrawn: tuple[Withdrawn, ...]


def one_round(
    report: Report,
    withdrawn: Sequence[Withdrawn],
    offers_of: Callable[[Report], Sequence[Offer]],
    lint: Callable[[str], Report],
) -> Round:
    """The text and report after one round, in which every fix that is made removes its finding.

    A fix that is withdrawn gives way to the next one of its finding.
    """
    text = report.source.text
    known = list(withdrawn)
    while True:
        report = without(report, known)
        applied, refused = _parsing(text, offers_of(report))
        if refused:
            known += [_withdrawn(offer, parses=False) for offer in refused]
            continue
        if applied.text == text:
            known += [_withdrawn(o, parses=True) for o in offers_of(report)]
            report = without(report, known)
            return Round(report, text, report, (), tuple(known))
        after = lint(applied.text)
        fixed = set(applied.fixed)
        offers = [offer for offer in offers_of(report) if offer[0] in fixed]
        moves = Moves(edit for _, fix in offers for edit in fix.edits)
        others = [d for d in report.diagnostics if d not in fixed]
        left = _left(offers, others, after, moves)
        if not left:
            moved = [replace(w, start=moves.of(w.start)[1]) for w in known]
            after = without(after, moved)
            return Round(report, applied.text, after, applied.fixed, tuple(moved))
        known += [_withdrawn(offer, parses=True) for offer in left]


def with_proven_offers(
    report: Report, offers_of: Callable[[Report], Sequence[Offer]], lint: Callable[[str], Report]
) -> Report:
    """The report without the offers that would not parse or would leave their findings."""
    tried: set[tuple[str, int, str]] = set()

    def untried(report: Report) -> list[Offer]:
        return [
            (d, fix) for d, fix in offers_of(report) if (d.code, d.start, fix.message) not in tried
        ]

    while offers := untried(report):
        done = one_round(report, (), untried, lint)
        report = done.before
        if not done.fixed:
            break
        tried |= {(d.code, d.start, f.message) for d, f in offers if d in done.fixed}
        tried |= {(d.code, d.start, f.message) for d, f in untried(report) if d in done.fixed}
    return report


def without(report: Report, withdrawn: Iterable[Withdrawn]) -> Report:
    """The report without the offers that are withdrawn."""
    gone = {(w.code, w.start, w.message) for w in withdrawn}
    if not gone:
        return report
    return replace(report, diagnostics=tuple(_without(d, gone) for d in report.diagnostics))


def _without(diagnostic: Diagnostic, gone: set[tuple[str, int, str]]) -> Diagnostic:
    offered = [fix for fix in (diagnostic.fix, *diagnostic.alternatives) if fix is not None]
    kept = [f for f in offered if (diagnostic.code, diagnostic.start, f.message) not in gone]
    if len(kept) == len(offered):
        return diagnostic
    return replace(diagnostic, fix=kept[0] if kept else None, alternatives=tuple(kept[1:]))


def _withdrawn(offer: Offer, *, parses: bool) -> Withdrawn:
    diagnostic, fix = offer
    return Withdrawn(diagnostic.code, diagnostic.start, fix.message, parses)


def parses(text: str) -> bool:
    """Whether this Python reads a text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def _parsing(text: str, offers: Sequence[Offer]) -> tuple[Applied, list[Offer]]:
    """The fixes applied, without those that keep the text from parsing, and these."""
    refused: list[Offer] = []

    def take(kept: list[Offer], more: Sequence[Offer]) -> list[Offer]:
        if not more or parses(apply_fixes(text, [*kept, *more]).text):
            return [*kept, *more]
        if len(more) == 1:
            refused.extend(more)
            return kept
        half = len(more) // 2
        return take(take(kept, more[:half]), more[half:])

    kept = take([], offers)
    return (apply_fixes(text, kept) if kept else Applied(text, (), ())), refused


def _left(
    offers: Sequence[Offer], others: Sequence[Diagnostic], after: Report, moves: Moves
) -> list[Offer]:
    """The offers whose findings are still there, not counting those inside that had no fix yet.

    ``others`` are the findings that were not fixed.
    """
    found: defaultdict[str, list[int]] = defaultdict(list)
    firsts: defaultdict[str, list[int]] = defaultdict(list)
    lasts: defaultdict[str, list[int]] = defaultdict(list)
    for diagnostic in after.diagnostics:
        found[diagnostic.code].append(diagnostic.start)
    for diagnostic in others:
        first, last = moves.of(diagnostic.start)
        firsts[diagnostic.code].append(first)
        lasts[diagnostic.code].append(last)
    for starts in (*found.values(), *firsts.values(), *lasts.values()):
        starts.sort()

    def is_left(diagnostic: Diagnostic) -> bool:
        code = diagnostic.code
        first, last = moves.of(diagnostic.start)
        there = bisect_right(found[code], last) - bisect_left(found[code], first)
        return there > bisect_right(firsts[code], last) - bisect_left(lasts[code], first)

    return [offer for offer in offers if is_left(offer[0])]
