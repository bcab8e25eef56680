"""Wrong fixes, each refuted by the obligations that it names: `wrong_proofs/` holds the pairs."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from support.proofs import PRELUDE, proof

from dropout_lint.verify.report.fix_proof import Level

pytest.importorskip("torch", reason="the verifier needs torch")
pytestmark = pytest.mark.models
PATHS = sorted((Path(__file__).parent / "wrong_proofs").glob("*.py"))


def test_there_are_enough_of_them() -> None:
    assert len(PATHS) >= 30


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_wrong_fix_is_refuted_by_the_obligations_that_it_breaks(
    path: Path, tmp_path: Path
) -> None:
    case = runpy.run_path(str(path))
    before, after = PRELUDE + case["BEFORE"], PRELUDE + case["AFTER"]
    found = proof(tmp_path / f"{path.stem}.py", before, after, case.get("CODES", ()))
    assert found.level is Level.REFUTED, found.reason
    assert tuple(o.number for o in found.failed) == case["REFUTED_BY"], found.failed
    assert found.failed[0].detail in found.reason
    assert not found
