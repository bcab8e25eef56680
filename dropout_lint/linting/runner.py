"""A run over many files: in this process or several, linting or fixing."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from dropout_lint.catalog import Catalog
from dropout_lint.config import Settings
from dropout_lint.files.discovery import File
from dropout_lint.files.names import shown
from dropout_lint.files.source import UTF16_BOMS, Source, SourceError, read_bytes
from dropout_lint.files.writing import write
from dropout_lint.linting.dismissed import check_readable, hint_on_imports
from dropout_lint.linting.pipeline import (
    AnalysisError,
    Fixed,
    chosen_fix,
    fix,
    lint,
    with_proven_offers,
)
from dropout_lint.linting.report import Action, Outcome, Results
from dropout_lint.linting.selection import passes_screen
from dropout_lint.screen.text.lexical import lexical
from dropout_lint.semantics.project.snapshots import at_one_moment

# Below this many bytes a pool costs more time than it saves (a fork 10-45 ms, a spawn 160 ms).
_FORK_FROM = 6_000_000
_SPAWN_FROM = 40_000_000
_CHUNK = 64
# Few objects here are in cycles, and with Python's thresholds the collector takes a twentieth of a
# run.
_GC_THRESHOLDS = (50_000, 20, 100)
_FORKS = sys.platform == "linux"
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
_PATIENCE = 10  # seconds for a worker to finish the file that it is writing
_KILLED = "the process that checked it was killed, perhaps for want of memory; exclude the file"


def run(
    files: Sequence[File[Settings]],
    action: Action,
    jobs: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Results:
    """The results of linting or fixing the files.

    ``progress`` is called with the number of files that are done since the last call.
    """
    gc.set_threshold(*_GC_THRESHOLDS)
    outcomes: list[Outcome] = []
    with at_one_moment():
        for done, some in _outcomes(files, action, _workers(files, jobs)):
            outcomes += some
            progress(done)
    outcomes.sort(key=lambda outcome: outcome.path)
    return Results(outcomes, len(files))


def check_text(data: bytes, name: str, settings: Settings, action: Action) -> Outcome:
    """The outcome of linting or fixing bytes that come from no file; nothing is written."""
    in_memory: Action = "lint" if action == "lint" else "diff"
    return _guarded(name, lambda: _check(data, name, settings, in_memory, parsed=True))


def check_file(
    path: str, settings: Settings, action: Action, *, parsed: bool = False
) -> Outcome | None:
    """The outcome of linting or fixing one file; None if there is nothing to say.

    ``parsed``: a syntax error is said wherever it is, also in a file that cannot hold a finding.
    """
    outcome = _guarded(
        path, lambda: _check(read_bytes(path), path, settings, action, parsed=parsed)
    )
    report = outcome.report
    silent = outcome.error is None and outcome.note is None and not outcome.fixed
    silent = silent and (report is None or report.is_empty)
    return None if silent else outcome


def _guarded(name: str, check: Callable[[], Outcome]) -> Outcome:
    try:
        return check()
    except (AnalysisError, SourceError) as error:
        return Outcome(name, error=str(error))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a bug of ours (or a panic in libcst) must not end the run
        return Outcome(name, error=f"{name}: {internal_error(error)}")


def internal_error(error: BaseException) -> str:
    """A sentence for an error that is our own fault."""
    import traceback

    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(where.filename)}:{where.lineno}"
    text = " ".join(str(error).split())
    return (
        f"internal error, {type(error).__name__} at {place} ({text}); the file was left as it is, "
        "please report this as a bug of dropout-lint"
    )


def _check(
    data: bytes, name: str, settings: Settings, action: Action, *, parsed: bool = False
) -> Outcome:
    if name.endswith(".ipynb"):  # as Python it would be a dictionary without findings
        raise SourceError(
            f"{name}: is a notebook, which this version does not read; leave it out, or save its "
            "code as a Python file"
        )
    if not (passes_screen(data, settings) or _may_matter(data, settings.catalog)):
        if parsed:
            check_readable(Source.decode(data, name))
        return Outcome(name, note=hint_on_imports(data, name))
    source = Source.decode(data, name)
    if action == "lint":
        report = with_proven_offers(lint(source, settings), settings)
        return Outcome(name, report, error=report.unfinished)
    result: Fixed = fix(source, settings)
    if result.text == source.text:
        return Outcome(name, result.report, error=result.refused)
    try:
        after = source.encode(result.text)
        note = write(name, after, data) if action == "fix" else None
    except SourceError as error:
        return Outcome(name, lint(source, settings), error=str(error))
    return Outcome(name, result.report, result.fixed, data, after, result.refused, note)


def _may_matter(data: bytes, catalog: Catalog) -> bool:
    if data.startswith(UTF16_BOMS):  # an error that is to be reported
        data = data[2:].replace(b"\0", b"")
    return lexical(catalog).may_matter(data)


def _outcome(file: File[Settings], action: Action) -> Outcome | None:
    """What comes of one file; a link out of the project is linted only."""
    if not file.leads_out or action == "lint":
        return check_file(file.path, file.settings, action, parsed=file.named)
    outcome = check_file(file.path, file.settings, "lint")
    if outcome is None or outcome.report is None:
        return outcome
    unsafe = file.settings.unsafe_fixes
    if all(chosen_fix(diagnostic, unsafe) is None for diagnostic in outcome.report.diagnostics):
        return outcome
    return replace(
        outcome,
        note=f"{shown(file.path)}: is a link out of the project and was left as it is; "
        "name it to fix it",
    )


def _workers(files: Sequence[File[Settings]], jobs: int | None) -> int:
    count = jobs if jobs is not None else os.cpu_count() or 1
    size = sum(file.size for file in files)
    if jobs is None and size < (_FORK_FROM if _FORKS else _SPAWN_FROM):
        return 1
    return max(1, min(count, len(files)))


def _outcomes(
    files: Sequence[File[Settings]], action: Action, workers: int
) -> Iterator[tuple[int, list[Outcome]]]:
    if workers == 1:
        for file in files:
            outcome = _outcome(file, action)
            yield 1, [outcome] if outcome is not None else []
        return
    # Each chunk gets its share of the large files.
    ordered = sorted(files, key=lambda file: -file.size)
    count = max(workers, len(ordered) // _CHUNK)
    yield from _in_processes([ordered[at::count] for at in range(count)], action, workers)


def _in_processes(
    chunks: list[list[File[Settings]]], action: Action, workers: int
) -> Iterator[tuple[int, list[Outcome]]]:
    """The outcomes of the chunks, checked in a pool of processes.

    A chunk whose worker was killed is halved until the file that kills the worker is alone.
    """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("fork" if _FORKS else None)
    broken: list[list[File[Settings]]] = []
    pool = ProcessPoolExecutor(workers, context, initializer=_let_interrupts_kill)
    with _workers_end_first():
        try:
            futures = {pool.submit(_check_chunk, chunk, action): chunk for chunk in chunks}
            for future in as_completed(futures):
                try:
                    yield len(futures[future]), future.result()
                except BrokenProcessPool:
                    broken.append(futures[future])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()
    for chunk in broken:
        if len(chunks) > 1:
            yield from _in_processes([chunk], action, 1)
        elif len(chunk) > 1:
            half = len(chunk) // 2
            yield from _in_processes([chunk[:half], chunk[half:]], action, 1)
        else:
            yield 1, [Outcome(chunk[0].path, error=f"{chunk[0].path}: {_KILLED}")]


def _let_interrupts_kill() -> None:
    """Make a worker end silently at Ctrl-C, and never outlive the main process, which speaks."""
    import signal

    for name in _ENDING:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


@contextlib.contextmanager
def _workers_end_first() -> Iterator[None]:
    """A signal that ends this process ends its workers before, which finish the file at hand."""
    import multiprocessing
    import signal
    import threading

    def end(number: int, frame: object) -> None:
        workers = multiprocessing.active_children()
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join(_PATIENCE)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    numbers = [getattr(signal, name) for name in _ENDING[1:] if hasattr(signal, name)]
    if not _FORKS or threading.current_thread() is not threading.main_thread():
        numbers = []
    numbers = [number for number in numbers if signal.getsignal(number) == signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _check_chunk(chunk: list[File[Settings]], action: Action) -> list[Outcome]:
    outcomes = [_outcome(file, action) for file in chunk]
    return [outcome for outcome in outcomes if outcome is not None]
