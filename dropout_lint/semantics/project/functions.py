"""Functions of other files of the project: found by name, read in full, and few of them.

A function is followed only where its name speaks of dropping (``drop_and_add``) or is one of the
catalog's: the cheap stages see such a name in the file at hand and look closer. Its file is then
given the same meaning as the file at hand, by libcst, and kept for the process.
"""

from __future__ import annotations

import ast
import os
import tokenize
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from dropout_lint.catalog import Catalog
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.vocabulary import speaks_of_dropping

if TYPE_CHECKING:
    from dropout_lint.semantics.model import SemanticModel

# How many files a file may have read in full for it, and each of those again.
MAX_MODELS = (8, 3, 2)
MAX_SIZE = 300_000
_KEPT = 8
# What libcst reads in no time; see `linter` for what it does not.
_MAX_DEPTH = 150
_MAX_OPERANDS = 1000


class ImportedFunctions:
    """The functions of other files that one file calls. ``depth`` says how far away it is read."""

    def __init__(self, model: SemanticModel, depth: int) -> None:
        self._model = model
        self.depth = depth
        self._found: dict[str, tuple[SemanticModel, FunctionInfo] | None] = {}
        self._files: set[str] = set()

    def find(self, name: str) -> tuple[SemanticModel, FunctionInfo] | None:
        """The function that a dotted name stands for, if it may drop."""
        if name not in self._found:
            self._found[name] = None
            self._found[name] = self._find(name) if self._may_be_imported(name) else None
        return self._found[name]

    def _may_be_imported(self, name: str) -> bool:
        tail = name.rpartition(".")[2]
        is_called_so = speaks_of_dropping(name) or self._model.project.is_catalog_name(tail)
        return is_called_so and self._model.catalog.function(name) is None

    def _find(self, name: str) -> tuple[SemanticModel, FunctionInfo] | None:
        found = self._model.project.function(name)
        imported = self.read(found[0]) if found is not None else None
        function = (
            imported.function(found[1]) if imported is not None and found is not None else None
        )
        return (imported, function) if imported is not None and function is not None else None

    def read(self, path: str) -> SemanticModel | None:
        """Another file with its meaning, as long as the file at hand has not asked for too many."""
        if self.depth >= len(MAX_MODELS):
            return None
        if path not in self._files:
            if len(self._files) >= MAX_MODELS[self.depth]:
                return None
            self._files.add(path)
        return model_of(path, self._model.catalog, self.depth + 1)


def model_of(path: str, catalog: Catalog, depth: int) -> SemanticModel | None:
    """The meaning of a file as it is now; None if it cannot be read, or is not worth it."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    if status.st_size > MAX_SIZE or not path.endswith(".py"):
        return None
    return _model(path, status.st_mtime_ns, status.st_size, catalog, depth)


@lru_cache(_KEPT)
def _model(
    path: str, changed: int, size: int, catalog: Catalog, depth: int
) -> SemanticModel | None:
    import libcst as cst

    from dropout_lint.semantics.model import SemanticModel
    from dropout_lint.semantics.syntax.tree import Unreadable

    try:
        with tokenize.open(path) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = file.read()
            tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not _is_plain(tree, text):
        return None
    try:
        return SemanticModel(text, catalog, path, depth)
    except (cst.ParserSyntaxError, Unreadable):
        return None


def _is_plain(tree: ast.Module, text: str) -> bool:
    """Whether libcst's parser surely reads a file that `ast` has read."""
    lines = text.splitlines()
    level: list[ast.AST] = [tree]
    for _ in range(_MAX_DEPTH):
        if not level:
            return True
        for node in level:
            if isinstance(node, ast.BoolOp) and len(node.values) > _MAX_OPERANDS:
                return False
            if isinstance(node, ast.match_case):  # brackets in a pattern take it for ever
                head = lines[node.pattern.lineno - 1 : node.body[0].lineno]
                if sum(line.count("(") + line.count("[") for line in head) > 8:
                    return False
        level = [below for node in level for below in ast.iter_child_nodes(node)]
    return False
