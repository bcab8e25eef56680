"""Functions of other files of the project: found by name, read in full, and few of them.

A function is followed only where its name speaks of dropping (``drop_and_add``) or is one of the
catalog's: the cheap stages see such a name in the file at hand and look closer. Its file is then
given the same meaning as the file at hand, by libcst.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from dropout_lint.catalog import Catalog
from dropout_lint.semantics.interpreter.values import Atom, Local, Method, Ref
from dropout_lint.semantics.interprocedural.builders import Builders
from dropout_lint.semantics.interprocedural.contexts import CallingContexts
from dropout_lint.semantics.interprocedural.file_surroundings import FileSurroundings
from dropout_lint.semantics.project.project import Project
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import Tree
from dropout_lint.vocabulary.dropping import speaks_of_dropping

# How many files a file may have read in full for it, and each of those again.
MAX_MODELS = (8, 3, 2)


class FileModel(FileSurroundings, Protocol):
    """The meaning of one file, as far as call sites ask for it."""

    @property
    def path(self) -> str | None: ...

    @property
    def tree(self) -> Tree: ...

    @property
    def project(self) -> Project: ...

    @property
    def contexts(self) -> CallingContexts: ...

    @property
    def builders(self) -> Builders: ...

    @property
    def imported(self) -> ImportedFunctions: ...

    def function(self, name: str) -> FunctionInfo | None: ...


@dataclass(frozen=True)
class Callee:
    """A function of the project that a call means, and the file it is in."""

    model: FileModel
    function: FunctionInfo


class ImportedFunctions:
    """The functions of other files that one file calls.

    ``depth`` says by how many steps the file itself is away from the one that is linted; ``read``
    gives the meaning of another file, so many steps away.
    """

    def __init__(
        self, model: FileModel, depth: int, read: Callable[[str, Catalog, int], FileModel | None]
    ) -> None:
        self._model = model
        self._depth = depth
        self._read = read
        self._callees: dict[str, Callee | None] = {}
        self._files: set[str] = set()

    def find(self, name: str) -> Callee | None:
        """The function that a dotted name stands for, if it may drop."""
        if name not in self._callees:
            self._callees[name] = None
            self._callees[name] = self._find(name) if self._may_drop(name) else None
        return self._callees[name]

    def callee(self, atom: Atom) -> Callee | None:
        """The function of this or another file that a called value is, if it is known."""
        if isinstance(atom, (Local, Method)):
            function = self._model.functions.by_node.get(atom.node)
            return Callee(self._model, function) if function is not None else None
        return self.find(atom.name) if isinstance(atom, Ref) else None

    def _may_drop(self, name: str) -> bool:
        tail = name.rpartition(".")[2]
        is_called_so = speaks_of_dropping(name) or self._model.project.is_catalog_name(tail)
        return is_called_so and self._model.catalog.function(name) is None

    def _find(self, name: str) -> Callee | None:
        defined = self._model.project.function(name)
        if defined is None:
            return None
        path, qualname = defined
        model = self._file(path)
        function = model.function(qualname) if model is not None else None
        return Callee(model, function) if model is not None and function is not None else None

    def _file(self, path: str) -> FileModel | None:
        """Another file with its meaning; None past the bounds on what one file may ask for."""
        if self._depth >= len(MAX_MODELS):
            return None
        if path not in self._files:
            if len(self._files) >= MAX_MODELS[self._depth]:
                return None
            self._files.add(path)
        return self._read(path, self._model.catalog, self._depth + 1)
