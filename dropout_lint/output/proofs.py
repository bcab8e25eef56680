"""What `--prove` showed, as sentences: edit by edit, then in a line."""

from __future__ import annotations

from collections import Counter

from dropout_lint.output.summary import plural
from dropout_lint.verify.process.prove_session import EditProof, ProofResults
from dropout_lint.verify.report.fix_proof import Level


def render(results: ProofResults) -> str:
    lines = [_edit(edit) for edit in results.edits]
    lines += [
        f"{path}: left as it was, a fix is refuted: {reason}"
        for path, reason in sorted(results.refused.items())
    ]
    return "".join(f"{line}\n" for line in [*lines, _summary(results)])


def _edit(edit: EditProof) -> str:
    rows = f"{edit.rows[0]}-{edit.rows[-1]}" if len(edit.rows) > 1 else str(edit.rows[0])
    codes = f" {' '.join(edit.codes)}" if edit.codes else ""
    level = edit.level.value if edit.level is not None else "not proved"
    detail = f" by {edit.detail}" if edit.level is Level.PROVED else f" ({edit.detail})"
    return f"{edit.path}:{rows}:{codes} {level}{detail}"


def _summary(results: ProofResults) -> str:
    if not results.edits and not results.refused:
        return "Nothing to prove."
    counts = Counter(edit.level for edit in results.edits)
    parts = [f"{counts[level]} {level.value}" for level in Level if counts[level]]
    if counts[None]:
        parts.append(f"{counts[None]} not proved")
    text = (
        f"{plural(len(results.edits), 'edit')}: {', '.join(parts)}" if parts else "No edit is left"
    )
    refused = len(results.refused)
    return f"{text}; {plural(refused, 'file')} left as it was." if refused else f"{text}."
