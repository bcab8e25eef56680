"""What the commands do: collect, run, print, and return an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TextIO

import click

from dropout_lint.config import ConfigError, Configurations, Settings
from dropout_lint.files.discovery import Found, find_files, is_excluded
from dropout_lint.files.names import shown
from dropout_lint.files.source import reason

if TYPE_CHECKING:
    from dropout_lint.linting.runner import Results
    from dropout_lint.output.paint import Paint

OK, FINDINGS, FAILURE = 0, 1, 2
_BAR_FROM = 300
_INTERRUPTED = "interrupted, so not everything was done"

_SETTINGS = frozenset(
    """fix unsafe_fixes fix_style select ignore extend_select extend_ignore per_file_ignores exclude
    extend_exclude force_exclude respect_gitignore output_format show_intentional""".split()
)


@dataclass(frozen=True)
class Wanted:
    """How the outcome of a run is told: options of the command line that no configuration has."""

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

    @property
    def unproved(self) -> str | None:
        """The first option that is about the models of --prove, where there are none."""
        named = {"--inputs": self.inputs, "--input-size": self.input_size, "--init": self.init}
        return None if self.prove else next((name for name, value in named.items() if value), None)


def check(
    paths: tuple[str, ...],
    *,
    stdin_filename: str | None,
    jobs: int | None,
    config: str | None,
    no_cache: bool,
    **options: Any,
) -> int:
    """The main command. The arguments are the options of the command line."""
    given = {key: value for key, value in options.items() if key in _SETTINGS and _is_given(value)}
    wanted = Wanted(**{f.name: options[f.name] for f in fields(Wanted) if options[f.name]})
    if wanted.fix_only:
        given["fix"] = True
    try:
        configurations = Configurations(given, config)
        if wanted.unproved is not None:
            return fail(f"{wanted.unproved} is for the models of --prove: give --prove TARGET too")
        if "-" in paths:
            if len(paths) > 1:
                return fail("`-` stands for stdin and cannot be mixed with other paths")
            if wanted.prove:
                return fail("--prove needs files: what comes from stdin lies in none")
            return _check_stdin(configurations, stdin_filename, wanted)
        found = find_files(paths or (".",), configurations)
        settings = configurations.of(".")
        if wanted.prove and _action(settings, wanted) == "lint":
            return fail("--prove proves fixes: give --fix or --diff too")
    except ConfigError as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail(_INTERRUPTED)
    return _check_files(found, configurations, settings, jobs, wanted)


def _check_files(
    found: Found,
    configurations: Configurations,
    settings: Settings,
    jobs: int | None,
    wanted: Wanted,
) -> int:
    from dropout_lint.linting.runner import run
    from dropout_lint.output.summary import plural

    if wanted.verbose:
        click.echo(f"{plural(len(found.files), 'file')}, configured in {settings.root}", err=True)
    action = _action(settings, wanted)
    if action != "diff":
        from dropout_lint.files.leftovers import remove_leftovers

        found.errors += remove_leftovers(sorted(found.folders))
    try:
        with _progress(len(found.files)) as progress:
            results = run(found.files, "diff" if wanted.prove else action, jobs, progress)
        results.missing = found.errors
        if wanted.prove:
            problem = _prove(results, found, configurations, wanted, action)
            if problem is not None:
                return fail(problem)
    except KeyboardInterrupt:
        return fail(_INTERRUPTED)
    return _tell(results, settings, wanted, action)


def _prove(
    results: Results, found: Found, configurations: Configurations, wanted: Wanted, action: str
) -> str | None:
    """Prove the fixes, write those that may be, and say how far each is proved; or a problem."""
    from dropout_lint.commands.prove import Unprovable, prove_results
    from dropout_lint.output import proofs
    from dropout_lint.verify.targets.inputs import Given

    writes = action == "fix"
    try:
        given = Given(wanted.inputs, wanted.input_size)
        proving = prove_results(
            results, found.files, wanted.prove, configurations, writes, given, wanted.init
        )
    except Unprovable as error:
        return str(error)
    click.echo(proofs.render(proving), nl=False, err=True)
    return None


def _check_stdin(configurations: Configurations, name: str | None, wanted: Wanted) -> int:
    """Lint stdin; when fixing, the fixed text goes to stdout and the report to stderr."""
    from dropout_lint.linting.runner import Results, check_text

    settings = configurations.of(os.path.dirname(name or "") or ".")
    action = _action(settings, wanted)
    data = sys.stdin.buffer.read()
    if name is not None and is_excluded(name, settings):
        results, after = Results([], 0), data
    else:
        outcome = check_text(data, name or "<stdin>", settings, action)
        results, after = Results([outcome], 1), outcome.after if outcome.fixed else data
    if action == "fix":
        _print_bytes(after)
    return _tell(results, settings, wanted, action, to_stderr=action == "fix")


def _tell(
    results: Results, settings: Settings, wanted: Wanted, action: str, to_stderr: bool = False
) -> int:
    """Print what came of a run; the exit code."""
    from dropout_lint.output.summary import summary

    for sentence in [*results.errors, *results.notes]:
        click.echo(f"dropout-lint: {shown(sentence)}", err=True)
    paint = paint_for(sys.stderr if to_stderr else sys.stdout, wanted.output_file)
    report = _report(results, settings, wanted, paint)
    status = write_report(report, wanted.output_file, to_stderr)
    human = settings.output_format in ("text", "concise")
    if not wanted.quiet and (human or wanted.diff):
        aside = to_stderr or wanted.diff or wanted.output_file is not None
        unsafe, show = settings.unsafe_fixes, settings.show_intentional
        click.echo(summary(results, action, unsafe, show), nl=False, err=aside)
    if status or results.errors:
        return FAILURE
    fixed = any(outcome.fixed for outcome in results.outcomes)
    left = any(report.diagnostics for report in results.reports)
    if wanted.exit_zero:
        return OK
    if wanted.diff:
        return FINDINGS if fixed else OK
    if fixed and wanted.exit_non_zero_on_fix:
        return FINDINGS
    return FINDINGS if left and not wanted.fix_only else OK


def _report(results: Results, settings: Settings, wanted: Wanted, paint: Paint) -> str | bytes:
    if wanted.diff:
        from dropout_lint.output import diff

        return diff.render(results.outcomes)
    if wanted.fix_only:
        return ""
    if wanted.statistics:
        from dropout_lint.output import summary

        return summary.statistics(results, settings.output_format == "json")
    return _rendered(results, settings, paint)


def _action(settings: Settings, wanted: Wanted) -> str:
    return "diff" if wanted.diff else "fix" if settings.fix else "lint"


def explain(code: str | None, every: bool, output_format: str) -> int:
    """The ``rule`` command."""
    from dropout_lint.output.rules import as_json, as_table, as_text
    from dropout_lint.rules.base import all_rules

    rules = all_rules()
    if every == (code is not None):
        return fail("name one rule, as in `dropout-lint rule DRP001`, or use --all")
    if not every:
        rules = tuple(rule for rule in rules if code in (rule.code, rule.name))
        if not rules:
            known = ", ".join(rule.code for rule in all_rules())
            return fail(f"unknown rule {code!r}; the rules are {known}")
    if output_format == "json":
        click.echo(as_json(rules if every else rules[0]), nl=False)
    else:
        click.echo(as_table(rules) if every else as_text(rules[0]), nl=False)
    return OK


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


def paint_for(stream: TextIO, output_file: str | None) -> Paint:
    from dropout_lint.output.paint import plain

    if output_file is not None or os.environ.get("NO_COLOR"):
        return plain
    return click.style if os.environ.get("FORCE_COLOR") or stream.isatty() else plain


def write_report(report: str | bytes, output_file: str | None, to_stderr: bool = False) -> int:
    """Print the report, or write it to a file; the exit code of a failure to do so."""
    if output_file is None:
        if isinstance(report, bytes):
            _print_bytes(report)
        else:  # painted already where it should be
            click.echo(report, nl=False, color=True, err=to_stderr)
        return OK
    data = report if isinstance(report, bytes) else report.encode("utf-8", "surrogateescape")
    try:
        with open(output_file, "wb") as file:
            file.write(data)
    except OSError as error:
        return fail(f"{output_file}: the report cannot be written, {reason(error)}")
    return OK


def _print_bytes(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


@contextlib.contextmanager
def _progress(length: int) -> Iterator[Callable[[int], None]]:
    """A progress bar for long runs on a terminal; otherwise nothing."""
    if length < _BAR_FROM or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=length, label="Checking", file=sys.stderr) as bar:
        yield bar.update


def fail(sentence: str) -> int:
    """Say on stderr what is wrong; the exit code."""
    click.echo(f"dropout-lint: {shown(sentence)}", err=True)
    return FAILURE


def _is_given(value: object) -> bool:
    return value is not None and value not in ((), {})
