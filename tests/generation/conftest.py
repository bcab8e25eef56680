"""The profile that searches: ``pytest tests/generation --hypothesis-profile=deep``."""

from __future__ import annotations

import contextlib

with contextlib.suppress(ImportError):
    from hypothesis import settings

    settings.register_profile("deep", max_examples=20_000)
