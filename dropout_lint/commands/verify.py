"""What ``dropout-lint verify`` does: targets to results, results to a report and an exit code.

This process never imports torch; the models run in others (`verify.process`).
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace

import click

from dropout_lint.commands.terminal import FAILURE, FINDINGS, OK, fail, paint_for, write_report
from dropout_lint.commands.unusable import Unusable, require_torch
from dropout_lint.config import ConfigError, Configurations
from dropout_lint.config.verify import VerifySettings
from dropout_lint.verify.process.isolation import run_isolated
from dropout_lint.verify.process.verify_session import Session, SessionOptions, after_fixing
from dropout_lint.verify.report.eval_report import EvalReport
from dropout_lint.verify.report.results import FAILED, ModelResult, as_json, shown
from dropout_lint.verify.report.results import FINDINGS as FOUND
from dropout_lint.verify.targets.input_options import (
    InputError,
    InputOptions,
    constructor_arguments,
)
from dropout_lint.verify.targets.target_specs import Target, TargetError, expand, parse
from dropout_lint.verify.verdict.intended import with_intent

UNVERIFIED = 3
_BAR_FROM = 4
_SAMPLES = 24  # outputs in the plot of the report page
_INTERRUPTED = "interrupted, so not everything was verified"


@dataclass(frozen=True)
class VerifyOptions:
    """The options of the command line; None where the configuration decides."""

    device: str | None
    fast: bool | None
    seeds: tuple[int, ...] | None
    timeout: float | None
    memory: int | None
    jobs: int | None
    inputs: str | None
    input_size: tuple[str, ...]
    init: str | None
    with_lint: bool | None
    output_format: str | None
    output_file: str | None
    report: str | None
    config: str | None
    quiet: bool
    verbose: bool

    def applied(self, settings: VerifySettings) -> VerifySettings:
        """The settings with those that the command line gives."""
        values = {f.name: getattr(self, f.name, None) for f in fields(VerifySettings)}
        return replace(settings, **{k: v for k, v in values.items() if v is not None})


def verify(specs: tuple[str, ...], options: VerifyOptions) -> int:
    """Verify the targets that some specs name, and return the exit code:

    0 clean, 1 findings, 2 something about the command line is wrong, 3 something could not be
    verified. Of several the first of 2, 1, 3 counts.
    """
    try:
        configurations = Configurations({}, options.config)
        require_torch("verify")
        settings = options.applied(VerifySettings(**configurations.of(".").verify))
        session_options = _session_options(options, settings)
        targets, problems = _targets(specs or settings.targets, configurations)
        settings = _with_device(settings) if targets else settings
    except (ConfigError, Unusable) as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail(_INTERRUPTED)
    for problem in problems:
        fail(problem)
    status = FAILURE if problems else OK
    return _run(targets, settings, session_options, options, configurations, status)


def _run(
    targets: list[Target],
    settings: VerifySettings,
    session_options: SessionOptions,
    options: VerifyOptions,
    configurations: Configurations,
    status: int,
) -> int:
    if not targets:
        return status
    try:
        with _progress(len(targets)) as progress:
            results = Session(settings, session_options, len(targets)).run(targets, progress)
        results = with_intent(results, configurations)
        if settings.with_lint:
            from dropout_lint.verify.report.joined import with_findings

            results = with_findings(results, configurations)
        fixed: dict[str, EvalReport] = {}
        if options.report:
            fixed = after_fixing(results, settings, session_options, configurations)
    except KeyboardInterrupt:
        return fail(_INTERRUPTED)
    except ConfigError as error:
        return fail(str(error))
    return _code(results, max(status, _print_outcome(results, fixed, settings, options)))


def _code(results: list[ModelResult], status: int) -> int:
    if status or any(result.is_wrong_target for result in results):
        return FAILURE
    statuses = {result.status for result in results}
    return FINDINGS if FOUND in statuses else UNVERIFIED if FAILED in statuses else OK


# --- from options to targets and settings ---------------------------------------------------------


def _session_options(options: VerifyOptions, settings: VerifySettings) -> SessionOptions:
    inputs = InputOptions(options.inputs, options.input_size)
    samples = _SAMPLES if options.report is not None and not settings.fast else 0
    try:
        inputs.check()
        return SessionOptions(inputs, constructor_arguments(options.init), samples)
    except InputError as error:
        raise Unusable(str(error)) from None


def _targets(
    specs: tuple[str, ...], configurations: Configurations
) -> tuple[list[Target], list[str]]:
    if not specs:
        raise Unusable(
            "name what to verify, as in `dropout-lint verify model.py:Net`, "
            "or set `targets` in [tool.dropout-lint.verify]"
        )
    targets: list[Target] = []
    problems: list[str] = []
    for spec in specs:
        try:
            targets.append(parse(spec))
        except TargetError as error:
            problems.append(str(error))
    expanded, more = expand(targets, configurations)
    return expanded, problems + more


def _with_device(settings: VerifySettings) -> VerifySettings:
    """The settings with a device that exists."""
    if settings.device not in ("cuda", "auto"):
        return settings
    job = "dropout_lint.verify.process.verify_job:devices"
    result = run_isolated(job, {}, device="cuda", memory_bytes=None)
    if result.value is None:
        assert result.failure is not None
        raise Unusable(result.failure.message)
    if settings.device == "cuda" and not result.value["cuda"]:
        version = result.value["torch"]
        raise Unusable(
            f"--device cuda: torch {version} sees no CUDA device here; use --device cpu or auto"
        )
    return replace(settings, device="cuda" if result.value["cuda"] else "cpu")


# --- printing -------------------------------------------------------------------------------------


def _print_outcome(
    results: list[ModelResult],
    fixed: Mapping[str, EvalReport],
    settings: VerifySettings,
    options: VerifyOptions,
) -> int:
    report = _rendered(results, settings, options)
    status = write_report(report, options.output_file)
    if options.report is not None:
        from dropout_lint.verify.report.html import Card, page

        cards = [Card(r.target, r.report, fixed.get(r.target), _sentence(r)) for r in results]
        status = write_report(page(cards), options.report) or status
    if settings.output_format == "text" and not options.quiet:
        from dropout_lint.output.verify_advice import summary

        click.echo(summary(results), err=options.output_file is not None)
    return status


def _sentence(result: ModelResult) -> str:
    failure = result.failure
    if failure is None:
        return ""
    place = f" ({shown(failure.file)}:{failure.line})" if failure.file is not None else ""
    return f"{failure.kind.value}: {failure.message}{place}"


def _rendered(results: list[ModelResult], settings: VerifySettings, options: VerifyOptions) -> str:
    if settings.output_format == "json":
        return json.dumps([as_json(result) for result in results], indent=2) + "\n"
    if settings.output_format == "github":
        from dropout_lint.output import verify_github

        return verify_github.render(results)
    if settings.output_format == "junit":
        from dropout_lint.output import verify_junit

        return verify_junit.render(results)
    from dropout_lint.output import verify_text

    paint = paint_for(sys.stdout, options.output_file)
    return verify_text.render(results, options.quiet, options.verbose, paint)


@contextlib.contextmanager
def _progress(count: int) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal; otherwise nothing."""
    if count < _BAR_FROM or not sys.stderr.isatty():
        yield lambda done, more: None
        return
    with click.progressbar(length=count, label="Verifying", file=sys.stderr) as bar:

        def advance(done: int, more: int) -> None:
            bar.length = (bar.length or 0) + more
            bar.update(done)

        yield advance
