"""What ``dropout-lint verify`` does: targets to results, results to a report and an exit code.

This process never imports torch; the models run in others (`verify.isolation`).
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import click

from dropout_lint.commands.terminal import FAILURE, FINDINGS, OK, fail, paint_for, write_report
from dropout_lint.config import ConfigError, Configurations
from dropout_lint.config.verify import VerifySettings
from dropout_lint.verify.process.isolation import run_isolated
from dropout_lint.verify.process.session import Session, Wanted, after_fixing
from dropout_lint.verify.report.report import EvalReport
from dropout_lint.verify.report.results import FAILED, ModelResult, as_json, shown
from dropout_lint.verify.report.results import FINDINGS as FOUND
from dropout_lint.verify.targets.inputs import Given, InputError, constructor_arguments
from dropout_lint.verify.targets.names import Target, TargetError, expand, parse
from dropout_lint.verify.verdict.intended import with_intent

UNVERIFIED = 3
_BAR_FROM = 4
_SAMPLES = 24  # outputs in the plot of the report page
_INTERRUPTED = "interrupted, so not everything was verified"


@dataclass(frozen=True)
class Telling:
    """How the outcome is told."""

    output_file: str | None = None
    report: str | None = None
    quiet: bool = False
    verbose: bool = False


class Unusable(Exception):
    """Options or an installation with which nothing can be verified; a sentence for the user."""


def verify(targets: tuple[str, ...], *, config: str | None, **options: Any) -> int:
    """The verify command. The arguments are the options of the command line; the exit code:

    0 clean, 1 findings, 2 something about the command line is wrong, 3 something could not be
    verified. Of several the first of 2, 1, 3 counts.
    """
    try:
        configurations = Configurations({}, config)
        settings = _settings(configurations, options)
        samples = _SAMPLES if options["report"] is not None and not settings.fast else 0
        wanted = _wanted(options, samples)
        found, problems = _targets(targets or settings.targets, configurations)
        settings = _with_device(settings) if found else settings
    except (ConfigError, Unusable) as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail(_INTERRUPTED)
    for problem in problems:
        fail(problem)
    telling = Telling(**{f.name: options[f.name] for f in fields(Telling)})
    return _run(found, settings, wanted, telling, configurations, FAILURE if problems else OK)


def _run(
    targets: list[Target],
    settings: VerifySettings,
    wanted: Wanted,
    telling: Telling,
    configurations: Configurations,
    status: int,
) -> int:
    if not targets:
        return status
    try:
        with _progress(len(targets)) as progress:
            results = Session(settings, wanted, len(targets)).run(targets, progress)
        results = with_intent(results, configurations)
        if settings.with_lint:
            from dropout_lint.verify.report.joined import with_findings

            results = with_findings(results, configurations)
        fixed = after_fixing(results, settings, wanted, configurations) if telling.report else {}
    except KeyboardInterrupt:
        return fail(_INTERRUPTED)
    except ConfigError as error:
        return fail(str(error))
    return _code(results, max(status, _tell(results, fixed, settings, telling)))


def _code(results: list[ModelResult], status: int) -> int:
    if status or any(result.is_wrong_target for result in results):
        return FAILURE
    statuses = {result.status for result in results}
    return FINDINGS if FOUND in statuses else UNVERIFIED if FAILED in statuses else OK


# --- what is wanted -----------------------------------------------------------------------------


def _settings(configurations: Configurations, options: dict[str, Any]) -> VerifySettings:
    if importlib.util.find_spec("torch") is None:
        raise Unusable(
            "verify executes models with torch, which is not installed here; "
            'install it with `pip install "dropout-lint[verify]"`'
        )
    settings = VerifySettings(**configurations.of(".").verify)
    names = {f.name for f in fields(VerifySettings)}
    given = {k: v for k, v in options.items() if k in names and v is not None}
    return replace(settings, **given)


def _wanted(options: dict[str, Any], samples: int) -> Wanted:
    given = Given(options["inputs"], tuple(options["input_size"]))
    try:
        given.check()
        return Wanted(given, constructor_arguments(options["init"]), samples)
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
    found: list[Target] = []
    problems: list[str] = []
    for spec in specs:
        try:
            found.append(parse(spec))
        except TargetError as error:
            problems.append(str(error))
    expanded, more = expand(found, configurations)
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


# --- what is told -------------------------------------------------------------------------------


def _tell(
    results: list[ModelResult],
    fixed: Mapping[str, EvalReport],
    settings: VerifySettings,
    telling: Telling,
) -> int:
    report = _rendered(results, settings, telling)
    status = write_report(report, telling.output_file)
    if telling.report is not None:
        from dropout_lint.verify.report.html import Card, page

        cards = [Card(r.target, r.report, fixed.get(r.target), _sentence(r)) for r in results]
        status = write_report(page(cards), telling.report) or status
    if settings.output_format == "text" and not telling.quiet:
        from dropout_lint.verify.report.advice import summary

        click.echo(summary(results), err=telling.output_file is not None)
    return status


def _sentence(result: ModelResult) -> str:
    failure = result.failure
    if failure is None:
        return ""
    place = f" ({shown(failure.file)}:{failure.line})" if failure.file is not None else ""
    return f"{failure.kind.value}: {failure.message}{place}"


def _rendered(results: list[ModelResult], settings: VerifySettings, telling: Telling) -> str:
    if settings.output_format == "json":
        return json.dumps([as_json(result) for result in results], indent=2) + "\n"
    if settings.output_format == "github":
        from dropout_lint.output import verify_github

        return verify_github.render(results)
    if settings.output_format == "junit":
        from dropout_lint.output import verify_junit

        return verify_junit.render(results)
    from dropout_lint.output import verify_text

    paint = paint_for(sys.stdout, telling.output_file)
    return verify_text.render(results, telling.quiet, telling.verbose, paint)


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
