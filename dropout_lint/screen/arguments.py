"""The arguments of one call, for both stages: bytes or nodes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Argument = TypeVar("Argument")
_KEYWORD = re.compile(rb"([A-Za-z_]\w*)\s*=(?!=)\s*")
_NAME = re.compile(rb"[A-Za-z_]\w*")


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


def read_arguments(given: list[bytes]) -> CallArguments[bytes]:
    """The arguments of one call, from what stands between its commas."""
    stars = [argument.strip(b"* \t\n\f") for argument in given if argument.startswith(b"*")]
    found = CallArguments[bytes](False, not all(_NAME.fullmatch(star) for star in stars))
    for argument in given:
        if argument.startswith(b"*"):
            found.is_open = True
            continue
        keyword = _KEYWORD.match(argument)
        if keyword is not None:
            found.named[keyword.group(1).decode()] = argument[keyword.end() :]
        elif not found.is_open:
            found.placed.append(argument)
    return found
