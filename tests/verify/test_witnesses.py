"""Witnesses: run by the verifier, each fixture shows its bug, and its absence once fixed."""

from __future__ import annotations

import linecache
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support.linting import MODELS, expectations

from dropout_lint.config import Settings
from dropout_lint.linting.pipeline import chosen_fix, fix, lint
from dropout_lint.linting.report import Report
from dropout_lint.rules.base import all_rules
from dropout_lint.verify.report.eval_report import EvalReport, Verdict
from dropout_lint.verify.report.joined import joined
from dropout_lint.verify.report.results import CONFIRMED, ModelResult

torch = pytest.importorskip("torch", reason="executing the models needs torch")
pytestmark = pytest.mark.models

by_path = pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
# The rules whose bug shows where the verifier does not look; see `test_checkpoints.py`.
IN_GRADIENTS = {rule.code for rule in all_rules() if rule.shows_in_gradients}
ALL = Settings(select=("ALL",))
STYLES = {
    "safe": ALL,
    "flag": replace(ALL, fix_style="flag"),
    "unsafe": replace(ALL, unsafe_fixes=True),
}


@dataclass(frozen=True)
class Shown:
    """A version of a fixture: its findings, and what running it shows."""

    found: Report
    report: EvalReport

    @property
    def confirmed(self) -> set[tuple[str, int]]:
        """Code and row of the findings that the run confirms."""
        result = ModelResult("fixture", self.found.source.name, report=self.report)
        found = self.found.diagnostics + self.found.intentional
        matches = joined(result, self.found.source.name, found)
        return {(match.code, match.line) for match in matches if match.status == CONFIRMED}


def load(name: str, code: str) -> ModuleType:
    module = ModuleType(Path(name).stem)
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    exec(compile(code, name, "exec"), module.__dict__)
    return module


@cache
def shown(path: Path, style: str | None) -> Shown:
    """A fixture as it is, or with the fixes of a style."""
    from dropout_lint.verify import verify_eval

    source = expectations(path).source
    if style is not None:
        source = source.with_text(fix(source, STYLES[style]).text)
    module = load(f"{path}.{style}", source.text)
    settings = STYLES[style or "safe"]
    found = lint(source, settings)
    report = verify_eval(module.build, module.example_inputs(), trace_lines=True)
    return Shown(_renamed(found, f"{path}.{style}"), report)


def _renamed(report: Report, name: str) -> Report:
    return replace(report, source=replace(report.source, name=name))


# --- the fixtures -------------------------------------------------------------------------------


@by_path
def test_every_finding_shows_when_the_model_runs(path: Path) -> None:
    before = shown(path, None)
    found = before.found.diagnostics + before.found.intentional
    shows = [d for d in found if d.code not in IN_GRADIENTS]
    assert before.confirmed == {(d.code, d.location.row) for d in shows}


@by_path
def test_a_model_without_findings_is_clean(path: Path) -> None:
    before = shown(path, None)
    if not (before.found.diagnostics or before.found.intentional):
        assert before.report.ok
        assert not before.report.stuck and not before.report.notes
        assert before.report.train is not None and before.report.train.error is None


@by_path
@pytest.mark.parametrize("style", STYLES)
def test_what_is_fixed_shows_no_more(path: Path, style: str) -> None:
    after = shown(path, style)
    left = after.found.diagnostics + after.found.intentional
    assert not any(chosen_fix(d, style == "unsafe") for d in left), "all fixes are applied"
    shows = [d for d in left if d.code not in IN_GRADIENTS]
    assert after.confirmed == {(d.code, d.location.row) for d in shows}, "and nothing else shows"
    if not left:
        assert after.report.verdict is Verdict.DETERMINISTIC
        assert after.report.ok and not after.report.stuck


def test_most_fixtures_with_bugs_have_safe_fixes_for_all_of_them() -> None:
    healed = [
        path
        for path in MODELS
        if shown(path, None).found.diagnostics and not shown(path, "safe").found.diagnostics
    ]
    assert len(healed) >= 10


# --- the rules ----------------------------------------------------------------------------------


def witnesses(code: str) -> list[Path]:
    """The fixtures in which a finding of a rule shows when run, and neither is there once fixed."""
    return [
        path for path in showing(code) if _heals(code, shown(path, None), shown(path, "unsafe"))
    ]


def showing(code: str) -> list[Path]:
    """The fixtures in which a finding of a rule shows when run."""
    return [path for path in MODELS if code in dict(shown(path, None).confirmed)]


def _heals(code: str, before: Shown, after: Shown) -> bool:
    def count(version: Shown) -> tuple[int, int]:
        found = sum(d.code == code for d in version.found.diagnostics)
        return found, sum(confirmed == code for confirmed, _ in version.confirmed)

    return count(after) < count(before) and count(after)[1] < count(before)[1]


ABOUT_MODELS = [rule for rule in all_rules() if not rule.about_callers]
FIXED = [rule for rule in ABOUT_MODELS if rule.fixable() != "never"]
REPORTED = [
    rule for rule in ABOUT_MODELS if rule.fixable() == "never" and not rule.shows_in_gradients
]


@pytest.mark.parametrize("rule", FIXED, ids=lambda rule: rule.code)
def test_every_rule_has_a_witness(rule: Any) -> None:
    assert witnesses(rule.code), f"no fixture shows the bug of {rule.code} and its cure"


@pytest.mark.parametrize("rule", REPORTED, ids=lambda rule: rule.code)
def test_every_rule_without_a_fix_has_a_witness_and_a_twin_without_the_bug(rule: Any) -> None:
    """All that shows is at the findings, and there is other randomness that behaves."""
    paths = showing(rule.code)
    assert paths, f"no fixture shows the bug of {rule.code}"
    for path in paths:
        found, report = shown(path, None).found.diagnostics, shown(path, None).report
        assert report.train is not None and report.train.error is None
        assert {d.code for d in found} == {rule.code}
        if rule.shows_in_training:
            felt = [site for site in report.train.drawn if site.reaches_output]
            idle = len(report.train.drawn) - len(felt) + len(report.train.silent)
            assert idle == len(found) and felt
        else:
            rows = {d.location.row for d in found}
            shows = (*report.sites, *report.train.lost)
            assert {site.where.line for site in shows} == rows
            twins = {site.where.line for site in (*report.quiet, *report.unused)}
            twins -= {site.where.line for site in report.train.lost}
            assert twins and not twins & rows


def test_a_rule_that_nothing_shows_has_no_witness() -> None:
    assert not witnesses("DRP999")


# --- training is left as it is ------------------------------------------------------------------


def train_step(name: str, code: str) -> tuple[Any, list[Any], Any]:
    """Outputs, gradients and random state of one train step under fixed seeds."""
    from dropout_lint.verify.running import rng, values

    rng.seed(0)
    module = load(name, code)
    model = module.build()
    model.train()
    inputs = module.example_inputs()
    rng.seed(1)
    outputs = model(*inputs)
    floats = [t for t in values.tensors(outputs) if t.requires_grad]
    torch.stack([t.sum() for t in floats]).sum().backward()
    gradients = [p.grad if p.grad is not None else torch.zeros(()) for p in model.parameters()]
    return outputs, gradients, torch.get_rng_state()


@by_path
@pytest.mark.parametrize("style", ["safe", "flag"])
def test_safe_fixes_keep_training_as_it_is(path: Path, style: str) -> None:
    from dropout_lint.verify.running.values import difference

    before = expectations(path).source
    after = fix(before, STYLES[style]).text
    name = f"{path}.{style}"
    assert difference(train_step(str(path), before.text), train_step(name, after)) is None
