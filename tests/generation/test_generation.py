"""2,000 generated models: lint, fix, prove; verdicts, screens and texts agree with what happens."""

from __future__ import annotations

from functools import cache

import pytest

pytest.importorskip("torch", reason="executing the models needs torch")
hypothesis = pytest.importorskip("hypothesis")
from hypothesis import HealthCheck, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from .check import check  # noqa: E402
from .models import TABLES, build, model_of  # noqa: E402
from .statistics import Summary, summary_of  # noqa: E402

MODELS, CHUNK = 2000, 200
pytestmark = pytest.mark.models

# The profile `deep` (conftest) asks for thousands; a run of all tests is content with a few.
EXAMPLES = settings().max_examples if settings().max_examples > 1000 else 25


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_models(first: int) -> None:
    found = summary_of(range(first, first + CHUNK))
    told = [f"seed {seed}: {text}" for seed, texts in found.failed.items() for text in texts]
    assert not told, "\n".join([*told, "see `python -m tests.generation --show SEED`"])
    assert found.models == CHUNK
    assert found.models - found.clean >= 0.4 * CHUNK, "too few findings to prove much"
    assert found.clean >= 0.25 * CHUNK, "too few clean models"


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
@given(st.data())
def test_any_model(data: st.DataObject) -> None:
    """Searches on its own and shrinks what it finds: ``--hypothesis-profile=deep``."""
    model = build(lambda below: data.draw(st.integers(0, below - 1)))
    hypothesis.note(model.source)
    assert not check(model).failures


# --- the grammar --------------------------------------------------------------------------------


@cache
def forms() -> Summary:
    found = Summary()
    for seed in range(MODELS):
        found.forms.update(set(model_of(seed).forms))
    return found


@pytest.mark.parametrize("table", TABLES)
def test_every_form_occurs(table: str) -> None:
    """In one of the tables that have it: `mode` has a part of `flag`."""
    counts = forms().forms
    for form in TABLES[table]:
        assert any(
            form in other and counts[f"{name}.{form.name}"] for name, other in TABLES.items()
        )


def test_a_seed_stands_for_one_model() -> None:
    assert [model_of(7), model_of(7)] == [model_of(7)] * 2
    assert len({model_of(seed).source for seed in range(50)}) == 50


def test_names_of_forms_are_unique() -> None:
    for table in TABLES.values():
        assert len({form.name for form in table}) == len(table)
