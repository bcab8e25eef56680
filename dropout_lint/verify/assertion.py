"""`assert_eval_deterministic`: the verifier as one line of a test."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import torch

from dropout_lint.verify.report.eval_report import Cause, EvalReport, RandomOp, Verdict
from dropout_lint.verify.running.call import Arguments
from dropout_lint.verify.running.copies import Factory
from dropout_lint.verify.verdict.evaluation import verify_eval

_ADVICE = {
    Cause.DROPOUT: "pass `training=self.training`, or register an nn.Dropout in __init__",
    Cause.TORCH: "draw only `if self.training`",
    Cause.PYTHON: "draw only `if self.training`",
    Cause.NUMPY: "draw only `if self.training`",
    Cause.STATE: "keep nothing between calls in eval mode",
    Cause.KERNEL: "see torch.use_deterministic_algorithms",
    Cause.OUTSIDE: "take it as an input",
}
_IS = {
    Verdict.RANDOM: "is random in eval mode",
    Verdict.STATE: "depends on earlier calls in eval mode",
    Verdict.OUTSIDE: "depends on something outside the model in eval mode",
}


def assert_eval_deterministic(
    model: torch.nn.Module | Factory,
    *inputs: Any,
    declared: Mapping[str, str] | None = None,
    **keywords: Any,
) -> EvalReport:
    """Fail with one line that names the call if a model's eval outputs do not repeat.

    Args:
        model: an `nn.Module` (left as it is), or a function or class that builds one.
        inputs: the positional arguments of the model's forward.
        declared: reasons by module path or ``file.py:line``: randomness that is intended.
        keywords: the keyword arguments of the model's forward.

    Returns:
        The report.

    Raises:
        AssertionError: if it is not deterministic; also if a declaration is made and nothing draws.
    """
    __tracebackhide__ = True
    report = verify_eval(model, Arguments(inputs, keywords), declared=declared, train=False)
    if not report.ok:
        raise AssertionError(failure(report))
    if report.unused_declarations:
        names = ", ".join(report.unused_declarations)
        raise AssertionError(
            f"{report.model} is declared to be random in eval mode ({names}), but nothing draws"
        )
    return report


def failure(report: EvalReport) -> str:
    """A line that says what is wrong, which call is the cause, and what to do."""
    open_sites = [site for site in report.sites if site.declared is None]
    head = f"{report.model} {_IS.get(report.verdict, 'is not deterministic in eval mode')}"
    if not open_sites:
        return f"{head}: {'; '.join(report.notes) or 'no call was seen that draws'}"
    others = len(open_sites) - 1
    more = f" (and {others} more)" if others else ""
    return f"{head}: {described(open_sites[0])}{more}; {_ADVICE[open_sites[0].cause]}"


def described(site: RandomOp) -> str:
    """A random op in a few words: ``F.dropout (p=0.5) at net.py:12 in `encoder.attn```."""
    where = site.where
    rate = f" (p={site.p:g})" if site.p is not None else ""
    at = f" at {os.path.relpath(where.file)}:{where.line}" if where.file else ""
    unregistered = f", an unregistered {where.module_type}" if not where.registered else ""
    inside = f" in `{where.module}`" if where.module else ""
    return f"{site.op}{rate}{at}{inside}{unregistered}"
