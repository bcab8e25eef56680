"""The attention functions of other libraries, as they are called."""

from __future__ import annotations

import pytest
from support.linting import codes

HEAD = """
import flash_attn_interface
import ring_flash_attn
import xformers.ops
import yunchang
from apex.contrib.multihead_attn import fast_mask_softmax_dropout_func
from torch import nn
from transformers.integrations.sdpa_attention import sdpa_attention_forward


class Net(nn.Module):
    def forward(self, q, k, v, lengths, longest):
        return """

FOUND = {
    "ring_flash_attn.zigzag_ring_flash_attn_func(q, k, v, dropout_p=self.p)": "DRP004",
    "ring_flash_attn.ring_flash_attn_varlen_func(q, k, v, lengths, longest, self.p)": "DRP004",
    "ring_flash_attn.stripe_flash_attn_func(q, k, v, 2, dropout_p=self.p)": "DRP004",
    "yunchang.ring_flash_attn_func(q, k, v, dropout_p=self.p)": "DRP004",
    "xformers.ops.fmha.memory_efficient_attention_forward(q, k, v, None, self.p)": "DRP004",
    "sdpa_attention_forward(self, q, k, v, None, dropout=self.p)": "DRP004",
    "fast_mask_softmax_dropout_func(True, 8, q, None, False, self.p)": "DRP003",
}
SILENT = [
    "ring_flash_attn.zigzag_ring_flash_attn_func(q, k, v)",
    "ring_flash_attn.ring_flash_attn_func(q, k, v, self.p if self.training else 0.0)",
    "ring_flash_attn.stripe_flash_attn_func(q, k, v, self.layer)",
    "flash_attn_interface.flash_attn_func(q, k, v, self.scale)",
    "fast_mask_softmax_dropout_func(self.training, 8, q, None, False, self.p)",
]


@pytest.mark.parametrize(("call", "code"), FOUND.items())
def test_a_rate_that_ignores_the_mode(call: str, code: str) -> None:
    assert codes(f"{HEAD}{call}\n") == [code]


@pytest.mark.parametrize("call", SILENT)
def test_what_is_no_rate_or_follows_the_mode(call: str) -> None:
    assert codes(f"{HEAD}{call}\n") == []
