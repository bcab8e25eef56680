"""The jobs of the verify command, for the child: from a target to a report."""

from __future__ import annotations

import contextlib
from typing import Any

import torch

from dropout_lint.verify.process.child import stage
from dropout_lint.verify.report.eval_report import to_json
from dropout_lint.verify.targets.input_options import InputOptions
from dropout_lint.verify.targets.inputs import find_inputs
from dropout_lint.verify.targets.models import LoadedModel, models
from dropout_lint.verify.targets.overlay import Overlay
from dropout_lint.verify.targets.target_specs import Target, load
from dropout_lint.verify.verdict.evaluation import verify_eval


def verify(arguments: dict[str, Any]) -> dict[str, Any]:
    """The report on the model of a target; ``{"models": names}`` for a target with several.

    Arguments: ``target`` (the fields of a `Target`), ``init``, ``inputs`` (the fields of
    `InputOptions`), ``device``, ``seeds``, ``fast``, ``declared``, ``trace_lines``, ``samples``,
    ``seconds`` for making up inputs, and ``texts`` by path that replace files (fixed ones).
    """
    texts = arguments["texts"]
    with Overlay(texts).active() if texts else contextlib.nullcontext():
        return _verify(arguments)


def _verify(arguments: dict[str, Any]) -> dict[str, Any]:
    target = Target(**arguments["target"])
    with stage("import"):
        namespace = load(target)
        candidates = models(target, namespace, arguments["init"])
    if len(candidates) > 1:
        return {"models": [model.name for model in candidates]}
    (model,) = candidates
    with stage("build"):
        built = _built(model)
    with stage("inputs"):
        options = InputOptions.from_json(arguments["inputs"])
        inputs = find_inputs(built, namespace, options, arguments["seconds"])
    device = arguments["device"]
    with stage("run"):
        report = verify_eval(
            model.source,
            inputs.value,
            seeds=tuple(arguments["seeds"]),
            device=None if device == "cpu" else device,
            fast=arguments["fast"],
            declared=arguments["declared"],
            trace_lines=arguments["trace_lines"],
            samples=arguments["samples"],
        )
    return {
        "name": model.name,
        "file": getattr(namespace, "__file__", None),
        "line": model.line,
        "inputs": inputs.origin,
        "synthesised": inputs.synthesised,
        "report": to_json(report),
    }


def _built(model: LoadedModel) -> torch.nn.Module:
    """The model, once; `verify_eval` builds its own copies."""
    if isinstance(model.source, torch.nn.Module):
        return model.source
    torch.manual_seed(0)
    built = model.source()
    if not isinstance(built, torch.nn.Module):
        raise TypeError(f"{model.name} returned {type(built).__name__}, not an nn.Module")
    return built


def devices(arguments: dict[str, Any]) -> dict[str, Any]:
    """The version of torch, and whether it has CUDA."""
    return {"cuda": torch.cuda.is_available(), "torch": torch.__version__}
