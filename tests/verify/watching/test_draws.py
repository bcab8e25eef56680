"""Which torch op draws: a rule for every op that torch tags as random, on every kind of device."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="asks torch for its ops")
pytestmark = pytest.mark.models

from typing import Any  # noqa: E402

from torch.nn import functional as F  # noqa: E402

from dropout_lint.verify.running.modes import Quick  # noqa: E402
from dropout_lint.verify.watching.op_draws import op_draw  # noqa: E402

# What every family of tagged ops is known to do; a name stands for its overloads, with and without
# a trailing underscore. An op of a later torch that is in none of them fails the canary below.
GATED = """
_cudnn_rnn miopen_rnn lstm gru rnn_tanh rnn_relu dropout alpha_dropout feature_dropout
feature_alpha_dropout native_dropout _lstm_mps _cudnn_init_dropout_state
rrelu rrelu_with_noise rrelu_with_noise_functional
""".split()
BY_RATE = """
scaled_dot_product_attention _scaled_dot_product_attention_math
_scaled_dot_product_attention_math_for_mps _scaled_dot_product_cudnn_attention
_scaled_dot_product_efficient_attention _scaled_dot_product_flash_attention
_scaled_dot_product_flash_attention_for_cpu _scaled_dot_product_fused_attention_overrideable
_efficient_attention_forward _flash_attention_forward _cudnn_attention_forward
_triton_scaled_dot_attention _fill_mem_eff_dropout_mask
""".split()
ALWAYS = """
_fused_dropout _standard_gamma _sample_dirichlet binomial cauchy exponential geometric log_normal
multinomial poisson rand rand_like randint randint_like randn randn_like randperm uniform random
philox_rand
""".split()
BERNOULLI = ["bernoulli"]
NORMAL = ["normal", "normal_functional"]
NEVER = """
_fused_sdp_choice _flash_attention_forward_no_dropout_inplace
_nested_tensor_softmax_with_shape _scaled_dot_product_cudnn_attention_backward
_scaled_dot_product_efficient_attention_backward _cudnn_attention_backward
""".split()


def tagged() -> list[Any]:
    found = []
    for schema in torch._C._jit_get_all_schemas():
        space, name = schema.name.split("::")
        try:
            packet = getattr(getattr(torch.ops, space), name)
            op = getattr(packet, schema.overload_name or "default")
        except (AttributeError, RuntimeError):
            continue
        if torch.Tag.nondeterministic_seeded in getattr(op, "tags", ()):
            found.append(op)
    return found


OPS = tagged()


def family(op: Any) -> str:
    name: str = op._schema.name.partition("::")[2]
    return name.rstrip("_")


def arguments(op: Any, **given: Any) -> dict[str, Any]:
    """Arguments for every parameter of an op, as `decide` looks at them."""
    stand_in = {"p": 0.5, "dropout": 0.5, "dropout_p": 0.5, "num_layers": 2, "std": 1.0}
    stand_in |= {"self": torch.full((2,), 0.5), "train": True, "training": True}
    names = [argument.name for argument in op._schema.arguments]
    return {name: given.get(name, stand_in.get(name)) for name in names if name != "generator"}


def test_torch_tags_the_ops_that_draw() -> None:
    assert len(OPS) > 100


@pytest.mark.parametrize("op", OPS, ids=str)
def test_every_tagged_op_is_one_that_a_rule_was_thought_for(op: Any) -> None:
    known = [*GATED, *BY_RATE, *ALWAYS, *BERNOULLI, *NORMAL, *NEVER]
    assert family(op) in known, f"{op} is new in torch {torch.__version__}: decide what it draws"
    name = family(op)
    found = op_draw(op, (), arguments(op))
    if name in NEVER:
        assert found is None
        return
    assert found is not None and found.active
    assert found.op == op._schema.name.replace("::", ".")
    assert found.is_dropout == (name in GATED or name in BY_RATE)
    if name in GATED:
        flag = "training" if "training" in arguments(op) else "train"
        off = op_draw(op, (), arguments(op, **{flag: False}))
        assert off is not None and not off.active
    if name in GATED + BY_RATE and not name.startswith("rrelu"):
        for p in (0.0, 1.0):
            off = op_draw(op, (), arguments(op, p=p, dropout=p, dropout_p=p))
            assert off is not None and not off.active
        assert found.p == 0.5
    if name in BERNOULLI:
        certain = op_draw(op, (), arguments(op, p=1.0, self=torch.ones(2)))
        assert certain is not None and not certain.active
    if "num_layers" in arguments(op):
        single = op_draw(op, (), arguments(op, num_layers=1))
        assert single is not None and not single.active and single.p == 0.5


def test_normal_without_width_draws_nothing() -> None:
    op = torch.ops.aten.normal_.default
    assert not op_draw(op, (torch.zeros(2), 0.0, 0.0), {}).active
    assert op_draw(op, (torch.zeros(2), 0.0, 0.1), {}).active
    assert op_draw(op, (torch.zeros(2),), {}).active


def test_native_dropout_without_a_flag_is_on() -> None:
    assert op_draw(torch.ops.aten.native_dropout.default, (torch.ones(2), 0.5, None), {}).active


def test_an_op_of_quantised_layers_that_torch_does_not_tag_is_decided_by_its_arguments() -> None:
    op = torch.ops.quantized.dropout.default
    assert torch.Tag.nondeterministic_seeded not in op.tags
    assert op_draw(op, (None, 1.0, 0, 0.5, True), {}).active
    assert not op_draw(op, (None, 1.0, 0, 0.5, False), {}).active
    assert op_draw(torch.ops.aten.add.Tensor, (torch.ones(2), torch.ones(2)), {}) is None
    batch_norm = torch.ops.aten.native_batch_norm.default
    assert op_draw(batch_norm, (torch.ones(2, 2), *[None] * 4, True, 0.1, 1e-5), {}) is None


class Draws(Quick):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        draw = op_draw(func, args, kwargs or {})
        if draw is not None:
            self.found.append((draw.op, draw.active))
        return func(*args, **(kwargs or {}))


CALLS = {
    "dropout": lambda x: F.dropout(x, 0.5),
    "off": lambda x: F.dropout(x, 0.5, False),
    "dropout2d": lambda x: F.dropout2d(x.view(1, 8, 8, 1), 0.5),
    "alpha": lambda x: F.alpha_dropout(x, 0.5, True),
    "rrelu": lambda x: F.rrelu(x, training=True),
    "attention": lambda x: F.scaled_dot_product_attention(*[x.view(1, 8, 8)] * 3, dropout_p=0.1),
    "attention off": lambda x: F.scaled_dot_product_attention(*[x.view(1, 8, 8)] * 3),
    "rand_like": torch.rand_like,
    "bernoulli": lambda x: torch.bernoulli(x, 0.5),
    "certain": lambda x: torch.bernoulli(x, 1.0),
    "gumbel": F.gumbel_softmax,
}


def decided(call: Any, device: str, mode: Any) -> list[tuple[str, bool]]:
    draws = Draws()
    with mode(), draws:
        call(torch.ones(8, 8, device=device))
    return draws.found


@pytest.mark.parametrize("name", CALLS)
def test_the_decisions_are_the_same_on_every_device(name: str) -> None:
    from torch._subclasses.fake_tensor import FakeTensorMode

    call = CALLS[name]
    expected = decided(call, "cpu", torch.inference_mode)
    assert expected
    assert decided(call, "meta", torch.inference_mode) == expected
    for device in ("cpu", "cuda"):
        with FakeTensorMode():
            assert decided(call, device, torch.inference_mode) == expected


@pytest.mark.parametrize(
    "name", [name for name in CALLS if "off" not in name and name != "certain"]
)
def test_without_inference_mode_ops_arrive_in_pieces_and_are_seen_all_the_same(name: str) -> None:
    for mode in (torch.no_grad, torch.enable_grad):
        assert any(active for _, active in decided(CALLS[name], "cpu", mode))


@pytest.mark.parametrize("name", ["off", "attention off", "certain"])
def test_nothing_is_made_up_without_inference_mode(name: str) -> None:
    for mode in (torch.no_grad, torch.enable_grad):
        assert not any(active for _, active in decided(CALLS[name], "cpu", mode))


@pytest.mark.gpu
def test_the_decisions_are_the_same_on_a_gpu() -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU")
    for call in CALLS.values():
        expected = decided(call, "cpu", torch.inference_mode)
        assert decided(call, "cuda", torch.inference_mode) == expected
