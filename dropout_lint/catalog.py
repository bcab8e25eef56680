"""The dropout family as data.

One row a callable, written as its signature: rules never hard-code a position or a default.
The rows of torch and torch_geometric are checked against the installed libraries by
``tests/test_catalog.py``; the others were read off the sources of timm 1.0.31, torchvision 0.29,
kornia 0.9, flash-attn 2.8, xformers 0.0.32 and transformers 5.24.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

from dropout_lint.signatures import CatalogParameter, parse_signature
from dropout_lint.vocabulary.dropping import RATE_PARAMETERS
from dropout_lint.vocabulary.modes import FLAG_PARAMETERS


@dataclass(frozen=True)
class CatalogFunction:
    """A callable that drops at random.

    ``mode`` is the parameter that switches it (None: it has no switch and acts whenever the rate
    is positive), ``rate`` the drop probability, ``twin`` the ``nn.Module`` that does the same and
    follows ``train()``/``eval()`` by itself.

    A function of the project is one too if its calls decide whether it drops. ``inverted``: it
    drops where its mode is false (``deterministic``). ``reaches``: the part of a message that names
    the call which then drops. ``doubt``: why passing the mode might change more than that.
    """

    name: str
    parameters: tuple[CatalogParameter, ...]
    mode: CatalogParameter | None
    rate: CatalogParameter | None
    twin: str | None = None
    inverted: bool = False
    reaches: str = ""
    doubt: str | None = None

    @property
    def on_by_default(self) -> bool:
        """Whether a call that leaves the mode out drops."""
        return (
            self.mode is not None
            and self.mode.default is not self.inverted
            and isinstance(self.mode.default, bool)
        )

    @property
    def tail(self) -> str:
        return self.name.rpartition(".")[2]

    def parameter(self, name: str) -> CatalogParameter | None:
        return next((p for p in self.parameters if p.name == name), None)


@dataclass(frozen=True)
class ModuleClass:
    """An ``nn.Module`` that drops at random in train mode.

    ``rate`` is the constructor's rate parameter. ``functional`` names the function of which the
    class is the twin, if there is one.
    """

    name: str
    parameters: tuple[CatalogParameter, ...]
    rate: CatalogParameter | None
    functional: str | None = None


def function(
    signature: str, *, twin: str | None = None, mode: str | None = None, rate: str | None = None
) -> CatalogFunction:
    """A catalog row from a signature; mode and rate are the parameters with the usual names."""
    name, parameters = parse_signature(signature)

    def pick(given: str | None, usual: tuple[str, ...], role: str) -> CatalogParameter | None:
        names = (given,) if given else usual
        parameter = next((p for n in names for p in parameters if p.name == n), None)
        if given and not parameter:
            raise ValueError(f"{name} has no parameter {given!r} to be its {role}")
        return parameter

    return CatalogFunction(
        name,
        parameters,
        pick(mode, FLAG_PARAMETERS, "mode flag"),
        pick(rate, RATE_PARAMETERS, "rate"),
        twin,
    )


_F = "torch.nn.functional."
_ALPHA = "(input, p=0.5, training=False, inplace=False)"
_THIRD = 0.3333333333333333
_WITH_TWIN = {
    f"{_F}dropout(input, p=0.5, training=True, inplace=False)": "Dropout",
    f"{_F}dropout1d(input, p=0.5, training=True, inplace=False)": "Dropout1d",
    f"{_F}dropout2d(input, p=0.5, training=True, inplace=False)": "Dropout2d",
    f"{_F}dropout3d(input, p=0.5, training=True, inplace=False)": "Dropout3d",
    f"{_F}alpha_dropout{_ALPHA}": "AlphaDropout",
    f"{_F}feature_alpha_dropout{_ALPHA}": "FeatureAlphaDropout",
    f"{_F}rrelu(input, lower=0.125, upper={_THIRD}, training=False, inplace=False)": "RReLU",
}  # fmt: skip

_TORCH = """
torch.nn.functional.multi_head_attention_forward(query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v, add_zero_attn, dropout_p, out_proj_weight, out_proj_bias, training=True, key_padding_mask=None, need_weights=True, attn_mask=None, use_separate_proj_weight=False, q_proj_weight=None, k_proj_weight=None, v_proj_weight=None, static_k=None, static_v=None, average_attn_weights=True, is_causal=False)
torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, *, scale=None, enable_gqa=False)
torch.dropout(input, p, train)
torch.dropout_(self, p, train)
torch.feature_dropout(input, p, train)
torch.feature_dropout_(self, p, train)
torch.alpha_dropout(input, p, train)
torch.alpha_dropout_(self, p, train)
torch.feature_alpha_dropout(input, p, train)
torch.feature_alpha_dropout_(self, p, train)
torch.native_dropout(input, p, train)
torch.rrelu(self, lower=0.125, upper=0.3333333333333333, training=False, generator=None)
torch.rrelu_(self, lower=0.125, upper=0.3333333333333333, training=False, generator=None)
"""  # noqa: E501

_LIBRARIES = """
flash_attn.flash_attn_func(q, k, v, dropout_p=0.0)
flash_attn.flash_attn_qkvpacked_func(qkv, dropout_p=0.0)
flash_attn.flash_attn_kvpacked_func(q, kv, dropout_p=0.0)
flash_attn.flash_attn_varlen_func(q, k, v, cu_seqlens_q, cu_seqlens_k, max_seqlen_q, max_seqlen_k, dropout_p=0.0)
flash_attn.flash_attn_varlen_qkvpacked_func(qkv, cu_seqlens, max_seqlen, dropout_p=0.0)
flash_attn.flash_attn_varlen_kvpacked_func(q, kv, cu_seqlens_q, cu_seqlens_k, max_seqlen_q, max_seqlen_k, dropout_p=0.0)
flash_attn.flash_attn_unpadded_func(q, k, v, cu_seqlens_q, cu_seqlens_k, max_seqlen_q, max_seqlen_k, dropout_p)
flash_attn.flash_attn_unpadded_qkvpacked_func(qkv, cu_seqlens, max_seqlen, dropout_p)
flash_attn.flash_attn_unpadded_kvpacked_func(q, kv, cu_seqlens_q, cu_seqlens_k, max_seqlen_q, max_seqlen_k, dropout_p)
xformers.ops.memory_efficient_attention(query, key, value, attn_bias=None, p=0.0, scale=None)
xformers.ops.memory_efficient_attention_forward(query, key, value, attn_bias=None, p=0.0, scale=None)
xformers.ops.memory_efficient_attention_forward_requires_grad(query, key, value, attn_bias=None, p=0.0, scale=None)
transformers.integrations.sdpa_attention.sdpa_attention_forward(module, query, key, value, attention_mask, dropout=0.0, scaling=None, is_causal=None)
transformers.integrations.flash_attention.flash_attention_forward(module, query, key, value, attention_mask, dropout=0.0, scaling=None)
transformers.modeling_flash_attention_utils._flash_attention_forward(query_states, key_states, value_states, attention_mask, query_length, is_causal, dropout=0.0)
torch_geometric.utils.dropout_edge(edge_index, p=0.5, force_undirected=False, training=True)
torch_geometric.utils.dropout_node(edge_index, p=0.5, num_nodes=None, training=True, relabel_nodes=False)
torch_geometric.utils.dropout_path(edge_index, p=0.2, walks_per_node=1, walk_length=3, num_nodes=None, is_sorted=False, training=True)
torch_geometric.utils.dropout_adj(edge_index, edge_attr=None, p=0.5, force_undirected=False, num_nodes=None, training=True)
torch_geometric.utils.mask_feature(x, p=0.5, mode='col', fill_value=0.0, training=True)
torch_geometric.utils.add_random_edge(edge_index, p=0.5, force_undirected=False, num_nodes=None, training=True)
torch_geometric.utils.shuffle_node(x, batch=None, training=True)
torchvision.ops.stochastic_depth(input, p, mode, training=True)
torchvision.ops.drop_block2d(input, p, block_size, inplace=False, eps=1e-06, training=True)
torchvision.ops.drop_block3d(input, p, block_size, inplace=False, eps=1e-06, training=True)
timm.layers.drop_path(x, drop_prob=0.0, training=False, scale_by_keep=True)
kornia.feature.dedode.transformer.layers.drop_path.drop_path(x, drop_prob=0.0, training=False)
"""  # noqa: E501

# Read from apex/contrib/multihead_attn/mask_softmax_dropout_func.py of
# https://github.com/NVIDIA/apex, where it is the `apply` of an autograd function.
_APEX = (
    "apex.contrib.multihead_attn.fast_mask_softmax_dropout_func"
    "(is_training, heads, inputs, pad_mask, mask_additive, dropout_prob)"
)

# Ring attention, read from the files of those names in `ring_flash_attn/` of
# https://github.com/zhuzilin/ring-flash-attention: `ring_flash_attn`, `ring_flash_attn_varlen`,
# the same with `zigzag_`, `llama3_flash_attn_varlen`. In `stripe_flash_attn` another parameter came
# in front of the rate at some time, so that this one is known by its keyword only.
# No rows, for they have no dropout: FlashAttention 3 (`flash_attn_interface` of hopper/, where the
# fourth parameter is `softmax_scale`), sageattention, `torch.nn.attention.varlen`, flex attention.
# No rows either, for they are modules that read `self.training`: those of transformer_engine,
# deepspeed, torchtune and of apex.
_RING = """
ring_flash_attn.ring_flash_attn_func(q, k, v, dropout_p=0.0)
ring_flash_attn.ring_flash_attn_kvpacked_func(q, kv, dropout_p=0.0)
ring_flash_attn.ring_flash_attn_qkvpacked_func(qkv, dropout_p=0.0)
ring_flash_attn.ring_flash_attn_varlen_func(q, k, v, cu_seqlens, max_seqlen, dropout_p=0.0)
ring_flash_attn.ring_flash_attn_varlen_kvpacked_func(q, kv, cu_seqlens, max_seqlen, dropout_p=0.0)
ring_flash_attn.ring_flash_attn_varlen_qkvpacked_func(qkv, cu_seqlens, max_seqlen, dropout_p=0.0)
ring_flash_attn.zigzag_ring_flash_attn_func(q, k, v, dropout_p=0.0)
ring_flash_attn.zigzag_ring_flash_attn_kvpacked_func(q, kv, dropout_p=0.0)
ring_flash_attn.zigzag_ring_flash_attn_qkvpacked_func(qkv, dropout_p=0.0)
ring_flash_attn.zigzag_ring_flash_attn_varlen_func(q, k, v, cu_seqlens, max_seqlen, dropout_p=0.0)
ring_flash_attn.zigzag_ring_flash_attn_varlen_kvpacked_func(q, kv, cu_seqlens, max_seqlen, dropout_p=0.0)
ring_flash_attn.zigzag_ring_flash_attn_varlen_qkvpacked_func(qkv, cu_seqlens, max_seqlen, dropout_p=0.0)
ring_flash_attn.stripe_flash_attn_func(*, dropout_p=0.0)
ring_flash_attn.stripe_flash_attn_kvpacked_func(*, dropout_p=0.0)
ring_flash_attn.stripe_flash_attn_qkvpacked_func(*, dropout_p=0.0)
ring_flash_attn.stripe_flash_attn_varlen_func(*, dropout_p=0.0)
ring_flash_attn.stripe_flash_attn_varlen_kvpacked_func(*, dropout_p=0.0)
ring_flash_attn.stripe_flash_attn_varlen_qkvpacked_func(*, dropout_p=0.0)
ring_flash_attn.llama3_flash_attn_varlen_func(q, k, v, cu_seqlens_q, cu_seqlens_k, max_seqlen_q, max_seqlen_k, heads_k_stride, local_k_slice, dropout_p=0.0)
ring_flash_attn.llama3_flash_attn_varlen_kvpacked_func(q, kv, cu_seqlens_q, cu_seqlens_k, max_seqlen_q, max_seqlen_k, heads_k_stride, local_k_slice, dropout_p=0.0)
ring_flash_attn.llama3_flash_attn_varlen_qkvpacked_func(*, dropout_p=0.0)
"""  # noqa: E501

# Flash attention is copied into many projects and packages, under names that nothing else has. The
# position of the rate differs between the copies, so it is read as a keyword only.
ANYWHERE = "anywhere"
_ANYWHERE = [
    f"{ANYWHERE}.{name.rpartition('.')[2]}(*, dropout_p=0.0)"
    for name, _, _ in (line.partition("(") for line in (_LIBRARIES + _RING).splitlines())
    if name.startswith(("flash_attn.", "ring_flash_attn."))
]

# Those of other libraries: read from timm 1.0.31 and torchvision 0.29.
_MODULES = {
    "torch.nn.Dropout(p=0.5, inplace=False)": f"{_F}dropout",
    "torch.nn.Dropout1d(p=0.5, inplace=False)": f"{_F}dropout1d",
    "torch.nn.Dropout2d(p=0.5, inplace=False)": f"{_F}dropout2d",
    "torch.nn.Dropout3d(p=0.5, inplace=False)": f"{_F}dropout3d",
    "torch.nn.AlphaDropout(p=0.5, inplace=False)": f"{_F}alpha_dropout",
    "torch.nn.FeatureAlphaDropout(p=0.5, inplace=False)": f"{_F}feature_alpha_dropout",
    "torch.nn.RReLU(lower=0.125, upper=0.3333333333333333, inplace=False)": f"{_F}rrelu",
    "torch.nn.MultiheadAttention(embed_dim, num_heads, dropout=0.0)": None,
    "torch.nn.TransformerEncoderLayer(d_model, nhead, dim_feedforward=2048, dropout=0.1)": None,
    "torch.nn.TransformerDecoderLayer(d_model, nhead, dim_feedforward=2048, dropout=0.1)": None,
    "timm.layers.DropPath(drop_prob=0.0, scale_by_keep=True)": None,
    "torchvision.ops.StochasticDepth(p, mode)": None,
    "torchvision.ops.DropBlock2d(p, block_size, inplace=False, eps=1e-06)": None,
    "torchvision.ops.DropBlock3d(p, block_size, inplace=False, eps=1e-06)": None,
}

# Where the same thing is reachable under another path: prefix of the path -> public prefix.
ALIASES = {
    "torch._C._nn.scaled_dot_product_attention": f"{_F}scaled_dot_product_attention",
    "torch.functional.F.": _F,
    "torch.nn.modules.dropout.": "torch.nn.",
    "torch.nn.modules.activation.": "torch.nn.",
    "torch.nn.modules.module.Module": "torch.nn.Module",
    "torch.nn.modules.container.": "torch.nn.",
    "torch.nn.modules.": "torch.nn.",
    "flash_attn.flash_attn_interface.": "flash_attn.",
    "transformers.modeling_flash_attention_utils.flash_attn_": "flash_attn.flash_attn_",
    "xformers.ops.fmha.": "xformers.ops.",
    "ring_flash_attn.ring_flash_attn.": "ring_flash_attn.",
    "ring_flash_attn.ring_flash_attn_varlen.": "ring_flash_attn.",
    "ring_flash_attn.zigzag_ring_flash_attn.": "ring_flash_attn.",
    "ring_flash_attn.zigzag_ring_flash_attn_varlen.": "ring_flash_attn.",
    "ring_flash_attn.stripe_flash_attn.": "ring_flash_attn.",
    "ring_flash_attn.stripe_flash_attn_varlen.": "ring_flash_attn.",
    "ring_flash_attn.llama3_flash_attn_varlen.": "ring_flash_attn.",
    "apex.contrib.multihead_attn.mask_softmax_dropout_func.": "apex.contrib.multihead_attn.",
    "torch_geometric.utils.dropout.": "torch_geometric.utils.",
    "torch_geometric.utils.augmentation.": "torch_geometric.utils.",
    "torchvision.ops.stochastic_depth.": "torchvision.ops.",
    "torchvision.ops.drop_block.": "torchvision.ops.",
    "timm.layers.drop.": "timm.layers.",
    "timm.models.layers.drop.": "timm.layers.",
    "timm.models.layers.": "timm.layers.",
}

# The names that `from M import *` binds, of the rows and of the modules that contain them.
_NN = tuple(
    """Module Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout RReLU
    MultiheadAttention TransformerEncoderLayer TransformerDecoderLayer Sequential ModuleList
    ModuleDict""".split()
)
STAR_EXPORTS = {
    "torch": tuple(
        """dropout dropout_ alpha_dropout alpha_dropout_ feature_dropout feature_dropout_
        feature_alpha_dropout feature_alpha_dropout_ native_dropout rrelu rrelu_""".split()
    ),
    "torch.nn": ("functional", *_NN),
    "torch.nn.functional": tuple(
        """dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout rrelu
        multi_head_attention_forward scaled_dot_product_attention""".split()
    ),
    "torch.nn.modules": _NN,
}


@cache
def canonical(name: str) -> str:
    """The public path of a dotted name: ``torch.nn.modules.dropout.X`` -> ``torch.nn.X``."""
    for prefix, public in ALIASES.items():
        if name.startswith(prefix) and (prefix[-1] in "._" or len(name) == len(prefix)):
            return public + name[len(prefix) :]
    return name


class Catalog:
    """The built-in rows and those that the configuration adds."""

    def __init__(
        self, extra: tuple[CatalogFunction, ...] = (), module_bases: tuple[str, ...] = ()
    ) -> None:
        self.module_bases = frozenset(module_bases)
        rows = [function(s, twin=f"torch.nn.{t}") for s, t in _WITH_TWIN.items()]
        lines = (_TORCH + _LIBRARIES + _RING).strip().splitlines()
        rows += [function(line) for line in (*lines, *_ANYWHERE) if line]
        rows.append(function(_APEX, mode="is_training"))
        self.functions = {row.name: row for row in (*rows, *extra)}
        self.modules: dict[str, ModuleClass] = {}
        for signature, functional in _MODULES.items():
            name, parameters = parse_signature(signature)
            rate = next((p for p in parameters if p.name in RATE_PARAMETERS), None)
            self.modules[name] = ModuleClass(name, parameters, rate, functional)

    @cached_property
    def words(self) -> tuple[bytes, ...]:
        """A byte prefilter: a file can name a row only if it contains one of these words."""
        shortest: list[str] = []
        tails = {name.rpartition(".")[2] for name in (*self.functions, *self.modules)}
        for tail in sorted(tails, key=lambda tail: (len(tail), tail)):
            if not any(word in tail for word in shortest):
                shortest.append(tail)
        return tuple(word.encode() for word in shortest)

    def function(self, name: str) -> CatalogFunction | None:
        return self.functions.get(canonical(name))

    def module(self, name: str) -> ModuleClass | None:
        return self.modules.get(canonical(name))


@cache
def builtin() -> Catalog:
    """The catalog without any configuration."""
    return Catalog()
