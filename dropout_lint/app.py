"""What the commands do: collect, run, print, and return an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click

from dropout_lint.config import ConfigError, Configurations, Settings
from dropout_lint.discovery import Found, find_files, is_excluded

OK, FINDINGS, FAILURE = 0, 1, 2
_BAR_FROM = 300

_SETTINGS = frozenset(
    """fix unsafe_fixes fix_style select ignore extend_select extend_ignore per_file_ignores exclude
    extend_exclude force_exclude respect_gitignore output_format show_intentional""".split()
)


def check(
    paths: tuple[str, ...],
    *,
    diff: bool,
    fix_only: bool,
    output_file: str | None,
    statistics: bool,
    exit_zero: bool,
    exit_non_zero_on_fix: bool,
    stdin_filename: str | None,
    jobs: int | None,
    config: str | None,
    no_cache: bool,
    quiet: bool,
    verbose: bool,
    **options: Any,
) -> int:
    """The main command. The arguments are the options of the command line."""
    given = {key: value for key, value in options.items() if key in _SETTINGS and _is_given(value)}
    if fix_only:
        given["fix"] = True
    try:
        configurations = Configurations(given, config)
        base = configurations.of(".")
        action = "diff" if diff else "fix" if base.fix else "lint"
        if "-" in paths:
            if len(paths) > 1:
                return _fail("`-` stands for stdin and cannot be mixed with other paths")
            return _check_stdin(base, stdin_filename, action, quiet, exit_zero)
        found = find_files(paths or (".",), configurations)
    except ConfigError as error:
        return _fail(str(error))
    return _check_files(
        found,
        base,
        action,
        jobs=jobs,
        fix_only=fix_only,
        output_file=output_file,
        with_statistics=statistics,
        exit_zero=exit_zero,
        exit_non_zero_on_fix=exit_non_zero_on_fix,
        quiet=quiet,
        verbose=verbose,
    )


def _check_files(
    found: Found,
    settings: Settings,
    action: str,
    *,
    jobs: int | None,
    fix_only: bool,
    output_file: str | None,
    with_statistics: bool,
    exit_zero: bool,
    exit_non_zero_on_fix: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    from dropout_lint.output.summary import statistics, summary
    from dropout_lint.runner import run

    if verbose:
        click.echo(f"{len(found.files)} files, configuration in {settings.root}", err=True)
    with _progress(len(found.files)) as progress:
        results = run(found.files, action, jobs, progress)
    results.errors = found.errors + results.errors
    for error in results.errors:
        click.echo(f"dropout-lint: {error}", err=True)
    if action == "diff":
        text = "".join(
            _diff(outcome.path, outcome.before, outcome.after) for outcome in results.outcomes
        )
    elif fix_only:
        text = ""
    elif with_statistics:
        text = statistics(results)
    else:
        text = _rendered(results.reports, settings, _paint(output_file))
    status = _write(text, output_file)
    human = settings.output_format in ("text", "concise")
    if not quiet and (human or action == "diff"):
        to_stderr = action == "diff" or output_file is not None
        click.echo(summary(results, action, settings.unsafe_fixes), nl=False, err=to_stderr)
    if status or results.errors:
        return FAILURE
    fixed = any(outcome.fixed for outcome in results.outcomes)
    if action == "diff":
        return FINDINGS if fixed else OK
    left = any(report.diagnostics for report in results.reports) and not fix_only
    if fixed and exit_non_zero_on_fix:
        return FINDINGS
    return FINDINGS if left and not exit_zero else OK


def _check_stdin(
    settings: Settings, name: str | None, action: str, quiet: bool, exit_zero: bool
) -> int:
    """Lint stdin; when fixing, the fixed text goes to stdout and the report to stderr."""
    from dropout_lint.runner import Outcome, Results, check_text
    from dropout_lint.source import Source, SourceError

    data = sys.stdin.buffer.read()
    shown = name or "<stdin>"
    if name is not None and settings.force_exclude and is_excluded(name, settings):
        if action == "fix":
            sys.stdout.buffer.write(data)
        return OK
    try:
        source = Source.decode(data, shown)
        outcome: Outcome = check_text(source, settings, action)
    except SourceError as error:
        outcome = Outcome(shown, error=str(error))
    if outcome.error is not None:
        if action == "fix":
            sys.stdout.buffer.write(data)
        return _fail(outcome.error)
    results = Results([outcome], 1)
    if action == "fix":
        after = outcome.after if outcome.fixed else source.text
        sys.stdout.buffer.write(source.encode(after))
        sys.stdout.flush()
    if action == "diff":
        click.echo(_diff(shown, outcome.before, outcome.after), nl=False)
        return FINDINGS if outcome.fixed else OK
    text = _rendered(results.reports, settings, _paint(None))
    click.echo(text, nl=False, err=action == "fix")
    if not quiet and settings.output_format in ("text", "concise"):
        from dropout_lint.output.summary import summary

        click.echo(summary(results, action, settings.unsafe_fixes), nl=False, err=action == "fix")
    left = any(report.diagnostics for report in results.reports)
    return FINDINGS if left and not exit_zero else OK


def explain(code: str | None, every: bool, output_format: str) -> int:
    """The ``rule`` command."""
    from dropout_lint.output.rules import as_json, as_table, as_text
    from dropout_lint.rules.base import all_rules

    rules = all_rules()
    if every == (code is not None):
        return _fail("name one rule, as in `dropout-lint rule DRP001`, or use --all")
    if not every:
        rules = tuple(rule for rule in rules if code in (rule.code, rule.name))
        if not rules:
            known = ", ".join(rule.code for rule in all_rules())
            return _fail(f"unknown rule {code!r}; the rules are {known}")
    if output_format == "json":
        click.echo(as_json(rules if every else rules[0]), nl=False)
    else:
        click.echo(as_table(rules) if every else as_text(rules[0]), nl=False)
    return OK


# --- printing -----------------------------------------------------------------------------------


def _rendered(reports: Any, settings: Settings, paint: Callable[..., str]) -> str:
    show, unsafe = settings.show_intentional, settings.unsafe_fixes
    if settings.output_format == "json":
        from dropout_lint.output import json

        return json.render(reports, show)
    if settings.output_format == "sarif":
        from dropout_lint.output import sarif

        return sarif.render(reports)
    if settings.output_format == "github":
        from dropout_lint.output import github

        return github.render(reports, show)
    from dropout_lint.output import text

    render = text.render_concise if settings.output_format == "concise" else text.render
    return render(reports, show, unsafe, paint)


def _diff(path: str, before: str, after: str) -> str:
    import difflib

    if before == after:
        return ""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
    )
    whole = (
        line if line.endswith(("\n", "\r")) else f"{line}\n\\ No newline at end of file\n"
        for line in lines
    )
    return "".join(whole)


def _paint(output_file: str | None) -> Callable[..., str]:
    from dropout_lint.output.text import plain

    if output_file is not None or os.environ.get("NO_COLOR"):
        return plain
    if os.environ.get("FORCE_COLOR") or sys.stdout.isatty():
        return click.style
    return plain


def _write(text: str, output_file: str | None) -> int:
    """Print the report, or write it to a file; the exit code of a failure to do so."""
    if output_file is None:
        # The text is painted already where it should be.
        click.echo(text, nl=False, color=True)
        return OK
    try:
        with open(output_file, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return _fail(f"{output_file}: the report cannot be written, {reason}")
    return OK


@contextlib.contextmanager
def _progress(length: int) -> Iterator[Callable[[int], None]]:
    """A progress bar for long runs on a terminal; otherwise nothing."""
    if length < _BAR_FROM or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=length, label="Checking", file=sys.stderr) as bar:
        yield bar.update


def _fail(sentence: str) -> int:
    click.echo(f"dropout-lint: {sentence}", err=True)
    return FAILURE


def _is_given(value: object) -> bool:
    return value is not None and value not in ((), {})
