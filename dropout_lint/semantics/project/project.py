"""The project around a file: what the names and bases that it imports from there stand for.

Nothing is imported, that is executed: modules are found as files, by the rules of Python's import,
and read in `outline`. Everything is lazy: a file is opened only when a name of the file at hand
leads into it and the answer matters. What cannot be found or read is unknown, never an error.
"""

from __future__ import annotations

import builtins
import os
from dataclasses import dataclass
from typing import TypeAlias

from dropout_lint.catalog import ANYWHERE, STAR_EXPORTS, Catalog, canonical
from dropout_lint.semantics.project.classes import ImportedClass
from dropout_lint.semantics.project.imports import (
    Place,
    above,
    below,
    package_of,
    place_of,
    top_level,
)
from dropout_lint.semantics.project.outline import Meaning, Outline, outline_of, size_of
from dropout_lint.semantics.syntax.known_bases import OTHER_FRAMEWORKS, is_module_base

# What the analysis of one file may read of others.
MAX_FILES = 64
MAX_BYTES = 4_000_000
MAX_DEPTH = 24
# Packages that no project defines for itself, or under whose name it has them vendored.
_NEVER_LOCAL = frozenset({"torch", "builtins"}) | OTHER_FRAMEWORKS


@dataclass(frozen=True)
class Outside:
    """Something by its dotted name in a package that is not the project's."""

    name: str


@dataclass(frozen=True)
class Definition:
    """Something that a module of the project defines; its meaning says what it is, and where."""

    place: Place
    meaning: Meaning

    @property
    def name(self) -> str:
        return f"{self.place.name}.{self.meaning.name}"


Target: TypeAlias = "Place | Outside | Definition"


class Project:
    """The project as one file sees it.

    ``path`` is the file's name; it need not exist. None: a text of no file, which has no project.
    ``files`` are the files that the answers so far came from, in outline.
    """

    def __init__(self, path: str | None, catalog: Catalog, max_files: int = MAX_FILES) -> None:
        self._max_files = max_files
        self.files: dict[str, Outline | None] = {}
        self._catalog = catalog
        self._bytes = 0
        tails = {name.rpartition(".")[2] for name in (*catalog.functions, *catalog.modules)}
        self._family = tails.union(*STAR_EXPORTS.values())
        self._asked: dict[str, tuple[Target, ...]] = {}
        self._met: dict[tuple[str, str], tuple[Target, ...]] = {}
        self._tops: dict[tuple[str, str], Place | None] = {}
        self._classes: dict[Definition, ImportedClass | None] = {}
        self.here = place_of(os.path.abspath(path)) if path is not None else None

    @property
    def package(self) -> str:
        """The package that the file is in, as far as ``__init__.py`` files say."""
        return package_of(self.here.directory) if self.here is not None else ""

    # --- what the analysis of the file asks -------------------------------------------------

    def origin(self, name: str) -> str:
        """The dotted name of what an imported name stands for, over re-exports.

        ``pkg.common.nn.Module`` -> ``torch.nn.Module``; a name that leads nowhere, or to several
        things of which none is a known base, stays as it is.
        """
        name = canonical(name)
        if self.here is None or self._is_settled(name):
            return name
        return self._named(self._resolve(name)) or name

    def catalog_name(self, name: str) -> str:
        """Like `origin` for names that end like something of the catalog; others stay.

        What another file renames is not followed: the screen could not see it in this file.
        """
        tail = name.rpartition(".")[2]
        found = self.origin(name) if self.is_catalog_name(tail) else canonical(name)
        found = canonical(name) if self._is_renamed(found, tail) else found
        return self._anywhere(found, tail) or found

    def _anywhere(self, name: str, tail: str) -> str | None:
        """The row for what has an unmistakable name, whichever module brings it.

        Not for a function of the project: that is read.
        """
        row = f"{ANYWHERE}.{tail}"
        if row not in self._catalog.functions or self._in_catalog(name):
            return None
        found = self.definition(name)
        is_read = found is not None and found.meaning.kind == "function"
        return None if is_read or name.partition(".")[0] in OTHER_FRAMEWORKS else row

    def starred(self, module: str, name: str) -> str | None:
        """The dotted name of what ``from module import *`` binds to a name, if it does."""
        if name in STAR_EXPORTS.get(module, ()):
            return canonical(f"{module}.{name}")
        if self.here is None or hasattr(builtins, name):
            return None
        self._met.clear()
        found = self._named(self._starred(module, name, self.here, 0))
        return found if found is not None and not self._is_renamed(found, name) else None

    def definition(self, name: str) -> Definition | None:
        """The class or function of another file that an imported name stands for."""
        targets = self._resolve(canonical(name)) if self.here is not None else ()
        found = targets[0] if len(targets) == 1 else None
        return found if isinstance(found, Definition) else None

    def function(self, name: str) -> tuple[str, str] | None:
        """The other file and the name in it of the function that an imported name stands for.

        ``Ops.drop`` where it may be one of a class.
        """
        owner, _, tail = name.rpartition(".")
        for outer, kind, inner in ((name, "function", ""), (owner, "class", f".{tail}")):
            found = self.definition(outer) if outer else None
            if found is not None and found.place.file is not None and found.meaning.kind == kind:
                return found.place.file, found.meaning.name + inner
        return None

    def class_of(self, name: str) -> ImportedClass | None:
        """The class of another file that an imported name stands for, unless it is well known."""
        found = None if self._is_base(canonical(name)) else self.definition(name)
        return self._class(found, 0) if found is not None else None

    def brings_torch(self, name: str) -> bool:
        """Whether an imported name leads to torch, or a module imported with a star does."""
        return any(
            target.name.partition(".")[0] == "torch"
            or (isinstance(target, Place) and self._imports_torch(target, 0))
            for target in (self._resolve(name) if self.here is not None else ())
        )

    def _imports_torch(self, place: Place, depth: int) -> bool:
        outline = self._outline(place) if depth < MAX_DEPTH else None
        if outline is None or outline.torch:
            return outline is not None
        return any(
            isinstance(target, Place) and self._imports_torch(target, depth + 1)
            for star in outline.stars
            for target in self._follow(star, place, depth, module=True)
        )

    def is_catalog_name(self, tail: str) -> bool:
        """Whether a last name is one that something of the catalog has."""
        return tail in self._family

    def shown(self, path: str) -> str:
        """Another file's name as a message has it: from the folder around the package."""
        folder = self.here.directory if self.here is not None else os.path.dirname(path)
        for _ in self.package.split(".") if self.package else ():
            folder = os.path.dirname(folder)
        name = os.path.relpath(path, folder).replace(os.sep, "/")
        return os.path.basename(path) if name.startswith("..") else name

    def _is_renamed(self, name: str, tail: str) -> bool:
        """Whether a name is in the catalog, but not by a last name that the file at hand has."""
        return self._in_catalog(name) and name.rpartition(".")[2] != tail

    def _in_catalog(self, name: str) -> bool:
        return bool(self._catalog.function(name) or self._catalog.module(name))

    def _is_settled(self, name: str) -> bool:
        """Whether a dotted name says all by itself."""
        return self._in_catalog(name) or self._is_base(name)

    def _is_base(self, name: str) -> bool:
        return is_module_base(name) or name in self._catalog.module_bases

    def _named(self, targets: tuple[Target, ...]) -> str | None:
        """A dotted name under which the file at hand can ask for the targets again."""
        names = list(dict.fromkeys(canonical(target.name) for target in targets))
        if len(names) != 1:
            return next((name for name in names if self._is_base(name)), None)
        same = self._asked.setdefault(names[0], targets[:1])[:1] == targets[:1]
        return names[0] if same else None

    # --- following names --------------------------------------------------------------------

    def _resolve(self, name: str) -> tuple[Target, ...]:
        """What a dotted name of the file at hand stands for; empty where that is not known."""
        assert self.here is not None
        if name not in self._asked:
            self._met.clear()  # inside a circle an answer may be incomplete
            head, dot, tail = name.rpartition(".")
            if dot and head in self._asked:
                self._asked[name] = self._members(self._asked[head], [tail], 0)
            else:
                self._asked[name] = self._follow(name, self.here, 0)
        return self._asked[name]

    def _follow(
        self, dotted: str, place: Place, depth: int, module: bool = False
    ) -> tuple[Target, ...]:
        """What a dotted name (``module``: of a module) stands for that a module imports."""
        if self._is_settled(dotted):
            return (Outside(dotted),)
        rest = dotted.lstrip(".")
        level = len(dotted) - len(rest)
        parts = rest.split(".") if rest else []
        if level:
            start: Place | None = above(place, level)
        else:
            start = self._top(parts.pop(0), place)
        if start is None:
            return (Outside(dotted),)
        return self._members((start,), parts, depth, module)

    def _members(
        self, targets: tuple[Target, ...], parts: list[str], depth: int, module: bool = False
    ) -> tuple[Target, ...]:
        """What a chain of attributes of each target stands for."""
        for at, part in enumerate(parts, 1):
            inner = module or at < len(parts)
            each = [self._attribute(target, part, inner, depth) for target in targets]
            if not all(each):
                return ()
            targets = tuple(dict.fromkeys(target for found in each for target in found))
        return targets

    def _attribute(self, target: Target, part: str, module: bool, depth: int) -> tuple[Target, ...]:
        if isinstance(target, Outside):
            return (Outside(f"{target.name}.{part}"),)
        if isinstance(target, Definition):
            return ()
        # What goes on is a module nearly always: then nobody needs to read the package's own file.
        inner = below(target, part) if module else None
        return (inner,) if inner is not None else self._member(target, part, depth + 1)

    def _member(self, place: Place, name: str, depth: int) -> tuple[Target, ...]:
        """What a name is in a module: bound there, brought by a star, or a module below."""
        key = (place.file or place.folder or "", name)
        if key not in self._met:
            self._met[key] = ()  # for what is imported in a circle
            self._met[key] = self._found(place, name, depth)
        return self._met[key]

    def _found(self, place: Place, name: str, depth: int) -> tuple[Target, ...]:
        outline = self._outline(place) if depth < MAX_DEPTH else None
        if outline is not None:
            meanings = outline.names.get(name)
            if meanings is not None:
                return self._meant(place, meanings, depth)
            for star in reversed(outline.stars):
                targets = self._starred(star, name, place, depth)
                if targets:
                    return targets
        module = below(place, name)
        return (module,) if module is not None else ()

    def _meant(self, place: Place, meanings: tuple[Meaning, ...], depth: int) -> tuple[Target, ...]:
        found: list[Target] = []
        for meaning in meanings:
            if meaning.kind == "import":
                more = self._follow(meaning.name, place, depth + 1)
            elif meaning.kind == "alias":
                more = self._expression(meaning.name, place, depth + 1)
            else:
                more = (Definition(place, meaning),) if meaning.kind != "opaque" else ()
            if not more:
                return ()
            found += more
        return tuple(dict.fromkeys(found))

    def _expression(self, dotted: str, place: Place, depth: int) -> tuple[Target, ...]:
        """What a dotted expression stands for that is written in a module."""
        root, *parts = dotted.split(".")
        targets = self._member(place, root, depth)
        if not targets and hasattr(builtins, root):
            targets = (Outside(f"builtins.{root}"),)
        return self._members(targets, parts, depth)

    def _starred(self, module: str, name: str, place: Place, depth: int) -> tuple[Target, ...]:
        """What ``from module import *`` in a module binds to a name; empty if it does not."""
        if name in STAR_EXPORTS.get(module, ()):
            return (Outside(f"{module}.{name}"),)
        found: list[Target] = []
        for target in self._follow(module, place, depth + 1, module=True):
            outline = self._outline(target) if isinstance(target, Place) else None
            if outline is not None and outline.exports(name):
                assert isinstance(target, Place)
                found += self._member(target, name, depth + 1)
        return tuple(found)

    def _class(self, found: Definition, depth: int) -> ImportedClass | None:
        """A class with its bases; None for what is no class, and in a circle of bases."""
        if found.meaning.cls is None or depth > MAX_DEPTH:
            return None
        if found not in self._classes:
            self._classes[found] = None
            outline = self._outline(found.place)
            bases = tuple(self._base(b, found.place, depth) for b in found.meaning.cls.bases)
            torch_file = outline is not None and outline.torch
            self._classes[found] = ImportedClass(found.name, found.meaning.cls, bases, torch_file)
        return self._classes[found]

    def _base(self, dotted: str | None, place: Place, depth: int) -> ImportedClass | str | None:
        targets = self._expression(dotted, place, depth + 1) if dotted is not None else ()
        names = [canonical(target.name) for target in targets]
        known = next((name for name in names if self._is_base(name)), None)
        if known is not None or len(set(names)) != 1:
            return known
        target = targets[0]
        imported = self._class(target, depth + 1) if isinstance(target, Definition) else None
        return imported or names[0]

    # --- finding and reading files ----------------------------------------------------------

    def _top(self, name: str, place: Place) -> Place | None:
        """The project's top-level module of a name, as it is seen from another module."""
        if name in _NEVER_LOCAL:
            return None
        key = (place.directory, name)
        if key not in self._tops:
            self._tops[key] = top_level(name, place)
        return self._tops[key]

    def _outline(self, place: Place) -> Outline | None:
        """The outline of a module, as long as the file at hand has not asked for too many."""
        if place.file is None:
            return None
        if place.file not in self.files:
            size = size_of(place.file)
            if size is None or len(self.files) >= self._max_files or self._bytes + size > MAX_BYTES:
                return None
            self._bytes += size
            self.files[place.file] = outline_of(place.file)
        return self.files[place.file]
