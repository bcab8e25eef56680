"""One file as text and back: encoding, BOM, line ends."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import re
import stat
import tokenize
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from dropout_lint.diagnostics import Location
from dropout_lint.files.names import shown

UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE_END_BYTES = re.compile(rb"\r\n|\r|\n")
_AS_UTF8 = "save the file as UTF-8"


class SourceError(Exception):
    """A file that cannot be read or written; the message is one sentence for the user."""


@dataclass(frozen=True)
class Source:
    """A file's text with everything needed to write it back byte for byte.

    ``text`` has no BOM and keeps the file's own line ends. ``data`` is None for text that came
    from somewhere else (an editor's buffer).
    """

    name: str
    text: str
    encoding: str = "utf-8"
    bom: bool = False
    data: bytes | None = None

    @classmethod
    def read(cls, path: str, name: str | None = None) -> Source:
        """Read a file. Raises SourceError with a sentence that names the reason."""
        return cls.decode(read_bytes(path), name or path)

    @classmethod
    def decode(cls, data: bytes, name: str) -> Source:
        """Decode as Python does: BOM, then the encoding comment, then UTF-8."""
        if data.startswith(UTF16_BOMS):
            raise SourceError(f"{shown(name)}: is UTF-16, which Python does not read; {_AS_UTF8}")
        bom = data.startswith(codecs.BOM_UTF8)
        body = data[len(codecs.BOM_UTF8) :] if bom else data
        encoding = _encoding(data, name)
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError as error:
            row = len(_LINE_END_BYTES.findall(body, 0, error.start)) + 1
            raise SourceError(
                f"{shown(name)}: line {row}: byte {body[error.start]:#04x} is not {encoding}; "
                f"{_AS_UTF8}"
            ) from None
        except (LookupError, UnicodeError):  # `rot13` is a codec, but none of text
            raise SourceError(_bad_cookie(name, encoding)) from None
        return cls(name, text, encoding, bom, data)

    def encode(self, text: str) -> bytes:
        """The bytes of a changed text in the file's own encoding.

        Raises SourceError if the encoding cannot hold it.
        """
        try:
            return (codecs.BOM_UTF8 if self.bom else b"") + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            character = error.object[error.start]
            raise SourceError(
                f"{shown(self.name)}: a fix needs {character!r}, which {self.encoding} does not "
                "have; save the file as UTF-8 to fix it"
            ) from None

    @property
    def path(self) -> str | None:
        """Where the file lies, or would lie; None for a text without a file's name."""
        named = self.name.endswith((".py", ".pyi", ".pyw")) or os.path.isfile(self.name)
        return self.name if named else None

    @property
    def round_trips(self) -> bool:
        """Whether the unchanged text encodes to the very bytes that were read."""
        try:
            return self.data is None or self.encode(self.text) == self.data
        except SourceError:
            return False

    def with_text(self, text: str) -> Source:
        return Source(self.name, text, self.encoding, self.bom, None)

    # --- places -----------------------------------------------------------------------------

    @cached_property
    def line_starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def location(self, offset: int) -> Location:
        row = bisect_right(self.line_starts, offset)
        return Location(row, offset - self.line_starts[row - 1] + 1)

    def line(self, row: int) -> str:
        """A line's text without its line end; empty past the end of the file."""
        if not 1 <= row <= len(self.line_starts):
            return ""
        start = self.line_starts[row - 1]
        end = self.line_starts[row] if row < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    @cached_property
    def comments(self) -> dict[int, str]:
        """The comment of each row that has one, from its ``#`` on."""
        tokens = self._tokens
        return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}

    @cached_property
    def joined_rows(self) -> dict[int, tuple[int, int]]:
        """First and last row of what a string of several lines or a backslash joins, by row."""
        found: dict[int, tuple[int, int]] = {}
        first, last = 0, 0
        for token in self._tokens:
            if token.type in (tokenize.DEDENT, tokenize.ENDMARKER):
                continue
            first, last = first or token.start[0], max(last, token.end[0])
            if token.type in (tokenize.NL, tokenize.NEWLINE):
                if first < last:
                    found.update(dict.fromkeys(range(first, last + 1), (first, last)))
                first, last = 0, 0
        return found

    @cached_property
    def _tokens(self) -> list[tokenize.TokenInfo]:
        # tokenize knows LF only in some versions; the rows are the same.
        plain = _LINE_END.sub("\n", self.text)
        found: list[tokenize.TokenInfo] = []
        with contextlib.suppress(tokenize.TokenError, SyntaxError):  # what was found counts
            found.extend(tokenize.generate_tokens(io.StringIO(plain).readline))
        return found


def _encoding(data: bytes, name: str) -> str:
    """The encoding that Python would read the bytes in. Raises SourceError."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        kind, _, named = (error.msg or "").partition(": ")
        if kind == "unknown encoding":
            raise SourceError(_bad_cookie(name, named)) from None
        if kind == "encoding problem":
            raise SourceError(
                f"{shown(name)}: its encoding comment contradicts its UTF-8 byte order mark; "
                "remove the comment"
            ) from None
        return "utf-8"  # which it is not, and decoding will say where
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _bad_cookie(name: str, encoding: str) -> str:
    return (
        f"{shown(name)}: its encoding comment names {encoding}, which is no encoding of text that "
        "Python knows; correct the comment, or save the file as UTF-8 without it"
    )


def read_bytes(path: str) -> bytes:
    """The bytes of a file. Raises SourceError with a sentence that names the reason."""
    try:
        kind = kind_of(os.stat(path).st_mode)
        if kind is not None:
            raise SourceError(no_file(path, kind))
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        raise SourceError(missing(path)) from None
    except OSError as error:
        raise SourceError(
            f"{shown(path)}: cannot be read, {reason(error)}; make it readable or exclude it"
        ) from None


_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def kind_of(mode: int) -> str | None:
    """What lies at a path, by its mode bits; None if it is a file.

    Nothing else is ever opened: reading a pipe may take for ever, and a device may act on it.
    """
    return None if stat.S_ISREG(mode) else _KINDS.get(stat.S_IFMT(mode), "no file")


def no_file(path: str, kind: str) -> str:
    """The sentence for a path where something other than a file is."""
    if kind == "a folder":
        return f"{shown(path)}: is a folder where a file was expected; check the path"
    return (
        f"{shown(path)}: is {kind}, which is not opened; name a file, or use - for what comes from "
        "another program"
    )


def missing(path: str) -> str:
    """The sentence for a path where nothing is."""
    if os.path.islink(path):
        return (
            f"{shown(path)}: the link points to a file that does not exist; remove it or exclude it"
        )
    return f"{shown(path)}: there is no such file or folder; check the path"


def reason(error: OSError) -> str:
    """The system's reason in a few words, to stand inside a sentence."""
    return (error.strerror or str(error)).lower()
