"""How much it takes to know that a class is a module: counts over one or more trees.

    python benchmarks/bases.py TREE [TREE ...]

Counts the module-level classes that call something of the catalog in a method, by the first step
that makes them an `nn.Module`: a base of torch's own, named in the file; the bases in the same file
and the table of well-known bases; the imports of the project. What is left has no such base, and
only its look (a `forward`, or `self.training`) speaks for it. Files are read, never imported.
"""

from __future__ import annotations

import argparse
import ast
import os
import warnings
from collections import Counter
from collections.abc import Iterator

from dropout_lint.catalog import builtin
from dropout_lint.semantics.project.known_bases import is_module_base
from dropout_lint.semantics.project.project import Project

LEVELS = ("torch base", "same file and known bases", "project imports", "look only", "none")
CATALOG = builtin()
TAILS = {name.rpartition(".")[2] for name in (*CATALOG.functions, *CATALOG.modules)}


def level_of(path: str, name: str) -> str:
    """The first step at which a module-level class of a file is known to be a module."""
    stem = os.path.splitext(os.path.basename(path))[0]
    dotted = f".{name}" if stem == "__init__" else f".{stem}.{name}"
    alone = Project(path, CATALOG, max_files=1).class_of(dotted)
    if alone is None:
        return "none"
    if any(isinstance(b, str) and b.startswith("torch.") and is_module_base(b)
           for b in alone.bases):  # fmt: skip
        return "torch base"
    if any(root and is_module_base(root) for root in alone.roots):
        return "same file and known bases"
    far = Project(path, CATALOG).class_of(dotted)
    if far is not None and any(root and is_module_base(root) for root in far.roots):
        return "project imports"
    return "look only" if alone.looks_like_module else "none"


def classes_of(path: str) -> Iterator[ast.ClassDef]:
    """The module-level classes of a file that call something of the catalog in a method."""
    try:
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = file.read()
            if not any(tail.encode() in data for tail in TAILS):
                return
            tree = ast.parse(data)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(map(_calls, ast.walk(node))):
            yield node


def _calls(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    tail = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return tail in TAILS


def _files(tree: str) -> Iterator[str]:
    for folder, _, names in os.walk(tree):
        yield from (os.path.join(folder, name) for name in names if name.endswith(".py"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("trees", nargs="+")
    count = Counter(
        level_of(path, node.name)
        for tree in parser.parse_args().trees
        for path in _files(tree)
        for node in classes_of(path)
    )
    total = sum(count.values())
    print(f"{total} classes")
    known = 0
    for level in LEVELS[:3]:
        known += count[level]
        print(f"{level:28} {count[level]:6}  known so far {known / max(total, 1):6.1%}")
    for level in LEVELS[3:]:
        print(f"{level:28} {count[level]:6}")


if __name__ == "__main__":
    main()
