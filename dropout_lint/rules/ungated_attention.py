from __future__ import annotations

from collections.abc import Iterator

from dropout_lint.catalog import CatalogFunction
from dropout_lint.diagnostics import Severity
from dropout_lint.fixing.fixer import Fixer
from dropout_lint.rules.base import SCREENED, Finding, Invalid, Rule
from dropout_lint.rules.rate_flag_mixup import is_mode_flag
from dropout_lint.semantics.model import SemanticModel


class UngatedAttentionDropout(Rule):
    """A function without a mode argument gets a drop rate that does not follow the mode.

    ## What it does

    Finds calls of `F.scaled_dot_product_attention`, flash-attention and xformers functions in a
    module whose rate argument is positive in eval mode too, `self.attn_drop.p` included.

    ## Why is this bad?

    These functions have no `training` parameter: they drop whenever the rate is positive.
    `model.eval()` changes neither `self.dropout_p` nor the `p` of an `nn.Dropout`.

    ## Example

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Attention(nn.Module):
        def __init__(self, dropout_p=0.1):
            super().__init__()
            self.dropout_p = dropout_p

        def forward(self, q, k, v):
            return F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout_p)
    ```

    ## Use instead

    ```python
    import torch.nn.functional as F
    from torch import nn


    class Attention(nn.Module):
        def __init__(self, dropout_p=0.1):
            super().__init__()
            self.dropout_p = dropout_p

        def forward(self, q, k, v):
            return F.scaled_dot_product_attention(
                q, k, v, dropout_p=self.dropout_p if self.training else 0.0
            )
    ```

    ## Fix safety

    Safe: in train mode the rate is the same number, in eval mode it is 0.0.

    ## When it is intentional

    Say so with `# dropout-lint: intentional <reason>` on the line or the line above.

    ## References

    - [torch.nn.functional.scaled_dot_product_attention](https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html)
    - [nanoGPT PR 240](https://github.com/karpathy/nanoGPT/pull/240),
      [timm PR 1978](https://github.com/huggingface/pytorch-image-models/pull/1978),
      [torchtune PR 1803](https://github.com/meta-pytorch/torchtune/pull/1803)
    """

    code = "DRP004"
    name = "ungated-attention-dropout"
    severity = Severity.ERROR
    prefilter = SCREENED

    VALID = (
        """
from torch import nn
from torch.nn.functional import scaled_dot_product_attention


class Attention(nn.Module):
    def __init__(self, p, attend=None, combine=None):
        super().__init__()
        self.p, self.combine = p, combine or sum
        self.attend = attend or scaled_dot_product_attention

    def forward(self, q, k, v):
        p = self.p if self.training else 0.0
        return self.combine(self.attend(q, k, v, dropout_p=p), dropout_p=self.p)
""",
        """
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def forward(self, q, k, v):
        p = self.p if self.training else 0.0
        return F.scaled_dot_product_attention(q, k, v, dropout_p=p)
""",
        """
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def forward(self, q, k, v, dropout_p):
        return F.scaled_dot_product_attention(q, k, v, None, dropout_p)
""",
        """
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def forward(self, q, k, v):
        p = self.p
        if not self.training:
            p = 0.0
        return F.scaled_dot_product_attention(q, k, v, dropout_p=p)
""",
        """
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def forward(self, q, k, v):
        return F.scaled_dot_product_attention(q, k, v)
""",
        """
from torch import nn
from .kernels import flash_attn_func


class Attention(nn.Module):
    def forward(self, q, k, v):
        return flash_attn_func(q, k, v, self.bias) + self.flash_attn_func(q, dropout_p=self.p)
""",
    )
    INVALID = (
        Invalid(
            """
from torch import nn
from torch.nn.functional import scaled_dot_product_attention


class Attention(nn.Module):
    def __init__(self, p, attend=None, fast=None):
        super().__init__()
        self.p = p
        self.attend = attend if attend is not None else scaled_dot_product_attention
        if fast is None:
            fast = scaled_dot_product_attention
        self.fast = fast

    def forward(self, q, k, v, mask):
        q = self.fast(q, k, v, mask, self.p)
        return self.attend(q, k, v, dropout_p=self.p)
""",
            count=2,
            fixed="""
from torch import nn
from torch.nn.functional import scaled_dot_product_attention


class Attention(nn.Module):
    def __init__(self, p, attend=None, fast=None):
        super().__init__()
        self.p = p
        self.attend = attend if attend is not None else scaled_dot_product_attention
        if fast is None:
            fast = scaled_dot_product_attention
        self.fast = fast

    def forward(self, q, k, v, mask):
        q = self.fast(q, k, v, mask, self.p)
        return self.attend(q, k, v, dropout_p=self.p if self.training else 0.0)
""",
        ),
        Invalid(
            """
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.attn_drop = nn.Dropout(p)

    def forward(self, q, k, v):
        return F.scaled_dot_product_attention(
            q, k, v,
            dropout_p=self.attn_drop.p,
        )
""",
            fixed="""
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.attn_drop = nn.Dropout(p)

    def forward(self, q, k, v):
        return F.scaled_dot_product_attention(
            q, k, v,
            dropout_p=self.attn_drop.p if self.training else 0.0,
        )
""",
        ),
        Invalid(
            """
from torch import nn
from .kernels import flash_attn_varlen_func


class Attention(nn.Module):
    def forward(self, q, k, v):
        return flash_attn_varlen_func(q, k, v, dropout_p=self.p)
""",
            fixed="""
from torch import nn
from .kernels import flash_attn_varlen_func


class Attention(nn.Module):
    def forward(self, q, k, v):
        return flash_attn_varlen_func(q, k, v, dropout_p=self.p if self.training else 0.0)
""",
        ),
        Invalid(
            """
from torch import nn
from flash_attn import flash_attn_func


class Attention(nn.Module):
    def forward(self, q, k, v):
        return flash_attn_func(q, k, v, self.p if self.wide else 0)
""",
            fixed="""
from torch import nn
from flash_attn import flash_attn_func


class Attention(nn.Module):
    def forward(self, q, k, v):
        return flash_attn_func(q, k, v, (self.p if self.wide else 0) if self.training else 0.0)
""",
        ),
    )

    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        for site in model.sites:
            row = site.row
            if not isinstance(row, CatalogFunction) or row.mode is not None or row.rate is None:
                continue
            if not site.function.in_module or not site.always_active(False) or is_mode_flag(site):
                continue
            called = model.tree.code(site.called)
            message = (
                f"`{called}` has no mode argument and gets a `{row.rate.name}` "
                f"that `eval()` does not change{fixer.doubt_about_rate(site)}"
            )
            yield Finding(site.place, message, site.function, fixer.ungated_rate(site))
