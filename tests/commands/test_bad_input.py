"""Files that are broken, odd or in the way: one clear sentence each, and nothing is lost."""

from __future__ import annotations

import codecs
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command import FIXED, MODEL, places, run, run_process, write

import dropout_lint.fixing.edits.apply
import dropout_lint.linting.pipeline
import dropout_lint.linting.runner
from dropout_lint.config import Settings
from dropout_lint.files.discovery import File
from dropout_lint.files.source import Source
from dropout_lint.files.writing import write as write_source
from dropout_lint.semantics.syntax.big_stack import on_big_stack

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

# Deep code, at the end of a file with a finding. Where the limit is depends on Python and libcst.
DEEP = {
    "brackets": "y = " + "(" * 5_000 + "1" + ")" * 5_000,
    "lists": "y = " + "[" * 150 + "1" + "]" * 150,
    "calls": "y = a" + ".b()" * 5_000,
    "attributes": "y = a" + ".b" * 5_000,
    "subscripts": "y = a" + "[0]" * 5_000,
    "and": "y = " + " and ".join(["a"] * 5_000),
    "a great many and": "y = " + " and ".join(["a"] * 200_000),
    "sum": "y = " + " + ".join(["a"] * 5_000),
    "comparison": "y = " + " < ".join(["a"] * 5_000),
    "conditional expressions": "y = " + "1 if a else " * 5_000 + "1",
    "not": "y = " + "not " * 5_000 + "1",
    "lambda": "y = " + "lambda: " * 5_000 + "1",
    "strings": "y = (" + "'a'\n" * 5_000 + ")",
    "ifs": "".join("    " * depth + "if a:\n" for depth in range(300)) + "    " * 300 + "pass",
    "elif": "if a:\n    pass\n" + "elif b:\n    pass\n" * 3_000,
    "lists in a pattern": "match x:\n    case " + "[" * 40 + "a" + "]" * 40 + ":\n        pass",
    "classes in a pattern": "match x:\n    case " + "A(b=" * 40 + "a" + ")" * 40 + ": pass",
    "redundant brackets in a pattern": "match x:\n    case " + "(" * 40 + "a" + ")" * 40 + ": pass",
    "mappings in a pattern": "match x:\n    case a: pass\n    case "
    + "{1: " * 40 + "a" + "}" * 40 + ": pass",
    "alternatives in a pattern": "match x:\n    case " + "|".join(["1"] * 3_000) + ": pass",
}  # fmt: skip


# --- files that cannot be linted ----------------------------------------------------------------


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


def test_broken_file_without_a_name_of_the_family_is_not_even_parsed() -> None:
    write("bad.py", "def (\n")
    assert run().code == 0
    assert run("-", stdin=b"def (\n").code == 0


@pytest.mark.parametrize("content", ["", "\n", "# F.dropout(x)\n", '"""F.dropout(x, 0.5)"""', "\f"])
def test_file_without_code_has_no_findings(content: str) -> None:
    path = write("empty.py", content)
    result = run("--fix")
    assert (result.code, result.out) == (0, "No findings; 1 file checked.\n")
    assert path.read_text() == content


# --- files that are odd and fine ----------------------------------------------------------------


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


def test_one_finding_in_twenty_thousand_lines_is_found_and_fixed() -> None:
    path = write("model.py", "x = 1\n" * 20_000 + MODEL)
    result = run("--fix", "--show-intentional")
    assert (result.code, result.out.splitlines()[0]) == (0, "Fixed 1 finding in 1 file.")
    assert path.read_text() == "x = 1\n" * 20_000 + FIXED


# --- deep code ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def deep_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[str]]:
    """Places and problems of one run over all deep files, in a process that may crash."""
    folder = tmp_path_factory.mktemp("deep")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for number, code in enumerate(DEEP.values()):
            write(f"deep_{number:02}.py", MODEL + code + "\n")
        write("good.py")
        result = run_process("--output-format", "concise", "--jobs", "1")
        assert result.code == 2, f"the process ended with {result.code}: {result.err[-2000:]}"
        assert "Traceback" not in result.err
    assert "good.py:7:16" in places(result)
    return places(result), result.problems


@pytest.mark.parametrize("kind", DEEP)
def test_deep_file_is_checked_or_refused_in_one_sentence(
    deep_run: tuple[list[str], list[str]], kind: str
) -> None:
    name = f"deep_{list(DEEP).index(kind):02}.py"
    found, problems = deep_run
    refusals = [problem for problem in problems if problem.startswith(name)]
    assert found.count(f"{name}:7:16") + len(refusals) == 1
    too_deep = "is nested too deeply to be analysed; simplify it or exclude the file"
    syntax = r"line \d+: syntax error, too many .+; correct it or exclude the file"
    libcst = r"line \d+: Python reads this, but libcst, .+; rewrite the line or exclude the file"
    for refusal in refusals:
        assert re.fullmatch(f"{name}: ({too_deep}|{syntax}|{libcst})", refusal)


@pytest.mark.parametrize(
    "code",
    [
        "match x:\n    case A(b=[C(d={1: (e, (f, g))})]): pass",
        "match x:\n    case 1: print(((((((((((x)))))))))))\n    case (2): pass",
        "match ((((((((((x)))))))))):\n    case 1 if ((((((((((x)))))))))): pass",
        "if a:\n    pass\n" + "elif b:\n    pass\n" * 300,
        "y = a" + ".b()" * 200,
        "y = " + " + ".join(["'a'"] * 600),
        "y = " + " or ".join(["a"] * 600),
        "y = [\n" + "    [1, 2, 3],\n" * 500 + "]",
    ],
)
def test_code_that_people_write_is_not_too_deep(code: str) -> None:
    write("model.py", f"{MODEL}{code}\n")
    assert places(run("--output-format", "concise")) == ["model.py:7:16"]


def test_on_a_big_stack_no_other_thread_is_started() -> None:
    assert on_big_stack(lambda: on_big_stack(threading.get_ident) == threading.get_ident())
    assert on_big_stack(threading.get_ident) != threading.get_ident()


def test_finding_inside_deep_code_is_found() -> None:
    ifs = "".join(f"        {' ' * depth}if x:\n" for depth in range(80))
    code = MODEL.replace("        return", f"{ifs}        {' ' * 80}return")
    write("model.py", code)
    assert places(run("--output-format", "concise")) == ["model.py:87:96"]


def test_file_that_libcst_fails_on_is_refused_in_one_sentence() -> None:
    code = MODEL.replace("return F.dropout(x, 0.5)", "return(lambda t: F.dropout(t, 0.5))(x)")
    write("model.py", code)
    result = run("--output-format", "concise")
    if result.problems:  # libcst 1.9 does
        sentence = "model.py: Python reads this, but libcst, .+, or exclude the file"
        assert re.fullmatch(sentence, result.problems[0])
    else:
        assert places(result)


INTRICATE = {
    "loops": "".join(f"        {' ' * depth}for i in x:\n" for depth in range(18))
    + f"        {' ' * 18}x = x + 1\n",
    "functions that call each other": "        def f0(t):\n            return t\n"
    + "".join(
        f"        def f{n}(t):\n            return {' + '.join([f'f{n - 1}(t)'] * 24)}\n"
        for n in range(1, 6)
    )
    + "        x = f5(x)\n",
    "a number that is none": "        n = int(1e999) + int(float('nan'))\n",
}


@pytest.mark.parametrize("code", INTRICATE.values(), ids=INTRICATE)
def test_finding_behind_intricate_code_is_found(code: str) -> None:
    write("model.py", MODEL.replace("        return", f"{code}        return"))
    assert places(run("--output-format", "concise")) == [f"model.py:{7 + code.count(chr(10))}:16"]


def test_many_findings_in_one_function_are_fixed() -> None:
    drops = "".join(f"        x = x + F.dropout(x, 0.{n % 9 + 1})\n" for n in range(400))
    write("model.py", MODEL.replace("        return", f"{drops}        return"))
    assert run("--fix").code == 0
    assert "F.dropout(" not in Path("model.py").read_text()


def test_file_of_many_megabytes_is_refused() -> None:
    write("model.py", TEXT + b"x = 1\n" * 1_400_000)
    result = run()
    assert result.code == 2
    assert result.problems == ["model.py: is larger than 8 MB; exclude it"]


# --- files that are in the way ------------------------------------------------------------------


def test_missing_path_is_an_error_and_the_others_go_on() -> None:
    write("good.py")
    result = run("missing.py", "good.py", "--output-format", "concise")
    assert result.code == 2
    assert result.problems == ["missing.py: there is no such file or folder; check the path"]
    assert places(result) == ["good.py:7:16"]


@pytest.mark.parametrize("paths", [[], ["link.py"]], ids=["found", "named"])
def test_broken_link_is_an_error_and_the_others_go_on(paths: list[str]) -> None:
    write("good.py")
    link("nowhere.py", "link.py")
    result = run(*paths, "--output-format", "concise")
    assert result.code == 2
    assert result.problems == [
        "link.py: the link points to a file that does not exist; remove it or exclude it"
    ]
    assert places(result) == ([] if paths else ["good.py:7:16"])


def test_lock_of_emacs_is_no_broken_link() -> None:
    link("me@host.4711:1", ".#model.py")
    assert run().code == 0


def test_fix_through_a_link_keeps_the_link() -> None:
    write("below/model.py")
    link("below/model.py", "link.py")
    assert run("link.py", "--fix").code == 0
    assert Path("link.py").is_symlink()
    assert Path("below/model.py").read_text() == FIXED


def test_link_and_target_are_one_file() -> None:
    write("model.py")
    link("model.py", "other.py")
    assert places(run("--output-format", "concise")) == ["model.py:7:16"]


def test_path_given_twice_is_linted_once() -> None:
    write("pkg/model.py")
    paths = ["pkg", "pkg/model.py", "./pkg/../pkg/model.py", os.path.abspath("pkg")]
    assert places(run(*paths, "--output-format", "concise")) == ["pkg/model.py:7:16"]


def test_link_to_a_folder_is_not_followed() -> None:
    write("pkg/model.py")
    link(".", "pkg/round.py")
    assert places(run("--output-format", "concise")) == ["pkg/model.py:7:16"]


def test_folder_named_like_a_file_is_a_folder() -> None:
    write("model.py/model.py")
    for paths in [], ["model.py"]:
        assert places(run(*paths, "--output-format", "concise")) == ["model.py/model.py:7:16"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_named_pipe_among_the_files_is_left_alone() -> None:
    os.mkfifo("pipe.py")
    assert run().code == 0


def test_unreadable_file_is_an_error_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    write("bad.py").chmod(0)
    write("good.py")
    if can_read("bad.py"):  # root reads everything
        forbid(monkeypatch, "bad.py")
    result = run("--output-format", "concise", "--jobs", "1")
    assert result.code == 2
    assert result.problems == [
        "bad.py: cannot be read, permission denied; make it readable or exclude it"
    ]
    assert places(result) == ["good.py:7:16"]


def test_unreadable_folder_is_an_error_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write("bad/model.py")
    write("good.py")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if os.path.basename(path) == "bad":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr("dropout_lint.files.discovery.os.scandir", refuse)
    result = run("--output-format", "concise")
    assert result.code == 2
    assert result.problems == [
        "bad: cannot be read, permission denied; make it readable or exclude it"
    ]
    assert places(result) == ["good.py:7:16"]


def test_read_only_file_is_reported_and_not_fixed() -> None:
    bad, good = write("bad.py"), write("good.py")
    bad.chmod(0o444)
    result = run("--fix", "--output-format", "concise")
    assert result.code == 2
    assert result.problems == [
        "bad.py: is read-only and was left as it is; make it writable to fix it"
    ]
    assert places(result) == ["bad.py:7:16"], "its finding is lost"
    assert (bad.read_text(), good.read_text()) == (MODEL, FIXED)
    assert result.out.splitlines()[1:] == [
        "Fixed 1 finding in 1 file.",
        "Left 1 finding in 1 file (1 error); 2 files checked.",
        "1 path could not be fixed, see above.",
    ]


def test_read_only_file_without_a_finding_is_no_error() -> None:
    write("model.py", FIXED).chmod(0o444)
    assert run("--fix").code == 0


def test_fix_keeps_mode_bits_and_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    owners = []
    monkeypatch.setattr(os, "chown", lambda path, *ids: owners.append(ids), raising=False)
    path = write("model.py")
    path.chmod(0o750)
    before = path.stat()
    assert run("--fix").code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert owners == [(before.st_uid, before.st_gid)]


def test_file_that_changes_meanwhile_keeps_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("bad.py")
    write("good.py")
    meanwhile(monkeypatch, lambda: path.write_text("changed = True\n"))
    result = run("--fix", "--output-format", "concise")
    assert result.code == 2
    assert result.problems == [
        "bad.py: changed while it was being fixed and was left as it is; run again"
    ]
    assert path.read_text() == "changed = True\n"
    assert Path("good.py").read_text() == FIXED


def test_file_that_is_removed_meanwhile_stays_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("bad.py")
    write("good.py")
    meanwhile(monkeypatch, lambda: path.unlink(missing_ok=True))
    result = run("--fix", "--output-format", "concise")
    assert result.code == 2
    assert result.problems == ["bad.py: was removed while it was being fixed; run again"]
    assert not path.exists()
    assert Path("good.py").read_text() == FIXED


def test_file_that_is_gone_when_its_turn_comes_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write("good.py")
    files = [File("gone.py", 1, Settings()), File("good.py", 1, Settings())]
    results = dropout_lint.linting.runner.run(files, "lint")
    assert results.errors == ["gone.py: there is no such file or folder; check the path"]
    assert [report.source.name for report in results.reports] == ["good.py"]


EXCHANGE = "dropout_lint.files.replacing.exchange"


@pytest.mark.parametrize(
    "step", ["os.fsync", "os.replace", "os.chmod", "tempfile.mkstemp", EXCHANGE]
)
def test_failure_to_write_leaves_the_file_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    path = write("model.py")
    with monkeypatch.context() as patch:
        patch.setattr(EXCHANGE, lambda *names: False)  # as where files cannot be exchanged
        patch.setattr(step, fail)
        result = run("--fix", "--output-format", "concise")
    assert result.code == 2
    assert result.problems == [
        "model.py: cannot be written, no space left on device; it was left as it is, "
        "make room or change the permissions of its folder"
    ]
    assert places(result) == ["model.py:7:16"]
    assert path.read_text() == MODEL
    assert os.listdir() == ["model.py"]


@pytest.mark.parametrize("step", ["os.replace", EXCHANGE])
def test_interrupt_while_writing_leaves_the_file_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def interrupt(*args: object) -> None:
        raise KeyboardInterrupt

    path = write("model.py")
    monkeypatch.setattr(EXCHANGE, lambda *names: False)
    monkeypatch.setattr(step, interrupt)
    result = run("--fix")
    assert result.code == 2
    assert result.problems == ["interrupted, so not everything was done"]
    assert path.read_text() == MODEL
    assert os.listdir() == ["model.py"]


# --- our own faults -----------------------------------------------------------------------------


class Panic(BaseException):
    """What a panic in libcst's Rust code comes as."""


@pytest.mark.parametrize("error", [ValueError("two\nlines"), Panic("no"), MemoryError()], ids=repr)
def test_internal_error_is_one_sentence_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def lint(source: Source, *args: object) -> object:
        if source.name == "bad.py":
            raise error
        return original(source, *args)

    original = dropout_lint.linting.pipeline._analyse
    monkeypatch.setattr("dropout_lint.linting.pipeline._analyse", lint)
    bad, good = write("bad.py"), write("good.py")
    result = run("--fix", "--jobs", "1")
    assert result.code == 2
    assert len(result.problems) == len(result.err.splitlines()) == 1
    assert re.fullmatch(
        rf"bad\.py: internal error, {type(error).__name__} at test_bad_input\.py:\d+ \(.*\); "
        "the file was left as it is, please report this as a bug of dropout-lint",
        result.problems[0],
    )
    assert (bad.read_text(), good.read_text()) == (MODEL, FIXED)


@pytest.mark.parametrize(
    ("splice", "says"),
    [
        (lambda *args: "def (", "a fix would not parse, so the file was left as it is; "),
        (
            lambda text, *args: text + "#\n",
            "fixes leave something to fix without end, so the file was left as it was; ",
        ),
    ],
    ids=["would not parse", "without end"],
)
def test_fixes_that_go_wrong_are_not_written(
    splice: Callable[..., str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dropout_lint.fixing.edits.apply.splice", splice)
    path = write("model.py")
    result = run("--fix", "--output-format", "concise")
    assert result.code == 2
    assert result.problems == [f"model.py: {says}please report this as a bug of dropout-lint"]
    assert places(result) == ["model.py:7:16"]
    assert path.read_text() == MODEL


@pytest.mark.skipif(sys.platform != "linux", reason="the pool forks on Linux only")
def test_worker_that_is_killed_costs_its_file_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(path: str, *args: object) -> object:
        if path == "bad_07.py":
            os._exit(1)
        return original(path, *args)  # type: ignore[arg-type]

    original = dropout_lint.linting.runner.check_file
    monkeypatch.setattr("dropout_lint.linting.runner.check_file", check)
    for number in range(20):
        write(f"bad_{number:02}.py")
    result = run("--jobs", "2", "--output-format", "concise")
    assert result.code == 2
    assert result.problems == [
        "bad_07.py: the process that checked it was killed, perhaps for want of memory; "
        "exclude the file"
    ]
    assert len(places(result)) == 19


# --- helpers ------------------------------------------------------------------------------------


def link(target: str, name: str) -> None:
    try:
        os.symlink(target, name)
    except (OSError, NotImplementedError):
        pytest.skip("no symbolic links here")


def can_read(name: str) -> bool:
    return os.access(name, os.R_OK)


def forbid(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let opening a file fail as it does for anybody but root."""

    def refuse(path: str, *args: object, **options: object) -> object:
        if path == name:
            raise PermissionError(13, "Permission denied", path)
        return open(path, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("dropout_lint.files.source.open", refuse, raising=False)


def meanwhile(monkeypatch: pytest.MonkeyPatch, event: object) -> None:
    """Let something happen to ``bad.py`` between reading and writing it."""

    def write(path: str, *args: bytes) -> None:
        if path == "bad.py":
            event()  # type: ignore[operator]
        write_source(path, *args)

    monkeypatch.setattr("dropout_lint.linting.runner.write", write)
