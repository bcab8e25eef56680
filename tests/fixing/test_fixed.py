"""What fixing makes of the fixtures, kept to be read: would one merge this?

``tests/snapshots/fixed`` holds the fixtures that change: ``module`` and ``flag`` are the two
styles with safe fixes only, ``unsafe`` is what ``--unsafe-fixes`` makes more of. Write them anew
with ``pytest --update-snapshots`` and read the difference.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import SNAPSHOTS
from support.linting import FIXTURES, MODELS, SCRIPTS, fixed

FIXED = SNAPSHOTS / "fixed"
PATHS = [*MODELS, *SCRIPTS]
SETTINGS: dict[str, dict[str, object]] = {
    "module": {},
    "flag": {"fix_style": "flag"},
    "unsafe": {"unsafe_fixes": True},
}


def without_expectations(path: Path) -> str:
    return re.sub(r" *# expect(-intentional|-proof)?:.*", "", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "way",
    [pytest.param(way, marks=() if way == "module" else pytest.mark.slow) for way in SETTINGS],
)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_fixed_fixture(path: Path, way: str, same_as_snapshot: Callable[[str, str], None]) -> None:
    name, text = path.relative_to(FIXTURES), without_expectations(path)
    after = fixed(text, **SETTINGS[way])
    if after == (fixed(text) if way == "unsafe" else text):
        assert not (FIXED / way / name).exists(), "nothing is fixed any more; delete it"
    else:
        same_as_snapshot(f"fixed/{way}/{name.as_posix()}", after)


@pytest.mark.parametrize("path", sorted(FIXED.glob("**/*.py")), ids=lambda path: path.name)
def test_no_snapshot_is_left_over(path: Path) -> None:
    way, *name = path.relative_to(FIXED).parts
    assert way in SETTINGS
    assert FIXTURES.joinpath(*name).exists()


ON_DEMAND = """
from .tools import lazy_import

nn = lazy_import("torch.nn")
F = lazy_import("torch.nn.functional")


class Net(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        return F.dropout(x, self.p)
"""


def test_torch_that_is_imported_on_demand_gets_the_flag() -> None:
    want = ON_DEMAND.replace("F.dropout(x, self.p)", "F.dropout(x, self.p, training=self.training)")
    assert fixed(ON_DEMAND) == want
    assert fixed(want) == want
