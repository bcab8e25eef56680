"""Other draws from torch's generators."""

from __future__ import annotations

import concurrent.futures
import threading
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from zoo.kit import Expected, case


@case("random", Expected("torch.rand_like", "torch"), spread="out")
class RandMask(nn.Module):
    def forward(self, x: Any) -> Any:
        mask = torch.rand_like(x) > 0.5  # random: RandMask
        return x * mask


@case(
    "deterministic",
    unused=(Expected("torch.rand_like", "torch", reaches=False),),
    spread=None,
)
class RandMaskUnused(nn.Module):
    def forward(self, x: Any) -> Any:
        mask = torch.rand_like(x) > 0.5  # random: RandMaskUnused
        return x * 2 if mask is not None else x


@case("random", Expected("F.gumbel_softmax", "torch"))
class Gumbel(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.gumbel_softmax(x, hard=True)  # random: Gumbel


@case("random", Expected("torch.randn", "torch"))
class Reparametrised(nn.Module):
    def forward(self, x: Any) -> Any:
        return x + x.exp() * torch.randn(4, 8)  # random: Reparametrised


@case("random", Expected("torch.bernoulli", "torch"))
class Bernoulli(nn.Module):
    def forward(self, x: Any) -> Any:
        return x * torch.bernoulli(torch.full_like(x, 0.5))  # random: Bernoulli


@case("deterministic", spread=None)
class BernoulliOfCertainty(nn.Module):
    def forward(self, x: Any) -> Any:
        return x * torch.bernoulli(torch.ones_like(x))


@case("random", Expected("torch.randperm", "torch"))
class Shuffled(nn.Module):
    def forward(self, x: Any) -> Any:
        return x[torch.randperm(len(x))]  # random: Shuffled


@case(
    "random",
    Expected("torch.normal_", "torch"),
    notes=("forward changes noise of the model, in eval mode too",),
)
class NoiseInBuffer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("noise", torch.zeros(8), persistent=False)

    def forward(self, x: Any) -> Any:
        self.noise.normal_()  # random: NoiseInBuffer
        return x + self.noise


@case("random", Expected("torch.rand", "torch", own=True))
class OwnGenerator(nn.Module):
    """Seeded once: repeats from process to process, not from call to call."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = torch.Generator().manual_seed(3)

    def forward(self, x: Any) -> Any:
        return x * torch.rand(8, generator=self.generator)  # random: OwnGenerator


@case("deterministic", unused=(Expected("torch.rand", "torch", own=True),), spread=None)
class OwnGeneratorSeededPerCall(nn.Module):
    def forward(self, x: Any) -> Any:
        own = torch.Generator().manual_seed(3)
        return x * torch.rand(8, generator=own)  # random: OwnGeneratorSeededPerCall


@case("random", Expected("torch.rand", "torch"))
class DefaultGeneratorByName(nn.Module):
    def forward(self, x: Any) -> Any:
        default = torch.default_generator
        return x * torch.rand(8, generator=default)  # random: DefaultGeneratorByName


@case(
    "random",
    Expected("F.dropout", p=0.5),
    notes=("forward seeds a generator: torch.manual_seed at ",),
    spread=None,
)
class ReseededDropout(nn.Module):
    """The same mask at every call: it repeats, and dropout is on all the same."""

    def forward(self, x: Any) -> Any:
        torch.manual_seed(0)
        return F.dropout(x, 0.5)  # random: ReseededDropout


@case(
    "deterministic",
    unused=(Expected("torch.rand_like", "torch"),),
    notes=("forward seeds a generator: torch.manual_seed at ",),
    spread=None,
)
class ReseededNoise(nn.Module):
    def forward(self, x: Any) -> Any:
        torch.manual_seed(0)
        return x + torch.rand_like(x)  # random: ReseededNoise


@case(
    "deterministic",
    unused=(Expected("torch.rand_like", "torch"),),
    notes=("forward seeds a generator: torch.manual_seed at ",),
    spread=None,
)
class ForkedAndSeeded(nn.Module):
    def forward(self, x: Any) -> Any:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            return x + torch.rand_like(x)  # random: ForkedAndSeeded


@case("random", Expected("torch.rand_like", "torch"))
class Forked(nn.Module):
    """Leaves the generator as it was: its state shows nothing, the call does."""

    def forward(self, x: Any) -> Any:
        with torch.random.fork_rng():
            return x + torch.rand_like(x)  # random: Forked


class NoiseFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x + torch.rand_like(x)  # random: AutogradFunction

    @staticmethod
    def backward(ctx: Any, grad: Any) -> Any:
        return grad


@case("random", Expected("torch.rand_like", "torch", module="layer"))
class AutogradFunction(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = ApplyNoise()

    def forward(self, x: Any) -> Any:
        return self.layer(x)


class ApplyNoise(nn.Module):
    def forward(self, x: Any) -> Any:
        return NoiseFunction.apply(x)


class Checkpointed(nn.Module):
    reentrant = False

    def __init__(self) -> None:
        super().__init__()
        self.lin = nn.Linear(8, 8)

    def block(self, x: Any) -> Any:
        return F.dropout(self.lin(x), 0.5)  # random: CheckpointNew CheckpointReentrant

    def forward(self, x: Any) -> Any:
        return checkpoint(self.block, x, use_reentrant=self.reentrant)


@case("random", Expected("F.dropout", p=0.5))
class CheckpointNew(Checkpointed):
    pass


@case("random", Expected("F.dropout", p=0.5))
class CheckpointReentrant(Checkpointed):
    reentrant = True


@case("random", Expected("F.dropout", p=0.5))
class DrawsInThread(nn.Module):
    def _work(self, x: Any, into: list[Any]) -> None:
        into.append(F.dropout(x, 0.5))  # random: DrawsInThread

    def forward(self, x: Any) -> Any:
        found: list[Any] = []
        thread = threading.Thread(target=self._work, args=(x, found))
        thread.start()
        thread.join()
        return found[0] * 2


@case("random", Expected("torch.rand_like", "torch", module="branch"))
class DrawsInPool(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.branch = Noisy()

    def forward(self, x: Any) -> Any:
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            return pool.submit(self.branch, x).result()


class Noisy(nn.Module):
    def forward(self, x: Any) -> Any:
        return x + torch.rand_like(x)  # random: DrawsInPool


@case("random", Expected("torch.rand", "torch", reaches=True), spread="out")
class ThroughItem(nn.Module):
    def forward(self, x: Any) -> Any:
        return x * torch.rand(()).item()  # random: ThroughItem


@case("random", Expected("torch.rand", "torch", reaches=True), spread="out")
class ThroughNumpy(nn.Module):
    def forward(self, x: Any) -> Any:
        noise = torch.rand(8).numpy() + 1  # random: ThroughNumpy
        return x * torch.from_numpy(noise)


@case("random", Expected("torch.rand", "torch", reaches=True))
class ThroughControlFlow(nn.Module):
    def forward(self, x: Any) -> Any:
        if torch.rand(1) < 0.5:  # random: ThroughControlFlow
            return x
        return x * 2


@case("random", Expected("torch.rand", "torch", reaches=True))
class SeldomTaken(nn.Module):
    """Layer drop at a small rate: three seeds show nothing."""

    def forward(self, x: Any) -> Any:
        if torch.rand(1) < 0.1:  # random: SeldomTaken
            return x
        return x * 2


@case(
    "random",
    Expected("torch.rand", "torch", mark="used", reaches=True),
    Expected("F.dropout", p=0.5, mark="drop"),
    unused=(Expected("torch.rand", "torch", mark="logged", reaches=False),),
)
class UsedAndLogged(nn.Module):
    """Of two draws that leave torch, one comes back and one does not."""

    def forward(self, x: Any) -> Any:
        noise = torch.rand(8).numpy()  # random: UsedAndLogged.used
        self.logged = float(torch.rand(()))  # random: UsedAndLogged.logged
        return F.dropout(x, 0.5) * torch.from_numpy(noise)  # random: UsedAndLogged.drop


@case("random", Expected("torch.multinomial", "torch"))
class Sampler(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch.multinomial(x.softmax(-1), 1)  # random: Sampler


@case("random", Expected("torch.normal", "torch"))
class Distribution(nn.Module):
    def forward(self, x: Any) -> Any:
        return torch.distributions.Normal(x, 1.0).sample()  # random: Distribution


@case("deterministic", spread=None)
class NormalWithoutWidth(nn.Module):
    def forward(self, x: Any) -> Any:
        return x + torch.zeros(8).normal_(1.0, 0.0)
