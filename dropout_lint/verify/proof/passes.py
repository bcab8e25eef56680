"""The passes that a proof compares: a train step and an eval forward, with all that they leave."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch

from dropout_lint.verify.proof.oracle import Key, key, stilled
from dropout_lint.verify.report.eval_report import GradMode, Where
from dropout_lint.verify.running import rng, values
from dropout_lint.verify.running.call import Arguments, run
from dropout_lint.verify.running.copies import Subject
from dropout_lint.verify.running.modes import GRAD_MODES

_COTANGENTS = 7
Leaves = list[values.Leaf]


@dataclass(frozen=True)
class Pass:
    """The results and side effects of a forward pass (and the backward pass of a train step).

    ``inputs`` are the arguments after the call. ``gradients`` are None where they could not be had
    (``no_gradients`` says why). ``stilled`` are the places where the oracle answered. With an
    ``error`` everything else is empty.
    """

    output: Leaves = field(default_factory=list)
    inputs: Leaves = field(default_factory=list)
    generators: rng.States = field(default_factory=dict)
    moved: frozenset[str] = frozenset()
    state: Leaves = field(default_factory=list)
    gradients: Leaves | None = None
    no_gradients: str = ""
    stilled: frozenset[Key] = frozenset()
    error: str | None = None


@dataclass
class Side:
    """One of the two versions of a model: how to build it, its inputs, and its modules.

    ``world`` activates the Python modules that it was loaded with, for imports while it runs.
    """

    subject: Subject
    inputs: Any
    world: Callable[[], AbstractContextManager[object]] = nullcontext

    def fresh(self) -> torch.nn.Module:
        with self.world():
            return self.subject.fresh()

    def built(self) -> tuple[torch.nn.Module, rng.States]:
        """A fresh copy, and the states of the generators after its construction."""
        with self.world():
            return self.subject.fresh(), rng.snapshot()

    def train(self, model: torch.nn.Module, seed: int, inputs_too: bool = True) -> Pass:
        """One train step: forward, and gradients for a fixed cotangent.

        ``inputs_too``: of the inputs as well as of the parameters.
        """
        with self.world(), _deterministic(self.subject.device):
            try:
                model.train()
                rng.seed(seed)
                wanted: dict[str, torch.Tensor] = dict(model.named_parameters())
                wanted = {name: p for name, p in wanted.items() if p.requires_grad}
                given = _prepared(self.inputs, "inputs", wanted if inputs_too else None)
                with torch.enable_grad():
                    output = run(model, given)
                generators = rng.snapshot()
                after = values.kept(given, "inputs")
                gradients, problem = _gradients(output, wanted)
            except Exception as error:  # whatever the model raises
                return Pass(error=error_line(error))
            return Pass(
                output=values.kept(output),
                inputs=after,
                generators=generators,
                state=state(model),
                gradients=gradients,
                no_gradients=problem,
            )

    def eval(
        self,
        model: torch.nn.Module,
        seed: int,
        grad_mode: GradMode = "no_grad",
        keep: Callable[[Where], bool] | None = None,
    ) -> Pass:
        """One eval forward. With ``keep`` it is observed, and what is not kept is stilled."""
        with self.world(), _deterministic(self.subject.device):
            try:
                model.eval()
                rng.seed(seed)
                before = rng.snapshot()
                given = values.clone(self.inputs)
                whole = grad_mode == "inference"
                places: list[Where] = []
                observed = stilled(model, keep, whole, places) if keep else nullcontext()
                with GRAD_MODES[grad_mode](), observed:
                    output = run(model, given)
                after = rng.snapshot()
                return Pass(
                    output=values.kept(output),
                    inputs=values.kept(given, "inputs"),
                    generators=after,
                    moved=frozenset(rng.changed(before, after)),
                    stilled=frozenset(map(key, places)),
                )
            except Exception as error:
                return Pass(error=error_line(error))


def state(model: torch.nn.Module) -> Leaves:
    """All parameters and buffers in their order, those outside of `state_dict()` too."""
    leaves: Leaves = []
    for name, parameter in model.named_parameters():
        leaves += values.kept(parameter, name)
        leaves.append((f"{name}.requires_grad", parameter.requires_grad))
    for name, buffer in model.named_buffers():
        leaves += values.kept(buffer, name)
    return leaves


def error_line(error: BaseException) -> str:
    """An error in one line."""
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


def _prepared(value: Any, path: str, wanted: dict[str, torch.Tensor] | None) -> Any:
    """A copy of the inputs in which floats are not leaves, so that they can be changed in place.

    The leaves that they come from are added to ``wanted``.
    """
    if wanted is None:
        return values.clone(value)
    if isinstance(value, torch.Tensor):
        if value.layout != torch.strided or value.is_nested or not _differentiable(value):
            return values.clone(value)
        leaf = wanted[path] = value.detach().clone().requires_grad_()
        return leaf.clone()
    if type(value) in (list, tuple):
        return type(value)(_prepared(v, f"{path}[{i}]", wanted) for i, v in enumerate(value))
    if isinstance(value, Arguments):
        positional = _prepared(value.positional, path, wanted)
        return Arguments(positional, _prepared(value.keywords, path, wanted))
    if type(value) is dict:
        return {key: _prepared(item, f"{path}[{key!r}]", wanted) for key, item in value.items()}
    return values.clone(value)


def _differentiable(tensor: torch.Tensor) -> bool:
    return tensor.is_floating_point() or tensor.is_complex()


def _gradients(output: Any, wanted: dict[str, torch.Tensor]) -> tuple[Leaves | None, str]:
    """The gradients by name, after the outputs that carry them; or why there are none."""
    carrying = {
        path: leaf
        for path, leaf in values.leaves(output)
        if isinstance(leaf, torch.Tensor) and leaf.requires_grad and _differentiable(leaf)
    }
    leaves: Leaves = [(f"requires_grad of {path}", True) for path in carrying]
    if not carrying or not wanted:
        return leaves, ""
    generator = torch.Generator().manual_seed(_COTANGENTS)
    cotangents = [_random_like(leaf, generator) for leaf in carrying.values()]
    try:
        gradients = torch.autograd.grad(
            list(carrying.values()), list(wanted.values()), cotangents, allow_unused=True
        )
    except Exception as error:  # no derivative, in-place changes that autograd refuses …
        return None, error_line(error)
    named = zip(wanted, gradients, strict=True)
    leaves += [leaf for name, item in named for leaf in values.kept(item, f"gradient of {name}")]
    return leaves, ""


def _random_like(tensor: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    wide = torch.complex64 if tensor.is_complex() else torch.float32
    random = torch.randn(tensor.shape, generator=generator, dtype=wide)
    return random.to(device=tensor.device, dtype=tensor.dtype)


@contextlib.contextmanager
def _deterministic(device: str | None) -> Iterator[None]:
    """On a GPU: deterministic kernels, and attention whose backward pass is one."""
    if device is None or not device.startswith("cuda"):
        yield
        return
    from torch.nn.attention import SDPBackend, sdpa_kernel

    before = torch.are_deterministic_algorithms_enabled()
    warn = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warn)
