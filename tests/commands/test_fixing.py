"""What the options for fixing write, show and count."""

from __future__ import annotations

import subprocess

import pytest
from support.command import (
    FIXED,
    FLAGGED,
    HARDCODED,
    MODEL,
    places,
    run,
    write,
)
from support.runs import CONCISE

pytestmark = pytest.mark.usefixtures("here")


def test_fix_writes_and_says_what_it_did() -> None:
    path = write("model.py")
    result = run("--fix")
    assert path.read_text() == FIXED
    assert result.out == "Fixed 1 finding in 1 file.\nNo findings left; 1 file checked.\n"


def test_fix_reports_what_is_left_where_it_now_stands() -> None:
    write("model.py", MODEL + "\n\n" + HARDCODED.replace("class Net", "class Other"))
    result = run("--fix", CONCISE)
    assert places(result) == ["model.py:20:16"]
    assert result.out.splitlines()[1:] == [
        "Fixed 1 finding in 1 file.",
        "Left 1 finding in 1 file (1 warning); 1 file checked.",
        "1 unsafe fix available with `--unsafe-fixes`.",
    ]


def test_fix_twice_changes_nothing_more() -> None:
    path = write("model.py")
    run("--fix")
    before = path.stat().st_mtime_ns, path.stat().st_ino
    assert run("--fix").out == "No findings; 1 file checked.\n"
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before, "it was written"


@pytest.mark.parametrize(("style", "fixed"), [("module", FIXED), ("flag", FLAGGED)])
def test_fix_style(style: str, fixed: str) -> None:
    path = write("model.py")
    run("--fix", "--fix-style", style)
    assert path.read_text() == fixed


def test_diff_shows_what_fix_would_do_and_writes_nothing() -> None:
    path = write("pkg/model.py")
    result = run("--diff")
    assert (result.code, path.read_text()) == (1, MODEL)
    assert result.out.startswith(
        "--- a/pkg/model.py\n+++ b/pkg/model.py\n@@ -1,7 +1,10 @@\n-import"
    )
    assert "\n-        return F.dropout(x, 0.5)\n+        return self.dropout(x)\n" in result.out
    assert (
        result.err == "Would fix 1 finding in 1 file.\nNo findings would be left; 1 file checked.\n"
    )


def test_diff_wins_over_fix() -> None:
    path = write("model.py")
    for option in "--fix", "--fix-only":
        assert run("--diff", option).code == 1
        assert path.read_text() == MODEL


@pytest.mark.parametrize("name", ["with space.py", "größe.py"])
def test_diff_of_a_file_with_an_odd_name_applies(name: str) -> None:
    path = write(name)
    subprocess.run(["git", "apply", "-"], input=run("--diff").raw, check=True)
    assert path.read_text() == FIXED


def test_fix_only_reports_nothing() -> None:
    path = write("model.py", MODEL + "\n\n" + HARDCODED.replace("class Net", "class Other"))
    result = run("--fix-only", "-q")
    assert (result.code, result.out, result.err) == (0, "", "")
    assert "self.dropout(x)" in path.read_text()


def test_unsafe_fixes_are_counted_and_not_shown() -> None:
    path = write("model.py", HARDCODED)
    result = run()
    assert "help: " in result.out and "(unsafe fix)" in result.out
    assert "+         return" not in result.out
    assert result.out.endswith("1 unsafe fix available with `--unsafe-fixes`.\n")
    assert run("--fix").out.endswith("1 unsafe fix available with `--unsafe-fixes`.\n")
    assert path.read_text() == HARDCODED


def test_unsafe_fixes_are_shown_and_applied_where_wanted() -> None:
    path = write("model.py", HARDCODED)
    result = run("--unsafe-fixes")
    assert "+         return F.dropout(x, 0.5, training=self.training)" in result.out
    assert result.out.endswith("[*] 1 fixable with `--fix`.\n")
    assert run("--unsafe-fixes", "--fix").code == 0
    assert path.read_text() == FLAGGED


def test_hint_counts_safe_and_unsafe_fixes() -> None:
    write("a.py")
    write("b.py", HARDCODED)
    hint = "[*] 1 fixable with `--fix`, 1 more with `--fix --unsafe-fixes`.\n"
    assert run().out.endswith(hint)


def test_configured_fixing_can_be_taken_back() -> None:
    write("pyproject.toml", "[tool.dropout-lint]\nfix = true\nunsafe-fixes = true\n")
    path = write("model.py", HARDCODED)
    assert run("--no-fix").code == 1
    assert run("--no-unsafe-fixes").code == 1
    assert path.read_text() == HARDCODED
    assert run().code == 0
    assert path.read_text() == FLAGGED
