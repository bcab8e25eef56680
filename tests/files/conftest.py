"""Signals as in a terminal: a run in the background is born with some of them ignored."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def signals_as_in_a_terminal() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt and SIGHUP ends a process, here and in child processes."""
    wanted = {"SIGINT": signal.default_int_handler, "SIGHUP": signal.SIG_DFL}
    before = {
        getattr(signal, name): signal.signal(getattr(signal, name), handler)
        for name, handler in wanted.items()
        if hasattr(signal, name)
    }
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
