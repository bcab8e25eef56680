"""Planted faults are noticed; the whole list runs with ``python -m tests.generation --mutants``."""

from __future__ import annotations

import pytest

from .mutants import MUTANTS, PACKAGE, ROOT, Mutant, tried

SOME = ("not is ignored", "conditions gate nothing", "rows off by one")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_text_to_replace_is_there_once(mutant: Mutant) -> None:
    text = (ROOT / PACKAGE / mutant.file).read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1
    assert mutant.old != mutant.new
    compile(text.replace(mutant.old, mutant.new), mutant.file, "exec")


def test_there_are_enough() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 20


@pytest.mark.models
@pytest.mark.parametrize("name", SOME)
def test_a_planted_fault_is_noticed(name: str) -> None:
    pytest.importorskip("torch", reason="executing the models needs torch")
    (mutant,) = (each for each in MUTANTS if each.name == name)
    assert tried(mutant, first=0, models=40).killed is not None
