"""Output for programs: JSON, GitHub annotations and SARIF, each against its specification."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from support.command import CLEAN, HARDCODED, INTENTIONAL, MODEL, run, write
from support.editing import apply, offset
from support.linting import FIXTURES, expectations

from dropout_lint import __version__
from dropout_lint.output import github
from dropout_lint.rules.base import all_rules

jsonschema = pytest.importorskip("jsonschema")
pytestmark = pytest.mark.usefixtures("here")

Row = dict[str, Any]

RULES = {rule.code: rule for rule in all_rules()}
HEAD = MODEL.partition("        return")[0]
NOQA = MODEL.replace("0.5)", "0.5)  # noqa: DRP001")
IGNORED = MODEL.replace("0.5)", "0.5)  # dropout-lint: ignore[DRP001] for a reason")
MARKED = MODEL.replace("0.5)", "0.5)  # dropout-lint: intentional noise for diversity")
BROKEN = "from torch.nn.functional import dropout\ndropout(\n"
SEVERAL_LINES = HEAD + "        return F.dropout(\n            x,\n            p=0.5,\n        )\n"


def write_fixtures(transform: Callable[[str], bytes] = str.encode) -> list[Path]:
    return [
        write(f"fixtures/{path.name}", transform(expectations(path).source.text))
        for path in sorted(FIXTURES.glob("*.py"))
    ]


# --- JSON ---------------------------------------------------------------------------------------

PLACE = {
    "type": "object",
    "properties": {key: {"type": "integer", "minimum": 1} for key in ("row", "column")},
    "required": ["row", "column"],
    "additionalProperties": False,
}
EDIT = {
    "type": "object",
    "properties": {"location": PLACE, "end_location": PLACE, "content": {"type": "string"}},
    "required": ["location", "end_location", "content"],
    "additionalProperties": False,
}
FIX = {
    "type": "object",
    "properties": {
        "safety": {"enum": ["safe", "unsafe"]},
        "style": {"enum": ["module", "flag", "rewrite"]},
        "message": {"type": "string", "minLength": 1, "pattern": r"^[^\r\n]+\Z"},
        "edits": {"type": "array", "items": EDIT, "minItems": 1},
    },
    "required": ["safety", "style", "message", "edits"],
    "additionalProperties": False,
}
FINDING = {
    "type": "object",
    "properties": {
        "code": {"enum": sorted(RULES)},
        "name": {"enum": sorted(rule.name for rule in RULES.values())},
        "severity": {"enum": ["error", "warning", "info"]},
        "message": {"type": "string", "minLength": 1, "pattern": r"^[^\r\n]+\Z"},
        "filename": {"type": "string", "minLength": 1},
        "cell": {"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 0}]},
        "location": PLACE,
        "end_location": PLACE,
        "function": {"type": "string", "pattern": r"^([\w<>]+(\.[\w<>]+)*)?\Z"},
        "fix": {"anyOf": [{"type": "null"}, FIX]},
        "intentional": {"anyOf": [{"type": "null"}, {"type": "string", "minLength": 1}]},
        "url": {"type": "string", "pattern": r"^https://.*/docs/rules/DRP\d{3}\.md\Z"},
    },
    "required": """code name severity message filename cell location end_location function fix
        intentional url""".split(),
    "additionalProperties": False,
}
SCHEMA = {"type": "array", "items": FINDING}


def rows(*options: str) -> list[Row]:
    found: list[Row] = json.loads(run("--output-format=json", *options).raw)
    jsonschema.validate(found, SCHEMA)
    return found


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


@pytest.mark.parametrize("options", [[], ["--fix-style=flag", "--unsafe-fixes"]], ids=str)
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_json_edits_applied_by_hand_are_what_fix_writes(
    odd: Callable[[str], bytes], options: list[str]
) -> None:
    paths = write_fixtures(odd)
    before = {path.as_posix(): path.read_bytes() for path in paths}
    by_hand = dict(before)
    for _ in range(10):
        fixes: dict[str, list[list[Row]]] = {}
        for row in rows(*options):
            if row["fix"] and (row["fix"]["safety"] == "safe" or "--unsafe-fixes" in options):
                fixes.setdefault(row["filename"], []).append(row["fix"]["edits"])
        if not fixes:
            break
        for name, some in fixes.items():
            by_hand[name] = apply(by_hand[name], some)
            Path(name).write_bytes(by_hand[name])
    for name, data in before.items():
        Path(name).write_bytes(data)
    run("--fix-only", *options)
    assert {path.as_posix(): path.read_bytes() for path in paths} == by_hand
    assert sum(by_hand[name] != data for name, data in before.items()) > 10


# --- GitHub -------------------------------------------------------------------------------------


def annotations(*options: str) -> list[tuple[str, dict[str, str], str]]:
    """Level, properties and message of each annotation, read as the runner of GitHub reads them."""
    found = []
    for line in run("--output-format=github", *options).out.splitlines():
        match = re.fullmatch(r"::(error|warning|notice) (.*?)::(.*)", line)
        assert match, line
        pairs = (pair.partition("=") for pair in match[2].split(","))
        properties = {key: unescape(value, "%25 %0D %0A %3A %2C") for key, _, value in pairs}
        found.append((match[1], properties, unescape(match[3], "%25 %0D %0A")))
    return found


def unescape(text: str, known: str) -> str:
    return re.sub("|".join(known.split()), lambda match: unquote(match[0]), text)


def test_github_annotation_of_a_finding() -> None:
    write("pkg/model.py")
    assert run("--output-format=github").out == (
        "::error title=dropout-lint (DRP001),file=pkg/model.py,line=7,endLine=7,col=16,endColumn=33"
        "::pkg/model.py:7:16: DRP001 `F.dropout` without `training` stays on after `eval()`; "
        "it defaults to True\n"
    )


def test_github_columns_are_left_out_where_a_finding_has_several_lines() -> None:
    write("model.py", SEVERAL_LINES)
    [(level, properties, message)] = annotations()
    assert level == "error"
    assert properties == {
        "title": "dropout-lint (DRP001)", "file": "model.py", "line": "7", "endLine": "10",
    }  # fmt: skip
    assert message.startswith("model.py:7:16: DRP001 ")


def test_github_levels() -> None:
    for name, content in {"a": MODEL, "b": HARDCODED, "c": INTENTIONAL, "d": NOQA}.items():
        write(f"{name}.py", content)
    assert [level for level, _, _ in annotations()] == ["error", "warning"]
    assert [level for level, _, _ in annotations("--show-intentional")] == [
        "error", "warning", "notice",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["a,b.py", "a:b.py", "100%25.py", "a\nb\r.py", "::error ::x.py", "é😀.py"]
)
def test_github_escapes_what_would_end_a_property(name: str) -> None:
    try:
        write(name)
    except OSError:
        pytest.skip("no such names here")
    [(_, properties, message)] = annotations()
    assert properties["file"] == name
    assert message.startswith(f"{name}:7:16: DRP001 ")


def test_github_prints_nothing_where_nothing_is_found() -> None:
    write("model.py", CLEAN)
    assert run("--output-format=github").out == ""


def test_github_escapes_messages() -> None:
    assert github.data("50 % of: a,\r\nb") == "50 %25 of: a,%0D%0Ab"


# --- SARIF --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def schema() -> Row:
    """The official schema, as a package of the ``dev`` extra ships it; its code is not run."""
    try:
        package = metadata.distribution("linceo")
    except metadata.PackageNotFoundError:
        pytest.skip("linceo, which ships the schema of SARIF, is not installed")
    path = Path(str(package.locate_file("linceo/data/sarif-schema-2.1.0.json")))
    found: Row = json.loads(path.read_text(encoding="utf-8"))
    assert found["id"].endswith("/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
    return found


def sarif(*options: str) -> Row:
    log: Row = json.loads(run("--output-format=sarif", *options).raw)
    assert log["version"] == "2.1.0"
    [the_run] = log["runs"]
    return {"log": log, **the_run}


def walk(value: Any) -> Iterator[Row]:
    """Every object in a piece of JSON."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from walk(part)


LOGS: dict[str, tuple[dict[str, str], list[str]]] = {
    "no file": ({}, []),
    "nothing found": ({"clean.py": CLEAN}, []),
    "one": ({"model.py": MODEL}, []),
    "suppressed": ({"a.py": NOQA, "b.py": IGNORED, "c.py": INTENTIONAL, "d.py": MARKED}, []),
    "several lines": ({"model.py": SEVERAL_LINES}, []),
    "errors": ({"model.py": MODEL, "broken.py": BROKEN}, [".", "none.py"]),
    "odd names": ({"a b/%41 größe.py": MODEL, "#?.py": MODEL, "😀.py": MODEL}, []),
}  # fmt: skip


@pytest.mark.parametrize(("files", "options"), LOGS.values(), ids=LOGS)
def test_sarif_follows_the_official_schema(
    files: dict[str, str], options: list[str], schema: Row
) -> None:
    for name, content in files.items():
        write(name, content)
    jsonschema.validate(sarif(*options)["log"], schema)


@pytest.mark.parametrize("options", [[], ["--fix-style=flag", "--unsafe-fixes"]], ids=str)
def test_sarif_of_all_fixtures_follows_the_official_schema(options: list[str], schema: Row) -> None:
    write_fixtures()
    jsonschema.validate(sarif(*options)["log"], schema)


def test_sarif_names_the_tool_and_documents_every_rule() -> None:
    found = sarif()
    assert found["log"]["$schema"].endswith("/sarif-schema-2.1.0.json")
    assert found["columnKind"] == "unicodeCodePoints"
    assert found["results"] == [], "an empty run is a run"
    driver = found["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("dropout-lint", __version__)
    assert [rule["id"] for rule in driver["rules"]] == sorted(RULES)
    for rule in driver["rules"]:
        of = RULES[rule["id"]]
        assert rule["help"]["markdown"] == of.documentation()
        assert rule["shortDescription"]["text"] == of.summary()
        assert rule["helpUri"].endswith(f"{of.code}.md")
        assert rule["defaultConfiguration"]["level"] == {"info": "note"}.get(
            of.severity.value, of.severity.value
        )


def test_sarif_says_what_json_says() -> None:
    write_fixtures()
    results = [r for r in sarif()["results"] if "suppressions" not in r]
    found = rows()
    assert len(results) == len(found)
    rules = sarif()["tool"]["driver"]["rules"]
    for result, row in zip(results, found, strict=True):
        assert result["ruleId"] == row["code"] == rules[result["ruleIndex"]]["id"]
        assert result["level"] == {"info": "note"}.get(row["severity"], row["severity"])
        assert result["message"]["text"] == row["message"]
        [location] = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"] == {"uri": row["filename"], "uriBaseId": "%SRCROOT%"}
        assert region(place["region"]) == (row["location"], row["end_location"])
        assert ("fixes" in result) == (row["fix"] is not None)
        if row["fix"] is not None:
            fixes = {fix["description"]["text"]: fix for fix in result["fixes"]}
            [change] = fixes[f"{row['fix']['message']} ({row['fix']['safety']})"]["artifactChanges"]
            assert change["artifactLocation"] == place["artifactLocation"]
            assert [edit_of(replacement) for replacement in change["replacements"]] == row["fix"][
                "edits"
            ]


def region(of: Row) -> tuple[Row, Row]:
    return (
        {"row": of["startLine"], "column": of["startColumn"]},
        {"row": of["endLine"], "column": of["endColumn"]},
    )


def edit_of(replacement: Row) -> Row:
    start, end = region(replacement["deletedRegion"])
    content = replacement["insertedContent"]["text"]
    return {"location": start, "end_location": end, "content": content}


def test_sarif_columns_count_code_points() -> None:
    text = MODEL.replace("return ", "return '😀é漢', ")
    write("model.py", "\ufeff" + text.replace("\n", "\r\n"))
    [result] = sarif()["results"]
    start, end = region(result["locations"][0]["physicalLocation"]["region"])
    assert text[offset(text, start) : offset(text, end)] == "F.dropout(x, 0.5)"


@pytest.mark.parametrize(
    "name", ["a b.py", "100%41.py", "größe.py", "#?&;=.py", "😀/x.py", "a:b.py", "\udcff.py"]
)
def test_sarif_uris_lead_to_the_file(name: str) -> None:
    try:
        write(name)
    except OSError:
        pytest.skip("no such names here")
    found = sarif()
    for artifact in (one for one in walk(found["results"]) if "uri" in one):
        assert re.fullmatch(r"(?:[A-Za-z0-9._~/:-]|%[0-9A-F]{2})+", artifact["uri"])
        assert artifact["uriBaseId"] in found["originalUriBaseIds"]
        # Resolved against the folder, as a reader does; `a:b.py` must not be read as a scheme.
        assert urlsplit(artifact["uri"]).scheme == ""
        assert unquote(urlsplit(artifact["uri"]).path, errors="surrogateescape") == name


def test_sarif_uri_of_a_file_elsewhere_is_absolute(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("one/a b.py")
    write("two/x.py")
    monkeypatch.chdir("two")
    [result] = sarif("../one")["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": (here / "one" / "a b.py").as_uri()
    }


def test_sarif_marks_what_is_taken_back_and_says_why() -> None:
    for name, content in {
        "a": NOQA,
        "b": IGNORED,
        "c": INTENTIONAL,
        "d": MARKED,
        "e": MODEL,
    }.items():
        write(f"{name}.py", content)
    found = [
        (
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            result["level"],
            result.get("suppressions"),
        )
        for result in sarif()["results"]
    ]

    def taken_back(why: str) -> list[Row]:
        return [{"kind": "inSource", "justification": why}]

    assert found == [
        ("a.py", "error", taken_back("suppressed by a comment")),
        ("b.py", "error", taken_back("suppressed by a comment")),
        ("c.py", "note", taken_back("the name `Prenet` says so")),
        ("d.py", "note", taken_back("noise for diversity")),
        ("e.py", "error", None),
    ]


def test_sarif_tells_of_what_could_not_be_done() -> None:
    write("model.py")
    assert sarif()["invocations"] == [
        {"executionSuccessful": True, "toolExecutionNotifications": []}
    ]
    [invocation] = sarif("model.py", "none.py")["invocations"]
    assert invocation["executionSuccessful"] is False
    [notification] = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("none.py: ")


def fingerprints(content: str, name: str = "model.py") -> list[str]:
    write(name, content)
    return [result["partialFingerprints"]["dropoutLint/v1"] for result in sarif(name)["results"]]


def test_sarif_fingerprints_stay_when_lines_move() -> None:
    two = HEAD + "        x = F.dropout(x, 0.5)\n        return F.dropout(x, 0.5)\n"
    before = fingerprints(two)
    assert len(set(before)) == 2, "equal calls are told apart"
    assert fingerprints("import os\n\n" + two) == before
    assert fingerprints(two.replace("(x, 0.5)", "(\n            x, 0.5\n        )")) == before
    assert fingerprints(two.replace("\n", "\r\n")) == before
    assert not set(fingerprints(two.replace("forward", "other"))) & set(before)
    assert not set(fingerprints(two.replace("0.5", "0.4"))) & set(before)
    assert not set(fingerprints(two, "other.py")) & set(before)
