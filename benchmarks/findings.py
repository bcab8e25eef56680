"""Compare the findings of two versions over real packages.

    python benchmarks/findings.py record BEFORE.json -- dropout-lint -- TREE...
    python benchmarks/findings.py record AFTER.json -- .venv/bin/dropout-lint -- TREE...
    python benchmarks/findings.py compare BEFORE.json AFTER.json

``record`` lints each tree by the default selection, with every rule and in the flag form, and keeps
the whole JSON: places, messages, fixes and their edits, the intentional findings. It also keeps the
exit code and what was said on stderr. ``compare`` prints each difference and exits with 1
if there is any: a change of the heart has to explain every line.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RUNS = {
    "default": (),
    "every rule": ("--select", "ALL"),
    "flag form": ("--fix-style", "flag"),
}


def record(command: list[str], trees: list[str]) -> dict[str, Any]:
    """The outcome of each kind of run on each tree."""
    outcome: dict[str, Any] = {}
    for tree in trees:
        folder = Path(tree).resolve()
        for kind, options in RUNS.items():
            done = subprocess.run(
                [*command, *options, "--output-format", "json", "--show-intentional", "."],
                cwd=folder,
                capture_output=True,
                text=True,
                errors="replace",
            )
            try:
                findings = json.loads(done.stdout)
            except ValueError:
                findings = done.stdout
            outcome[f"{folder.name} ({kind})"] = {
                "exit": done.returncode,
                "stderr": done.stderr.replace(str(folder), "."),
                "findings": findings,
            }
    return outcome


def differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """One line for each thing that is said in one version only."""
    for run in sorted({*before, *after}):
        if run not in before or run not in after:
            yield f"{run}: only {'after' if run in after else 'before'}"
            continue
        old, new = before[run], after[run]
        for key in ("exit", "stderr"):
            if old[key] != new[key]:
                yield f"{run}: {key}: {old[key]!r} is now {new[key]!r}"
        lost, gained = set(map(_text, old["findings"])), set(map(_text, new["findings"]))
        for text in sorted(lost - gained):
            yield f"{run}: - {text}"
        for text in sorted(gained - lost):
            yield f"{run}: + {text}"


def _text(finding: object) -> str:
    return json.dumps(finding, sort_keys=True)


def main(argv: list[str]) -> int:
    if argv[:1] == ["record"] and argv.count("--") == 2:
        first, second = (at for at, word in enumerate(argv) if word == "--")
        outcome = record(argv[first + 1 : second], argv[second + 1 :])
        Path(argv[1]).write_text(json.dumps(outcome), encoding="utf-8")
        count = sum(len(run["findings"]) for run in outcome.values())
        print(f"{count} findings in {len(outcome)} runs")
        return 0
    if argv[:1] == ["compare"] and len(argv) == 3:
        before, after = (json.loads(Path(name).read_text(encoding="utf-8")) for name in argv[1:])
        found = list(differences(before, after))
        print("\n".join(found) or f"the same in {len(before)} runs")
        return 1 if found else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
