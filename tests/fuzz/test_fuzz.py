"""A few hundred bent programs; ``python -m tests.fuzz`` runs as many as you like."""

from __future__ import annotations

import random

import pytest

from . import checks
from .minimise import minimise
from .mutations import mutate, parses
from .seeds import grammar_programs, seeds
from .texts import failing, text_of

_EACH = 100


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 200, _EACH))
def test_what_has_to_hold_for_every_text_holds(first: int) -> None:
    assert failing(range(first, first + _EACH)) == []


@pytest.mark.slow
def test_what_has_to_hold_holds_for_programs_of_the_grammar() -> None:
    pytest.importorskip("hypothesmith", reason="makes the programs; it is in the dev extra")
    programs = grammar_programs(20, seed=1)
    assert len(set(programs)) > 10
    assert [failure for program in programs for failure in checks.failures(program)] == []


def test_the_texts_are_the_same_everywhere_and_most_of_them_parse() -> None:
    texts = [text_of(number) for number in range(200)]
    assert texts == [text_of(number) for number in range(200)]
    assert sum(map(parses, texts)) > 120
    assert len(set(texts)) > 190


def test_a_fault_is_noticed_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fix that is counted and not made, planted into the applier."""
    monkeypatch.setattr(
        "dropout_lint.fixing.edits.apply.splice", lambda text, edits: text.replace("return", "")
    )
    rng = random.Random(1)
    text = next(
        text
        for text in (mutate(*rng.sample(seeds(), 2), rng) for _ in range(400))
        if any("outside the edits" in failure for failure in checks.failures(text))
    )
    small = minimise(text, lambda t: any("outside" in f for f in checks.failures(t)))
    assert len(small) < len(text)
