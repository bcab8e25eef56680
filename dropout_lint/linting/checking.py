"""From the semantic model of a file to its report: run the rules, then group their findings."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from dropout_lint.config import Settings
from dropout_lint.diagnostics import Diagnostic
from dropout_lint.files.source import Source
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.linting.report import GROUPS, Report
from dropout_lint.linting.selection import ignored_in, rules_for
from dropout_lint.linting.suppressions import (
    above_group,
    beside,
    marked_intentional,
    row_of_exemption,
    suppressed_by,
)
from dropout_lint.rules.base import Finding, Rule
from dropout_lint.semantics.budget import OverBudget
from dropout_lint.semantics.facts.intent import Intent
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.vocabulary.intent import INTENT_NAMES


def diagnose(model: SemanticModel, source: Source, settings: Settings) -> Report:
    """The report: the findings of all enabled rules, grouped by what the code declares."""
    exempted = row_of_exemption(source, settings.respect_noqa)
    if exempted is not None:
        return Report(source, exempted=exempted)
    intent = Intent(INTENT_NAMES + settings.intentional_names)
    fixer = Fixer(model, prefer_module=settings.fix_style == "module")
    ignored = ignored_in(settings, source.name)
    groups: dict[str, list[Diagnostic]] = {name: [] for name in GROUPS}
    said: set[tuple[str, int, str]] = set()
    for rule in rules_for(settings):
        if rule.code.startswith(ignored):
            continue
        try:
            for finding in rule().check(model, fixer):
                diagnostic = _diagnostic(rule, finding, model, source, intent)
                key = (diagnostic.code, diagnostic.start, diagnostic.message)
                if key in said:  # a call may mean several functions
                    continue
                said.add(key)
                row = _row_of_statement(model, source, finding.node)
                groups[_group(source, diagnostic, row, settings.respect_noqa)].append(diagnostic)
        except OverBudget:
            continue  # the findings so far are kept
    for group in groups.values():
        group.sort(key=lambda diagnostic: diagnostic.sort_key)
    unfinished = None
    if model.steps.are_over:
        unfinished = (
            f"{source.name}: takes too many steps to be analysed, so findings may be missing; "
            "split it or exclude the file"
        )
    return Report(
        source,
        diagnostics=tuple(groups["diagnostics"]),
        intentional=tuple(groups["intentional"]),
        noqa=tuple(groups["noqa"]),
        ignored=tuple(groups["ignored"]),
        unfinished=unfinished,
    )


def _row_of_statement(model: SemanticModel, source: Source, node: cst.CSTNode) -> int:
    """The first row of the statement that a node belongs to."""
    kinds = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
    statement = next((n for n in model.tree.ancestors(node) if isinstance(n, kinds)), node)
    return source.location(model.tree.span(statement)[0]).row


def _group(source: Source, diagnostic: Diagnostic, row: int, respect_noqa: bool) -> str:
    suppression = suppressed_by(source, diagnostic, row, respect_noqa)
    if suppression is not None:
        return suppression
    return "diagnostics" if diagnostic.intentional is None else "intentional"


def _diagnostic(
    rule: type[Rule], finding: Finding, model: SemanticModel, source: Source, intent: Intent
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
        function=finding.function.qualname if finding.function is not None else "",
        fix=fixes[0] if fixes else None,
        alternatives=tuple(fixes[1:]),
    )
    statement = _row_of_statement(model, source, finding.node)
    evidence = marked_intentional(source, diagnostic, statement)
    if evidence is None and (rule.respects_intent or finding.declarable):
        rows = (diagnostic.location.row, diagnostic.end_location.row)
        comments = list(beside(source, *rows))
        group = list(above_group(source, rows[0]))
        evidence = intent.evidence(model, finding.node, finding.function, comments, group)
    if evidence is None:
        return diagnostic
    return replace(diagnostic, intentional=evidence, fix=None, alternatives=())
