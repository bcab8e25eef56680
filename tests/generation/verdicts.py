"""Does what the linter says agree with what happened?"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from dropout_lint.diagnostics import Diagnostic
from dropout_lint.files.source import Source
from dropout_lint.linting.report import GROUPS, Report
from dropout_lint.rules.base import all_rules
from dropout_lint.verify.report.eval_report import Cause, EvalReport, RandomOp
from dropout_lint.verify.report.joined import joined
from dropout_lint.verify.report.results import HARMLESS, NOT_REACHED, Match, ModelResult

from .execution import path_of

if TYPE_CHECKING:
    from .check import Version

# What the grammar puts beside a call or into a name, and what becomes of the finding there.
SPOKEN = {
    "# noqa\n": "noqa",
    "# dropout-lint: ignore": "ignored",
    "# dropout-lint: intentional": "intentional",
    "# MC dropout": "intentional",
}
WANTED = ("Prenet", "MCDropout", "mc_dropout")
_ABOUT_TEXT = frozenset(rule.code for rule in all_rules() if rule.is_about_text)
_IN_CALLEES = frozenset(rule.code for rule in all_rules() if rule.shows_in_callees)
_AT_OTHER_LINES = frozenset(rule.code for rule in all_rules() if rule.shows_at_other_lines)


def drops(report: EvalReport) -> list[RandomOp]:
    """Dropout that drew in eval mode."""
    return [s for s in (*report.sites, *report.unused) if s.cause is Cause.DROPOUT]


def failures(version: Version, report: EvalReport, name: str) -> Iterator[str]:
    """Findings that nothing shows, and randomness that no finding speaks of."""
    everything: list[tuple[str, Diagnostic]] = []
    returns = any(_may_return(ast.parse(source.text)) for source in version.sources.values())
    for file, said in version.reports.items():
        found = tuple(d for group in GROUPS for d in getattr(said, group))
        everything += [(path_of(name, file), d) for d in found]
        file_sites = [s for s in drops(report) if s.where.file == path_of(name, file)]
        result = ModelResult("generated", path_of(name, file), report=report)
        for match in joined(result, path_of(name, file), found):
            if match.code in _ABOUT_TEXT:
                continue
            if match.status == NOT_REACHED and match.code != "DRP010":  # its bug is in train mode
                inside = next(d.function or "" for d in found if d.location.row == match.line)
                if inside.startswith("Other."):  # by itself it runs in eval mode too
                    continue
                if returns:  # whether it comes there in eval mode is up to the data
                    continue
                if _draws_beside(match, report, path_of(name, file)):
                    yield f"{match.code} at {file}:{match.line}: only training runs it"
            if match.status != HARMLESS or match.code in ("DRP014", "DRP015"):
                continue  # of a drop without effect there is nothing to see
            if match.code == "DRP010" and _draws_beside(match, report, path_of(name, file)):
                continue
            if any("two.other" in source.text for source in version.sources.values()):
                continue  # a rate of zero that another object holds
            if report.stuck:  # eval mode never comes
                continue
            built = match.code in ("DRP002", "DRP005")  # it may speak of where a module is built
            if not (built and _shows_below(match.line, file_sites)):
                yield f"{match.code} at {file}:{match.line} is a finding, and nothing happens there"
    texts = version.texts(name)
    for site in drops(report):
        if not _is_explained(site, everything, report, texts) and not _is_beyond(site, texts):
            yield f"{site.op} drops in eval mode at {site.where}, and there is no finding"
    lost = report.train.lost if report.train is not None else ()
    if lost and not any(d.code in ("DRP009", "DRP007") for _, d in everything):
        yield f"{lost[0].op} at {lost[0].where} does not come back after eval mode"
    if report.train is None or report.train.error:
        yield f"the model does not run in train mode: {report.train and report.train.error}"


def alive(said: Report, report: EvalReport, path: str) -> Iterator[str]:
    """Calls that are said to be always off and drop in train mode, by all rules."""
    drawn = report.train.drawn if report.train is not None else ()
    for diagnostic in (d for group in GROUPS for d in getattr(said, group)):
        called = said.source.text[diagnostic.start : diagnostic.end].partition("(")[0]
        for site in drawn if diagnostic.code == "DRP015" else ():
            here = site.where.file == path and site.where.line in _rows(diagnostic)
            rows = _statement(diagnostic, said.source.text)
            drops_there = sum(said.source.line(row).count("dropout") for row in rows)
            beside = drops_there > 1  # the verifier tells drops by their rows
            if here and not beside and called.rpartition(".")[2] == site.op.rpartition(".")[2]:
                yield f"{site.op} at {site.where} is said to be off, and drops"


def unspoken(report: EvalReport, version: Version, name: str) -> Iterator[RandomOp]:
    """Dropout in eval mode of a form that the linter does not follow."""
    texts = version.texts(name)
    return (site for site in drops(report) if _is_beyond(site, texts))


def _is_explained(
    site: RandomOp, found: list[tuple[str, Diagnostic]], report: EvalReport, texts: dict[str, str]
) -> bool:
    where = site.where
    if any(path == where.file and where.line in _rows(d) for path, d in found):
        return True
    codes = {d.code for _, d in found}
    if "DRP007" in codes and report.stuck:
        return True
    if "DRP006" in codes and not where.registered:
        return True
    handed_on = [(path, d) for path, d in found if d.code in _IN_CALLEES]
    if any(
        path == file and line in _statement(d, texts[file])
        for path, d in handed_on
        for file, line in site.through
    ):
        return True
    around = tuple(part for part in where.function.split(".") if part != "<locals>")
    near = [d for path, d in found if path == where.file and d.function.endswith(around)]
    return any(d.code in _AT_OTHER_LINES for d in near)


def _statement(diagnostic: Diagnostic, text: str) -> range:
    """The rows of the innermost statement that a finding is in."""
    return _statement_at(diagnostic.location.row, text)


def statement_rows(text: str, rows: Iterable[int]) -> set[int]:
    """The rows of the innermost statements that some rows are in."""
    return {row for each in rows for row in (each, *_statement_at(each, text))}


def _statement_at(row: int, text: str) -> range:
    around = (range(node.lineno, _last_row(node) + 1) for node in _statements_at(row, text))
    return min(around, key=len, default=range(row, row + 1))


def _statements_at(row: int, text: str) -> list[ast.stmt]:
    return [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.stmt) and node.lineno <= row <= _last_row(node)
    ]


def _last_row(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _shows_below(row: int, sites: list[RandomOp]) -> bool:
    """Whether a module that a line builds is called on a later one, beside another finding."""
    return any(site.op.startswith("nn.") and site.where.line > row for site in sites)


def _may_return(tree: ast.Module) -> bool:
    """Whether a method returns early on a condition that is not the mode's."""
    return any(
        isinstance(node, ast.If)
        and ast.unparse(node.test) == "x.dim() == 2"
        and any(isinstance(below, ast.Return) for below in ast.walk(node))
        for node in ast.walk(tree)
    )


def _draws_beside(match: Match, report: EvalReport, path: str) -> bool:
    """Whether a drop on these rows draws in train mode: the verifier tells drops by their rows."""
    drawn = report.train.drawn if report.train is not None else ()
    return any(
        match.line <= site.where.line <= match.end_line and site.where.file == path
        for site in drawn
    )


def _is_beyond(site: RandomOp, texts: dict[str, str]) -> bool:
    """Whether the call is of a form that the linter does not follow."""
    line, text = site.where.line, texts.get(site.where.file or "", "")
    callers = [texts[file] for file, _ in site.through if file in texts and file != site.where.file]
    if any(re.search(rf"class\s+{name}", other) for name in WANTED for other in callers):
        return True  # no reason to speak of a function of another file
    around = _statements_at(line, text)
    last = max((node.lineno for node in around), default=0)
    return any(_has_stars(node) for node in around if node.lineno == last)


def _has_stars(statement: ast.stmt) -> bool:
    """Whether a call in it takes `*args` or `**options`; the linter does not look into them."""
    return any(
        isinstance(argument, ast.Starred) or getattr(argument, "arg", "") is None
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
        for argument in (*node.args, *node.keywords)
    )


def _rows(diagnostic: Diagnostic) -> range:
    return range(diagnostic.location.row, diagnostic.end_location.row + 1)


def wrong_groups(report: Report) -> Iterator[str]:
    """Findings that comments and names beside them should have put into another group."""
    shy = {rule.code for rule in all_rules() if not rule.respects_intent}
    for group in GROUPS:
        for diagnostic in getattr(report, group):
            wanted = _group(report.source, diagnostic, diagnostic.code not in shy)
            if group not in wanted:
                row = diagnostic.location.row
                yield f"{diagnostic.code} in row {row} is in {group}, not in {' or '.join(wanted)}"


def _group(source: Source, diagnostic: Diagnostic, respects: bool) -> Iterable[str]:
    rows = [source.line(row) + "\n" for row in _rows(diagnostic)]
    above = source.line(diagnostic.location.row - 1)
    if above.lstrip().startswith("#"):
        rows.append(above)
    for words, group in SPOKEN.items():
        if any(words in row for row in rows):
            return (group,) if group != "intentional" or respects else (group, "diagnostics")
    if any(word in diagnostic.function for word in WANTED):
        return ("intentional",) if respects else ("diagnostics",)
    if respects and any(word in source.text for word in (*WANTED, "x1 = ")):
        return ("diagnostics", "intentional")  # called from there only, or one of two views
    return ("diagnostics",)
