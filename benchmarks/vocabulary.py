"""Measure how much each word list of the vocabulary decides.

    python benchmarks/vocabulary.py TREE [TREE ...]
    python benchmarks/vocabulary.py --write TREE [TREE ...]
    python benchmarks/vocabulary.py --words MODE_WORDS TREE [TREE ...]

For each list the package is copied to a temporary folder, the list is emptied there, and the copy
lints the trees with every rule on. The table counts the findings that go, that come and that change
(their fix, or whether the code declares them intentional) against the vocabulary as
it is. An empty tuple of parameter names or an expression that matches nothing counts as empty. What
is built from a list loses its words too: ``MODE_WORDS`` those of ``TRAIN_EVAL_WORDS``.

``--words`` takes out each word of one list alone. ``--write`` puts the counts into the comments of
``dropout_lint/vocabulary``, and the trees into its docstring.

Linted are the files that the screen lets through, and every ``--every``th of those that only rules
off by default look at; which these are, the full vocabulary says. Of them, a list is measured on
those that have one of its words in their text or path. So what a list decides by the text of
another file alone is not seen.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import dropout_lint
from dropout_lint.config import Settings
from dropout_lint.rules.base import all_rules
from dropout_lint.screen.text.lexical import lexical
from dropout_lint.screen.tree.syntax import may_matter

PACKAGE = Path(dropout_lint.__file__).parent
VOCABULARY = PACKAGE / "vocabulary"
OPTIONS = ("--select", "ALL", "--show-intentional", "--output-format", "json", "--exit-zero", "-j1")
# Where the linter runs: paths in its output are relative to it.
FOLDER = Path(tempfile.gettempdir()).resolve()

Findings: TypeAlias = "dict[tuple[Path, str, int, int, str], dict[str, Any]]"


@dataclass(frozen=True)
class WordList:
    """A top-level list of one file of the vocabulary, and its place in the source."""

    path: Path
    name: str
    statement: ast.Assign
    words: frozenset[str] | tuple[str, ...] | str

    def without(self, word: str | None) -> str:
        """The source of the file without one word of the list, or with an empty list."""
        kind = type(self.words).__name__
        source = self.path.read_text(encoding="utf-8")
        statement = ast.get_source_segment(source, self.statement)
        assert statement is not None
        old = statement.removeprefix(f"{self.name} = ")  # with its brackets
        if word is not None:
            new = f"{kind}(w for w in ({old}) if w != {word!r})"
        else:
            new = repr("(?!)") if kind == "str" else f"{kind}()"
        return source.replace(statement, f"{self.name} = {new}")


def word_lists() -> list[WordList]:
    """The lists of the vocabulary, in the order of the files' names and of their lines."""
    found: list[WordList] = []
    for path in sorted(VOCABULARY.glob("*.py")):
        module = importlib.import_module(f"dropout_lint.vocabulary.{path.stem}")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if name.isupper() and not name.startswith("_"):
                    found.append(WordList(path, name, node, getattr(module, name)))
    return found


def linted(tree: Path, every: int) -> Iterator[Path]:
    """The files of a tree that are linted."""
    settings = Settings()
    optional = [rule for rule in all_rules() if not rule.default and not rule.is_screened()]
    others: list[Path] = []
    for path in sorted(tree.rglob("*.py")):
        try:
            data = path.read_bytes()
            if lexical(settings.catalog).may_matter(data) and may_matter(
                ast.parse(data), settings.catalog
            ):
                yield path
            elif any(rule.passes_prefilter(data, settings.catalog) for rule in optional):
                others.append(path)
        except (OSError, SyntaxError, ValueError, RecursionError):
            continue
    yield from others[::every]


def mentions(one: WordList, word: str | None, path: Path) -> bool:
    """Whether a file's path or text has a word of a list, in any case."""
    text = f"{path}\n{path.read_text(encoding='utf-8', errors='replace')}".lower()
    if isinstance(one.words, str):
        return re.search(one.words, text, re.IGNORECASE) is not None
    return any(each.lower() in text for each in ([word] if word is not None else one.words))


def findings(package: Path, paths: list[Path]) -> Findings:
    """The findings of a copy of the package, by file, rule and place."""
    done = subprocess.run(
        [sys.executable, "-m", "dropout_lint", *OPTIONS, "--", *map(str, paths)],
        cwd=FOLDER,
        env={**os.environ, "PYTHONPATH": str(package.parent)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: Findings = {}
    for one in json.loads(done.stdout):
        path = (FOLDER / one["filename"]).resolve()
        row, column = one["location"].values()
        found[path, one["code"], row, column, one["message"]] = one
    return found


def without(one: WordList, word: str | None, paths: list[Path]) -> Findings:
    """The findings without one word of a list, or with an empty list."""
    if not paths:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / PACKAGE.name
        shutil.copytree(PACKAGE, copy)
        source = one.without(word)
        assert source != one.path.read_text(encoding="utf-8"), one.name
        (copy / "vocabulary" / one.path.name).write_text(source, encoding="utf-8")
        return findings(copy, paths)


def counts(before: Findings, after: Findings) -> tuple[int, int, int]:
    """How many findings go, come and change."""
    both = before.keys() & after.keys()
    changed = sum(before[key] != after[key] for key in both)
    return len(before) - len(both), len(after) - len(both), changed


def sentence(gone: int, come: int, changed: int) -> str:
    parts = [(gone, "go"), (come, "come"), (changed, "change")]
    return ", ".join(f"{count} {verb}" for count, verb in parts if count) or "nothing changes"


def write(results: dict[str, tuple[int, int, int]], trees: str) -> None:
    """Put the results into the comments of the vocabulary."""
    for one in word_lists():
        source = one.path.read_text(encoding="utf-8")
        if one.name in results:
            line = rf"# Measured: [^\n]*(?=\n{one.name} = )"
            text = f"# Measured: {sentence(*results[one.name])}."
            one.path.write_text(re.sub(line, text, source), encoding="utf-8")
    path = VOCABULARY / "__init__.py"
    start, _, _ = path.read_text(encoding="utf-8").partition("\nMeasured on: ")
    lines = textwrap.fill(f"Measured on: {trees}.", 100, break_on_hyphens=False)
    path.write_text(f'{start}\n{lines}\n"""\n', encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how much each word list decides.")
    parser.add_argument("trees", nargs="+", type=Path)
    parser.add_argument("--words", metavar="LIST", help="take out each word of one list alone")
    parser.add_argument("--write", action="store_true", help="write the counts into the comments")
    parser.add_argument("--every", type=int, default=20, metavar="N")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    warnings.simplefilter("ignore")

    paths = [path for tree in options.trees for path in linted(tree.resolve(), options.every)]
    before = findings(PACKAGE, paths)
    summary = f"{len(before)} findings in {len(paths)} files"
    print(summary, flush=True)
    lists = [one for one in word_lists() if options.words in (None, one.name)]
    cases = [
        (one, word)
        for one in lists
        for word in (sorted(one.words) if options.words and one.words else [None])
    ]
    results: dict[str, tuple[int, int, int]] = {}
    print(f"{'without':<28}{'go':>6}{'come':>6}{'change':>8}")

    def outcome(case: tuple[WordList, str | None]) -> tuple[int, int, int]:
        chosen = [path for path in paths if mentions(*case, path)]
        own = {key: one for key, one in before.items() if key[0] in chosen}
        return counts(own, without(*case, chosen))

    with ThreadPoolExecutor(options.jobs) as pool:
        for (one, word), numbers in zip(cases, pool.map(outcome, cases), strict=True):
            gone, come, changed = results[word or one.name] = numbers
            print(f"{word or one.name:<28}{gone:>6}{come:>6}{changed:>8}", flush=True)
    if options.write:
        names = ", ".join(sorted(tree.name.replace("__", " ") for tree in options.trees))
        write(results, f"{summary} of {names} (--every {options.every})")


if __name__ == "__main__":
    main()
