"""The project around a file: what the names that it imports stand for."""

from __future__ import annotations

import builtins
import os

from dropout_lint.catalog import ANYWHERE, STAR_EXPORTS, Catalog, canonical
from dropout_lint.semantics.project.class_outline import ImportedClass
from dropout_lint.semantics.project.known_bases import OTHER_FRAMEWORKS
from dropout_lint.semantics.project.modules import ModuleFile, package_of
from dropout_lint.semantics.project.outline import Outline
from dropout_lint.semantics.project.resolver import MAX_FILES, Definition, Resolver


class Project:
    """The project as one file sees it.

    ``path`` is the file's name; it need not exist. None: a text of no file, which has no project.
    """

    def __init__(self, path: str | None, catalog: Catalog, max_files: int = MAX_FILES) -> None:
        self._catalog = catalog
        self._resolver = Resolver(path, catalog, max_files)
        self._starred: dict[tuple[str, str], str | None] = {}
        tails = {name.rpartition(".")[2] for name in (*catalog.functions, *catalog.modules)}
        self._catalog_tails = tails.union(*STAR_EXPORTS.values())

    @property
    def here(self) -> ModuleFile | None:
        """The module that the file at hand is."""
        return self._resolver.here

    @property
    def files(self) -> dict[str, Outline | None]:
        """The files that the answers so far came from, in outline."""
        return self._resolver.files

    @property
    def package(self) -> str:
        """The package that the file is in, as far as ``__init__.py`` files say."""
        return package_of(self.here.directory) if self.here is not None else ""

    def origin(self, name: str) -> str:
        """The dotted name of what an imported name stands for, over re-exports.

        ``pkg.common.nn.Module`` -> ``torch.nn.Module``; a name that leads nowhere, or to several
        things of which none is a known base, stays as it is.
        """
        name = canonical(name)
        if self.here is None or self._resolver.is_settled(name):
            return name
        return self._resolver.name_of(self._resolver.resolve(name)) or name

    def catalog_name(self, name: str) -> str:
        """Like `origin` for names that end like something of the catalog; others stay.

        What another file renames is not followed: the screen could not see it in this file.
        """
        tail = name.rpartition(".")[2]
        origin = self.origin(name) if self.is_catalog_name(tail) else canonical(name)
        if self._is_renamed(origin, tail):
            origin = canonical(name)
        return self._anywhere(origin, tail) or origin

    def _anywhere(self, name: str, tail: str) -> str | None:
        """The row for what has an unmistakable name, whichever module brings it.

        Not for a function of the project: that is read.
        """
        row = f"{ANYWHERE}.{tail}"
        if row not in self._catalog.functions or self._resolver.is_in_catalog(name):
            return None
        definition = self.definition(name)
        is_read = definition is not None and definition.meaning.kind == "function"
        return None if is_read or name.partition(".")[0] in OTHER_FRAMEWORKS else row

    def starred(self, module: str, name: str) -> str | None:
        """The dotted name of what ``from module import *`` binds to a name, if it does."""
        if name in STAR_EXPORTS.get(module, ()):
            return canonical(f"{module}.{name}")
        if self.here is None or hasattr(builtins, name):
            return None
        key = (module, name)
        if key not in self._starred:
            origin = self._resolver.name_of(self._resolver.starred(module, name))
            is_same = origin is not None and not self._is_renamed(origin, name)
            self._starred[key] = origin if is_same else None
        return self._starred[key]

    def definition(self, name: str) -> Definition | None:
        """The class or function of another file that an imported name stands for."""
        targets = self._resolver.resolve(canonical(name))
        target = targets[0] if len(targets) == 1 else None
        return target if isinstance(target, Definition) else None

    def class_file(self, name: str) -> tuple[str, str] | None:
        """The other file, and the name in it, of a class of the project, well known or not."""
        definition = self.definition(name)
        if definition is None:
            head, _, tail = name.rpartition(".")
            modules = self._resolver.resolve(head) if head else ()
            found = [t for module in modules for t in self._resolver.members_of(module, tail)]
            definition = found[0] if found and isinstance(found[0], Definition) else None
        if definition is None or definition.meaning.kind != "class":
            return None
        path = definition.module.file
        return (path, definition.meaning.name) if path is not None else None

    def function(self, name: str) -> tuple[str, str] | None:
        """The other file and the name in it of the function that an imported name stands for.

        ``Ops.drop`` where it may be one of a class.
        """
        owner, _, tail = name.rpartition(".")
        for outer, kind, inner in ((name, "function", ""), (owner, "class", f".{tail}")):
            definition = self.definition(outer) if outer else None
            if definition is None or definition.meaning.kind != kind:
                continue
            if definition.module.file is not None:
                return definition.module.file, definition.meaning.name + inner
        return None

    def class_of(self, name: str) -> ImportedClass | None:
        """The class of another file that an imported name stands for, unless it is well known."""
        is_known = self._resolver.is_base(canonical(name))
        definition = None if is_known else self.definition(name)
        return self._resolver.class_of(definition) if definition is not None else None

    def brings_torch(self, name: str) -> bool:
        """Whether an imported name leads to torch, or a module imported with a star does."""
        return any(
            target.name.partition(".")[0] == "torch"
            or (isinstance(target, ModuleFile) and self._resolver.imports_torch(target))
            for target in self._resolver.resolve(name)
        )

    def is_catalog_name(self, tail: str) -> bool:
        """Whether a last name is one that something of the catalog has."""
        return tail in self._catalog_tails

    def shown(self, path: str) -> str:
        """Another file's name as a message has it: from the folder around the package."""
        folder = self.here.directory if self.here is not None else os.path.dirname(path)
        for _ in self.package.split(".") if self.package else ():
            folder = os.path.dirname(folder)
        name = os.path.relpath(path, folder).replace(os.sep, "/")
        return os.path.basename(path) if name.startswith("..") else name

    def _is_renamed(self, name: str, tail: str) -> bool:
        """Whether a name is in the catalog, but not by a last name that the file at hand has."""
        return self._resolver.is_in_catalog(name) and name.rpartition(".")[2] != tail
