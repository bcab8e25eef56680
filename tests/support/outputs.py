"""Findings of several kinds, and the fixtures in a folder, as JSON tells of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dropout_lint.rules.base import all_rules
from support.command import MODEL, run, write
from support.linting import MODELS, SCRIPTS, expectations

jsonschema = pytest.importorskip("jsonschema")

Row = dict[str, Any]

RULES = {rule.code: rule for rule in all_rules()}

HEAD = MODEL.partition("        return")[0]

NOQA = MODEL.replace("0.5)", "0.5)  # noqa: DRP001")

IGNORED = MODEL.replace("0.5)", "0.5)  # dropout-lint: ignore[DRP001] for a reason")

MARKED = MODEL.replace("0.5)", "0.5)  # dropout-lint: intentional noise for diversity")

SEVERAL_LINES = HEAD + "        return F.dropout(\n            x,\n            p=0.5,\n        )\n"


def write_fixtures(transform: Callable[[str], bytes] = str.encode) -> list[Path]:
    return [
        write(f"fixtures/{path.name}", transform(expectations(path).source.text))
        for path in (*MODELS, *SCRIPTS)
    ]


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
