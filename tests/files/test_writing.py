"""What belongs to a file stays when it is fixed, and what cannot be written is left as it is."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import socket
import stat
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command import FIXED, MODEL, places, run, run_process, write

from dropout_lint.files import replacing
from dropout_lint.files.writing import write as write_source

pytestmark = pytest.mark.usefixtures("here")

linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux has these")
root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")


def fix(*paths: str) -> list[str]:
    """Fix all; the sentences on stderr."""
    return run("--fix", *paths).problems


# --- attributes ---------------------------------------------------------------------------------


def acl(*entries: tuple[int, int, int]) -> bytes:
    """A POSIX ACL as Linux keeps it: tag, permissions and number of each entry."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


NOBODY = 0xFFFFFFFF
ACL = acl((1, 6, NOBODY), (2, 4, 12345), (4, 4, NOBODY), (0x10, 4, NOBODY), (0x20, 0, NOBODY))


def set_attribute(path: str, name: str, value: bytes) -> None:
    try:
        os.setxattr(path, name, value)
    except OSError:
        pytest.skip("no such attributes here")


@linux
@pytest.mark.parametrize(
    ("name", "value"), [("user.note", b"by hand"), ("system.posix_acl_access", ACL)]
)
def test_extended_attributes_are_kept(name: str, value: bytes) -> None:
    path = write("model.py")
    set_attribute("model.py", name, value)
    inode = path.stat().st_ino
    assert fix() == []
    assert path.read_text() == FIXED
    assert os.getxattr("model.py", name) == value
    assert path.stat().st_ino != inode, "it was written in place"


@linux
def test_file_takes_no_acl_from_its_folder() -> None:
    write("model.py").chmod(0o640)
    set_attribute(".", "system.posix_acl_default", ACL)
    assert fix() == []
    assert "system.posix_acl_access" not in os.listxattr("model.py")
    assert stat.S_IMODE(os.stat("model.py").st_mode) == 0o640


@linux
def test_attribute_that_cannot_be_set_has_the_file_written_in_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    path = write("model.py")
    set_attribute("model.py", "user.note", b"by hand")
    inode = path.stat().st_ino
    monkeypatch.setattr(os, "setxattr", refuse)
    [sentence] = fix()
    assert sentence == (
        "model.py: has an owner or attributes that a new file cannot be given, so it was written "
        "in place"
    )
    assert (path.read_text(), path.stat().st_ino) == (FIXED, inode)
    assert os.getxattr("model.py", "user.note") == b"by hand"
    assert os.listdir() == ["model.py"]


@linux
@root
@pytest.mark.parametrize("as_root", [True, False])
def test_owner_and_group_are_kept(as_root: bool, here: Path) -> None:
    for folder in [here, *here.parents[:-2]]:
        folder.chmod(0o777)
    path = write("model.py")
    os.chown(path, 12345, 12346)
    path.chmod(0o666)

    def other() -> None:
        write_source("model.py", FIXED.encode(), MODEL.encode())

    if as_root:
        other()
    else:
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                os.setgroups([])
                os.setgid(23456)
                os.setuid(23456)
                other()
            os._exit(0)
        os.waitpid(child, 0)
    status = path.stat()
    assert (path.read_text(), status.st_uid, status.st_gid) == (FIXED, 12345, 12346)
    assert os.listdir() == ["model.py"]


# --- several names, mounts, folders -------------------------------------------------------------


def test_all_names_of_a_file_get_the_fix() -> None:
    path = write("model.py")
    os.link("model.py", "other.txt")
    result = run("--fix")
    assert result.code == 0
    assert result.problems == [
        "model.py: has several names (hard links), so it was written in place"
    ]
    assert path.read_text() == Path("other.txt").read_text() == FIXED
    assert path.stat().st_ino == Path("other.txt").stat().st_ino
    assert sorted(os.listdir()) == ["model.py", "other.txt"]


@pytest.mark.parametrize("at", [1, 2])
def test_failure_to_write_in_place_brings_back_what_was_there(
    at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is for want of room; the second is that even the old content cannot be written."""
    path = write("model.py")
    os.link("model.py", "other.txt")
    original, calls = os.ftruncate, []

    def fail(handle: int, size: int) -> None:
        calls.append(size)
        if len(calls) <= at:
            raise OSError(errno.ENOSPC, "No space left on device")
        original(handle, size)

    with monkeypatch.context() as patch:
        patch.setattr(os, "ftruncate", fail)
        result = run("--fix")
    assert result.code == 2
    [sentence] = result.problems
    if at == 1:
        assert sentence.startswith("model.py: cannot be written, no space left on device; it was")
        assert path.read_text() == MODEL
        assert sorted(os.listdir()) == ["model.py", "other.txt"]
    else:
        [copy] = [name for name in os.listdir() if name.endswith(".model.py.copy")]
        assert sentence == (
            "model.py: was written in part, no space left on device; "
            f"what it was before is in {copy} beside it"
        )
        assert Path(copy).read_text() == MODEL


def test_file_that_changes_before_it_is_written_in_place_keeps_the_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = write("model.py")
    os.link("model.py", "other.txt")
    original = os.fsync

    def fsync(handle: int) -> None:  # of the safety copy
        original(handle)
        path.write_text("changed = True\n")

    monkeypatch.setattr(os, "fsync", fsync)
    assert fix() == ["model.py: changed while it was being fixed and was left as it is; run again"]
    assert path.read_text() == Path("other.txt").read_text() == "changed = True\n"
    assert sorted(os.listdir()) == ["model.py", "other.txt"]


@contextlib.contextmanager
def prepared(do: list[str], undo: list[str]) -> Iterator[None]:
    """Run a program that needs root and a system that lets it, and another one afterwards."""
    if shutil.which(do[0]) is None or subprocess.run(do, capture_output=True).returncode:
        pytest.skip(f"{do[0]} cannot do that here")
    try:
        yield
    finally:
        subprocess.run(undo, check=True)


@linux
@root
def test_file_that_is_mounted_by_itself_is_written_in_place() -> None:
    outside, path = write("outside/model.py"), write("model.py")
    with prepared(["mount", "--bind", str(outside), "model.py"], ["umount", "model.py"]):
        assert fix("model.py") == ["model.py: is mounted by itself, so it was written in place"]
        assert path.read_text() == outside.read_text() == FIXED
        assert sorted(os.listdir()) == ["model.py", "outside"]


@linux
@root
def test_nothing_stays_in_an_append_only_folder() -> None:
    path = write("pkg/model.py")
    with prepared(["chattr", "+a", "pkg"], ["chattr", "-a", "pkg"]):
        assert fix() == [
            "pkg/model.py: lies in an append-only folder and was left as it is; "
            "take that attribute off the folder to fix it"
        ]
        assert path.read_text() == MODEL
        assert os.listdir("pkg") == ["model.py"]


@linux
@root
def test_full_disk_loses_nothing() -> None:
    Path("disk").mkdir()
    with prepared(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", "disk"], ["umount", "disk"]):
        code = MODEL + "# " + "x" * 9_000 + "\n"
        path = write("disk/model.py", code)
        result = run("--fix")
        assert result.code == 2
        assert result.problems == [
            "disk/model.py: cannot be written, no space left on device; it was left as it is, "
            "make room or change the permissions of its folder"
        ]
        assert path.read_text() == code
        assert os.listdir("disk") == ["model.py"]


@linux
@root
def test_folder_that_cannot_be_written_to_loses_nothing() -> None:
    path = write("pkg/model.py")
    with prepared(["chattr", "+i", "pkg"], ["chattr", "-i", "pkg"]):
        [sentence] = fix()
    assert sentence.startswith("pkg/model.py: cannot be written, operation not permitted; it was")
    assert path.read_text() == MODEL


# --- closed output ------------------------------------------------------------------------------


@linux
@pytest.mark.parametrize("options", [[], ["--output-format=json"], ["--diff"], ["--fix"], ["-"]])
def test_output_that_is_full_or_closed_is_one_sentence(options: list[str]) -> None:
    command = f"{sys.executable} -m dropout_lint {' '.join(options)}"
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for redirected in [">/dev/full", "| true", ">&-"]:
        write("model.py")
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command} {redirected}"],
            input=MODEL, env=here, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if redirected == "| true" and done.returncode in (0, 1):
            continue  # it was read before the pipe was closed
        assert done.returncode == 2, redirected
        lines = [line for line in done.stderr.splitlines() if line.startswith("dropout-lint: ")]
        assert len(lines) == 1, (redirected, done.stderr)
        assert lines[0].startswith("dropout-lint: the output cannot be written, "), redirected
        assert "Traceback" not in done.stderr
        assert Path("model.py").read_text() in (MODEL, FIXED)


# --- no files -----------------------------------------------------------------------------------


def pipe(name: str) -> None:
    os.mkfifo(name)


def socket_at(name: str) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)


SPECIAL = {
    "a pipe": pipe,
    "a socket": socket_at,
    "a device": lambda name: os.symlink("/dev/zero", name),
}


@linux
@pytest.mark.parametrize("kind", SPECIAL)
@pytest.mark.parametrize("linked", [False, True])
def test_what_is_no_file_is_never_opened(kind: str, linked: bool) -> None:
    SPECIAL[kind]("special.py")
    name = "special.py"
    if linked:
        os.symlink("special.py", "link.py")
        name = "link.py"
    write("model.py")
    result = run_process(name, "model.py", "--output-format=concise")
    assert result.code == 2
    assert result.problems == [
        f"{name}: is {kind}, which is not opened; name a file, or use - for what comes from "
        "another program"
    ]
    assert places(result) == ["model.py:7:16"]
    assert run_process().code == 1


@linux
@pytest.mark.parametrize(
    "name", [".gitignore", "pyproject.toml", "layers.py", "__init__.py", "setup.py"]
)
def test_pipe_beside_a_file_is_never_opened(name: str) -> None:
    Path(".git").mkdir()
    pipe(name)
    write("model.py", f"from layers import drop\nfrom .layers import other\n{MODEL}")
    write("caller.py", f"from model import Net\nfrom layers import *\n{MODEL}")
    assert run_process("--jobs=1").code == 1


# --- links out of the project -------------------------------------------------------------------


def link_out() -> Path:
    outside = write("outside/model.py")
    write("project/pyproject.toml", "[tool.dropout-lint]\n")
    write("project/inside/model.py")
    os.symlink("../outside/model.py", "project/link.py")
    os.symlink("inside/model.py", "project/again.py")
    return outside


def test_link_out_of_the_project_is_linted_and_not_fixed() -> None:
    outside = link_out()
    result = run("--fix", "--output-format=concise", "project")
    assert result.code == 1
    assert places(result) == ["project/link.py:7:16"]
    assert result.problems == [
        "project/link.py: is a link out of the project and was left as it is; name it to fix it"
    ]
    assert outside.read_text() == MODEL
    assert Path("project/inside/model.py").read_text() == FIXED


@pytest.mark.parametrize("paths", [["project/link.py"], ["project", "project/link.py"], ["."]])
def test_link_that_is_named_is_fixed(paths: list[str]) -> None:
    outside = link_out()
    assert fix(*paths) == []
    assert outside.read_text() == FIXED
    assert Path("project/link.py").is_symlink()


def test_diff_leaves_out_links_out_of_the_project() -> None:
    link_out()
    result = run("--diff", "project")
    assert "b/project/link.py" not in result.out
    assert "b/project/again.py" in result.out


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a\x1b[31m.py", "a\n::error::b.py", "a\x9b31m.py", "a\u202eb.py"])
def test_names_on_stderr_obey_nobody(name: str) -> None:
    try:
        write(name, f"{MODEL}def (\n")
    except OSError:
        pytest.skip("no such names here")
    escaped = name.encode("unicode_escape").decode()
    for result in run(), run(name), run(f"{name}x"):
        [line] = [line for line in result.err.splitlines() if "files checked" not in line][:1]
        assert line.startswith(f"dropout-lint: {escaped}")
        assert result.err.isprintable() or set(result.err) - {"\n"} <= set(map(chr, range(32, 127)))


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize(
    "name", ["a\x1b[31m.py", 'a"b.py', "a\\b.py", "a\tb\nc.py", "größe.py", "a b.py", "a\u202e.py"]
)
def test_diff_with_an_odd_name_is_applied_by_git(name: str) -> None:
    try:
        path = write(name)
    except OSError:
        pytest.skip("no such names here")
    diff = run("--diff").raw
    assert not any(sign in diff for sign in (b"\x1b", b"\xe2\x80\xae"))
    subprocess.run(["git", "apply", "-"], input=diff, check=True)
    assert path.read_text() == FIXED


def test_exchange_is_not_missed_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replacing, "exchange", lambda *names: False)
    path = write("model.py")
    assert fix() == []
    assert path.read_text() == FIXED
    assert os.listdir() == ["model.py"]
