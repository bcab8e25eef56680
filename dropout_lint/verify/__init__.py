"""The runtime verifier: executes models, and proves or refutes what the linter says.

Everything here runs the user's code. torch is imported on first use, not with the package. The
rooms, each importing only those before it (`proof` and `targets` do not know each other):

- `report`: results as data
- `running`: runs under a seed, and their comparison
- `watching`: what a run is seen to do
- `verdict`: what runs mean; `verify_eval`
- `proof`: the obligations of a fix; `verify_fix`
- `targets`: what to run, and with which inputs
- `process`: the processes in which models run
- `assertion`: `assert_eval_deterministic`, for tests
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dropout_lint.verify.report.eval_report import EvalReport, Verdict
from dropout_lint.verify.report.fix_proof import FixProof, Level

if TYPE_CHECKING:
    from dropout_lint.verify.assertion import assert_eval_deterministic
    from dropout_lint.verify.proof.verify_fix import verify_fix
    from dropout_lint.verify.verdict.declared import eval_random
    from dropout_lint.verify.verdict.evaluation import verify_eval

__all__ = [
    "EvalReport",
    "FixProof",
    "Level",
    "Verdict",
    "assert_eval_deterministic",
    "eval_random",
    "verify_eval",
    "verify_fix",
]

_LAZY = {
    "assert_eval_deterministic": "assertion",
    "eval_random": "verdict.declared",
    "verify_eval": "verdict.evaluation",
    "verify_fix": "proof.verify_fix",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
