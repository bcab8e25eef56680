"""The verifier's results as text for people: a verdict a model, and a code frame a site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from dropout_lint.diagnostics import Location
from dropout_lint.files.source import Source, SourceError
from dropout_lint.output import verify_advice as advice
from dropout_lint.output.frame import code_frame, last_row, visible
from dropout_lint.output.paint import Paint, plain
from dropout_lint.verify.report.eval_report import EvalReport, RandomOp, Where
from dropout_lint.verify.report.results import CLEAN, ModelResult, shown

_STATUS = {"clean": ("ok", "green"), "findings": ("RANDOM", "red"), "failed": ("FAILED", "yellow")}


def render(
    results: Sequence[ModelResult],
    quiet: bool = False,
    verbose: bool = False,
    paint: Paint = plain,
) -> str:
    blocks = [
        "\n".join(_block(result, verbose, paint)) + "\n"
        for result in results
        if not (quiet and result.status == CLEAN)
    ]
    return "".join(blocks)


def _block(result: ModelResult, verbose: bool, paint: Paint) -> Iterator[str]:
    label, colour = _STATUS[result.status]
    if result.status == "findings" and result.report is not None and not result.report.sites:
        label = "LOST"
    name = paint(visible(result.target), bold=True)
    yield f"{paint(f'{label:<6}', fg=colour, bold=True)} {name}: {visible(advice.verdict(result))}"
    if result.failure is not None:
        yield from _failure(result, verbose, paint)
    if result.report is not None:
        yield from _report(result, result.report, verbose, paint)
    for match in result.lint:
        place = visible(f"{match.file}:{match.line}")
        yield f"  {paint('lint', fg='cyan')}: {place}: {match.code} {advice.MATCHES[match.status]}"
    if verbose and result.output.strip():
        yield f"  {paint('output', fg='cyan')}:"
        yield from (f"  | {visible(line)}" for line in result.output.splitlines()[-40:])
    if result.status != CLEAN:
        yield ""


def _failure(result: ModelResult, verbose: bool, paint: Paint) -> Iterator[str]:
    failure = result.failure
    assert failure is not None
    message = failure.message.removeprefix(f"{result.target}: ")
    yield f"  {visible(message)}"
    if failure.file is not None:
        yield from _frame(Where(failure.file, failure.line), "yellow", paint)
    if verbose and failure.trace:
        yield from (f"  | {visible(line)}" for line in failure.trace.rstrip().splitlines())


def _report(result: ModelResult, report: EvalReport, verbose: bool, paint: Paint) -> Iterator[str]:
    if verbose or result.status != CLEAN:
        yield f"  inputs: {visible(result.inputs)}"
    moves = advice.moves(report.spread)
    if moves:
        yield f"  {moves}"
    help_ = paint("help", fg="cyan", bold=True)
    for group in advice.grouped(site for site in report.sites if site.declared is None):
        yield f"  {advice.what(*group)}"
        yield from _frame(group[0].where, "red", paint)
        yield f"  {help_}: {advice.help_for(group[0], report)}"
    train = report.train
    for group in advice.grouped(train.lost if train is not None else ()):
        yield f"  {advice.lost(*group)}"
        yield from _frame(group[0].where, "red", paint)
        yield f"  {help_}: {advice.LOST_HELP}"
    yield from _asides(report, verbose, paint)


def _asides(report: EvalReport, verbose: bool, paint: Paint) -> Iterator[str]:
    """What is good to know and fails nothing."""
    declared = [site for site in report.sites if site.declared is not None]
    for site in declared:
        yield f"  {paint('declared', fg='cyan')}: {_place(site)} {site.op}: {site.declared}"
    for name in report.unused_declarations:
        yield f"  {paint('warning', fg='yellow')}: {name} is declared random and drew nothing"
    for site in report.unused:
        if site.declared is None:
            yield f"  note: {_place(site)} {site.op} draws, without effect on the output"
    for note in report.notes:
        yield f"  note: {note}"
    if report.stuck:
        paths = ", ".join(path or "the model" for path in report.stuck[:5])
        more = f" and {len(report.stuck) - 5} more" if len(report.stuck) > 5 else ""
        yield f"  note: eval() leaves in train mode: {paths}{more}"
    train = report.train
    if train is None:
        return
    for site in train.silent:
        label = paint("warning", fg="yellow") if site.p == 1 else "note"
        yield f"  {label}: {_place(site)} {advice.silent(site)}"
    if train.error is not None:
        yield f"  note: not checked in train mode: {train.error}"
    if verbose:
        drawn, off = len(train.drawn), len(report.quiet)
        yield f"  dropout: {drawn} sites draw in train mode, {off} are off in eval mode"


def _place(site: RandomOp) -> str:
    where = site.where
    return f"{shown(where.file)}:{where.line}" if where.file is not None else str(where)


def _frame(where: Where, colour: str, paint: Paint) -> list[str]:
    """The code around a line; only its name where it cannot be read."""
    if where.file is None:
        return [f"  --> {where}"]
    source = _source(where.file)
    if source is None or not 1 <= where.line <= len(source.line_starts):
        return [f"  --> {shown(where.file)}:{where.line}"]
    text = source.line(where.line)
    first = Location(where.line, len(text) - len(text.lstrip()) + 1)
    code = text.split("  #")[0].rstrip() or text.rstrip()
    place = _FramedLine(first, Location(where.line, max(first.column + 1, len(code) + 1)))
    width = len(str(last_row(source, place)))
    arrow = f"{' ' * width}{paint('-->', fg='blue')} {visible(source.name)}:{where.line}"
    return [arrow, *code_frame(source, place, width, paint, colour)]


@dataclass(frozen=True)
class _FramedLine:
    location: Location
    end_location: Location


@cache
def _source(file: str) -> Source | None:
    try:
        return Source.read(file, shown(file))
    except SourceError:
        return None
