"""Every model of the zoo: verdict, cause, call, rate, line, module path, and train mode."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="executing the models needs torch")
pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]

from dropout_lint.verify import EvalReport, verify_eval  # noqa: E402
from dropout_lint.verify.report import eval_report as report  # noqa: E402

CASES: list[Any] = importlib.import_module("zoo").CASES
RUNS = [(case, form) for case in CASES for form in case.forms]


def verified(case: Any, form: str) -> EvalReport:
    model = case.build
    if form == "instance":
        torch.manual_seed(11)
        model = case.build()
    return verify_eval(model, case.inputs, declared=case.declared, device=case.device)


def seen(sites: Any) -> list[tuple[Any, ...]]:
    return sorted(
        [
            (
                str(site.where.file),
                site.where.line,
                site.op,
                site.cause.value,
                -1 if site.p is None else round(site.p, 6),
                site.where.module,
                site.where.registered,
                str(site.reaches_output),
                site.calls,
                site.own_generator,
                str(site.declared),
            )
            for site in sites
        ]
    )


def wanted(case: Any, sites: Any) -> list[tuple[Any, ...]]:
    return sorted(
        [
            (
                str(case.line(site)[0]),
                case.line(site)[1],
                site.op,
                site.cause,
                -1 if site.p is None else site.p,
                site.module,
                site.registered,
                str(site.reaches),
                site.calls,
                site.own,
                str(site.declared),
            )
            for site in sites
        ]
    )


def calls(sites: Any) -> list[tuple[str, str]]:
    return sorted((site.op, site.where.module) for site in sites)


@pytest.mark.parametrize("case, form", RUNS, ids=[f"{c.name}-{f}" for c, f in RUNS])
def test_the_report_is_right_in_every_detail(case: Any, form: str) -> None:
    found = verified(case, form)
    assert found.verdict.value == case.verdict, found
    assert seen(found.sites) == wanted(case, case.sites)
    assert seen(found.unused) == wanted(case, case.unused)
    assert found.grad_mode == case.grad_mode
    assert found.stuck == case.stuck
    assert found.unused_declarations == case.unused_declarations
    assert len(found.notes) == len(case.notes), found.notes
    for piece in case.notes:
        assert any(piece in note for note in found.notes), found.notes
    if case.spread_checked:
        assert (found.spread.path if found.spread else None) == case.spread
    in_eval = [(site.op, site.module) for site in case.sites if site.cause == "dropout"]
    in_eval += [(site.op, site.module) for site in case.unused if site.cause == "dropout"]
    assert found.train is not None
    if case.train_error is not None:
        assert found.train.error == case.train_error
        return
    assert found.train.error is None
    assert calls(found.train.drawn) == sorted([*in_eval, *case.drawn])
    assert calls(found.train.silent) == sorted(case.silent)
    assert calls(found.train.lost) == sorted(case.lost)
    fine = case.verdict in ("deterministic", "declared", "kernel") and not case.lost
    assert bool(found) == fine
    assert report.eval_report(report.to_json(found)) == found


# What one watched pass cannot tell, and says instead.
FAST = {
    "DeclaredNotRepeating": "declared",
    "DeclaredAndAClock": "declared",
    "OwnGeneratorSeededPerCall": "random",
    "ReseededNoise": "random",
    "ForkedAndSeeded": "random",
    "SignOfZero": "random",
    "DrawsForNothing": "random",
    "ReseedsPython": "random",
    "MadeAtTheFirstCall": "random",
    "ThroughNumpy": "deterministic",
    "NumpyArray": "deterministic",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_watched_pass_alone_sees_every_draw(case: Any) -> None:
    options = {"declared": case.declared, "device": case.device}
    found = verify_eval(case.build, case.inputs, fast=True, **options)
    expected = FAST.get(case.name, case.verdict)
    if expected in ("state", "outside", "kernel"):
        expected = "deterministic"
    assert found.verdict.value == expected
    assert found.train is None and found.spread is None
    seen_ops = {site.op for site in (*found.sites, *found.unused)}
    drawing = ("dropout", "torch", "python", "numpy")
    assert {site.op for site in case.sites if site.cause in drawing} <= seen_ops


def test_the_zoo_is_large() -> None:
    assert len(CASES) >= 150
    assert len({case.name for case in CASES}) == len(CASES)
