"""Which draws are masks that drop: those in lines that end with ``# drops``, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from dropout_lint.catalog import builtin
from dropout_lint.semantics.model import SemanticModel

CASES = sorted((Path(__file__).parent / "cases" / "masks").glob("*.py"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_draws_that_drop(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    model = SemanticModel(text, builtin())
    found = {
        model.tree.line(draw) for function in model.functions for draw in model.masks.of(function)
    }
    marked = {row for row, line in enumerate(text.splitlines(), 1) if line.endswith("# drops")}
    assert found == marked
