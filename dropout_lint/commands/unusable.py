"""What stops the commands that execute models before they start."""

from __future__ import annotations

import importlib.util


class Unusable(Exception):
    """Options or an installation with which no model can be run; a sentence for the user."""


def require_torch(command: str) -> None:
    """Raises Unusable where torch is not installed."""
    if importlib.util.find_spec("torch") is None:
        raise Unusable(
            f"{command} executes models with torch, which is not installed here; "
            'install it with `pip install "dropout-lint[verify]"`'
        )
