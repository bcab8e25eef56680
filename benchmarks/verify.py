"""What verifying costs: small models, all fixtures, and one of the shape of Llama-7B on meta.

    python benchmarks/verify.py [--runs 50] [--without-llama]

Small models are given in CPU milliseconds and as multiples of a bare forward pass in eval mode: the
medians of pairs that follow each other, because the speed of a machine drifts. ``fast`` is
`verify_eval(fast=True)`: one watched pass. Imports are not counted.
"""

from __future__ import annotations

import argparse
import resource
import runpy
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from dropout_lint.verify import verify_eval

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


class Clean(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(16, 32)
        self.drop = nn.Dropout(0.5)
        self.second = nn.Linear(32, 4)

    def forward(self, x: Any) -> Any:
        return self.second(self.drop(F.relu(self.first(x))))


class Wide(nn.Module):
    """Enough work for the watch to disappear in it."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(1024, 2048), nn.Dropout(0.1), nn.Linear(2048, 16))

    def forward(self, x: Any) -> Any:
        return self.layers(x.repeat(64, 64))


class Random(Clean):
    def forward(self, x: Any) -> Any:
        return self.second(F.dropout(F.relu(self.first(x)), 0.5))


class Block(nn.Module):
    """A block of Llama's shape, with the mistake in its attention."""

    def __init__(self, size: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.RMSNorm(size), nn.RMSNorm(size)
        names = ("query", "key", "value", "output")
        self.attention = nn.ModuleDict({n: nn.Linear(size, size, bias=False) for n in names})
        self.guard = nn.Linear(size, hidden, bias=False)
        self.up = nn.Linear(size, hidden, bias=False)
        self.down = nn.Linear(hidden, size, bias=False)

    def forward(self, x: Any) -> Any:
        batch, length, size = x.shape
        h = self.norm1(x)
        query, key, value = (
            self.attention[name](h).view(batch, length, self.heads, -1).transpose(1, 2)
            for name in ("query", "key", "value")
        )
        mixed = F.scaled_dot_product_attention(query, key, value, dropout_p=0.1, is_causal=True)
        mixed = self.attention["output"](mixed.transpose(1, 2).reshape(batch, length, size))
        x = x + F.dropout(mixed, 0.1)
        h = self.norm2(x)
        return x + self.down(F.silu(self.guard(h)) * self.up(h))


class Llama(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(32_000, 4096)
        self.layers = nn.ModuleList([Block(4096, 32, 11_008) for _ in range(32)])
        self.norm = nn.RMSNorm(4096)
        self.head = nn.Linear(4096, 32_000, bias=False)

    def forward(self, tokens: Any) -> Any:
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x))


def cpu(function: Callable[[], Any]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


def small(name: str, build: Any, runs: int, **options: Any) -> None:
    inputs = (torch.randn(8, 16),)
    model = build().eval()

    def bare() -> None:
        with torch.no_grad():
            model(*inputs)

    def full() -> None:
        verify_eval(build, inputs, **options)

    cpu(bare), cpu(full)  # first calls fill caches
    pairs = [(cpu(full), min(cpu(bare) for _ in range(5))) for _ in range(runs)]
    own = statistics.median(pair[0] for pair in pairs)
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    print(f"{name:24}{own * 1e3:8.2f} ms{ratio:9.1f} x a bare forward")


def fixtures() -> None:
    loaded = [(path, runpy.run_path(str(path))) for path in sorted(FIXTURES.glob("*.py"))]
    loaded = [(path, names) for path, names in loaded if "build" in names]
    each = [cpu(lambda n=n: verify_eval(n["build"], n["example_inputs"])) for _, n in loaded]
    total, middle = sum(each), statistics.median(each)
    slowest = loaded[each.index(max(each))][0].stem
    print(
        f"{len(each)} fixtures{total * 1e3:19.0f} ms in all, median {middle * 1e3:.2f} ms, "
        f"slowest {slowest} {max(each) * 1e3:.0f} ms"
    )


def llama() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tokens = torch.zeros(1, 128, dtype=torch.long)
    start = time.perf_counter()
    report = verify_eval(Llama, (tokens,), device="meta", train=False)
    wall = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"Llama-7B on meta{wall:15.2f} s, {len(report.sites)} sites, "
        f"peak {peak / 1024:.0f} MiB, of it {(peak - before) / 1024:.0f} MiB on top of torch"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--without-llama", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name, build in (("clean", Clean), ("random", Random)):
        small(f"{name} model", build, arguments.runs)
        small(f"{name} model, no train", build, arguments.runs, train=False)
        small(f"{name} model, fast", build, arguments.runs, fast=True)
    wide = Wide()
    small("wide model, fast", lambda: wide, arguments.runs, fast=True)
    fixtures()
    print("torch._dynamo imported:", "torch._dynamo" in sys.modules)
    if not arguments.without_llama:
        llama()  # here torch's own code for meta tensors imports it, which takes most of the time


if __name__ == "__main__":
    main()
