"""The jobs of proving fixes, for the isolated child: JSON types in, JSON types out."""

from __future__ import annotations

import contextlib
import linecache
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import ModuleType
from typing import Any

import torch

from dropout_lint.verify.process.child import stage
from dropout_lint.verify.process.failures import Failed
from dropout_lint.verify.proof.coverage import Coverage
from dropout_lint.verify.proof.obligations import Claim
from dropout_lint.verify.proof.passes import error_line
from dropout_lint.verify.proof.verify_fix import verify_fix
from dropout_lint.verify.report.eval_report import to_json
from dropout_lint.verify.report.fix_proof import FixProof, Level, Obligation
from dropout_lint.verify.running import rng
from dropout_lint.verify.targets.input_options import InputOptions
from dropout_lint.verify.targets.inputs import Inputs, find_inputs
from dropout_lint.verify.targets.models import LoadedModel, models
from dropout_lint.verify.targets.overlay import Overlay
from dropout_lint.verify.targets.target_specs import Target, load
from dropout_lint.verify.verdict.evaluation import SEEDS


def prove(arguments: dict[str, Any]) -> dict[str, Any]:
    """The proofs of the fixes of some files, with each model of a target.

    Args:
        arguments: ``target`` (the fields of a `Target`); ``before`` and ``after`` (texts by path);
            ``edited`` (lines of the text after, by path); ``codes`` (the rules whose findings were
            fixed); and perhaps ``init``, ``inputs`` (the fields of `InputOptions`), ``device``,
            ``seeds``.

    Returns:
        ``proofs``: a `FixProof` for each model. A target that cannot be loaded before the fix fails
        as it does for `verify_eval`.
    """
    target = Target(**arguments["target"])
    job = _Job(arguments, target)
    with stage("import"), job.before.active():
        originals = models(target, load(target), arguments.get("init"))
    fixed = job.load_fixed()
    if isinstance(fixed, FixProof):
        return {"proofs": [to_json(replace(fixed, model=model.name)) for model in originals]}
    return {"proofs": [to_json(job.proof(original, fixed)) for original in originals]}


class _Job:
    """One target, loaded in two versions."""

    def __init__(self, arguments: dict[str, Any], target: Target) -> None:
        self.target = target
        self.arguments = arguments
        self.before = self._overlay("before")
        self.after = self._overlay("after")
        self.input_options = InputOptions.from_json(arguments.get("inputs") or {})

    def _overlay(self, version: str) -> Overlay:
        folders = [os.getcwd()]
        if self.target.file is not None:
            folders.append(os.path.dirname(self.target.file))
        packages = [self.target.module] if self.target.module is not None else []
        return Overlay(self.arguments[version], folders, packages)

    def load_fixed(self) -> dict[str, LoadedModel] | FixProof:
        """The models of the fixed version; the proof that there are none."""
        with self.after.active():
            self.coverage = Coverage(self.arguments["edited"], imported=False)
        try:
            with self.coverage.tracing(), self.after.active():
                loaded = models(self.target, load(self.target), self.arguments.get("init"))
        except Exception as error:  # whatever the user's code raises
            return self._not_loaded(error)
        return {model.name: model for model in loaded}

    def _not_loaded(self, error: Exception) -> FixProof:
        try:
            with (again := self._overlay("before")).active():
                load(self.target)
            del again
        except Exception:  # it registers something with torch, which can be done only once
            reason = f"it cannot be imported twice in one process: {error_line(error)}"
            return FixProof("", Level.UNPROVABLE, reason=reason)
        return _refuted(f"the fixed version cannot be imported: {error_line(error)}")

    def proof(self, original: LoadedModel, fixed: Mapping[str, LoadedModel]) -> FixProof:
        fixed_model = fixed.get(original.name)
        if fixed_model is None:
            proof = _refuted(f"{original.name} is not there any more")
            return replace(proof, model=original.name)
        try:
            inputs = self._inputs(self.before, original)
        except Failed as error:
            reason = error.failure.message
            return FixProof(original.name, Level.UNPROVABLE, reason=reason)
        others = inputs if inputs.synthesised else self._fixed_inputs(fixed_model)
        if isinstance(others, str):
            return replace(_refuted(others, Claim.EXAMPLE_INPUTS), model=original.name)
        proof = verify_fix(
            original.source,
            fixed_model.source,
            inputs.value,
            fixed_inputs=others.value,
            edited=self.coverage.branch(),
            codes=self.arguments.get("codes", ()),
            seeds=tuple(self.arguments.get("seeds") or SEEDS),
            device=self.arguments.get("device"),
            worlds=(self.before.active, self.after.active),
        )
        return replace(_labelled(proof, inputs), model=original.name)

    def _inputs(self, world: Overlay, model: LoadedModel) -> Inputs:
        """The inputs of a version. Raises Failed."""
        with world.active():
            rng.seed(SEEDS[0])
            with stage("build"):
                source = model.source
                built = source if isinstance(source, torch.nn.Module) else source()
            with stage("inputs"):
                return find_inputs(built, model.namespace, self.input_options)

    def _fixed_inputs(self, model: LoadedModel) -> Inputs | str:
        """The inputs of the fixed version, or why there are none."""
        try:
            return self._inputs(self.after, model)
        except Failed as error:
            if error.failure.stage == "build":  # that is for obligation 1 to say
                return Inputs(None, "")
            return f"the inputs of the fixed version fail: {error.failure.message}"


def _refuted(detail: str, claim: Claim = Claim.CONSTRUCTION) -> FixProof:
    failed = Obligation(int(claim), claim.sentence, False, detail)
    reason = f"obligation {failed.number} ({failed.name}) fails: {detail}"
    return FixProof("", Level.REFUTED, (failed,), reason=reason)


def _labelled(proof: FixProof, inputs: Inputs) -> FixProof:
    """The proof, partial where inputs were made up: the model may never get such ones."""
    if not inputs.synthesised or proof.level is not Level.PROVED:
        return proof
    return replace(proof, level=Level.PARTLY, reason=f"inputs were made up ({inputs.origin})")


# --- patterns -------------------------------------------------------------------------------------

_RATES = (0.1, 0.5)
_DTYPES = (torch.float32, torch.float64)


def prove_patterns(arguments: dict[str, Any]) -> dict[str, Any]:
    """The proofs of rewritten calls, each in a module made for it.

    Args:
        arguments: ``patterns``: of each the texts ``before`` and ``after``, which define
            ``Pattern(rate)``; ``name``; ``shape``, of its ``inputs`` many inputs; and whether it
            ``has_rate`` (otherwise the rate is written in the call).

    Returns:
        ``proofs``: a `FixProof` for each, `Level.PATTERN` at best.
    """
    return {"proofs": [to_json(_pattern(pattern)) for pattern in arguments["patterns"]]}


@dataclass(frozen=True)
class _Case:
    rate: float
    dtype: torch.dtype


def _pattern(pattern: dict[str, Any]) -> FixProof:
    proof = FixProof(pattern["name"], Level.UNPROVABLE, reason="no case")
    rates = _RATES if pattern["has_rate"] else _RATES[:1]
    with _module(pattern["before"]) as before, _module(pattern["after"]) as after:
        for case in (_Case(rate, dtype) for rate in rates for dtype in _DTYPES):
            shape, count = pattern["shape"], pattern["inputs"]
            generator = torch.Generator().manual_seed(0)
            inputs = tuple(torch.randn(shape, generator=generator) for _ in range(count))
            proof = verify_fix(
                _build(before, case.rate),
                _build(after, case.rate),
                tuple(each.to(case.dtype) for each in inputs),
                edited={},
                codes=pattern.get("codes", ()),
            )
            if proof.level is not Level.PROVED:
                return replace(proof, model=pattern["name"])
    return replace(proof, model=pattern["name"], level=Level.PATTERN)


def _build(module: ModuleType, rate: float) -> Callable[[], torch.nn.Module]:
    return partial(module.Pattern, rate)


@contextlib.contextmanager
def _module(text: str) -> Iterator[ModuleType]:
    """A module made of a text that is in no file."""
    name = f"<pattern {abs(hash(text))}>"
    module = sys.modules[name] = ModuleType(name)
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    try:
        exec(compile(text, name, "exec", dont_inherit=True), vars(module))
        yield module
    finally:
        del sys.modules[name], linecache.cache[name]
