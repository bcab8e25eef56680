"""The closing lines of a run, and its statistics."""

from __future__ import annotations

import json
from collections import Counter

from dropout_lint.linting.pipeline import chosen_fix
from dropout_lint.linting.report import Action, Results


def plural(count: int, word: str) -> str:
    if count == 1:
        return f"1 {word}"
    return f"{count} {word}es" if word.endswith("x") else f"{count} {word}s"


def summary(results: Results, action: Action, unsafe: bool, show_intentional: bool) -> str:
    """The closing lines: the findings that were fixed and those left, and what options can do."""
    left = [d for report in results.reports for d in report.diagnostics]
    fixed = sum((outcome.fixed for outcome in results.outcomes), Counter[str]())
    changed = sum(bool(outcome.fixed) for outcome in results.outcomes)
    intentional = sum(len(report.intentional) for report in results.reports)
    lines = []
    some, none = _words(action if fixed else "lint")
    if fixed:
        verb = "Fixed" if action == "fix" else "Would fix"
        lines.append(f"{verb} {plural(fixed.total(), 'finding')} in {plural(changed, 'file')}.")
    files = sum(bool(report.diagnostics) for report in results.reports)
    checked = f"{plural(results.checked, 'file')} checked{_left_out(results)}"
    if left:
        by_severity = Counter(d.severity.value for d in left)
        parts = ", ".join(
            plural(by_severity[s], s) for s in ("error", "warning", "info") if by_severity[s]
        )
        where = f"{plural(len(left), 'finding')} in {plural(files, 'file')} ({parts})"
        lines.append(f"{some} {where}; {checked}.")
    elif results.checked or not results.errors:
        lines.append(f"{none}; {checked}.")
    hint = _fix_hint(results, action, unsafe)
    if hint:
        lines.append(hint)
    if intentional:
        hint = "" if show_intentional else " (list with `--show-intentional`)"
        lines.append(f"Declared intentional: {intentional}{hint}.")
    lost = len(results.missing) + results.unchecked
    for count, done in (
        (lost, "checked"),
        (results.unfinished, "checked in full"),
        (results.unfixed, "fixed"),
    ):
        if count:
            lines.append(f"{plural(count, 'path')} could not be {done}, see above.")
    return "".join(f"{line}\n" for line in lines)


def _left_out(results: Results) -> str:
    """What is said behind the number of files that were checked about those that were not."""
    parts = []
    if results.exemptions:
        parts.append(f"{len(results.exemptions)} left out by a comment in it (`-v` says where)")
    if results.notebooks:
        parts.append(f"{plural(results.notebooks, 'notebook')} not read")
    return "".join(f", {part}" for part in parts)


def _words(action: Action) -> tuple[str, str]:
    """The beginnings of the line about the findings left: for some, and for none."""
    if action == "diff":  # nothing is written
        return "Would leave", "No findings would be left"
    return ("Left", "No findings left") if action == "fix" else ("Found", "No findings")


def _fix_hint(results: Results, action: Action, unsafe: bool) -> str:
    left = [d for report in results.reports for d in report.diagnostics]
    now = sum(chosen_fix(d, unsafe) is not None for d in left) if action == "lint" else 0
    more = sum(chosen_fix(d, True) is not None and chosen_fix(d, False) is None for d in left)
    more = 0 if unsafe else more
    if now and more:
        return f"[*] {now} fixable with `--fix`, {more} more with `--fix --unsafe-fixes`."
    if now:
        return f"[*] {now} fixable with `--fix`."
    return f"{plural(more, 'unsafe fix')} available with `--unsafe-fixes`." if more else ""


def statistics(results: Results, as_json: bool) -> str:
    """Counts by rule, most frequent first."""
    names = {d.code: d.name for report in results.reports for d in report.diagnostics}
    counts = Counter(d.code for report in results.reports for d in report.diagnostics)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if as_json:
        rows = [{"code": code, "name": names[code], "count": count} for code, count in ordered]
        return json.dumps(rows, indent=2) + "\n"
    width = len(str(max(counts.values(), default=0)))
    return "".join(f"{count:>{width}}  {code}  {names[code]}\n" for code, count in ordered)
