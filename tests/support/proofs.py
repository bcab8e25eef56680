"""What the tests of proofs share: a fix as two texts, proved as the command proves it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from dropout_lint.verify.proof.changes import edited_lines
from dropout_lint.verify.report.fix_proof import FixProof, fix_proof
from dropout_lint.verify.targets.target_specs import parse

PRELUDE = """import random
import threading

import torch
import torch.nn.functional as F
from torch import nn


def build():
    return Net()


def example_inputs():
    return (torch.linspace(-1, 1, 24).reshape(4, 6),)


"""


def proof(
    path: Path, before: str, after: str, codes: Iterable[str] = (), device: str | None = None
) -> FixProof:
    """The proof of a fix for the model that a file's ``build()`` returns."""
    from dropout_lint.verify.process.prove_job import prove

    path.write_text(before, encoding="utf-8")
    result = prove(
        {
            "target": asdict(parse(f"{path}:build")),
            "before": {str(path): before},
            "after": {str(path): after},
            "edited": {str(path): edited_lines(before, after)},
            "codes": list(codes),
            "device": device,
        }
    )
    (found,) = result["proofs"]
    return fix_proof(found)
