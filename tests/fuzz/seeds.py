"""The programs that are mutated: fixtures, the examples of the rules, and grammar-made ones."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

from dropout_lint.rules.base import all_rules

ROOT = Path(__file__).resolve().parent.parent.parent


@cache
def seeds() -> tuple[str, ...]:
    """The sources, in an order that does not depend on the machine.

    The examples of the rules come three times for each fixture: they are small, so a mutation is
    likelier to meet the line that matters.
    """
    fixtures = [path.read_text("utf-8") for path in sorted((ROOT / "fixtures").rglob("*.py"))]
    examples = [
        example.lstrip("\n")
        for rule in all_rules()
        for example in (*(invalid.code for invalid in rule.INVALID), *rule.VALID)
    ]
    return (*fixtures, *examples, *examples, *examples)


def grammar_programs(count: int, seed: int) -> list[str]:
    """Programs from Python's grammar by hypothesmith, each with a seed behind it.

    There are none where hypothesmith is not installed.
    """
    try:
        import hypothesmith
    except ImportError:
        return []
    import hypothesis

    programs: list[str] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(hypothesmith.from_node())
    def collect(source: str) -> None:
        programs.append(source)

    collect()
    rng = random.Random(seed)
    return [f"{program}\n{rng.choice(seeds())}" for program in programs[:count]]
