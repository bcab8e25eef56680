"""Files that are in the way: links, locks, rights, and changes in the meantime."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from support.command import FIXED, MODEL, places, run, write

import dropout_lint.fixing.edits.apply
import dropout_lint.linting.pipeline
import dropout_lint.linting.runner
from dropout_lint.config import Settings
from dropout_lint.files.discovery import File
from dropout_lint.files.writing import write as write_source

pytestmark = pytest.mark.usefixtures("here")


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
