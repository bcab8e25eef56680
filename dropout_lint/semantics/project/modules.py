"""Files of modules, by the rules of Python's import; none of them is opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

# How far up a top-level module is looked for, where nothing marks the root of the project.
_CLIMB = 6
_ROOT_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", ".hg")
_DEPTH = 24
# How far above the outermost package the root of the project is looked for.
_NEAR = 3


@dataclass(frozen=True)
class ModuleFile:
    """A module of the project: its dotted name, its file, and its folder if it is a package."""

    name: str
    file: str | None
    folder: str | None

    @property
    def directory(self) -> str:
        return self.folder or os.path.dirname(self.file or "")


class FileVersion(NamedTuple):
    """What tells whether a file has changed."""

    modified: int
    size: int


def version_of(path: str) -> FileVersion | None:
    """The version of a regular file as it is now; None for what is none or cannot be seen."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    is_file = stat.S_ISREG(status.st_mode)
    return FileVersion(status.st_mtime_ns, status.st_size) if is_file else None


def module_file(path: str) -> ModuleFile:
    """The module that a file is, by its path."""
    folder, base = os.path.split(path)
    stem = os.path.splitext(base)[0]
    package = package_of(folder)
    if stem == "__init__":
        return ModuleFile(package, path, folder)
    return ModuleFile(f"{package}.{stem}", path, None)


def package_of(folder: str) -> str:
    """The dotted name of the package that a folder is; empty where it has no ``__init__.py``."""
    parts: list[str] = []
    while len(parts) < _DEPTH and os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        if not name.isidentifier():  # the root of a checkout, whatever is in it
            break
        parts.insert(0, name)
    return ".".join(parts)


def top_level(name: str, module: ModuleFile) -> ModuleFile | None:
    """The project's top-level module of a name, as it is seen from another module."""
    candidates = [_module(folder, name, name) for folder in _search_path(module.directory)]
    # A script that is named like what it imports does not mean itself.
    modules = [m for m in candidates if m is not None and (m.folder or m.file != module.file)]
    # As in Python, a folder without `__init__.py` counts only where there is nothing else.
    return next((m for m in modules if m.file), next(iter(modules), None))


def _search_path(start: str) -> Iterator[str]:
    """The folders in which a top-level module may lie, for a module in the folder ``start``.

    The folder around the outermost package and those above, each with its ``src``, up to the root
    of the project; last those of the package itself, for scripts that are run there.
    """
    package = package_of(start)
    folder = start
    inside: list[str] = []
    for _ in package.split(".") if package else ():
        inside.insert(0, folder)
        folder = os.path.dirname(folder)
    at_root = any(_is_root(package_folder) for package_folder in inside)
    for _ in range(_CLIMB):
        yield folder
        yield os.path.join(folder, "src")
        outer = os.path.dirname(folder)
        if at_root or _is_root(folder) or outer == folder:
            break
        folder = outer
    yield from inside


def root_of(folder: str) -> str:
    """The folder of the project around a folder, or that of its outermost package, or itself."""
    package = package_of(folder)
    for _ in package.split(".")[1:] if package else ():
        folder = os.path.dirname(folder)
    outer = folder
    for _ in range(_NEAR):
        if _is_root(outer):
            return outer
        outer = os.path.dirname(outer)
    return folder


def _is_root(folder: str) -> bool:
    return any(os.path.exists(os.path.join(folder, mark)) for mark in _ROOT_MARKS)


def submodule(module: ModuleFile, name: str) -> ModuleFile | None:
    """The module of a name in a package."""
    if module.folder is None:
        return None
    return _module(module.folder, name, f"{module.name}.{name}")


def _module(folder: str, name: str, dotted: str) -> ModuleFile | None:
    """A package, a module, or a folder without ``__init__.py``: in Python's order."""
    inner = os.path.join(folder, name)
    init = os.path.join(inner, "__init__.py")
    if os.path.isfile(init):
        return ModuleFile(dotted, init, inner)
    for suffix in (".py", ".pyi"):
        if os.path.isfile(inner + suffix):
            return ModuleFile(dotted, inner + suffix, None)
    return ModuleFile(dotted, None, inner) if os.path.isdir(inner) else None


def package_above(module: ModuleFile, level: int) -> ModuleFile | None:
    """The package that a relative import of so many dots starts from; None above the project."""
    folder = module.directory
    for _ in range(level - 1):
        outer = os.path.dirname(folder)
        if outer == folder or _is_root(folder):
            return None
        folder = outer
    init = os.path.join(folder, "__init__.py")
    return ModuleFile(package_of(folder), init if os.path.isfile(init) else None, folder)
