"""The evidence about one model: what a watched pass shows, and what unwatched runs show."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

from dropout_lint.verify import lockstep, rng, values
from dropout_lint.verify.call import Call
from dropout_lint.verify.copies import Subject
from dropout_lint.verify.lines import Executed, Movements, traced
from dropout_lint.verify.report import Cause, Site
from dropout_lint.verify.watch import GRAD_MODES, Seen, watched
from dropout_lint.verify.where import Modules

SAMPLED = 12  # entries of an output that a sample keeps


@dataclass
class Evidence:
    """The evidence about one model, gathered step by step."""

    subject: Subject
    call: Call
    seeds: tuple[int, ...]
    seen: Seen = field(default_factory=Seen)
    moved: list[Site] = field(default_factory=list)
    differs: bool | None = None  # between seeds
    repeats: bool | None = None  # under one seed
    parted: Site | None = None
    outputs: list[Any] = field(default_factory=list)
    stuck: tuple[str, ...] = ()
    modules: tuple[tuple[str, str], ...] = ()
    notes: list[str] = field(default_factory=list)

    def copy(self) -> torch.nn.Module:
        model = self.subject.fresh()
        model.eval()
        return model

    # --- what a watched pass shows ---------------------------------------------------------------

    def watch(self, model: torch.nn.Module) -> None:
        """One watched pass, with the states of all generators as a net below it."""
        flags = {path: module.training for path, module in model.named_modules()}
        self.stuck = tuple(path for path, training in flags.items() if training)
        self.modules = tuple((path, type(m).__name__) for path, m in model.named_modules())
        rng.seed(self.seeds[0])
        before = rng.snapshot()
        self.seen = watched(model, self.call, self.seeds[0])
        changed = rng.changed(before, rng.snapshot())
        self._notice(model, flags)
        self._notice_modes(model)
        explained = {"torch"} if any(not r.draw.own_generator for r in self.seen.drawn) else set()
        if {name.partition(":")[0].replace("cuda", "torch") for name in changed} - explained:
            self.moved = self._trace_generators()
            if not self.moved:
                names = " and ".join(sorted(changed))
                self.notes.append(f"the generator of {names} moved, at no line of Python")

    def _notice(self, model: torch.nn.Module, flags: dict[str, bool]) -> None:
        """Side effects of a forward pass that belong in the report."""
        for path, module in model.named_modules():
            if module.training and not flags.get(path, True):
                self.notes.append(f"forward puts {path or 'the model'} into train mode")
        if (path := self.call.mutated()) is not None:
            self.notes.append(f"forward changes its input {path} in place")
        if self.seen.grad_mode != "inference":
            self.notes.append(
                f"does not run in inference mode; watched under {self.seen.grad_mode}"
            )

    def _notice_modes(self, model: torch.nn.Module) -> None:
        """`train` and `eval` of the user's own that do not return the module."""
        own = {type(module) for module in model.modules() if _own_modes(type(module))}
        if not own:
            return
        for module in self.subject.fresh().modules():
            kind = type(module)
            for method in _own_modes(kind) if kind in own else ():
                with contextlib.suppress(Exception):  # the forward pass is what counts
                    result = getattr(module, method)()
                    if result is not module:
                        what = "None" if result is None else f"a {type(result).__name__}"
                        self.notes.append(
                            f"{kind.__name__}.{method}() returns {what}, not the module; "
                            "let it return self"
                        )
            own.discard(kind)

    def _trace_generators(self) -> list[Site]:
        model = self.copy()
        run = self.call.ready()
        rng.seed(self.seeds[0])
        movements = Movements(Modules(model))
        with GRAD_MODES[self._grad_mode](), traced(movements.event):
            run(model)
        known = {(r.place.where.file, r.place.where.line) for r in self.seen.drawn}
        sites = movements.sites()
        return [site for site in sites if (site.where.file, site.where.line) not in known]

    @property
    def _grad_mode(self) -> str:
        return "no_grad" if self.seen.grad_mode == "inference" else self.seen.grad_mode

    # --- what unwatched runs show -----------------------------------------------------------------

    def _output(self, model: torch.nn.Module, seed: int) -> Any:
        run = self.call.ready()
        rng.seed(seed)
        with GRAD_MODES[self._grad_mode]():
            return values.clone(run(model))

    def repeat(self) -> None:
        """The ground truth: seeds A, A, B, C … on one fresh copy, compared bit by bit."""
        model = self.copy()
        before = _versions(model)
        first, again = (self._output(model, self.seeds[0]) for _ in range(2))
        for name, version in _versions(model).items():
            if before.get(name) != version:
                self.notes.append(f"forward changes {name} of the model, in eval mode too")
        self.outputs = [first, *(self._output(model, seed) for seed in self.seeds[1:])]
        self.repeats = _same(first, again)
        self.differs = not all(_same(first, other) for other in self.outputs[1:])
        draws = bool(self.seen.drawn or self.moved)
        if not self.repeats or (self.differs and not draws):  # no seed explains that
            self.parted = self._explain_parting()

    def _explain_parting(self) -> Site | None:
        """Why two runs under one seed part: fresh copies and deterministic kernels tell."""
        own = [r for r in self.seen.drawn if r.draw.own_generator and self.seen.reaches(r) != 0]
        if own:
            return None  # a generator of the model's own explains it
        one, other = (self._output(self.copy(), self.seeds[0]) for _ in range(2))
        if _same(one, other):
            model = self.copy()
            return self._parting(model, model, Cause.STATE)
        with _deterministic_kernels():
            one, other = (self._output(self.copy(), self.seeds[0]) for _ in range(2))
        cause = Cause.KERNEL if _same(one, other) else Cause.OUTSIDE
        return self._parting(self.copy(), self.copy(), cause)

    def _parting(self, one: torch.nn.Module, other: torch.nn.Module, cause: Cause) -> Site:
        with GRAD_MODES[self._grad_mode]():
            site = lockstep.parting(self.call, one, other, cause, self.seeds[0])
        return site if site is not None else lockstep.nowhere(cause)

    def samples(self, count: int, path: str | None) -> tuple[tuple[float, ...], ...]:
        """The first entries of the output under many seeds."""
        model = self.copy()
        return tuple(_floats(self._output(model, seed), path) for seed in range(count))

    def executed(self) -> dict[str, tuple[int, ...]]:
        """The lines that run in eval mode, by file."""
        found, model, run = Executed(), self.copy(), self.call.ready()
        with GRAD_MODES[self._grad_mode](), traced(found.event):
            run(model)
        return {file: tuple(sorted(lines)) for file, lines in found.lines.items()}


def _own_modes(kind: type[torch.nn.Module]) -> list[str]:
    """Which of `train` and `eval` a class of the user's overrides."""
    if kind.__module__.startswith("torch."):
        return []
    base = torch.nn.Module
    return [name for name in ("train", "eval") if getattr(kind, name) is not getattr(base, name)]


def _floats(output: Any, path: str | None) -> tuple[float, ...]:
    """The first entries of one part of an output: that at a path, or the first of floats."""
    for where, leaf in values.leaves(output):
        if not isinstance(leaf, torch.Tensor) or where != (path or where):
            continue
        if leaf.is_floating_point() and not leaf.is_quantized:
            return tuple(float(entry) for entry in leaf.detach().flatten()[:SAMPLED].float().cpu())
    return ()


def _same(one: Any, other: Any) -> bool:
    found = values.difference(one, other)
    return found is None or found.kind == "payload"


def _versions(model: torch.nn.Module) -> dict[str, tuple[int, int]]:
    """What changes when a parameter or buffer is written to or replaced."""
    held = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return {name: (id(tensor), tensor._version) for name, tensor in held.items()}


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """One thread on the CPU: sums of several threads differ in their last bits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextlib.contextmanager
def _deterministic_kernels() -> Iterator[None]:
    before = torch.are_deterministic_algorithms_enabled()
    warn = torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warn)
