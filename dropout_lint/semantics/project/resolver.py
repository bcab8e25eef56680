"""What dotted names stand for, followed from file to file over imports, re-exports and stars.

Modules are found as files, by the rules of Python's import, and read in outline; nothing is
executed. A file is opened only when a name of the file at hand leads into it and the answer
matters. What cannot be found or read is unknown, never an error.
"""

from __future__ import annotations

import builtins
import os
from dataclasses import dataclass
from typing import TypeAlias

from dropout_lint.catalog import STAR_EXPORTS, Catalog, canonical
from dropout_lint.semantics.project.class_outline import ImportedClass
from dropout_lint.semantics.project.known_bases import OTHER_FRAMEWORKS, is_module_base
from dropout_lint.semantics.project.modules import (
    ModuleFile,
    module_file,
    package_above,
    submodule,
    top_level,
    version_of,
)
from dropout_lint.semantics.project.outline import MAX_SIZE, Meaning, Outline, outline_of

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

    module: ModuleFile
    meaning: Meaning

    @property
    def name(self) -> str:
        return f"{self.module.name}.{self.meaning.name}"


Target: TypeAlias = "ModuleFile | Outside | Definition"


class Resolver:
    """The targets of dotted names as one file sees them.

    ``here`` is the module that the file is; None for a text of no file. ``files`` are the files
    that the answers so far came from, in outline.
    """

    def __init__(self, path: str | None, catalog: Catalog, max_files: int) -> None:
        self.here = module_file(os.path.abspath(path)) if path is not None else None
        self.files: dict[str, Outline | None] = {}
        self._max_files = max_files
        self._bytes = 0
        self._catalog = catalog
        self._resolved: dict[str, tuple[Target, ...]] = {}
        self._members_known: dict[tuple[str, str], tuple[Target, ...]] = {}
        self._top_levels: dict[tuple[str, str], ModuleFile | None] = {}
        self._classes: dict[Definition, ImportedClass | None] = {}

    # --- what the project asks --------------------------------------------------------------

    def resolve(self, name: str) -> tuple[Target, ...]:
        """The targets of a dotted name of the file at hand; empty where they are not known."""
        if self.here is None:
            return ()
        if name not in self._resolved:
            self._members_known.clear()  # inside a circle an answer may be incomplete
            head, dot, tail = name.rpartition(".")
            if dot and head in self._resolved:
                self._resolved[name] = self._members(self._resolved[head], [tail], 0)
            else:
                self._resolved[name] = self._follow(name, self.here, 0)
        return self._resolved[name]

    def starred(self, module: str, name: str) -> tuple[Target, ...]:
        """The targets of a name that ``from module import *`` binds in the file at hand."""
        if self.here is None:
            return ()
        self._members_known.clear()
        return self._starred(module, name, self.here, 0)

    def name_of(self, targets: tuple[Target, ...]) -> str | None:
        """A dotted name under which the file at hand can ask for the targets again."""
        names = list(dict.fromkeys(canonical(target.name) for target in targets))
        if len(names) != 1:
            return next((name for name in names if self.is_base(name)), None)
        same = self._resolved.setdefault(names[0], targets[:1])[:1] == targets[:1]
        return names[0] if same else None

    def members_of(self, target: Target, name: str) -> tuple[Target, ...]:
        """The targets of a name in a module of the project, well known or not."""
        return self._members((target,), [name], 0) if isinstance(target, ModuleFile) else ()

    def class_of(self, definition: Definition, depth: int = 0) -> ImportedClass | None:
        """A class with its bases; None for what is no class, and in a circle of bases."""
        outlined = definition.meaning.cls
        if outlined is None or depth > MAX_DEPTH:
            return None
        if definition not in self._classes:
            self._classes[definition] = None
            module = definition.module
            outline = self._outline(module)
            bases = tuple(self._base(base, module, depth) for base in outlined.bases)
            torch_file = outline is not None and outline.torch
            self._classes[definition] = ImportedClass(definition.name, outlined, bases, torch_file)
        return self._classes[definition]

    def imports_torch(self, module: ModuleFile) -> bool:
        """Whether a module imports torch, or a module that it imports with a star does."""
        seen: set[ModuleFile] = set()
        level = [module]
        for depth in range(MAX_DEPTH):
            below: list[ModuleFile] = []
            for at in level:
                outline = self._outline(at) if at not in seen else None
                seen.add(at)
                if outline is not None and outline.torch:
                    return True
                for star in outline.stars if outline is not None else ():
                    for target in self._follow(star, at, depth, is_module=True):
                        if isinstance(target, ModuleFile):
                            below.append(target)
            level = below
        return False

    def is_in_catalog(self, name: str) -> bool:
        return bool(self._catalog.function(name) or self._catalog.module(name))

    def is_base(self, name: str) -> bool:
        """Whether a dotted name is a class known to be an ``nn.Module``."""
        return is_module_base(name) or name in self._catalog.module_bases

    def is_settled(self, name: str) -> bool:
        """Whether a dotted name is known without a look into any file."""
        return self.is_in_catalog(name) or self.is_base(name)

    # --- following names --------------------------------------------------------------------

    def _follow(
        self, dotted: str, module: ModuleFile, depth: int, is_module: bool = False
    ) -> tuple[Target, ...]:
        """The targets of a dotted name that a module imports."""
        if self.is_settled(dotted):
            return (Outside(dotted),)
        rest = dotted.lstrip(".")
        level = len(dotted) - len(rest)
        parts = rest.split(".") if rest else []
        start = package_above(module, level) if level else self._top_level(parts.pop(0), module)
        if start is None:
            return (Outside(dotted),)
        return self._members((start,), parts, depth, is_module)

    def _members(
        self, targets: tuple[Target, ...], parts: list[str], depth: int, is_module: bool = False
    ) -> tuple[Target, ...]:
        """The targets of a chain of attributes of each target."""
        for at, part in enumerate(parts, 1):
            inner = is_module or at < len(parts)
            each = [self._attribute(target, part, inner, depth) for target in targets]
            if not all(each):
                return ()
            targets = tuple(dict.fromkeys(target for members in each for target in members))
        return targets

    def _attribute(
        self, target: Target, part: str, is_module: bool, depth: int
    ) -> tuple[Target, ...]:
        if isinstance(target, Outside):
            return (Outside(f"{target.name}.{part}"),)
        if isinstance(target, Definition):
            return ()
        # A part before the last is nearly always a module: then the package's own file stays shut.
        inner = submodule(target, part) if is_module else None
        return (inner,) if inner is not None else self._member(target, part, depth + 1)

    def _member(self, module: ModuleFile, name: str, depth: int) -> tuple[Target, ...]:
        """The targets of a name in a module: bound there, by a star, or a module below."""
        key = (module.file or module.folder or "", name)
        if key not in self._members_known:
            self._members_known[key] = ()  # for what is imported in a circle
            self._members_known[key] = self._bound_in(module, name, depth)
        return self._members_known[key]

    def _bound_in(self, module: ModuleFile, name: str, depth: int) -> tuple[Target, ...]:
        outline = self._outline(module) if depth < MAX_DEPTH else None
        if outline is not None:
            meanings = outline.names.get(name)
            if meanings is not None:
                return self._meant(module, meanings, depth)
            for star in reversed(outline.stars):
                targets = self._starred(star, name, module, depth)
                if targets:
                    return targets
        inner = submodule(module, name)
        return (inner,) if inner is not None else ()

    def _meant(
        self, module: ModuleFile, meanings: tuple[Meaning, ...], depth: int
    ) -> tuple[Target, ...]:
        targets: list[Target] = []
        for meaning in meanings:
            if meaning.kind == "import":
                more = self._follow(meaning.name, module, depth + 1)
            elif meaning.kind == "alias":
                more = self._expression(meaning.name, module, depth + 1)
            else:
                more = (Definition(module, meaning),) if meaning.kind != "opaque" else ()
            if not more:
                return ()
            targets += more
        return tuple(dict.fromkeys(targets))

    def _expression(self, dotted: str, module: ModuleFile, depth: int) -> tuple[Target, ...]:
        """The targets of a dotted expression that a module contains."""
        root, *parts = dotted.split(".")
        targets = self._member(module, root, depth)
        if not targets and hasattr(builtins, root):
            targets = (Outside(f"builtins.{root}"),)
        return self._members(targets, parts, depth)

    def _starred(
        self, starred: str, name: str, module: ModuleFile, depth: int
    ) -> tuple[Target, ...]:
        """The targets of a name that a star import in a module binds; empty if it does not."""
        if name in STAR_EXPORTS.get(starred, ()):
            return (Outside(f"{starred}.{name}"),)
        targets: list[Target] = []
        for target in self._follow(starred, module, depth + 1, is_module=True):
            if isinstance(target, ModuleFile):
                outline = self._outline(target)
                if outline is not None and outline.exports(name):
                    targets += self._member(target, name, depth + 1)
        return tuple(targets)

    def _base(
        self, dotted: str | None, module: ModuleFile, depth: int
    ) -> ImportedClass | str | None:
        targets = self._expression(dotted, module, depth + 1) if dotted is not None else ()
        names = [canonical(target.name) for target in targets]
        known = next((name for name in names if self.is_base(name)), None)
        if known is not None or len(set(names)) != 1:
            return known
        target = targets[0]
        imported = self.class_of(target, depth + 1) if isinstance(target, Definition) else None
        return imported or names[0]

    # --- finding and reading files ----------------------------------------------------------

    def _top_level(self, name: str, module: ModuleFile) -> ModuleFile | None:
        """The project's top-level module of a name, as another module sees it."""
        if name in _NEVER_LOCAL:
            return None
        key = (module.directory, name)
        if key not in self._top_levels:
            self._top_levels[key] = top_level(name, module)
        return self._top_levels[key]

    def _outline(self, module: ModuleFile) -> Outline | None:
        """The outline of a module; None past the bounds on what one file may read."""
        if module.file is None:
            return None
        if module.file not in self.files:
            version = version_of(module.file)
            if version is None or version.size > MAX_SIZE or len(self.files) >= self._max_files:
                return None
            if self._bytes + version.size > MAX_BYTES:
                return None
            self._bytes += version.size
            self.files[module.file] = outline_of(module.file)
        return self.files[module.file]
