"""Files that are broken or odd: one clear sentence each, and nothing is lost."""

from __future__ import annotations

import codecs
import re
import shutil
import subprocess

import pytest
from support.command import FIXED, MODEL, places, run, run_process, write

import dropout_lint.fixing.edits.apply
import dropout_lint.linting.pipeline
import dropout_lint.linting.runner

pytestmark = pytest.mark.usefixtures("here")

TEXT = MODEL.encode()

UMLAUT = "# Größe\n".encode("latin-1")


# Content that cannot be linted, and the sentence for it (a regular expression).
BROKEN = {
    "syntax error": (TEXT + b"def (\n", "line 8: syntax error, .+; correct it or exclude the file"),
    "unclosed bracket": (TEXT + b"x = (\n", "line 8: syntax error, .+; correct it .+"),
    "unclosed string": (TEXT + b"x = '''\n", "line [89]: syntax error, .+; correct it .+"),
    "tabs and spaces": (
        TEXT + b"if 1:\n        x\n\ty\n",
        "line 10: syntax error, .+; correct it or exclude the file",
    ),
    "null byte": (
        TEXT + b"x = '\0'\n",
        "line 8: syntax error, a null byte; correct it or exclude the file",
    ),
    "latin-1 without a cookie": (
        TEXT + UMLAUT,
        "line 8: byte 0xf6 is not utf-8; save the file as UTF-8",
    ),
    "latin-1 in the first line": (
        UMLAUT + TEXT,
        "line 1: byte 0xf6 is not utf-8; save the file as UTF-8",
    ),
    "latin-1 after a BOM": (
        codecs.BOM_UTF8 + TEXT + UMLAUT,
        "line 8: byte 0xf6 is not utf-8; save the file as UTF-8",
    ),
    "latin-1 with lone CR": (
        (TEXT + UMLAUT).replace(b"\n", b"\r"),
        "line 8: byte 0xf6 is not utf-8; save the file as UTF-8",
    ),
    "unknown cookie": (
        b"# coding: klingon\n" + TEXT,
        "its encoding comment names klingon, .+; correct the comment, or save the file as UTF-8 .+",
    ),
    "cookie of a codec that is none of text": (
        b"# coding: rot13\n" + TEXT,
        "its encoding comment names rot13, .+; correct the comment, or save the file as UTF-8 .+",
    ),
    "cookie that fails whatever it reads": (
        b"# coding: undefined\n" + TEXT,
        "its encoding comment names undefined, .+; correct the comment, or save .+",
    ),
    "cookie against a BOM": (
        codecs.BOM_UTF8 + b"# coding: latin-1\n" + TEXT,
        "its encoding comment contradicts its UTF-8 byte order mark; remove the comment",
    ),
    "UTF-16": (
        MODEL.encode("utf-16"),
        "is UTF-16, which Python does not read; save the file as UTF-8",
    ),
    "UTF-16, big end first": (
        codecs.BOM_UTF16_BE + MODEL.encode("utf-16-be"),
        "is UTF-16, which Python does not read; save the file as UTF-8",
    ),
}


# Content that is odd and fine: finding and fix are those of the plain file, transformed alike.
ODD = {
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "lone CR": lambda text: text.replace("\n", "\r").encode(),
    "BOM": lambda text: codecs.BOM_UTF8 + text.encode(),
    "BOM and cookie": lambda text: codecs.BOM_UTF8 + b"# coding: utf-8\n" + text.encode(),
    "BOM and CRLF": lambda text: codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode(),
    "latin-1 cookie": lambda text: b"# coding: latin-1\n" + UMLAUT + text.encode(),
    "cookie in the second line": lambda text: (
        b"#!/bin/python\n# coding: cp1252\n#\x80\n" + text.encode()
    ),
    "tabs": lambda text: text.replace("    ", "\t").encode(),
    "no final newline": lambda text: text.rstrip("\n").encode(),
    "form feeds": lambda text: text.replace("\n\n\n", "\n\n\f\n").encode(),
    "blanks at the ends of lines": lambda text: text.replace("nn\n", "nn   \n").encode(),
    "letters beyond the basic plane": lambda text: ("'𝔘😀'\n" + text).encode(),
}


@pytest.mark.parametrize("fix", [False, True], ids=["lint", "fix"])
@pytest.mark.parametrize(("content", "sentence"), BROKEN.values(), ids=BROKEN)
def test_broken_file_gets_one_sentence_and_the_others_go_on(
    content: bytes, sentence: str, fix: bool
) -> None:
    bad, good = write("bad.py", content), write("good.py")

    result = run("--output-format", "concise", *(["--fix"] if fix else []))

    assert result.code == 2
    assert len(result.problems) == 1
    assert re.fullmatch(f"bad.py: {sentence}", result.problems[0])
    assert bad.read_bytes() == content
    if fix:
        assert good.read_text() == FIXED
        assert "Fixed 1 finding in 1 file." in result.out
    else:
        assert places(result) == ["good.py:7:16"]
        assert "1 file checked" in result.out
    assert "1 path could not be checked, see above." in result.out


@pytest.mark.slow
def test_broken_files_together_end_no_process() -> None:
    for number, (content, _) in enumerate(BROKEN.values()):
        write(f"bad_{number:02}.py", content)
    write("good.py")

    result = run_process("--output-format", "concise")

    assert result.code == 2
    named = [problem.partition(":")[0] for problem in result.problems]
    assert named == [f"bad_{number:02}.py" for number in range(len(BROKEN))]
    assert places(result) == ["good.py:7:16"]
    assert len(result.err.splitlines()) == len(BROKEN), "something else is said"


@pytest.mark.parametrize(("content", "sentence"), BROKEN.values(), ids=BROKEN)
def test_broken_stdin_comes_back_as_it_was(content: bytes, sentence: str) -> None:
    for option, out in ("--fix", content), ("--diff", b""), ("--output-format=json", b"[]\n"):
        result = run("-", "--stdin-filename", "bad.py", option, stdin=content)
        assert (result.code, result.raw) == (2, out)
        assert re.fullmatch(f"bad.py: {sentence}", result.problems[0])


def test_broken_file_without_a_name_of_the_family_is_parsed_only_if_it_is_named() -> None:
    write("bad.py", "def (\n")
    assert run().code == 0
    for named in run("bad.py"), run("-", stdin=b"def (\n"):
        assert (named.code, named.out) == (2, "1 path could not be checked, see above.\n")
        assert "line 1: syntax error" in named.problems[0]


@pytest.mark.parametrize(
    ("text", "kind"), [('{"cells": []}', "a notebook"), ('{"loss": null}', "JSON")]
)
def test_json_from_stdin_is_no_python(text: str, kind: str) -> None:
    result = run("-", stdin=text.encode())
    assert result.code == 2
    assert result.problems == [f"<stdin>: is {kind}, not Python; give its code as Python"]
    assert run("-", stdin=b"[1, 2]").code == run("-", stdin=b"{}").code == 0


@pytest.mark.parametrize("content", ["", "\n", "# F.dropout(x)\n", '"""F.dropout(x, 0.5)"""', "\f"])
def test_file_without_code_has_no_findings(content: str) -> None:
    path = write("empty.py", content)
    result = run("--fix")
    assert (result.code, result.out) == (0, "No findings; 1 file checked.\n")
    assert path.read_text() == content


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_fix_of_an_odd_file_changes_no_byte_outside_the_edit(odd: object) -> None:
    path = write("odd.py", odd(MODEL))  # type: ignore[operator]
    assert run().code == 1
    assert run("--fix").code == 0
    assert path.read_bytes() == odd(FIXED)  # type: ignore[operator]


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_fix_of_odd_stdin_changes_no_byte_outside_the_edit(odd: object) -> None:
    assert run("-", "--fix", stdin=odd(MODEL)).raw == odd(FIXED)  # type: ignore[operator]


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git to apply the diff")
def test_diff_of_an_odd_file_applies_and_gives_what_fix_gives(odd: object) -> None:
    path = write("odd.py", odd(MODEL))  # type: ignore[operator]
    diff = run("--diff").raw
    assert path.read_bytes() == odd(MODEL), "a diff writes nothing"  # type: ignore[operator]
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=diff, check=True)
    assert path.read_bytes() == odd(FIXED)  # type: ignore[operator]


def test_fix_that_the_encoding_cannot_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"# coding: cp1252\n" + UMLAUT + TEXT
    path = write("model.py", content)
    splice = dropout_lint.fixing.edits.apply.splice

    def with_snowman(text: str, edits: object) -> str:
        return splice(text, edits) + ("" if "\N{SNOWMAN}" in text else "# \N{SNOWMAN}\n")

    monkeypatch.setattr("dropout_lint.fixing.edits.apply.splice", with_snowman)
    result = run("--fix", "--output-format", "concise")
    assert result.code == 2
    assert result.problems == [
        "model.py: a fix needs '\N{SNOWMAN}', which cp1252 does not have; "
        "save the file as UTF-8 to fix it"
    ]
    assert places(result) == ["model.py:9:16"]
    assert path.read_bytes() == content


def test_encoding_that_does_not_come_back_byte_for_byte_is_not_fixed() -> None:
    content = b"# coding: utf-7\n# a+-b ~\n" + TEXT
    path = write("model.py", content)
    result = run("--fix", "--output-format", "concise")
    assert (result.code, path.read_bytes()) == (2, content)
    assert result.problems == [
        "model.py: utf-7 does not give the same bytes back, so nothing was fixed; "
        "save the file as UTF-8"
    ]
    assert places(result) == ["model.py:9:16"]


@pytest.mark.slow
def test_one_finding_in_twenty_thousand_lines_is_found_and_fixed() -> None:
    path = write("model.py", "x = 1\n" * 20_000 + MODEL)
    result = run("--fix", "--show-intentional")
    assert (result.code, result.out.splitlines()[0]) == (0, "Fixed 1 finding in 1 file.")
    assert path.read_text() == "x = 1\n" * 20_000 + FIXED
