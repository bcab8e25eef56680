"""Witnesses: executing the fixture models shows each bug, and its absence after the fix."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from helpers import FIXTURES, expectations

from dropout_lint.config import Settings
from dropout_lint.linter import chosen_fix, fix, lint

torch = pytest.importorskip("torch", reason="executing the models needs torch")
pytestmark = pytest.mark.models

PATHS = sorted(FIXTURES.glob("*.py"))
by_path = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)

# Files in which something stays random after every fix, and why.
STAYS_RANDOM = {
    "broken_train_override": "only the author knows which children should follow",
    "tacotron_prenet": "intentional",
    "mc_dropout": "intentional",
}
# Findings that eval mode does not show as randomness, and what shows them instead.
SHOWN_OTHERWISE = {
    "sticky_rate": "the next train forward is deterministic",
    "rate_flag_mixup": "train mode returns zeros",
}


def load(code: str) -> ModuleType:
    module = ModuleType("fixture")
    exec(compile(code, "fixture.py", "exec"), module.__dict__)
    return module


def tensors(value: Any) -> list[Any]:
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        return [t for item in value.values() for t in tensors(item)]
    if isinstance(value, (tuple, list)):
        return [t for item in value for t in tensors(item)]
    return []


def same(one: Any, other: Any) -> bool:
    pairs = zip(tensors(one), tensors(other), strict=True)
    return all(a.dtype == b.dtype and torch.equal(a, b) for a, b in pairs)


def is_random_in_eval(code: str) -> bool:
    torch.manual_seed(0)
    module = load(code)
    model = module.build()
    model.eval()
    inputs = module.example_inputs()
    with torch.no_grad():
        runs = [model(*copy.deepcopy(inputs)) for _ in range(3)]
    return not (same(runs[0], runs[1]) and same(runs[1], runs[2]))


def train_step(code: str) -> tuple[Any, list[Any], Any]:
    """Outputs, gradients and random state of one train step under fixed seeds."""
    torch.manual_seed(0)
    random.seed(0)
    module = load(code)
    model = module.build()
    model.train()
    inputs = module.example_inputs()
    torch.manual_seed(1)
    outputs = model(*inputs)
    floats = [t for t in tensors(outputs) if t.requires_grad]
    torch.stack([t.sum() for t in floats]).sum().backward()
    gradients = [p.grad if p.grad is not None else torch.zeros(()) for p in model.parameters()]
    return outputs, gradients, torch.get_rng_state()


def assert_same_training(before: str, after: str) -> None:
    one, other = train_step(before), train_step(after)
    assert same(one[0], other[0]), "train outputs differ"
    assert same(one[1], other[1]), "gradients differ"
    assert torch.equal(one[2], other[2]), "random state differs"


@by_path
def test_executing_shows_the_bug_and_its_cure(path: Path) -> None:
    expected = expectations(path)
    code = expected.source.text
    bugs = expected.findings and path.stem not in SHOWN_OTHERWISE
    assert is_random_in_eval(code) == bool(bugs or expected.intentional)

    safe = fix(expected.source, Settings())
    assert_same_training(code, safe.text)
    unsafe = fix(expected.source, Settings(unsafe_fixes=True))
    left = [d for d in unsafe.report.diagnostics if d.code != "DRP007"]
    assert not any(chosen_fix(d, True) for d in unsafe.report.diagnostics)
    if path.stem not in STAYS_RANDOM:
        assert not left
        assert not is_random_in_eval(unsafe.text)
    if not any(chosen_fix(d, True) for d in safe.report.diagnostics) and not bugs:
        assert is_random_in_eval(safe.text) == bool(expected.intentional)


def is_safely_fixable(path: Path) -> bool:
    report = lint(expectations(path).source, Settings())
    found = report.diagnostics
    return bool(found) and not report.intentional and all(chosen_fix(d, False) for d in found)


SAFELY_FIXABLE = [path for path in PATHS if is_safely_fixable(path)]


def test_most_fixtures_with_bugs_have_safe_fixes_for_all_of_them() -> None:
    assert len(SAFELY_FIXABLE) >= 10


@pytest.mark.parametrize("path", SAFELY_FIXABLE, ids=lambda path: path.stem)
def test_safe_fixes_alone_make_eval_deterministic_and_keep_training_as_it_is(path: Path) -> None:
    source = expectations(path).source
    for style in ("module", "flag"):
        result = fix(source, Settings(fix_style=style))
        assert not result.report.diagnostics
        assert not is_random_in_eval(result.text)
        assert_same_training(source.text, result.text)


def test_a_sticky_rate_switches_training_off() -> None:
    code = expectations(FIXTURES / "sticky_rate.py").source
    for text, stuck in ((code.text, True), (fix(code, Settings(unsafe_fixes=True)).text, False)):
        module = load(text)
        model = module.build()
        inputs = module.example_inputs()
        model.eval()
        model(*inputs)
        model.train()
        assert same(model(*inputs), model(*inputs)) == stuck


def test_a_mode_flag_as_rate_returns_the_same_whatever_comes_in() -> None:
    source = expectations(FIXTURES / "rate_flag_mixup.py").source
    for text, dead in ((source.text, True), (fix(source, Settings(unsafe_fixes=True)).text, False)):
        module = load(text)
        model = module.build().train()
        inputs = module.example_inputs()
        others = tuple(torch.flip(t, [-1]) if t.is_floating_point() else t + 1 - 1 for t in inputs)
        torch.manual_seed(0)
        one = model(*inputs)
        torch.manual_seed(0)
        flipped = model(*(torch.roll(t, 1, 0) for t in others))
        assert same(one, flipped) == dead


def test_a_train_override_without_return_makes_eval_return_none() -> None:
    source = expectations(FIXTURES / "broken_train_override.py").source
    for text, broken in ((source.text, True), (fix(source, Settings()).text, False)):
        module = load(text)
        classes = [c for c in vars(module).values() if isinstance(c, type)]
        overriding = [c for c in classes if issubclass(c, torch.nn.Module) and "train" in vars(c)]
        results = [c().eval() for c in overriding if _is_buildable(c)]
        assert any(result is None for result in results) == broken or not broken


def _is_buildable(cls: Any) -> bool:
    try:
        cls()
    except TypeError:
        return False
    return True
