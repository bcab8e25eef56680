"""What people read: code frames, changes and closing lines, compared with kept snapshots.

After a change of layout write them anew with ``pytest --update-snapshots`` and read them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command import CLEAN, HARDCODED, INTENTIONAL, MODEL, run, write

from dropout_lint.output.frame import columns

pytestmark = pytest.mark.usefixtures("here")

Compare = Callable[[str, str], None]

HEAD = MODEL.partition("        return")[0]
SDPA = "F.scaled_dot_product_attention"

# A finding without a fix.
UNFIXABLE = """\
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        while not self.training:
            self.p = 0.0
            break
        return nn.functional.dropout(x, self.p, self.training)
"""

# What is in the file, and further options.
FRAMES: dict[str, tuple[str, list[str]]] = {
    "one": (MODEL, []),
    "flag": (MODEL, ["--fix-style=flag"]),
    "unsafe_fix_hidden": (HARDCODED, []),
    "unsafe_fix_shown": (HARDCODED, ["--unsafe-fixes"]),
    "no_fix": (UNFIXABLE, []),
    "several_lines": (
        f"{HEAD}        return F.dropout(\n            x,\n\n            p=0.5,\n        )\n", []
    ),
    "several_lines_from_the_margin": (HEAD + "        return (x,\nF.dropout(x,\np=0.5))\n", []),
    "many_lines": (
        f"{HEAD}        return F.dropout(\n            sum([\n"
        + "".join(f"                x * {number},\n" for number in range(20))
        + "            ]),\n            0.5,\n        )\n",
        ["--fix-style=flag"],
    ),
    "rate_of_several_lines": (
        f"{HEAD}        return {SDPA}(x, x, x, dropout_p=max(\n            0.1,  # at least\n"
        "            self.p,\n        ))\n",
        [],
    ),
    "tabs": (MODEL.replace("    ", "\t").replace("return ", "return\tx,\t"), []),
    "wide_characters": (MODEL.replace("return ", "return '漢字', '😀', "), []),
    "combining_characters": (MODEL.replace("return ", "return 'e\u0301', '☀\ufe0f', "), []),
    "control_characters": (MODEL.replace("return ", "return '\x1b[31m\x07', '\u202e', "), []),
    "two_on_a_line": (MODEL.replace("x, 0.5)", "x), F.dropout(x, 0.1)"), []),
    "one_in_the_other": (MODEL.replace("x, 0.5)", "F.dropout(x, 0.1), 0.5)"), []),
    "no_final_newline": (MODEL.rstrip("\n"), []),
    "crlf": (MODEL.replace("\n", "\r\n"), []),
    "one_row_of_code": (
        "from torch import nn\nclass A(nn.Module):\n  def f(s, x): return nn.functional.dropout(x)",
        [],
    ),
    "blank_lines_around": (MODEL.replace("        return", "\n\n        return") + "\n\n\n", []),
    "long_line": (
        MODEL.replace("return ", f"return '{'long ' * 40}', ") + "# " + "-" * 300 + "\n", []
    ),
    "long_finding": (MODEL.replace("0.5", "0.5" + " + 0.01" * 40), ["--fix-style=flag"]),
    "long_line_of_wide_characters": (MODEL.replace("return ", f"return '{'漢字' * 60}', "), []),
    "numbers_of_different_width": ("\n" * 91 + MODEL, []),
    "far_change": (
        "def helper(x):\n    return F.dropout(x)\n\n\n" + "\n" * 100
        + MODEL.replace("F.dropout(x, 0.5)", "helper(x)"),
        ["--unsafe-fixes"],
    ),
    "intentional": (INTENTIONAL, ["--show-intentional"]),
    "intentional_by_marker": (
        MODEL.replace("0.5)", "0.5)  # dropout-lint: intentional noise for diversity"),
        ["--show-intentional"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "options"), FRAMES.values(), ids=FRAMES)
def test_frame(
    content: str, options: list[str], same_as_snapshot: Compare, request: pytest.FixtureRequest
) -> None:
    write("model.py", content)
    shown = run("--quiet", *options).out
    same_as_snapshot(f"text/{request.node.callspec.id}", shown)


@pytest.mark.parametrize("name", FRAMES)
def test_frame_marks_what_the_finding_is(name: str) -> None:
    """Carets stand below the code of a finding of one line, column for column."""
    content, options = FRAMES[name]
    write("model.py", content)
    lines = run("--quiet", *options).out.splitlines()
    for at, line in enumerate(lines):
        if not re.fullmatch(r" *\| +\^+", line):
            continue
        code = lines[at - 1].partition("| ")[2]
        if "…" in code:
            continue
        carets = line.partition("| ")[2]
        before = next(
            n for n in range(len(code) + 1) if columns(code[:n]) == len(carets) - carets.count("^")
        )
        marked = code[before:]
        assert re.match(r"(\w+\.)*(dropout\(|scaled_dot|p$|p )", marked), marked


def test_frame_in_colour(monkeypatch: pytest.MonkeyPatch, same_as_snapshot: Compare) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    write("a.py", MODEL.replace("x, 0.5", "\n            x, 0.5"))
    write("b.py", HARDCODED)
    write("c.py", INTENTIONAL)
    shown = run("--quiet", "--unsafe-fixes", "--show-intentional").out
    shown += run("--quiet", "--show-intentional", "--output-format=concise").out
    same_as_snapshot("text/colour", shown.replace("\x1b", "\\e"))


def test_concise_lines(same_as_snapshot: Compare) -> None:
    for name, (content, _) in FRAMES.items():
        write(f"{name}.py", content)
    same_as_snapshot("text/concise", run("--output-format=concise", "--show-intentional").out)


def test_names_of_files_cannot_break_a_line() -> None:
    try:
        write("a\n\x1b[31mb.py")
    except OSError:
        pytest.skip("no such names here")
    assert run("-q", "--output-format=concise").out.startswith("a␊␛[31mb.py:7:16: DRP001 ")
    assert "--> a␊␛[31mb.py:7:16\n" in run("-q").out


def test_statistics(same_as_snapshot: Compare) -> None:
    for number in range(11):
        write(f"model{number}.py")
    write("hardcoded.py", HARDCODED)
    same_as_snapshot("text/statistics", run("--statistics").out)


# --- closing lines ------------------------------------------------------------------------------

BOTH = MODEL + "\n\n" + HARDCODED.replace("class Net", "class Other")
BROKEN = "from torch.nn.functional import dropout\ndropout(\n"
FOUND = "Found {} in 1 file ({}); 1 file checked."
UNSAFE = "1 unsafe fix available with `--unsafe-fixes`."
CLOSING: dict[str, tuple[list[str], list[str], list[str]]] = {
    # files, options, lines
    "nothing there": ([], [], ["No findings; 0 files checked."]),
    "nothing found": ([CLEAN], [], ["No findings; 1 file checked."]),
    "nothing to fix": ([CLEAN], ["--fix"], ["No findings; 1 file checked."]),
    "nothing to diff": ([CLEAN], ["--diff"], ["No findings; 1 file checked."]),
    "safe": ([MODEL], [], [FOUND.format("1 finding", "1 error"), "[*] 1 fixable with `--fix`."]),
    "two in two": (
        [MODEL, MODEL], [],
        ["Found 2 findings in 2 files (2 errors); 2 files checked.", "[*] 2 fixable with `--fix`."],
    ),
    "unsafe": ([HARDCODED], [], [FOUND.format("1 finding", "1 warning"), UNSAFE]),
    "unsafe wanted": (
        [HARDCODED], ["--unsafe-fixes"],
        [FOUND.format("1 finding", "1 warning"), "[*] 1 fixable with `--fix`."],
    ),
    "both": (
        [BOTH], [],
        [FOUND.format("2 findings", "1 error, 1 warning"),
         "[*] 1 fixable with `--fix`, 1 more with `--fix --unsafe-fixes`."],
    ),
    "neither": ([UNFIXABLE], [], [FOUND.format("1 finding", "1 error")]),
    "neither when fixing": ([UNFIXABLE], ["--fix"], [FOUND.format("1 finding", "1 error")]),
    "fixed": (
        [MODEL], ["--fix"],
        ["Fixed 1 finding in 1 file.", "No findings left; 1 file checked."],
    ),
    "partly fixed": (
        [BOTH], ["--fix"],
        ["Fixed 1 finding in 1 file.",
         "Left 1 finding in 1 file (1 warning); 1 file checked.", UNSAFE],
    ),
    "all fixed": (
        [BOTH], ["--fix", "--unsafe-fixes"],
        ["Fixed 2 findings in 1 file.", "No findings left; 1 file checked."],
    ),
    "not fixed": ([HARDCODED], ["--fix"], [FOUND.format("1 finding", "1 warning"), UNSAFE]),
    "diff": (
        [BOTH], ["--diff"],
        ["Would fix 1 finding in 1 file.",
         "Would leave 1 finding in 1 file (1 warning); 1 file checked.", UNSAFE],
    ),
    "diff of all": (
        [MODEL], ["--diff"],
        ["Would fix 1 finding in 1 file.", "No findings would be left; 1 file checked."],
    ),
    "diff of none": ([HARDCODED], ["--diff"], [FOUND.format("1 finding", "1 warning"), UNSAFE]),
    "error": ([BROKEN], [], ["1 path could not be checked, see above."]),
    "error and nothing found": (
        [BROKEN, CLEAN], [],
        ["No findings; 1 file checked.", "1 path could not be checked, see above."],
    ),
    "errors and one found": (
        [BROKEN, BROKEN, MODEL], [],
        [FOUND.format("1 finding", "1 error"), "[*] 1 fixable with `--fix`.",
         "2 paths could not be checked, see above."],
    ),
    "error and one fixed": (
        [BROKEN, MODEL], ["--fix"],
        ["Fixed 1 finding in 1 file.", "No findings left; 1 file checked.",
         "1 path could not be checked, see above."],
    ),
    "intentional": (
        [INTENTIONAL], [],
        ["No findings; 1 file checked.",
         "Declared intentional: 1 (list with `--show-intentional`)."],
    ),
    "intentional listed": (
        [INTENTIONAL, CLEAN], ["--show-intentional"],
        ["No findings; 2 files checked.", "Declared intentional: 1."],
    ),
    "one intentional, one fixed": (
        [INTENTIONAL, MODEL], ["--fix"],
        ["Fixed 1 finding in 1 file.", "No findings left; 2 files checked.",
         "Declared intentional: 1 (list with `--show-intentional`)."],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "options", "lines"), CLOSING.values(), ids=CLOSING)
def test_closing_lines(files: list[str], options: list[str], lines: list[str]) -> None:
    for number, content in enumerate(files):
        write(f"model{number}.py", content)
    result = run("--output-format=concise", *options)
    said = result.err if "--diff" in options else result.out
    closing = [line for line in said.splitlines() if ": DRP" not in line]
    assert [line for line in closing if not line.startswith("dropout-lint: ")] == lines


def test_closing_lines_count_files_that_could_not_be_written() -> None:
    write("a.py").chmod(0o444)
    write("b.py")
    assert run("--fix", "--output-format=concise").out.splitlines()[1:] == [
        "Fixed 1 finding in 1 file.",
        "Left 1 finding in 1 file (1 error); 2 files checked.",
        "1 path could not be fixed, see above.",
    ]
    assert Path("a.py").read_text() == MODEL
