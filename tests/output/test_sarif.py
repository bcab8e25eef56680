"""SARIF, against its official schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from support.command import CLEAN, INTENTIONAL, MODEL, run, write
from support.editing import offset
from support.outputs import (
    HEAD,
    IGNORED,
    MARKED,
    NOQA,
    RULES,
    SEVERAL_LINES,
    Row,
    jsonschema,
    rows,
    write_fixtures,
)

from dropout_lint import __version__

pytestmark = pytest.mark.usefixtures("here")

BROKEN = "from torch.nn.functional import dropout\ndropout(\n"


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


@pytest.mark.slow
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


@pytest.mark.slow
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
