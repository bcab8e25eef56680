"""The arguments of one call, for both stages: bytes or nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

Argument = TypeVar("Argument")


@dataclass
class CallArguments(Generic[Argument]):
    """The arguments of one call.

    ``is_open`` says that a star may hold what is missing, ``is_unclear`` that the star is no plain
    name, whose content somebody might look up.
    """

    is_open: bool
    is_unclear: bool
    named: dict[str, Argument] = field(default_factory=dict)
    placed: list[Argument] = field(default_factory=list)

    def get(self, name: str, position: int | None) -> Argument | None:
        if name in self.named or position is None or position >= len(self.placed):
            return self.named.get(name)
        return self.placed[position]
