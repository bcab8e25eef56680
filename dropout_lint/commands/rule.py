"""The rule command: the documentation of one rule, or a table of all."""

from __future__ import annotations

import click

from dropout_lint.commands.terminal import OK, fail
from dropout_lint.output.rules import as_json, as_table, as_text
from dropout_lint.rules.base import all_rules


def explain(code: str | None, every: bool, output_format: str) -> int:
    """The exit code of the rule command."""
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
