"""Write ``docs/rules/`` and the tables of rules and options from the code they document.

Run ``python docs/generate.py`` after changing a rule or an option; ``tests/test_docs.py`` fails
while the pages and the code differ.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from dropout_lint.config import Settings
from dropout_lint.config.verify import VerifySettings
from dropout_lint.output.rules import as_text
from dropout_lint.rules.base import Rule, all_rules

DOCS = Path(__file__).parent


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    found = {DOCS / "rules" / f"{rule.code}.md": as_text(rule) for rule in all_rules()}
    found[DOCS / "rules" / "README.md"] = _index()
    path = DOCS / "configuration.md"
    page = _with_options(path.read_text(encoding="utf-8"), "options", Settings)
    found[path] = _with_options(page, "verify options", VerifySettings)
    path = DOCS.parent / "README.md"
    found[path] = _with_table(path.read_text(encoding="utf-8"), "rules", _rules())
    return found


def _index() -> str:
    rows = [
        f"| [{rule.code}]({rule.code}.md) | {rule.name} | {'on' if rule.default else 'off'} "
        f"| {rule.severity.value} | {rule.fixable()} | {rule.summary()} |"
        for rule in all_rules()
    ]
    head = (
        "# Rules\n\n| code | name | default | severity | fix | what it finds |\n"
        "|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


def _rules() -> str:
    """The table of the README."""
    rows = [
        f"| [{rule.code}](docs/rules/{rule.code}.md) | {rule.name} "
        f"| {rule.summary().rstrip('.')}{'' if rule.default else ' (off by default)'} "
        f"| {_safety(rule)} |"
        for rule in all_rules()
    ]
    return "| code | name | finds | fix |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def _safety(rule: type[Rule]) -> str:
    """How safe the fixes of a rule's examples are at best."""
    if any(example.fixed or example.flag for example in rule.INVALID):
        return "safe"
    return "unsafe" if any(example.unsafe for example in rule.INVALID) else "–"


def _with_options(page: str, name: str, settings: type[Any]) -> str:
    rows = [
        f"| `{field.name.replace('_', '-')}` | {field.metadata['help']} |"
        for field in fields(settings)
        if field.metadata
    ]
    return _with_table(page, name, "| key | what it does |\n|---|---|\n" + "\n".join(rows) + "\n")


def _with_table(page: str, name: str, table: str) -> str:
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    before, _, rest = page.partition(start)
    return before + start + table + end + rest.partition(end)[2]


def main() -> None:
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
