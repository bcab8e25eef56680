"""What is wrong with what the linter, the screen, the fixer and the verifier make of a model."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import shutil
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import fix, lint
from dropout_lint.linting.report import GROUPS, Report
from dropout_lint.semantics.syntax.big_stack import on_big_stack
from dropout_lint.verify.report.eval_report import EvalReport, RandomOp
from dropout_lint.verify.report.fix_proof import FixProof

from . import edits, screening, verdicts
from .execution import inputs, loaded, path_of
from .models import PACKAGE, Model, smaller
from .remembering import remembered

STYLES = {
    "module": Settings(),
    "flag": Settings(fix_style="flag"),
    "unsafe": Settings(unsafe_fixes=True),
}
# The obligations that speak of draws in eval mode.
_OF_DRAWS = (9, 10, 12, 14)


@dataclass
class Result:
    """What came of a model: ``failures`` are sentences; the rest is for the statistics."""

    failures: list[str] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)  # findings by rule, of all groups
    groups: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)  # proofs, by style and level
    random: bool = False  # dropout drew in eval mode

    @property
    def clean(self) -> bool:
        return not self.found


@dataclass
class Version:
    """A model as files on disk, as the linter sees it."""

    model: Model
    folder: str
    edited: dict[str, list[int]] = field(default_factory=dict)  # rows, by file

    def path(self, file: str) -> str:
        return os.path.join(self.folder, PACKAGE, file)

    def write(self) -> None:
        os.makedirs(os.path.join(self.folder, PACKAGE))
        for file, text in self.model.files.items():
            with open(self.path(file), "wb") as out:
                out.write(text.encode())

    @cached_property
    def sources(self) -> dict[str, Source]:
        return {f: Source.decode(t.encode(), self.path(f)) for f, t in self.model.files.items()}

    def texts(self, version: str) -> dict[str, str]:
        """The texts by the paths that a run of this version, "before" or "after", gives them."""
        return {path_of(version, file): source.text for file, source in self.sources.items()}

    @cached_property
    def reports(self) -> dict[str, Report]:
        return {f: lint(source, STYLES["module"]) for f, source in self.sources.items()}


@contextlib.contextmanager
def version_of(model: Model) -> Iterator[Version]:
    folder = tempfile.mkdtemp(prefix="generated-")
    try:
        version = Version(model, folder)
        version.write()
        yield version
    finally:
        shutil.rmtree(folder)


def check(model: Model) -> Result:
    """All that is wrong with a model, and what there was to see."""
    result = Result()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with version_of(model) as version, remembered("Tree", "SemanticModel"):
                # Every analysis runs on a big stack: on one for all, no thread is started for each.
                on_big_stack(lambda: _check(version, result))
        except Exception:
            result.failures.append(f"crash: {traceback.format_exc(limit=-6)}")
    return result


def _check(version: Version, result: Result) -> None:
    for report in version.reports.values():
        for group in GROUPS:
            found = getattr(report, group)
            result.found.update(d.code for d in found)
            result.groups[group] += len(found)
        result.failures += [f"group: {text}" for text in verdicts.wrong_groups(report)]
    everything: dict[str, Report] = {}
    for file, source in version.sources.items():
        with remembered("SemanticModel"):  # another order of rules asks an analysis of its own
            everything[file] = screening.unscreened(source)
            wrong = [*screening.failures(everything[file], version.reports[file])]
        result.failures += [f"screen: {text}" for text in wrong]
    report = watched(version.model, "before")
    result.random = bool(verdicts.drops(report))
    result.failures += [f"verdict: {text}" for text in verdicts.failures(version, report, "before")]
    for file, said in everything.items():
        wrong = [*verdicts.alive(said, report, path_of("before", file))]
        result.failures += [f"verdict: {text}" for text in wrong]
    done: list[Model] = []
    seen: set[tuple[str, str]] = set()
    for style in STYLES:
        outcome = _fixed(version, style, seen, result)
        if outcome is None or outcome[0] in done:
            continue
        fixed, codes = outcome
        done.append(fixed)
        if style == "unsafe":
            result.failures += [f"unsafe: {text}" for text in edits.broken(fixed)]
        else:
            _prove(version, fixed, codes, style, result)


def watched(model: Model, version: str) -> EvalReport:
    from dropout_lint.verify import verify_eval

    with loaded(model, version) as build:
        return verify_eval(build, inputs(), trace_lines=True)


def _fixed(
    version: Version, style: str, seen: set[tuple[str, str]], result: Result
) -> tuple[Model, set[str]] | None:
    """The model with all fixes of a style, and the rules that were; None if there are none.

    ``seen`` are the fixed texts that were looked at, by file.
    """
    texts: dict[str, str] = {}
    codes: set[str] = set()
    for file, source in version.sources.items():
        if version.reports[file].is_empty:
            continue
        outcome = fix(source, STYLES[style])
        if outcome.refused:
            result.failures.append(f"{style}: {file}: {outcome.refused}")
        if outcome.text != source.text:
            mark = "\ufeff" if source.bom else ""
            texts[file] = mark + outcome.text
            codes |= outcome.fixed.keys()
            if (file, outcome.text) in seen:  # as another style has it
                continue
            seen.add((file, outcome.text))
            wrong = edits.failures(version.reports[file], outcome, STYLES[style])
            result.failures += [f"{style}: {file}: {text}" for text in wrong]
    return (smaller(version.model, texts), codes) if texts else None


def _prove(version: Version, fixed: Model, codes: set[str], style: str, result: Result) -> None:
    proof = edits.proof(version.model, fixed, sorted(codes))
    result.levels[f"{style} {proof.level.value}"] += 1
    with _after(version, fixed) as after:
        after.edited = edits.rows(version.model, fixed)
        _judge(after, proof, style, result)


def _after(version: Version, fixed: Model) -> AbstractContextManager[Version]:
    """The fixed model as the linter sees it: one file for itself may stay where it is known."""
    alone = len(fixed.files) == 1
    return contextlib.nullcontext(Version(fixed, version.folder)) if alone else version_of(fixed)


def _judge(after: Version, proof: FixProof, style: str, result: Result) -> None:
    if proof.failed and all(o.number in _OF_DRAWS for o in proof.failed) and _shares_a_row(after):
        result.levels[f"{style} beside another draw"] += 1
        return
    if proof.failed or (not proof and "none of the edited lines ran" not in proof.reason):
        result.failures.append(f"{style}: the fix is {proof.level.value}: {proof.reason}")
        return
    report = watched(after.model, "after")
    wrong = verdicts.failures(after, report, "after")
    result.failures += [f"{style}, once fixed: {text}" for text in wrong]


def _bound(after: Version, file: str, rows: list[int]) -> Iterator[str]:
    """The names that edited rows assign."""
    for node in ast.walk(ast.parse(after.sources[file].text)):
        if isinstance(node, ast.Assign) and node.lineno in rows:
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _named(after: Version, site: RandomOp) -> set[str]:
    """The names on the row of a drop."""
    texts = {path_of("after", file): source for file, source in after.sources.items()}
    source = texts.get(site.where.file or "")
    return set(re.findall(r"\w+", source.line(site.where.line))) if source is not None else set()


def _shares_a_row(after: Version) -> bool:
    """Whether a finding that is left, or a drop that is not followed, stands on an edited row.

    The verifier tells draws by their rows: what goes on there is taken for the fix's doing.
    """
    report = watched(after.model, "after")
    known = [d.code for each in after.reports.values() for g in GROUPS for d in getattr(each, g)]
    sites = [*verdicts.unspoken(report, after, "after")]
    if "DRP006" in known:  # it speaks of the place that keeps the module, not of its calls
        sites += [site for site in verdicts.drops(report) if not site.where.registered]
    edited_rows = {row for rows in after.edited.values() for row in rows}
    if any(site.where.line in edited_rows for site in sites):
        return True
    names = {name for file, rows in after.edited.items() for name in _bound(after, file, rows)}
    if any(names & _named(after, site) for site in sites):  # a module that is built above
        return True
    for file, said in after.reports.items():
        edited = verdicts.statement_rows(said.source.text, after.edited.get(file, ()))
        for group in GROUPS:
            for left in getattr(said, group):
                if edited & set(range(left.location.row, left.end_location.row + 1)):
                    return True
    return False
