"""The request for one job, as it travels from the command to the child."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class JobRequest:
    """A function, ``"module:name"``, its arguments (JSON types), and the limits of the process."""

    function: str
    arguments: dict[str, Any]
    deadline_s: float | None
    memory_bytes: int | None
    device: str

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> JobRequest:
        return cls(**json.loads(line))
