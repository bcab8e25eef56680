"""One file as text and back: encoding, BOM, line ends, atomic writing."""

from __future__ import annotations

import codecs
import io
import os
import re
import tempfile
import tokenize
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from dropout_lint.diagnostics import Location

_LINE_END = re.compile(r"\r\n|\r|\n")


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
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        except SyntaxError as error:
            raise SourceError(f"{name}: {error.msg}; fix the encoding comment") from None
        bom = data.startswith(codecs.BOM_UTF8)
        encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        try:
            text = data[3 if bom else 0 :].decode(encoding)
        except UnicodeDecodeError as error:
            row = data.count(b"\n", 0, error.start) + 1
            raise SourceError(
                f"{name}: byte {data[error.start]:#04x} in line {row} is not {encoding}; save the "
                f"file as UTF-8 or name its encoding in the first line"
            ) from None
        return cls(name, text, encoding, bom, data)

    def encode(self, text: str) -> bytes:
        """The bytes of a changed text in the file's own encoding.

        Raises SourceError if the encoding cannot hold it.
        """
        try:
            return (codecs.BOM_UTF8 if self.bom else b"") + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise SourceError(
                f"{self.name}: cannot be written as {self.encoding}: {error}"
            ) from None

    @property
    def round_trips(self) -> bool:
        """Whether the unchanged text encodes to the very bytes that were read."""
        return self.data is None or self.encode(self.text) == self.data

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
        # tokenize knows LF only in some versions; the rows are the same.
        plain = _LINE_END.sub("\n", self.text)
        found: dict[int, str] = {}
        try:
            for token in tokenize.generate_tokens(io.StringIO(plain).readline):
                if token.type == tokenize.COMMENT:
                    found[token.start[0]] = token.string
        except (tokenize.TokenError, SyntaxError):
            pass  # what was found up to there counts
        return found


def read_bytes(path: str) -> bytes:
    """The bytes of a file. Raises SourceError with a sentence that names the reason."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        if os.path.islink(path):
            raise SourceError(f"{path}: the link points to a file that does not exist") from None
        raise SourceError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise SourceError(f"{path}: is a directory") from None
    except PermissionError:
        raise SourceError(f"{path}: cannot be read, permission denied") from None
    except OSError as error:
        raise SourceError(
            f"{path}: cannot be read, {(error.strerror or str(error)).lower()}"
        ) from None


def write(path: str, data: bytes, expected: bytes) -> None:
    """Replace a file's content at once, keeping mode bits and links.

    Raises SourceError, and leaves the file as it is, if it is read-only or no longer holds
    ``expected``.
    """
    target = os.path.realpath(path)
    try:
        status = os.stat(target)
    except OSError:
        raise SourceError(f"{path}: was removed while it was being fixed") from None
    if not status.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise SourceError(f"{path}: is read-only and was left as it is; make it writable to fix it")
    if read_bytes(target) != expected:
        raise SourceError(
            f"{path}: changed while it was being fixed and was left as it is; run again"
        )
    folder, base = os.path.split(target)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{base}.", suffix=".tmp", dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, status.st_mode & 0o7777)
        os.replace(temporary, target)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        reason = (error.strerror or str(error)).lower()
        raise SourceError(f"{path}: cannot be written, {reason}; it was left as it is") from None
