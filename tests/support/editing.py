"""Applying fixes as an editor does that reads our JSON: from rows and columns, by hand.

Nothing of the program is used here, so that it can be compared with what ``--fix`` writes.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

Row = dict[str, Any]
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)?")


def apply(data: bytes, fixes: list[list[Row]]) -> bytes:
    """The bytes of a UTF-8 file after fixes; each is a list of edits and goes in whole or not.

    An edit that a fix before it made already is not made again; a fix that overlaps one before it
    is left out.
    """
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    text = data[len(bom) :].decode()
    made: list[tuple[int, int, str]] = []
    for edits in fixes:
        new = [
            (offset(text, edit["location"]), offset(text, edit["end_location"]), edit["content"])
            for edit in edits
        ]
        new = [edit for edit in new if edit not in made]
        if not any(_overlap(edit, other) for edit in new for other in made):
            made += new
    made.sort(key=lambda edit: edit[:2])
    for start, end, content in reversed(made):
        text = text[:start] + content + text[end:]
    return bom + text.encode()


def offset(text: str, place: Row) -> int:
    """Where a 1-based row and column lie in a text; columns are code points."""
    lines = _LINES.findall(text)
    before = sum(map(len, lines[: place["row"] - 1]))
    line = lines[place["row"] - 1] if place["row"] <= len(lines) else ""
    assert 1 <= place["column"] <= len(line.rstrip("\r\n")) + 1, "outside of the line"
    return before + place["column"] - 1


def _overlap(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    (first, first_end, _), (second, second_end, _) = sorted((one, other))
    if first == first_end or second == second_end:  # an insertion at an edge is beside
        return first < second < first_end
    return second < first_end
