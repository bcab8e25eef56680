"""From a model to diagnostics: run the rules, then ask what the code says about each finding."""

from __future__ import annotations

from dropout_lint.config import Settings
from dropout_lint.diagnostics import Diagnostic
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import Finding, Rule
from dropout_lint.selection import ignored_in, rules_for
from dropout_lint.semantics.intent import NAMES, Intent
from dropout_lint.semantics.model import Model
from dropout_lint.source import Source
from dropout_lint.suppressions import beside, is_suppressed, marked_intentional, skips_file

Diagnostics = tuple[Diagnostic, ...]


def diagnose(
    model: Model, source: Source, settings: Settings
) -> tuple[Diagnostics, Diagnostics, Diagnostics]:
    """The diagnostics that count, the documented ones, and the suppressed ones, in source order."""
    if skips_file(source):
        return (), (), ()
    intent = Intent(NAMES + settings.intentional_names)
    fixer = Fixer(model, settings.fix_style)
    ignored = ignored_in(settings, source.name)
    active: list[Diagnostic] = []
    intentional: list[Diagnostic] = []
    suppressed: list[Diagnostic] = []
    for rule in rules_for(settings):
        if rule.code.startswith(ignored):
            continue
        for finding in rule().check(model, fixer):
            diagnostic = _diagnostic(rule, finding, model, source, intent)
            if is_suppressed(source, diagnostic):
                suppressed.append(diagnostic)
            elif diagnostic.intentional is not None:
                intentional.append(diagnostic)
            else:
                active.append(diagnostic)
    found = [sorted(group, key=lambda d: d.sort_key) for group in (active, intentional, suppressed)]
    return tuple(found[0]), tuple(found[1]), tuple(found[2])


def _diagnostic(
    rule: type[Rule], finding: Finding, model: Model, source: Source, intent: Intent
) -> Diagnostic:
    start, end = model.tree.span(finding.node)
    fixes = finding.fixes if model.tree.exact else ()
    diagnostic = Diagnostic(
        code=rule.code,
        name=rule.name,
        severity=rule.severity,
        message=finding.message,
        start=start,
        end=end,
        location=source.location(start),
        end_location=source.location(end),
        function=finding.unit.qualname if finding.unit is not None else "",
        fix=fixes[0] if fixes else None,
        alternatives=tuple(fixes[1:]),
    )
    evidence = marked_intentional(source, diagnostic)
    if evidence is None and rule.respects_intent:
        rows = (diagnostic.location.row, diagnostic.end_location.row)
        comments = list(beside(source, *rows))
        evidence = intent.evidence(model, finding.node, finding.unit, comments)
    if evidence is None:
        return diagnostic
    return Diagnostic(
        **{**vars(diagnostic), "intentional": evidence, "fix": None, "alternatives": ()}
    )
