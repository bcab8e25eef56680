"""The lint command: collect the files, run, print, and return an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import click

from dropout_lint.commands.terminal import (
    FAILURE,
    FINDINGS,
    OK,
    fail,
    paint_for,
    print_bytes,
    write_report,
)
from dropout_lint.commands.unusable import Unusable
from dropout_lint.config import ConfigError, Configurations, Settings
from dropout_lint.files.discovery import FileList, find_files, is_excluded
from dropout_lint.files.names import shown
from dropout_lint.linting.report import Action, Results

if TYPE_CHECKING:
    from dropout_lint.output.paint import Paint

_BAR_FROM = 300
_INTERRUPTED = "interrupted, so not everything was done"


@dataclass(frozen=True)
class LintOptions:
    """The options of the lint command.

    ``overrides`` are those that a configuration has too, by the field names of `Settings`.
    """

    overrides: Mapping[str, Any] = field(default_factory=dict)
    config: str | None = None
    stdin_filename: str | None = None
    jobs: int | None = None
    diff: bool = False
    fix_only: bool = False
    output_file: str | None = None
    statistics: bool = False
    exit_zero: bool = False
    exit_non_zero_on_fix: bool = False
    quiet: bool = False
    verbose: bool = False
    prove: tuple[str, ...] = ()
    inputs: str | None = None
    input_size: tuple[str, ...] = ()
    init: str | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> LintOptions:
        """The options from the parsed arguments, of which the empty ones are not given."""
        given = {name: value for name, value in arguments.items() if _is_given(name, value)}
        own = {f.name: given.pop(f.name) for f in fields(cls) if f.name in given}
        if own.get("fix_only"):
            given["fix"] = True
        return cls(given, **own)

    @property
    def unproved(self) -> str | None:
        """The first option about the models of --prove where --prove is not given."""
        named = {"--inputs": self.inputs, "--input-size": self.input_size, "--init": self.init}
        return None if self.prove else next((name for name, value in named.items() if value), None)


def _is_given(name: str, value: object) -> bool:
    if value == "":  # an empty path of a configuration is an error
        return name not in ("output_file", "inputs", "init")
    return value is not None and value not in ((), {})


def check(paths: tuple[str, ...], options: LintOptions) -> int:
    """The exit code of the lint command."""
    try:
        configurations = Configurations(options.overrides, options.config)
        if options.unproved is not None:
            return fail(f"{options.unproved} is for the models of --prove: give --prove TARGET too")
        if "-" in paths:
            if len(paths) > 1:
                return fail("`-` stands for stdin and cannot be mixed with other paths")
            if options.prove:
                return fail("--prove needs files: what comes from stdin lies in none")
            return _check_stdin(configurations, options)
        listed = find_files(paths or (".",), configurations)
        settings = configurations.of(".")
        if options.prove and _action(settings, options) == "lint":
            return fail("--prove proves fixes: give --fix or --diff too")
    except ConfigError as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail(_INTERRUPTED)
    return _check_files(listed, configurations, settings, options)


def _check_files(
    listed: FileList[Settings],
    configurations: Configurations,
    settings: Settings,
    options: LintOptions,
) -> int:
    from dropout_lint.linting.runner import run
    from dropout_lint.output.summary import plural

    if options.verbose:
        click.echo(f"{plural(len(listed.files), 'file')}, configured in {settings.root}", err=True)
    action = _action(settings, options)
    if action != "diff":
        from dropout_lint.files.leftovers import remove_leftovers

        listed.errors += remove_leftovers(sorted(listed.folders))
    try:
        with _progress(len(listed.files)) as progress:
            results = run(listed.files, "diff" if options.prove else action, options.jobs, progress)
        results.missing, results.notebooks = listed.errors, listed.notebooks
        if options.prove:
            results = _prove(results, listed, configurations, options, action)
    except KeyboardInterrupt:
        return fail(_INTERRUPTED)
    except Unusable as error:
        return fail(str(error))
    return _print_results(results, settings, options, action)


def _prove(
    results: Results,
    listed: FileList[Settings],
    configurations: Configurations,
    options: LintOptions,
    action: Action,
) -> Results:
    """The results with the fixes that are not refuted, written where that is wanted.

    How far each edit is proved is printed. Raises Unusable.
    """
    from dropout_lint.commands.prove import prove_results, write_fixes
    from dropout_lint.output import proofs
    from dropout_lint.verify.targets.input_options import InputOptions

    inputs = InputOptions(options.inputs, options.input_size)
    results, proved = prove_results(
        results, listed.files, options.prove, configurations, inputs, options.init
    )
    if action == "fix":
        results = write_fixes(results, listed.files)
    click.echo(proofs.render(proved), nl=False, err=True)
    return results


def _check_stdin(configurations: Configurations, options: LintOptions) -> int:
    """The exit code of linting stdin. Fixed text goes to stdout and the report then to stderr."""
    from dropout_lint.linting.runner import check_text

    name = options.stdin_filename
    settings = configurations.of(os.path.dirname(name or "") or ".")
    action = _action(settings, options)
    data = sys.stdin.buffer.read()
    if name is not None and is_excluded(name, settings):
        results, after = Results([], 0), data
    else:
        outcome = check_text(data, name or "<stdin>", settings, action)
        results, after = Results([outcome], 1), outcome.after if outcome.fixed else data
    if action == "fix":
        print_bytes(after)
    return _print_results(results, settings, options, action, to_stderr=action == "fix")


def _print_results(
    results: Results,
    settings: Settings,
    options: LintOptions,
    action: Action,
    to_stderr: bool = False,
) -> int:
    """The exit code of a run, once its results are printed."""
    from dropout_lint.output.summary import summary

    exemptions = results.exemptions if options.verbose else []
    for sentence in [*results.errors, *results.notes, *exemptions]:
        click.echo(f"dropout-lint: {shown(sentence)}", err=True)
    paint = paint_for(sys.stderr if to_stderr else sys.stdout, options.output_file)
    report = _report(results, settings, options, paint)
    status = write_report(report, options.output_file, to_stderr)
    human = settings.output_format in ("text", "concise")
    if not options.quiet and (human or options.diff):
        aside = to_stderr or options.diff or options.output_file is not None
        unsafe, show = settings.unsafe_fixes, settings.show_intentional
        click.echo(summary(results, action, unsafe, show), nl=False, err=aside)
    if status or results.errors:
        return FAILURE
    fixed = any(outcome.fixed for outcome in results.outcomes)
    left = any(report.diagnostics for report in results.reports)
    if options.exit_zero:
        return OK
    if options.diff:
        return FINDINGS if fixed else OK
    if fixed and options.exit_non_zero_on_fix:
        return FINDINGS
    return FINDINGS if left and not options.fix_only else OK


def _report(
    results: Results, settings: Settings, options: LintOptions, paint: Paint
) -> str | bytes:
    if options.diff:
        from dropout_lint.output import diff

        return diff.render(results.outcomes)
    if options.fix_only:
        return ""
    if options.statistics:
        from dropout_lint.output import summary

        return summary.statistics(results, settings.output_format == "json")
    return _rendered(results, settings, paint)


def _action(settings: Settings, options: LintOptions) -> Action:
    return "diff" if options.diff else "fix" if settings.fix else "lint"


# --- printing -----------------------------------------------------------------------------------


def _rendered(results: Results, settings: Settings, paint: Paint) -> str:
    reports = results.reports
    show, unsafe = settings.show_intentional, settings.unsafe_fixes
    if settings.output_format == "json":
        from dropout_lint.output import json

        return json.render(reports, show, unsafe)
    if settings.output_format == "sarif":
        from dropout_lint.output import sarif

        return sarif.render(reports, results.errors)
    if settings.output_format == "github":
        from dropout_lint.output import github

        return github.render(reports, show)
    if not reports:
        return ""
    from dropout_lint.output import text

    render = text.render_concise if settings.output_format == "concise" else text.render
    return render(reports, show, unsafe, paint)


@contextlib.contextmanager
def _progress(length: int) -> Iterator[Callable[[int], None]]:
    """A progress bar for long runs on a terminal; otherwise nothing."""
    if length < _BAR_FROM or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=length, label="Checking", file=sys.stderr) as bar:
        yield bar.update
