"""The pages of docs/ that say what the analysis finds are compared with what it finds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dropout_lint.catalog import builtin
from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import lint
from dropout_lint.semantics.interpreter.guards import Guards
from dropout_lint.semantics.model import SemanticModel

PAGE = Path(__file__).resolve().parents[3] / "docs" / "modes.md"
IMPORTS = "import torch.nn.functional as F\nfrom torch import nn\n"
EXAMPLES = re.findall(r"^### (\d+)\..*?^```python\n(.*?)^```", PAGE.read_text(), re.M | re.S)


def told(code: str) -> dict[int, str]:
    """What the comments say, by row."""
    marked = (line.rpartition("  # ") for line in code.splitlines())
    return {row: said for row, (_, mark, said) in enumerate(marked, 1) if mark}


def state(guards: Guards | None) -> str:
    if guards is None:
        return "off"
    return "gated by " + " and ".join(sorted(guard.name for guard in guards)) if guards else "on"


def found(code: str) -> dict[int, str]:
    """What the analysis says, in the words of the page."""
    model = SemanticModel(code, builtin())
    said: dict[int, list[str]] = {}
    for site in model.sites:
        states = [state(site.active(training)) for training in (True, False)]
        row = code.count("\n", 0, model.tree.span(site.call or site.node)[0]) + 1
        said.setdefault(row, []).append("train: {}, eval: {}".format(*states))
    for diagnostic in lint(Source.decode(code.encode(), "net.py"), Settings()).diagnostics:
        said.setdefault(diagnostic.location.row, []).append(diagnostic.code)
    return {row: ", ".join(words) for row, words in said.items()}


def test_there_are_ten_examples() -> None:
    assert [number for number, _ in EXAMPLES] == [str(n) for n in range(1, 11)]


@pytest.mark.parametrize(("number", "code"), EXAMPLES)
def test_what_the_page_says_is_what_is_found(number: str, code: str) -> None:
    code = IMPORTS + code
    assert found(code) == told(code)
