"""Paths to files: walking, default excludes, ``.gitignore`` and the configured patterns."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Generic, Protocol, TypeVar

from dropout_lint.files import gitignore
from dropout_lint.files.names import shown
from dropout_lint.files.patterns import matches, relative
from dropout_lint.files.source import SourceError, kind_of, missing, no_file, read_bytes, reason

SUFFIXES = (".py", ".pyi")
_NOTEBOOK = ".ipynb"
DEFAULT_EXCLUDES = frozenset(
    """.bzr .direnv .eggs .git .git-rewrite .hg .ipynb_checkpoints .mypy_cache .nox .pants.d .pyenv
    .pytest_cache .pytype .ruff_cache .svn .tox .venv .vscode __pycache__ __pypackages__ _build
    buck-out build dist node_modules site-packages venv""".split()
)


class PathSettings(Protocol):
    """What the walk asks of settings: which paths to leave out, and the root of the patterns."""

    @property
    def root(self) -> str: ...
    @property
    def exclude(self) -> tuple[str, ...] | None: ...
    @property
    def extend_exclude(self) -> tuple[str, ...]: ...
    @property
    def force_exclude(self) -> bool: ...
    @property
    def respect_gitignore(self) -> bool: ...


S = TypeVar("S", bound=PathSettings)
S_co = TypeVar("S_co", bound=PathSettings, covariant=True)


class SettingsByFolder(Protocol[S_co]):
    """The settings of each folder (`config.Configurations`)."""

    def of(self, folder: str, /) -> S_co: ...


@dataclass(frozen=True)
class File(Generic[S]):
    """A file to lint: its path as the user will see it, its size in bytes, and its settings.

    ``leads_out``: it is a link out of the project that the user did not name. ``named``: the user
    named it.
    """

    path: str
    size: int
    settings: S = field(repr=False)
    leads_out: bool = False
    named: bool = False


@dataclass
class FileList(Generic[S]):
    """The files of a run, each once, ordered by path, and a sentence for each unusable path.

    ``folders`` are those in which the files lie, without links. ``notebooks`` is the number of
    notebooks in the folders; they are not among the files.
    """

    files: list[File[S]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    notebooks: int = 0


def find_files(paths: Iterable[str], configurations: SettingsByFolder[S]) -> FileList[S]:
    """The files that a list of paths stands for. Raises what ``configurations.of`` raises."""
    listed = FileList[S]()
    files: dict[str, File[S]] = {}
    folders: dict[str, str] = {}
    for path in paths:
        for file in _files_of(path, configurations, listed):
            real = _real(file.path, folders)
            if real not in files or (files[real].leads_out and not file.leads_out):
                files[real] = file
    listed.files = sorted(files.values(), key=lambda file: file.path)
    listed.folders = set(map(os.path.dirname, files))
    return listed


def _real(path: str, folders: dict[str, str]) -> str:
    """The path without links. ``folders`` keeps the answers, for most files have none."""
    if os.path.islink(path):
        return os.path.realpath(path)
    folder, name = os.path.split(path)
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    return os.path.join(folders[folder], name)


def is_excluded(path: str, settings: PathSettings) -> bool:
    """Whether ``force-exclude`` leaves out a path that the user named, for itself or a folder."""
    if not settings.force_exclude:
        return False
    root = settings.root or os.getcwd()
    folders = relative(path, root, False).split("/")
    if settings.exclude is None and DEFAULT_EXCLUDES.intersection(folders):
        return True
    return matches(_patterns(settings), path, os.path.isdir(path), root)


def _files_of(
    path: str, configurations: SettingsByFolder[S], listed: FileList[S]
) -> Iterator[File[S]]:
    is_folder = os.path.isdir(path)
    settings = configurations.of(path if is_folder else os.path.dirname(path) or ".")
    if is_excluded(path, settings):
        return
    if is_folder:
        yield from _walk(path, configurations, listed)
        return
    try:
        status = os.stat(path)
    except OSError:
        listed.errors.append(missing(path))
        return
    kind = kind_of(status.st_mode)
    if kind is not None:
        listed.errors.append(no_file(path, kind))
        return
    yield File(_plain(path), status.st_size, settings, named=True)


def _walk(top: str, configurations: SettingsByFolder[S], listed: FileList[S]) -> Iterator[File[S]]:
    """The files below a folder that the user named.

    The name counts: patterns and ``.gitignore`` files that leave the folder itself out do not
    apply below it.
    """
    stack = [(top, _ignores_around(top))]
    while stack:
        folder, outer = stack.pop()
        try:
            with os.scandir(folder) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except OSError as error:
            listed.errors.append(
                f"{shown(_plain(folder))}: cannot be read, {reason(error)}; "
                "make it readable or exclude it"
            )
            continue
        settings = configurations.of(folder)
        root = settings.root or os.getcwd()
        patterns = _patterns_below(top, _patterns(settings), root)
        ignores = _ignores_in(folder, entries, outer) if settings.respect_gitignore else outer
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if not is_folder and not entry.name.endswith((*SUFFIXES, _NOTEBOOK)):
                continue
            if settings.exclude is None and entry.name in DEFAULT_EXCLUDES:
                continue
            if patterns and matches(patterns, entry.path, is_folder, root):
                continue
            if settings.respect_gitignore and _is_ignored(entry.path, is_folder, ignores):
                continue
            if is_folder:
                stack.append((entry.path, ignores))
            elif entry.name.endswith(_NOTEBOOK):
                listed.notebooks += 1
            else:
                yield from _file(entry, settings, (root, top), listed.errors)


def _file(
    entry: os.DirEntry[str], settings: S, inside: tuple[str, str], errors: list[str]
) -> Iterator[File[S]]:
    try:
        size = entry.stat().st_size
    except OSError:
        if not entry.name.startswith(".#"):  # a lock of Emacs: a link to nowhere on purpose
            errors.append(missing(_plain(entry.path)))
        return
    if entry.is_file():
        leads_out = entry.is_symlink() and _leads_out(entry.path, inside)
        yield File(_plain(entry.path), size, settings, leads_out)


def _leads_out(link: str, folders: Iterable[str]) -> bool:
    """Whether what a link points to lies in none of some folders."""
    real = os.path.realpath(link)
    return not any(
        os.path.commonpath((real, folder)) == folder for folder in map(os.path.realpath, folders)
    )


def _plain(path: str) -> str:
    return path[2:] if path.startswith(("./", ".\\")) else path


def _patterns(settings: PathSettings) -> tuple[str, ...]:
    return (settings.exclude or ()) + settings.extend_exclude


@cache
def _patterns_below(top: str, patterns: tuple[str, ...], root: str) -> tuple[str, ...]:
    return tuple(pattern for pattern in patterns if not matches((pattern,), top, True, root))


# --- .gitignore ---------------------------------------------------------------------------------

# The `.gitignore` files in force with their folders, outermost first; None outside a repository.
Ignore = tuple[str, tuple[gitignore.Pattern, ...]]
Ignores = tuple[Ignore, ...] | None


def _ignores_around(top: str) -> Ignores:
    """The ``.gitignore`` files of the folders around one, unless they leave that one out."""
    at = os.path.abspath(top)
    ignores: tuple[Ignore, ...] = ()
    while (above := os.path.dirname(at)) != at:
        at = above
        if os.path.isfile(os.path.join(at, ".gitignore")):
            ignores = (*_read(at, ".gitignore"), *ignores)
        if os.path.exists(os.path.join(at, ".git")):
            ignores = (*_read(at, ".git/info/exclude"), *ignores)
            return () if _is_ignored(top, True, ignores) else ignores
    return None


def _ignores_in(folder: str, entries: Iterable[os.DirEntry[str]], outer: Ignores) -> Ignores:
    names = {entry.name for entry in entries}
    folder = os.path.abspath(folder)
    if ".git" in names:
        outer = _read(folder, ".git/info/exclude")
    if outer is None or ".gitignore" not in names:
        return outer
    return (*outer, *_read(folder, ".gitignore"))


def _read(folder: str, name: str) -> tuple[Ignore, ...]:
    """The patterns of a file that belong to a folder; none if it cannot be read."""
    try:
        data = read_bytes(os.path.join(folder, name))
    except SourceError:
        return ()
    text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    return ((folder, gitignore.parse(text)),)


def _is_ignored(path: str, is_folder: bool, ignores: Ignores) -> bool:
    for folder, patterns in reversed(ignores or ()):  # the closest file decides
        verdict = gitignore.verdict(patterns, relative(path, folder, False), is_folder)
        if verdict is not None:
            return verdict
    return False
