"""Wrong fixes, each refuted by the obligations that it names: ``cases/`` holds the pairs.

``before.py`` says in its head what is wrong, which obligations refute it and, where it matters,
which rules are said to be fixed. Both texts follow `PRELUDE`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.proofs import PRELUDE, proof

from dropout_lint.verify.report.fix_proof import Level

pytest.importorskip("torch", reason="the verifier needs torch")
pytestmark = pytest.mark.models
FOLDERS = sorted((Path(__file__).parent / "cases").iterdir())
_HEAD = re.compile(
    r'\A"""[^"]+"""\n# refuted by: (?P<obligations>[\d, ]+)\n(# codes: (?P<codes>.+)\n)?'
)


def pair(folder: Path) -> tuple[str, str, list[int], list[str]]:
    """Both texts, the obligations that refute the fix, and the rules."""
    before = (folder / "before.py").read_text(encoding="utf-8")
    after = (folder / "after.py").read_text(encoding="utf-8")
    head = _HEAD.match(before)
    assert head is not None, folder
    codes = head["codes"].split(", ") if head["codes"] else []
    obligations = [int(number) for number in head["obligations"].split(", ")]
    return before[head.end() :], "\n" + after, obligations, codes


def test_there_are_enough_of_them() -> None:
    assert len(FOLDERS) >= 30


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_wrong_fix_is_refuted_by_the_obligations_that_it_breaks(
    folder: Path, tmp_path: Path
) -> None:
    before, after, obligations, codes = pair(folder)
    found = proof(tmp_path / f"{folder.name}.py", PRELUDE + before, PRELUDE + after, codes)
    assert found.level is Level.REFUTED, found.reason
    assert [o.number for o in found.failed] == obligations, found.failed
    assert found.failed[0].detail in found.reason
    assert not found
