"""One file as text: rows and columns, comments, what a line is, and the way back to bytes."""

from __future__ import annotations

import codecs
import io
import random
import tokenize

import pytest

from dropout_lint.diagnostics import Location
from dropout_lint.files.source import Source, SourceError

ENDS = ["\n", "\r\n", "\r"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("\n\r\n\r", ["", "", "", ""]),
        ("a\n\rb", ["a", "", "b"]),
        # What str.splitlines takes for an end of a line and Python does not.
        ("a\fb\vc\x1cd\x85e\u2028f\u2029g\n", ["a\fb\vc\x1cd\x85e\u2028f\u2029g", ""]),
    ],
)
def test_lines_are_those_of_python(text: str, lines: list[str]) -> None:
    source = Source("a.py", text)
    assert [source.line(row) for row in range(1, len(source.line_starts) + 1)] == lines
    assert source.line(0) == source.line(len(lines) + 1) == ""
    assert io.StringIO(text, newline=None).read().split("\n") == lines


def test_location_counts_code_points_from_one() -> None:
    source = Source("a.py", "é😀x\r\n\ty\rz")
    places = [(1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2)]
    assert [source.location(at) for at in range(10)] == [Location(*place) for place in places]


def test_location_and_line_fit_together() -> None:
    draw = random.Random(3)
    for _ in range(200):
        text = "".join(draw.choices(["a", "é", "😀", "\t", "\f", "\u2028", *ENDS], k=20))
        source = Source("a.py", text)
        for at, character in enumerate(text):
            place = source.location(at)
            assert source.line_starts[place.row - 1] + place.column - 1 == at
            if character not in "\r\n":
                assert source.line(place.row)[place.column - 1] == character


@pytest.mark.parametrize("end", ENDS)
def test_comments_are_found_by_row(end: str) -> None:
    lines = ["x = '# no'  # one", "", "'''", "# no", "'''  # two", "f(  # three", ")", "# é😀"]
    source = Source("a.py", end.join(lines))
    assert source.comments == {1: "# one", 5: "# two", 6: "# three", 8: "# é😀"}


def test_comments_of_broken_code_are_those_before_the_break() -> None:
    assert Source("a.py", "# one\nx = (  # two\n").comments == {1: "# one", 2: "# two"}


@pytest.mark.parametrize("end", ENDS)
def test_joined_rows(end: str) -> None:
    lines = ["'''", "'''", "x = \\", "  1", "f(", "    '''", "    ''', 2", ")", "y"]
    source = Source("a.py", end.join(lines))
    assert source.joined_rows == {1: (1, 2), 2: (1, 2), 3: (3, 4), 4: (3, 4), 6: (6, 7), 7: (6, 7)}


@pytest.mark.parametrize(
    ("data", "encoding", "bom", "text"),
    [
        (b"", "utf-8", False, ""),
        ("é\n".encode(), "utf-8", False, "é\n"),
        (codecs.BOM_UTF8 + "é\r\n".encode(), "utf-8", True, "é\r\n"),
        (codecs.BOM_UTF8 + b"# coding: UTF_8\n", "utf-8", True, "# coding: UTF_8\n"),
        (b"# coding: latin-1\n\xe9", "iso-8859-1", False, "# coding: latin-1\né"),
        (b"#!x\n# vim: set fileencoding=cp1252 :\n\x80", "cp1252", False, None),
        (b"# coding: euc-jp\r\n\xb4\xc1\xbb\xfa", "euc-jp", False, "# coding: euc-jp\r\n漢字"),
        # A third line is no place for it, nor is one behind code.
        ("\n\n# coding: latin-1\né".encode(), "utf-8", False, "\n\n# coding: latin-1\né"),
        ("x = 1\n# coding: latin-1\né".encode(), "utf-8", False, "x = 1\n# coding: latin-1\né"),
        (b"\xef\xbb\xbf\xef\xbb\xbfx", "utf-8", True, "\ufeffx"),
    ],
)
def test_bytes_to_text_and_back(data: bytes, encoding: str, bom: bool, text: str | None) -> None:
    source = Source.decode(data, "a.py")
    assert (source.encoding, source.bom) == (encoding, bom)
    assert text is None or source.text == text
    assert source.encode(source.text) == data
    assert source.round_trips
    detected, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    assert data.decode(detected) == source.text, "Python reads something else"


def test_changed_text_keeps_encoding_and_bom() -> None:
    source = Source.decode(codecs.BOM_UTF8 + b"x\r\n", "a.py").with_text("é\r\n")
    assert source.encode(source.text) == codecs.BOM_UTF8 + "é\r\n".encode()
    latin = Source.decode(b"# coding: latin-1\n", "a.py")
    assert latin.encode("é") == b"\xe9"
    with pytest.raises(
        SourceError, match=r"a\.py: a fix needs '😀', which iso-8859-1 does not have"
    ):
        latin.encode("😀")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"x\r\xff", "a.py: line 2: byte 0xff is not utf-8"),
        (b"x\r\n\n\xff", "a.py: line 3: byte 0xff is not utf-8"),
        (b"# coding: ascii\n\xe9", "a.py: line 2: byte 0xe9 is not ascii"),
        (b"# coding: no-such\n", "a.py: its encoding comment names no-such"),
        (codecs.BOM_UTF16_LE + b"x\0", "a.py: is UTF-16"),
    ],
)
def test_what_is_no_text_is_refused_in_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(SourceError) as caught:
        Source.decode(data, "a.py")
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)
