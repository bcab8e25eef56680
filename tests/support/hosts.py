"""Hosts that stay for the next run: the import of torch is most of what a small run costs."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from dropout_lint.verify.process.isolation import Host


class _Kept(Host):
    """A host that goes back to those that are free where a run would end it."""

    def __init__(self, device: str, free: list[_Kept]) -> None:
        super().__init__(device)
        self._free = free

    def close(self) -> None:
        if self not in self._free:
            self._free.append(self)

    def end(self) -> None:
        super().close()


@contextmanager
def kept_hosts(*names: str) -> Iterator[None]:
    """Let what creates hosts by these dotted names use those again that have the same folder."""
    free: defaultdict[tuple[str, str], list[_Kept]] = defaultdict(list)
    made: list[_Kept] = []

    def host(device: str = "cpu") -> Host:
        known = free[device, os.getcwd()]
        if known:
            return known.pop()
        made.append(_Kept(device, known))
        return made[-1]

    with ExitStack() as stack:
        for name in names:
            stack.enter_context(patch(name, host))
        yield
    for each in made:
        each.end()
