"""The method resolution order of a class, from those of its bases."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def merged(sequences: Sequence[Sequence[T]]) -> list[T] | None:
    """The order that keeps the order of every sequence (the merge of C3); None if there is none."""
    behind = Counter(entry for sequence in sequences for entry in sequence[1:])
    rests = [deque(sequence) for sequence in sequences]
    order: list[T] = []
    while any(rests):
        heads = [rest[0] for rest in rests if rest and not behind[rest[0]]]
        if not heads:
            return None
        order.append(heads[0])
        for rest in rests:
            if rest and rest[0] == heads[0]:
                rest.popleft()
                if rest:
                    behind[rest[0]] -= 1
    return order
