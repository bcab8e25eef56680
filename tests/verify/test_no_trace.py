"""`verify_eval` leaves everything as it was: generators, modes, tracers, the model, the inputs."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="executing the models needs torch")
pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]

import numpy as np  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402
from zoo.kit import SEQUENCE, X  # noqa: E402

from dropout_lint.verify import verify_eval  # noqa: E402
from dropout_lint.verify.running import values  # noqa: E402


class Everything(nn.Module):
    """Draws from every generator, in a thread too, remembers, and caches a tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.lin = nn.Linear(8, 8)
        self.norm = nn.BatchNorm1d(8)
        self.drop = nn.Dropout(0.5)
        self.register_buffer("count", torch.zeros(()))
        self.cached: Any = None
        self.dice = random.Random(3)

    def forward(self, x: Any) -> Any:
        if self.cached is None:
            self.cached = self.lin.weight * 2
        self.count += 1
        thread = threading.Thread(target=F.dropout, args=(x, 0.5))
        thread.start()
        thread.join()
        scale = random.random() + float(np.random.rand()) + self.dice.random()
        return F.dropout(self.drop(self.norm(x @ self.cached)), 0.5) * scale


class Refuses(Everything):
    def __deepcopy__(self, memo: Any) -> Any:
        raise TypeError("no copies")


class Breaks(Everything):
    def forward(self, x: Any) -> Any:
        super().forward(x)
        raise ZeroDivisionError("this model is broken")


class NeedsGradients(Everything):
    def forward(self, x: Any) -> Any:
        x = x.detach().requires_grad_()
        return torch.autograd.grad(super().forward(x).sum(), x)[0]


def world() -> dict[str, Any]:
    """All that is global and could be left in another state."""
    return {
        "torch": torch.get_rng_state().numpy().tobytes(),
        "python": random.getstate(),
        "numpy": repr(np.random.get_state()),
        "grad": torch.is_grad_enabled(),
        "inference": torch.is_inference_mode_enabled(),
        "threads": torch.get_num_threads(),
        "trace": sys.gettrace(),
        "thread trace": threading.gettrace(),
        "profile": sys.getprofile(),
        "run": threading.Thread.run,
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "warn only": torch.is_deterministic_algorithms_warn_only_enabled(),
        "fill": torch.utils.deterministic.fill_uninitialized_memory,
        "dispatch modes": torch._C._len_torch_dispatch_stack(),
        "function modes": torch._C._len_torch_function_stack(),
        "default type": torch.get_default_dtype(),
        "alive threads": threading.active_count(),
    }


def inside(model: nn.Module) -> dict[str, Any]:
    """All that a model holds, by identity and by value."""
    held: dict[str, Any] = {}
    for path, module in model.named_modules():
        for name, value in module.__dict__.items():
            if not name.startswith("_"):
                held[f"{path}.{name}"] = repr(value)
        held[f"{path} hooks"] = len(module._forward_hooks) + len(module._forward_pre_hooks)
    for name, tensor in (*model.named_parameters(), *model.named_buffers()):
        held[f"{name} itself"] = id(tensor)
        held[f"{name} numbers"] = values.content(tensor)
        held[f"{name} gradient"] = (id(tensor.grad), repr(tensor.grad))
        held[f"{name} needs"] = (tensor.requires_grad, tensor.is_inference())
    return held


OPTIONS: list[dict[str, Any]] = [{}, {"fast": True}, {"trace_lines": True}, {"train": False}]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("kind", [Everything, Refuses, Breaks, NeedsGradients])
def test_the_world_and_the_model_are_as_before(kind: Any, options: dict[str, Any]) -> None:
    torch.manual_seed(7)
    model = kind()
    model(X).sum().backward() if kind is Everything else None
    model.cached = None
    model.drop.eval()  # a mixed state, to be kept
    before, held = world(), inside(model)
    inputs = X.clone()
    for subject in (model, kind):
        if kind is Breaks:
            with pytest.raises(ZeroDivisionError):
                verify_eval(subject, (inputs,), **options)
        else:
            verify_eval(subject, (inputs,), **options)
        assert world() == before
        assert inside(model) == held
        assert torch.equal(inputs, X)


def test_settings_of_the_user_are_kept() -> None:
    def tracer(frame: Any, event: str, argument: Any) -> Any:
        return None

    threads = torch.get_num_threads()
    old = sys.gettrace(), threading.gettrace()
    torch.set_num_threads(2)
    torch.use_deterministic_algorithms(True, warn_only=True)
    sys.settrace(tracer)
    threading.settrace(tracer)
    try:
        with torch.no_grad():
            before = world()
            verify_eval(Everything, (X,), trace_lines=True)
            after = world()
    finally:
        sys.settrace(old[0])
        threading.settrace(old[1])  # type: ignore[arg-type]
        torch.use_deterministic_algorithms(False)
        torch.set_num_threads(threads)
    assert after == before
    assert after["trace"] is tracer and after["thread trace"] is tracer


class CachesTensor(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lin = nn.Linear(8, 8)
        self.table: Any = None

    def forward(self, x: Any) -> Any:
        if self.table is None:
            self.table = torch.arange(8.0)
        return self.lin(x * self.table)


class CachesAndRefuses(CachesTensor):
    def __deepcopy__(self, memo: Any) -> Any:
        raise TypeError("no copies")


@pytest.mark.parametrize("kind", [CachesTensor, CachesAndRefuses])
def test_a_model_that_caches_can_be_trained_afterwards(kind: Any) -> None:
    model = kind()
    assert verify_eval(model, (X,))
    model.train()
    model(X).sum().backward()
    assert not model.table.is_inference()


class Logging(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen.add(str(func))
        return func(*args, **(kwargs or {}))


class One(nn.Module):
    def forward(self, x: Any) -> Any:
        return F.dropout(x, 0.5)


@pytest.mark.parametrize(
    "mode", [Logging, torch.no_grad, torch.inference_mode, torch.enable_grad, torch.random.fork_rng]
)
def test_the_verdict_is_the_same_inside_any_mode(mode: Any) -> None:
    plain = verify_eval(One, (X,))
    with mode():
        model = One()
        inside_mode = [verify_eval(subject, (X.clone(),)) for subject in (One, model)]
    assert inside_mode == [plain, plain]


def test_nothing_is_compiled_anew() -> None:
    graphs = []

    def backend(graph: Any, example: Any) -> Any:
        graphs.append(graph)
        return graph.forward

    torch._dynamo.reset()
    model = torch.compile(nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5)), backend=backend)
    model.train()
    model(X)
    model.eval()
    model(X)
    compiled = len(graphs)
    assert compiled == 2
    assert verify_eval(model, (X,)).verdict.value == "deterministic"
    assert len(graphs) == compiled
    model(X)
    model.train()
    model(X)
    assert len(graphs) == compiled
    with torch.no_grad():
        fresh = torch.compile(nn.Linear(8, 8), backend=backend)
        fresh(X)
    assert len(graphs) == compiled + 1  # compiling works as before
    torch._dynamo.reset()


FRESH = """
import sys
from torch import nn, ones
from torch.nn import functional as F
from dropout_lint.verify import verify_eval

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin, self.rnn, self.drop = nn.Linear(4, 4), nn.GRU(4, 4, 2, dropout=0.1), nn.Dropout()
        self.attn = nn.MultiheadAttention(4, 2, dropout=0.1)

    def forward(self, x):
        h = self.rnn(self.drop(self.lin(x)))[0]
        return F.dropout(self.attn(h, h, h)[0], 0.5)

report = verify_eval(Model, (ones(2, 3, 4),))
assert report.verdict.value == "random", report
assert "torch._dynamo" not in sys.modules
"""


def test_dynamo_is_not_imported() -> None:
    subprocess.run([sys.executable, "-c", FRESH], check=True)


def test_the_fast_path_of_the_encoder_stays() -> None:
    """A function mode would switch it off, and other code would be judged than is run."""
    layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.1, batch_first=True)
    called = []
    original = torch._transformer_encoder_layer_fwd

    def spy(*args: Any, **kwargs: Any) -> Any:
        called.append(True)
        return original(*args, **kwargs)

    torch._transformer_encoder_layer_fwd = spy
    try:
        assert verify_eval(layer, (SEQUENCE,), fast=True)
    finally:
        torch._transformer_encoder_layer_fwd = original
    assert called
