"""From the arguments of the command line to calls of the commands."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from typing import Any

import click

from dropout_lint import __version__
from dropout_lint.config.checks import memory, seeds_in
from dropout_lint.config.settings import FORMATS, RULE_FORMATS, STYLES
from dropout_lint.config.verify import DEVICES
from dropout_lint.config.verify import FORMATS as VERIFY_FORMATS

COMMANDS = """
\b
Other commands:
  dropout-lint verify TARGET     execute models and say whether eval mode is deterministic
  dropout-lint rule CODE         explain a rule (--all: list them)
  dropout-lint completion SHELL  print a completion script (bash, zsh or fish)

Exit codes: 0 nothing left, 1 findings left, 2 something could not be done.
"""
VERIFY_CODES = """
Exit codes: 0 clean, 1 findings, 2 the command line is wrong, 3 a model could not be verified.
"""


class DefaultGroup(click.Group):
    """A group that runs its first command where none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in self.commands:
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; output that cannot be written is said in a sentence."""
        from dropout_lint.files.source import reason

        try:
            if sys.stdout is None:
                raise OSError(errno.EBADF, "it is closed")
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:  # the reader has read enough; click ends the run quietly
            raise
        except OSError as error:
            with contextlib.suppress(OSError, ValueError, AttributeError):
                # What is still to be written goes nowhere, or Python complains when it ends.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            click.echo(f"dropout-lint: the output cannot be written, {reason(error)}", err=True)
            sys.exit(2)


class CheckCommand(click.Command):
    """Shown as the command itself: ``dropout-lint [OPTIONS] [PATHS]...``."""

    def make_context(self, info_name: str | None, *args: Any, **extra: Any) -> click.Context:
        parent: click.Context | None = extra.pop("parent", None)
        name = parent.info_name if parent is not None else info_name
        return super().make_context(name, *args, **extra)


def codes(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """The comma-separated values of an option that may be given several times."""
    return tuple(part.strip() for item in value for part in item.split(",") if part.strip())


def per_file(
    ctx: click.Context, param: click.Parameter, value: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """The codes by pattern."""
    by_pattern: dict[str, tuple[str, ...]] = {}
    for item in codes(ctx, param, value):
        pattern, colon, code = item.rpartition(":")
        if not colon or not pattern or not code:
            raise click.BadParameter(f"{item!r} is not of the form PATTERN:CODE")
        by_pattern[pattern] = (*by_pattern.get(pattern, ()), code)
    return by_pattern


def version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"dropout-lint {__version__}")
        ctx.exit()


@click.group(cls=DefaultGroup)
def cli() -> None:
    """Find dropout that ignores train() and eval(), fix it, and prove the fix."""


Decorator = Callable[[Callable[..., None]], Callable[..., None]]


def flag(name: str, text: str, **extra: Any) -> Decorator:
    """A switch; None when it is not given, so that the configuration decides."""
    return click.option(name, is_flag=True, default=None, help=text, **extra)


def several(name: str, metavar: str, text: str) -> Decorator:
    """An option with comma-separated values that may be given several times."""
    parse = per_file if metavar == "PATTERN:CODE" else codes
    return click.option(name, multiple=True, callback=parse, metavar=metavar, help=text)


def choice(name: str, values: Sequence[str], text: str) -> Decorator:
    return click.option(name, type=click.Choice(values), help=text)


def about_models(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say how models are built and run."""
    for option in (
        click.option("--init", metavar="JSON", help="Constructor arguments: an object or a list."),
        click.option(
            "--input-size", multiple=True, metavar="N,N…[:DTYPE]", help="An input's shape."
        ),
        click.option(
            "--inputs", metavar="MODULE:FUNCTION", help="A function that returns the inputs."
        ),
    ):
        command = option(command)
    return command


SETTINGS = {"help_option_names": ["-h", "--help"]}


@cli.command(cls=CheckCommand, epilog=COMMANDS, context_settings=SETTINGS)
@click.argument("paths", nargs=-1, type=click.Path())
@flag("--fix/--no-fix", "Apply the safe fixes.")
@flag("--unsafe-fixes/--no-unsafe-fixes", "Show and apply unsafe fixes too.")
@choice("--fix-style", STYLES, "nn.Dropout in __init__, or training=self.training.")
@flag("--diff", "Show what --fix would change; write nothing.")
@click.option(
    "--prove",
    multiple=True,
    metavar="TARGET",
    help="Run TARGET's models before and after the fixes; write what is not refuted.",
)
@about_models
@flag("--fix-only", "Fix, and do not report what is left.")
@several("--select", "CODES", "Rules to enable, by code or prefix, or ALL.")
@several("--ignore", "CODES", "Rules to disable.")
@several("--extend-select", "CODES", "Rules to enable in addition.")
@several("--extend-ignore", "CODES", "Rules to disable in addition.")
@several("--per-file-ignores", "PATTERN:CODE", "Rules to disable for some files.")
@several("--exclude", "PATTERNS", "What to leave out, instead of the defaults.")
@several("--extend-exclude", "PATTERNS", "What to leave out in addition.")
@flag("--force-exclude", "Exclude even files that are named here.")
@flag("--respect-gitignore/--no-respect-gitignore", "Leave out what .gitignore names.")
@choice("--output-format", FORMATS, "How to print.")
@click.option("--output-file", "-o", metavar="FILE", help="Write the report to a file.")
@flag("--statistics", "Print counts by rule instead.")
@flag("--show-intentional", "List drops that the code declares intentional.")
@flag("--exit-zero", "Exit 0 even if findings are left.")
@flag("--exit-non-zero-on-fix", "Exit 1 if anything was fixed.")
@click.option("--stdin-filename", metavar="NAME", help="The name of what is read from stdin (-).")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Processes to use.")
@click.option("--config", metavar="FILE", help="Take the configuration from this TOML file.")
@flag("--no-cache", "Use no cache (there is none yet).", expose_value=False)
@click.option("--quiet", "-q", is_flag=True, help="Print findings only.")
@click.option("--verbose", "-v", is_flag=True, help="Say more about what is done.")
@flag("--version", "Print the version.", is_eager=True, expose_value=False, callback=version)
def check(paths: tuple[str, ...], **arguments: Any) -> None:
    """Find dropout that ignores train() and eval() in PATHS (default: this folder).

    A path of - reads from stdin.
    """
    from dropout_lint.commands.lint import LintOptions
    from dropout_lint.commands.lint import check as run

    sys.exit(run(paths, LintOptions.of(arguments)))


def parsed(parse: Callable[[str], Any]) -> Callable[..., Any]:
    """A callback for an option whose text ``parse`` reads; its ValueError is the message."""

    def read(ctx: click.Context, param: click.Parameter, value: str | None) -> Any:
        try:
            return None if value is None else parse(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return read


SECONDS = click.FloatRange(min=0, min_open=True)


@cli.command(epilog=VERIFY_CODES, context_settings=SETTINGS)
@click.argument("targets", nargs=-1)
@choice("--device", DEVICES, "Where to run the models.")
@flag("--fast", "Watch one forward pass in eval mode and run nothing else.")
@click.option("--seeds", metavar="N,N…", callback=parsed(seeds_in), help="Seeds to compare.")
@click.option("--timeout", type=SECONDS, help="Seconds after which a model is given up.")
@click.option("--memory", callback=parsed(memory), help="What a model may allocate (8GB).")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Models to run at the same time.")
@about_models
@flag("--with-lint/--no-with-lint", "Say which findings of the linter were confirmed.")
@choice("--output-format", VERIFY_FORMATS, "How to print.")
@click.option("--output-file", "-o", metavar="FILE", help="Write the results to a file.")
@click.option("--report", metavar="FILE", help="Write a page of HTML too.")
@click.option("--config", metavar="FILE", help="Take the configuration from this TOML file.")
@click.option("--quiet", "-q", is_flag=True, help="Leave out what is clean, and the counts.")
@click.option("--verbose", "-v", is_flag=True, help="Show tracebacks and what models print.")
def verify(**arguments: Any) -> None:
    """Execute the models that TARGETS name and say whether eval mode is deterministic.

    \b
    A target is   path/file.py:Name       a class, or a function that builds a model
                  package.module:Name     the same, imported
                  path/file.py            its build(), or its classes with example_inputs()
                  folder                  all its files with example_inputs()

    This runs the code, in processes of its own that are limited in time and memory.
    """
    from dropout_lint.commands.verify import VerifyOptions
    from dropout_lint.commands.verify import verify as run

    specs = arguments.pop("targets")
    sys.exit(run(specs, VerifyOptions(**arguments)))


@cli.command(context_settings=SETTINGS)
@click.argument("code", required=False)
@click.option("--all", "every", is_flag=True, help="List all rules.")
@click.option("--output-format", type=click.Choice(RULE_FORMATS), default="text")
def rule(code: str | None, every: bool, output_format: str) -> None:
    """Explain the rule CODE (a code or a name)."""
    from dropout_lint.commands.rule import explain

    sys.exit(explain(code, every, output_format))


@cli.command(context_settings=SETTINGS)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a completion script for SHELL."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(cli, {}, "dropout-lint", "_DROPOUT_LINT_COMPLETE").source())


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # any character can be printed
            stream.reconfigure(errors="backslashreplace")
    cli.main(prog_name="dropout-lint")
