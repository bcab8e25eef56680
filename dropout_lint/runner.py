"""A run over many files: in this process or several, linting or fixing."""

from __future__ import annotations

import multiprocessing
import os
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from dropout_lint.catalog import Catalog
from dropout_lint.config import Settings
from dropout_lint.discovery import File
from dropout_lint.linter import AnalysisError, Fixed, fix, lint
from dropout_lint.report import Report
from dropout_lint.screen.lexical import Lexical
from dropout_lint.source import Source, SourceError, read_bytes, write

# Below this many bytes a pool costs more than it brings (a fork 10-45 ms, a spawn 160 ms).
_WORTH_FORKING = 6_000_000
_WORTH_SPAWNING = 40_000_000
_CHUNK = 64
_FORKS = sys.platform == "linux"


@dataclass(frozen=True)
class Outcome:
    """What came of one file. ``before`` and ``after`` are its texts where fixing changed it."""

    path: str
    report: Report | None = None
    fixed: Counter[str] = field(default_factory=Counter)
    before: str = ""
    after: str = ""
    error: str | None = None


@dataclass
class Results:
    """What came of a run: the outcomes with something to say, by path, and the files looked at."""

    outcomes: list[Outcome]
    checked: int
    errors: list[str] = field(default_factory=list)

    @property
    def reports(self) -> list[Report]:
        return [outcome.report for outcome in self.outcomes if outcome.report is not None]


# "lint" looks, "diff" fixes in memory, "fix" writes.
Action = str


def run(
    files: Sequence[File],
    action: Action,
    jobs: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Results:
    """Lint or fix the files. ``progress`` is told how many more files are done."""
    outcomes: list[Outcome] = []
    for done, some in _outcomes(files, action, _workers(files, jobs)):
        outcomes += some
        progress(done)
    outcomes.sort(key=lambda outcome: outcome.path)
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    return Results(outcomes, len(files), errors)


def check_text(source: Source, settings: Settings, action: Action) -> Outcome:
    """Lint or fix text that is in memory already; nothing is written."""
    try:
        return _check(source, settings, "lint" if action == "lint" else "diff")
    except (AnalysisError, SourceError) as error:
        return Outcome(source.name, error=str(error))


def check_file(path: str, settings: Settings, action: Action) -> Outcome | None:
    """What comes of one file; None if there is nothing to say."""
    try:
        data = read_bytes(path)
        if not _lexical(settings.catalog).may_matter(data):
            return None
        outcome = _check(Source.decode(data, path), settings, action)
    except (AnalysisError, SourceError) as error:
        return Outcome(path, error=str(error))
    except Exception as error:  # a bug of ours must not take the other files with it
        return Outcome(path, error=f"{path}: {internal_error(error)}")
    silent = outcome.report is None or outcome.report.is_empty
    return None if silent and not outcome.fixed else outcome


def internal_error(error: Exception) -> str:
    """A sentence for an error that is our own fault."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(where.filename)}:{where.lineno}"
    return (
        f"internal error, {type(error).__name__} at {place} ({error}); the file was left as it is, "
        "please report this as a bug of dropout-lint"
    )


@cache
def _lexical(catalog: Catalog) -> Lexical:
    return Lexical(catalog)


def _check(source: Source, settings: Settings, action: Action) -> Outcome:
    if action == "lint":
        return Outcome(source.name, lint(source, settings))
    result: Fixed = fix(source, settings)
    if result.text == source.text:
        return Outcome(source.name, result.report)
    if action == "fix":
        assert source.data is not None
        write(source.name, source.encode(result.text), source.data)
    return Outcome(source.name, result.report, result.fixed, source.text, result.text)


def _workers(files: Sequence[File], jobs: int | None) -> int:
    wanted = jobs if jobs is not None else os.cpu_count() or 1
    size = sum(file.size for file in files)
    if jobs is None and size < (_WORTH_FORKING if _FORKS else _WORTH_SPAWNING):
        return 1
    return max(1, min(wanted, len(files)))


def _outcomes(
    files: Sequence[File], action: Action, workers: int
) -> Iterator[tuple[int, list[Outcome]]]:
    if workers == 1:
        for file in files:
            outcome = check_file(file.path, file.settings, action)
            yield 1, [outcome] if outcome is not None else []
        return
    # Every chunk gets its share of the large files.
    ordered = sorted(files, key=lambda file: -file.size)
    count = max(workers, len(ordered) // _CHUNK)
    chunks = [ordered[at::count] for at in range(count)]
    context = multiprocessing.get_context("fork" if _FORKS else None)
    with context.Pool(workers) as pool:
        work = [(chunk, action) for chunk in chunks]
        yield from pool.imap_unordered(_check_chunk, work)


def _check_chunk(work: tuple[list[File], Action]) -> tuple[int, list[Outcome]]:
    files, action = work
    found = [check_file(file.path, file.settings, action) for file in files]
    return len(files), [outcome for outcome in found if outcome is not None]
