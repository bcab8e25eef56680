"""JSON: its schema, and edits that give what `--fix` writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command import CLEAN, INTENTIONAL, MODEL, run, write
from support.editing import apply
from support.outputs import (
    IGNORED,
    MARKED,
    NOQA,
    RULES,
    SEVERAL_LINES,
    Row,
    rows,
    write_fixtures,
)

pytestmark = pytest.mark.usefixtures("here")


@pytest.mark.slow
def test_json_of_all_fixtures_follows_its_schema() -> None:
    write_fixtures()
    found = rows("--show-intentional", "--unsafe-fixes")
    assert {row["code"] for row in found} == {code for code, r in RULES.items() if r.default}
    assert {bool(row["intentional"]) for row in found} == {False, True}
    for row in found:
        rule = RULES[row["code"]]
        assert (row["name"], row["severity"]) == (rule.name, rule.severity.value)
        assert row["url"].endswith(f"{rule.code}.md")
        assert row["fix"] is None or row["intentional"] is None
        ends = [(row[end]["row"], row[end]["column"]) for end in ("location", "end_location")]
        assert ends[0] < ends[1]


def test_json_of_nothing_is_an_empty_list() -> None:
    write("model.py", CLEAN)
    assert run("--output-format=json").out == "[]\n"


def test_json_of_a_finding() -> None:
    write("pkg/größe.py", MODEL.replace("return ", "return '😀', "))
    [row] = rows("pkg")
    assert row == {
        "code": "DRP001",
        "name": "dropout-missing-training",
        "severity": "error",
        "message": "`F.dropout` without `training` stays on after `eval()`; it defaults to True",
        "filename": "pkg/größe.py",
        "cell": None,
        "location": {"row": 7, "column": 21},
        "end_location": {"row": 7, "column": 38},
        "function": "Net.forward",
        "fix": {
            "safety": "safe",
            "style": "module",
            "message": "Use `self.dropout`, an `nn.Dropout(0.5)` built in `__init__`",
            "edits": [
                {
                    "location": {"row": 1, "column": 1},
                    "end_location": {"row": 2, "column": 1},
                    "content": "",
                },
                {
                    "location": {"row": 6, "column": 1},
                    "end_location": {"row": 6, "column": 2},
                    "content": "    def __init__(self):\n        super().__init__()\n"
                    "        self.dropout = nn.Dropout(0.5)\n\n ",
                },
                {
                    "location": {"row": 7, "column": 21},
                    "end_location": {"row": 7, "column": 30},
                    "content": "self.dropout",
                },
                {
                    "location": {"row": 7, "column": 32},
                    "end_location": {"row": 7, "column": 37},
                    "content": "",
                },
            ],
        },
        "intentional": None,
        "url": "https://github.com/dropout-lint/dropout-lint/blob/main/docs/rules/DRP001.md",
    }


def test_json_of_a_finding_over_several_lines_with_an_unsafe_fix() -> None:
    write("model.py", SEVERAL_LINES.replace("p=0.5", "training=True"))
    [row] = rows()
    assert (row["code"], row["severity"]) == ("DRP003", "warning")
    assert row["location"] == {"row": 7, "column": 16}
    assert row["end_location"] == {"row": 10, "column": 10}
    assert row["fix"] == {
        "safety": "unsafe",
        "style": "flag",
        "message": "Pass `self.training`",
        "edits": [
            {
                "location": {"row": 9, "column": 22},
                "end_location": {"row": 9, "column": 26},
                "content": "self.training",
            }
        ],
    }


def test_json_lists_the_intentional_ones_on_demand() -> None:
    for name, content in {"a": NOQA, "b": IGNORED, "c": INTENTIONAL, "d": MARKED}.items():
        write(f"{name}.py", content)
    assert rows() == []
    shown = rows("--show-intentional")
    assert [(row["filename"], row["intentional"], row["fix"]) for row in shown] == [
        ("c.py", "the name `Prenet` says so", None),
        ("d.py", "noise for diversity", None),
    ]  # fmt: skip


def test_json_names_the_fix_that_would_be_applied() -> None:
    write("model.py", MODEL)
    for style in "module", "flag":
        [row] = rows("--fix-style", style)
        assert (row["fix"]["safety"], row["fix"]["style"]) == ("safe", style)


def test_json_calls_it_a_flag_where_a_method_is_passed_as_one() -> None:
    head = (
        "import torch.nn.functional as F\nfrom torch import nn\n"
        "class Net(nn.Module):\n    def forward(self, x):\n"
    )
    write("passed.py", head + "        return F.dropout(x, training=self.train)\n")
    write("tested.py", head + "        return F.dropout(x, 0.5 if self.train else 0.0)\n")
    assert [(row["code"], row["fix"]["style"]) for row in rows()] == [
        ("DRP011", "flag"),
        ("DRP011", "rewrite"),
    ]


ODD: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "lone CR": lambda text: text.replace("\n", "\r").encode(),
    "BOM and tabs": lambda text: b"\xef\xbb\xbf" + text.replace("    ", "\t").encode(),
    # Names beyond the basic plane: one code point, two UTF-16 units, four bytes.
    "wide names": lambda text: re.sub(r"\bx\b", "\U00010000", text).encode(),
    "no final newline": lambda text: text.rstrip().encode(),
}


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--fix-style=flag", "--unsafe-fixes"]], ids=str)
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_json_edits_applied_by_hand_are_what_fix_writes(
    odd: Callable[[str], bytes], options: list[str]
) -> None:
    paths = write_fixtures(odd)
    before = {path.as_posix(): path.read_bytes() for path in paths}
    by_hand = dict(before)
    changed: list[str] = []
    for _ in range(10):
        fixes: dict[str, list[list[Row]]] = {}
        for row in rows(*options, *changed):
            if row["fix"] and (row["fix"]["safety"] == "safe" or "--unsafe-fixes" in options):
                fixes.setdefault(row["filename"], []).append(row["fix"]["edits"])
        if not fixes:
            break
        changed = [*fixes]  # in the others nothing is left to fix
        for name, some in fixes.items():
            by_hand[name] = apply(by_hand[name], some)
            Path(name).write_bytes(by_hand[name])
    for name, data in before.items():
        Path(name).write_bytes(data)
    run("--fix-only", *options)
    assert {path.as_posix(): path.read_bytes() for path in paths} == by_hand
    assert sum(by_hand[name] != data for name, data in before.items()) > 10
