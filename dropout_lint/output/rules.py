"""The documentation of rules: one as text, all as a table, both as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dropout_lint.output.links import rule_url
from dropout_lint.rules.base import Rule


def as_text(rule: type[Rule]) -> str:
    """The documentation in Markdown under a title."""
    state = "on" if rule.default else "off"
    facts = f"Severity: {rule.severity.value}. Default: {state}. Fix: {rule.fixable()} available."
    return f"# {rule.name} ({rule.code})\n\n{facts}\n\n{rule.documentation()}\n"


def as_table(rules: Sequence[type[Rule]]) -> str:
    width = max(len(rule.name) for rule in rules)
    return "".join(
        f"{rule.code}  {rule.name:<{width}}  {'on ' if rule.default else 'off'}  "
        f"{rule.severity.value:<7}  {rule.summary()}\n"
        for rule in rules
    )


def as_json(rules: type[Rule] | Sequence[type[Rule]]) -> str:
    if isinstance(rules, type):
        content: Any = _entry(rules)
    else:
        content = [_entry(rule) for rule in rules]
    return json.dumps(content, indent=2) + "\n"


def _entry(rule: type[Rule]) -> dict[str, Any]:
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary(),
        "severity": rule.severity.value,
        "default": rule.default,
        "fix": rule.fixable(),
        "documentation": rule.documentation(),
        "url": rule_url(rule.code),
    }
