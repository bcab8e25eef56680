"""Comments that take findings back: the command decides as flake8 does, comment by comment.

The plugin hands flake8 what the command takes for suppressed by a ``# noqa`` in the finding's own
row, so in those rows flake8's verdict is its own, and the two are compared.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import MODEL, run, write

pytest.importorskip("flake8", reason="flake8 is not installed")

Place = tuple[str, int, str]

HEAD = MODEL.partition("        return")[0]


def by_flake8(folder: Path, *options: str) -> set[Place]:
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--select=DRP", "--jobs=1", *options, "."],
        cwd=folder, capture_output=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode in (0, 1) and not done.stderr, done.stderr
    found = set()
    for line in done.stdout.splitlines():
        path, row, _, rest = line.split(":", 3)
        found.add((Path(path).as_posix(), int(row), rest.split()[0]))
    return found


def by_command() -> set[Place]:
    """What the command finds in the current folder."""
    rows = json.loads(run("--output-format=json").raw)
    return {(row["filename"], row["location"]["row"], row["code"]) for row in rows}


# --- one by one ---------------------------------------------------------------------------------

# What stands behind the call in its row, and whether the finding is still reported.
BEHIND = {
    "": True,
    "  # noqa": False,
    "  # noqa: DRP001": False,
    "  # NOQA": False,
    "  # NoQA:DRP001": False,
    "  # noqa: DRP": False,
    "  # noqa: DRP00": False,
    "  # noqa: DRP002": True,
    "  # noqa: DRP0011": True,
    "  # noqa: E501": True,
    "  # noqa: E501,DRP001": False,
    "  # noqa: E501, W291, DRP001": False,
    "  # noqa: E501 DRP001": False,
    "  # noqa: DRP001,": False,
    "  # noqa: DRP001 because": False,
    "  # noqa: E501 because of DRP001": True,
    "  # noqa: drp001": True,  # codes are what they are
    "  # noqa: because": False,  # no code, so it covers all
    "  # noqa : E501": False,
    "  # noqa:  E501": False,  # one blank at most, or there is no code
    "  # noqa:\tE501": True,
    "  # noqa E501": False,
    "  # noqa:E501;DRP001": True,
    "  # noqa-DRP002": False,
    "  # noqa: DRP002 # noqa: DRP001": True,  # the first one counts
    "  # type: ignore  # noqa: DRP001": False,
    "  #noqa": True,
    "  #  noqa": True,
    "  # no qa": True,
    "  # flake8: noqa": True,  # that is a comment for a whole file
    "  # not a # noqa": False,
    ", '# noqa'": False,  # a string is as good
    ", '# noqa: E501'": True,
    "  # ruff: noqa": True,
    "  # pylint: disable=all": True,
    # Our own.
    "  # dropout-lint: ignore": False,
    "  # dropout-lint: ignore[DRP001]": False,
    "  # dropout-lint: ignore[DRP001] the head is trained apart": False,
    "  # dropout-lint: ignore[DRP]": False,
    "  # dropout-lint: ignore[DRP002]": True,
    "  # dropout-lint: ignore[DRP002, DRP001]": False,
    "  # dropout-lint: ignore[DRP002 DRP001]": False,
    "  #dropout-lint:ignore[DRP001]": False,
    "  # Dropout-Lint: Ignore[DRP001]": False,
    "  # type: ignore  # dropout-lint: ignore[DRP001]": False,
    "  # dropout-lint: ignored": True,
    "  # dropout-lint ignore": True,
    "  # dropout-lint: intentional": False,
    "  # dropout-lint: intentional noise for diversity": False,
    "  # dropout-lint: intentional: noise": False,
    "  # dropout-lint: intentionally": False,  # no marker, but words that say so
    ", '# dropout-lint: ignore'": True,  # a string is no comment
    ", '# dropout-lint: intentional'": True,
}

CALL = "F.dropout(x, 0.5)"
# Whole bodies of `forward`, and whether the finding is still reported.
BODIES = {
    "first row of a call": ("return F.dropout(  # noqa\n    x,\n)", False),
    "middle row of a call": ("return F.dropout(\n    x,  # noqa\n    0.5,\n)", True),
    "last row of a call": ("return F.dropout(\n    x,\n)  # noqa", False),
    "last row of a call, another code": ("return F.dropout(\n    x,\n)  # noqa: E501", True),
    "row of the statement before the call": ("return (  # noqa\n    F.dropout(x)\n)", True),
    "row of the statement after the call": ("return (\n    F.dropout(x)\n)  # noqa", True),
    "row above": (f"# noqa\nreturn {CALL}", True),
    "backslash, first row": (f"return x + \\\n    {CALL}  # noqa", False),
    "backslash, joined rows": ("return '# noqa', \\\n    F.dropout(x)", False),
    "string of several rows, after": (f"return {CALL}, '''\n'''  # noqa", False),
    "string of several rows, before": (f"return '''\n''', {CALL}  # noqa", False),
    "string of several rows, in its first": (f"return ''' # noqa\n''', {CALL}", False),
    "string of several rows, in its middle": (f"return '''\n# noqa: DRP001\n''', {CALL}", False),
    "string of several rows, other code": (f"return '''\n# noqa: DRP002\n''', {CALL}", True),
    "string of several rows, in brackets": (
        f"return (\n    '''\n    # noqa\n    ''',\n    {CALL},\n)", True,
    ),
    "string of several rows, in an argument": (
        f"return {CALL[:-1]}, **dict(a='''\n# noqa\n'''))", False,
    ),
    "docstring": (f"'''# noqa'''\nreturn {CALL}", True),
    "codes in the row below": (f"return '''# noqa:\nDRP002''', {CALL}", True),
    "ignore, first row of a call": ("return F.dropout(  # dropout-lint: ignore\n    x,\n)", False),
    "ignore, middle row": ("return F.dropout(\n    x,  # dropout-lint: ignore[DRP]\n)", False),
    "ignore, last row": ("return F.dropout(\n    x,\n)  # dropout-lint: ignore", False),
    "ignore, row above": (f"# dropout-lint: ignore\nreturn {CALL}", False),
    "ignore, rows above": (f"# dropout-lint: ignore[DRP001]\n# Reason.\nreturn {CALL}", False),
    "ignore, blank row between": (f"# dropout-lint: ignore\n\nreturn {CALL}", True),
    "ignore, behind other code above": (f"y = x  # dropout-lint: ignore\nreturn {CALL}", True),
    "ignore, row below": (f"y = {CALL}\n# dropout-lint: ignore\nreturn y", True),
    "intentional, row above": (f"# dropout-lint: intentional\nreturn {CALL}", False),
    "intentional, last row": ("return F.dropout(\n    x,\n)  # dropout-lint: intentional", False),
}  # fmt: skip

# What stands above the file, and whether the finding is still reported.
FILES = {
    "# flake8: noqa\n": False,
    "# FLAKE8: NoQA\n": False,
    "# flake8:noqa\n": False,
    "# flake8=noqa\n": False,
    "  # flake8: noqa\n": False,
    "# flake8: noqa: E501\n": False,  # since flake8 3.7 codes change nothing
    "# flake8: noqa: DRP001\n": False,
    "# flake8: noqa for a reason\n": False,
    "'''\n# flake8: noqa\n'''\n": False,  # a string is as good
    "# flake8 : noqa\n": True,
    "#flake8: noqa\n": True,
    "import os  # flake8: noqa\n": True,
    "# see flake8: noqa\n": True,
    "# noqa\n": True,
    "# ruff: noqa\n": True,
    "# dropout-lint: skip-file\n": False,
    "# dropout-lint: skip-file generated\n": False,
    "import os  # dropout-lint: skip-file\n": False,
    "'''\n# dropout-lint: skip-file\n'''\n": True,
    "# dropout-lint: skip-files\n": True,
    "# dropout-lint: ignore\n": True,
}


def indented(body: str) -> str:
    first, *rest = body.split("\n")
    joined = [f"        {first}"]
    for line in rest:  # a string keeps its rows
        joined.append(line if line.startswith(("'''", "# noqa", "DRP002")) else f"        {line}")
    return "\n".join(joined) + "\n"


SOURCES = {
    **{
        f"behind {text!r}": (f"{HEAD}        return {CALL}{text}\n", left)
        for text, left in BEHIND.items()
    },
    **{f"body {name!r}": (HEAD + indented(body), left) for name, (body, left) in BODIES.items()},
    **{f"file {text!r}": (text + MODEL, left) for text, left in FILES.items()},
    **{f"file end {text!r}": (f"{MODEL}\n{text}", left) for text, left in FILES.items()},
}  # fmt: skip


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, int]]:
    """How many findings flake8 and the command report, by case."""
    folder = tmp_path_factory.mktemp("noqa")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        names = {case: f"case{number:03}.py" for number, case in enumerate(SOURCES)}
        for case, (content, _) in SOURCES.items():
            compile(content, names[case], "exec")
            write(names[case], content)
        found = by_flake8(folder), by_command()
    assert found[0] == found[1]
    counts = [[sum(name == place[0] for place in one) for one in found] for name in names.values()]
    return {case: (one, other) for case, (one, other) in zip(names, counts, strict=True)}


@pytest.mark.slow
@pytest.mark.parametrize("case", SOURCES)
def test_flake8_and_the_command_decide_alike(
    case: str, verdicts: dict[str, tuple[int, int]]
) -> None:
    expected = int(SOURCES[case][1])
    assert verdicts[case] == (expected, expected)


# --- at random ----------------------------------------------------------------------------------

WORDS = [
    "DRP001",
    "DRP",
    "DRP00",
    "D",
    "drp001",
    "Drp",
    "DRP002",
    "DRP0011",
    "E501",
    "W",
    "F4x",
    "x",
]
BETWEEN = [",", ", ", " ", "  ", " , ", ";", "\t", ",,", "\u00a0", ""]
COLONS = [": ", ":", ":  ", " : ", " ", "", ":\t", "=", ":\u00a0"]
NOQAS = ["noqa", "NOQA", "NoQA", "noqa", "no-qa"]
MARKS = ["# ", "# ", "# ", "#", "#  ", "#\t", "## ", "#: "]
TAILS = ["", "", " ", " because", ": because", " # noqa", "  # noqa: DRP001", ".", "]"]
LAYOUTS = [
    "{call}  {}",
    "{call}  {}",
    "{call}  # why {}",
    "{call}, '{}'",
    "F.dropout(  {}\n            x,\n        )",
    "F.dropout(\n            x,  {}\n        )",
    "F.dropout(\n            x,\n        )  {}",
    "{call}, '''\n{}\n'''",
    "'''{}\n''', {call}",
    "'''\n''', \\\n            {call}  {}",
    "(\n            '''{}\n            ''',\n            {call},\n        )",
    "[  {}\n            {call}, {call},\n            {call},  {}\n        ]",
]


def comment(draw: random.Random) -> str:
    words = draw.choices(WORDS, k=draw.choice([0, 1, 1, 2, 3]))
    codes = "".join(word + draw.choice(BETWEEN) for word in words)
    start = draw.choice(MARKS) + draw.choice(NOQAS) + draw.choice(COLONS)
    return start + codes + draw.choice(TAILS)


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_flake8_and_the_command_decide_alike_on_random_comments(here: Path) -> None:
    draw = random.Random(7)
    for number in range(12):
        methods = [f"{HEAD.partition('    def')[0]}"]
        for method in range(25):
            body = draw.choice(LAYOUTS).replace("{call}", CALL)
            while "{}" in body:
                body = body.replace("{}", comment(draw), 1)
            methods.append(f"    def forward{method}(self, x):\n        return {body}\n\n")
        content = "".join(methods)
        compile(content, "x", "exec")
        write(f"random{number:02}.py", content)
    found, everything = by_command(), by_flake8(here, "--disable-noqa")
    assert found == by_flake8(here)
    assert found < everything
    assert min(len(found), len(everything - found)) > 100


@pytest.mark.slow
@pytest.mark.usefixtures("here")
def test_disable_noqa_shows_all_that_a_noqa_hides(here: Path) -> None:
    write("row.py", MODEL.replace("0.5)", "0.5)  # noqa: DRP001"))
    write("last_row.py", MODEL.replace("x, 0.5)", "x,\n        )  # noqa"))
    write("file.py", f"# flake8: noqa\n{MODEL}")
    write("ours.py", MODEL.replace("0.5)", "0.5)  # dropout-lint: ignore"))
    write("our_file.py", f"# dropout-lint: skip-file\n{MODEL}")
    assert by_flake8(here) == set()
    shown = {("row.py", 7, "DRP001"), ("last_row.py", 7, "DRP001"), ("file.py", 8, "DRP001")}
    assert by_flake8(here, "--disable-noqa") == shown


# --- what a comment does besides ----------------------------------------------------------------


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "comment", ["# noqa", "# dropout-lint: ignore", "# dropout-lint: intentional"]
)
def test_what_is_taken_back_is_not_fixed(comment: str) -> None:
    content = MODEL.replace("0.5)", f"0.5)  {comment}")
    path = write("model.py", content)
    assert run("--fix", "--unsafe-fixes").code == 0
    assert path.read_text() == content


@pytest.mark.usefixtures("here")
def test_one_code_of_two_in_a_row_is_taken_back() -> None:
    both = "F.dropout(x, 0.5), F.dropout(x, 0.5, True)"
    for codes, left in {"DRP001": ["DRP003"], "DRP003": ["DRP001"], "DRP": [], "E1": None}.items():
        write("model.py", MODEL.replace(CALL, f"{both}  # noqa: {codes}"))
        assert [code for _, _, code in sorted(by_command())] == (
            ["DRP001", "DRP003"] if left is None else left
        )


@pytest.mark.usefixtures("here")
def test_intent_marker_gives_its_reason() -> None:
    for comment, reason in {
        "# dropout-lint: intentional": "marked as intentional",
        "# dropout-lint: intentional noise for diversity": "noise for diversity",
        "# dropout-lint: intentional: noise # type: ignore": "noise",
    }.items():
        write("model.py", MODEL.replace("0.5)", f"0.5)  {comment}"))
        [row] = json.loads(run("--output-format=json", "--show-intentional").raw)
        assert row["intentional"] == reason


@pytest.mark.slow
@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_change_nothing(here: Path, line_end: str) -> None:
    content = "".join(
        HEAD.replace("Net", f"Net{number}") + indented(body)
        for number, (body, _) in enumerate(BODIES.values())
    )
    write("model.py", "\ufeff" + content.replace("\n", line_end))
    expected = sum(left for _, left in BODIES.values())
    assert len(by_command()) == expected
    assert by_flake8(here) == by_command()
