"""What a fix may do to the text, and what it must not do to the model."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from dropout_lint.config import Settings
from dropout_lint.linting.pipeline import Fixed, chosen_fix, fix
from dropout_lint.linting.report import Report
from dropout_lint.verify.proof.changes import edited_lines
from dropout_lint.verify.report.fix_proof import FixProof

from .execution import inputs, loaded, path_of
from .models import Model

_ENDS = re.compile(r"\r\n|\r|\n")


def failures(before: Report, outcome: Fixed, settings: Settings) -> Iterator[str]:
    """What is wrong with a fixed text. ``before`` is the report that was fixed."""
    source = before.source
    after = source.with_text(outcome.text)
    again = fix(after, settings)
    if again.text != outcome.text:
        yield f"a second run changes it again:\n{again.text}"
    left = [d for d in outcome.report.diagnostics if chosen_fix(d, settings.unsafe_fixes)]
    if left:
        yield f"{left[0].code} is still there with a fix"
    ends = set(_ENDS.findall(outcome.text))
    if not ends <= (set(_ENDS.findall(source.text)) or {"\n"}):
        yield "it has other line ends"
    tabs, fours = _margins(source.text)
    if _margins(outcome.text) not in ((tabs, fours), (tabs, False), (False, fours)):
        yield "it is indented in another way"
    comments = Counter() if settings.unsafe_fixes else Counter(source.comments.values())
    if lost := comments - Counter(after.comments.values()):
        yield f"comments are lost: {', '.join(lost)}"
    used = {node.id for node in ast.walk(ast.parse(outcome.text)) if isinstance(node, ast.Name)}
    untouched = [row for row in _untouched(before) if not _imports_more_than(row, used)]
    if not _is_subsequence(untouched, outcome.text.splitlines()):
        yield "rows are changed that no fix speaks of"


def _margins(text: str) -> tuple[bool, bool]:
    rows = _ENDS.split(text)
    return any(row.startswith("\t") for row in rows), any(row.startswith(" ") for row in rows)


def _imports_more_than(row: str, used: set[str]) -> bool:
    """Whether a row imports a name that nothing uses after the fixes: they may remove it."""
    try:
        (statement,) = ast.parse(row).body
    except (SyntaxError, ValueError):
        return False
    if not isinstance(statement, (ast.Import, ast.ImportFrom)):
        return False
    return any((alias.asname or alias.name) not in used for alias in statement.names)


def _untouched(report: Report) -> list[str]:
    """The rows that no edit of the first round lies in."""
    source = report.source
    touched: set[int] = set()
    for diagnostic in report.diagnostics:
        for each in (diagnostic.fix, *diagnostic.alternatives):
            for edit in each.edits if each is not None else ():
                first, last = (source.location(at).row for at in (edit.start, edit.end))
                touched |= set(range(first, last + 1))
    rows = source.text.splitlines()
    return [row for number, row in enumerate(rows, 1) if number not in touched]


def _is_subsequence(few: list[str], many: list[str]) -> bool:
    rest = iter(many)
    return all(any(row == other for other in rest) for row in few)


def rows(before: Model, after: Model) -> dict[str, list[int]]:
    """The rows that differ, as they are afterwards, by file."""
    mark = "\ufeff"
    return {
        file: edited_lines(before.files[file].removeprefix(mark), text.removeprefix(mark))
        for file, text in after.files.items()
        if text != before.files[file]
    }


def proof(before: Model, after: Model, codes: list[str]) -> FixProof:
    """The proof of a fix, by all obligations."""
    from dropout_lint.verify import verify_fix

    edited = {path_of("after", file): lines for file, lines in rows(before, after).items()}
    with loaded(before, "before") as original, loaded(after, "after") as fixed:
        return verify_fix(original, fixed, inputs(), edited=edited, codes=codes)


def broken(model: Model) -> Iterator[str]:
    """Why a model does not run any more."""
    try:
        with loaded(model, "unsafe") as build:
            made = build()
            for training in (True, False):
                made.train(training)
                made(*(tensor.clone() for tensor in inputs()))
    except Exception as error:
        yield f"{type(error).__name__}: {error}"
