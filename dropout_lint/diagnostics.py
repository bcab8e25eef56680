"""What the linter says: diagnostics, fixes and edits as plain immutable data.

Offsets are code points from the start of the source text (BOM not counted), rows and columns are
1-based and count code points. Nothing here knows how a finding was made or how it is shown.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Literal


class Severity(str, enum.Enum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Safety(str, enum.Enum):
    """Whether a fix is applied without ``--unsafe-fixes``.

    ``SAFE``: bit-identical in train mode, deterministic in eval mode, no comment lost.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, order=True)
class Location:
    row: int
    column: int


@dataclass(frozen=True, order=True)
class Edit:
    """A replacement of ``text[start:end]`` by ``text``; an insertion has ``start == end``."""

    start: int
    end: int
    text: str


# The form of a fix. "rewrite" is any but the two that ``--fix-style`` chooses between.
FixStyle = Literal["module", "flag", "rewrite"]


@dataclass(frozen=True)
class Fix:
    """One way to cure a diagnostic."""

    message: str
    edits: tuple[Edit, ...]
    safety: Safety
    style: FixStyle

    @property
    def in_order(self) -> list[Edit]:
        """The edits by offset; insertions at one offset keep their order."""
        return sorted(self.edits, key=lambda edit: (edit.start, edit.end))


@dataclass(frozen=True)
class Diagnostic:
    """One finding.

    ``start`` and ``end`` are offsets; ``intentional`` holds the evidence that the randomness is
    wanted (then the diagnostic is documented, not reported).
    """

    code: str
    name: str
    severity: Severity
    message: str
    start: int
    end: int
    location: Location
    end_location: Location
    function: str = ""
    fix: Fix | None = None
    alternatives: tuple[Fix, ...] = field(default=())
    intentional: str | None = None

    @property
    def sort_key(self) -> tuple[int, int, str]:
        return (self.start, self.end, self.code)
