"""Paths to files: walking, default excludes, ``.gitignore`` and the configured patterns."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dropout_lint.config import Configurations, Settings

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SUFFIXES = (".py", ".pyi")
DEFAULT_EXCLUDES = frozenset(
    """.bzr .direnv .eggs .git .git-rewrite .hg .ipynb_checkpoints .mypy_cache .nox .pants.d .pyenv
    .pytest_cache .pytype .ruff_cache .svn .tox .venv .vscode __pycache__ __pypackages__ _build
    buck-out build dist node_modules site-packages venv""".split()
)


@dataclass(frozen=True)
class File:
    """A file to lint: its path as the user will see it, its size in bytes, and its settings."""

    path: str
    size: int
    settings: Settings = field(repr=False)


@dataclass
class Found:
    """The files of a run, each once, ordered by path, and one sentence per path that is no good."""

    files: list[File] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def find_files(paths: Iterable[str], configurations: Configurations) -> Found:
    """The files that a list of paths stands for. Raises ConfigError."""
    found = Found()
    seen: set[str] = set()
    excluder = _Excluder()
    for path in paths:
        for file in _files_of(path, configurations, excluder, found.errors):
            real = os.path.realpath(file.path)
            if real not in seen:
                seen.add(real)
                found.files.append(file)
    found.files.sort(key=lambda file: file.path)
    return found


def is_excluded(path: str, settings: Settings) -> bool:
    """Whether a single named file is excluded, where ``force-exclude`` asks for it."""
    return _Excluder().named(path, settings)


def _files_of(
    path: str, configurations: Configurations, excluder: _Excluder, errors: list[str]
) -> Iterator[File]:
    if os.path.isdir(path):
        settings = configurations.of(path)
        if not (settings.force_exclude and excluder.named(path, settings)):
            yield from _walk(path, configurations, excluder, errors)
        return
    settings = configurations.of(os.path.dirname(path) or ".")
    if settings.force_exclude and excluder.named(path, settings):
        return
    try:
        size = os.stat(path).st_size
    except OSError:
        dangling = os.path.islink(path)
        reason = "the link points to a file that does not exist" if dangling else "no such file"
        errors.append(f"{path}: {reason}; check the path")
        return
    yield File(path, size, settings)


def _walk(
    top: str, configurations: Configurations, excluder: _Excluder, errors: list[str]
) -> Iterator[File]:
    stack = [top]
    while stack:
        folder = stack.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            errors.append(f"{folder}: cannot be read, {reason}")
            continue
        settings = configurations.of(folder)
        ignored = excluder.ignore_file(folder, settings, entries)
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if not is_folder and not entry.name.endswith(SUFFIXES):
                continue
            if excluder.excludes(entry.path, entry.name, is_folder, settings, ignored):
                continue
            if is_folder:
                stack.append(entry.path)
                continue
            try:
                size = entry.stat().st_size
            except OSError:
                errors.append(f"{entry.path}: the link points to a file that does not exist")
                continue
            if entry.is_file():
                yield File(_shown(entry.path), size, settings)


def _shown(path: str) -> str:
    return path[2:] if path.startswith(("./", ".\\")) else path


Ignored = list[tuple[str, "GitIgnoreSpec"]]


class _Excluder:
    """Matches paths against excludes and ``.gitignore`` files; reads and compiles each once."""

    def __init__(self) -> None:
        self._specs: dict[tuple[str, ...], GitIgnoreSpec] = {}
        self._ignored: dict[str, Ignored] = {}

    def excludes(
        self, path: str, name: str, is_folder: bool, settings: Settings, ignored: Ignored
    ) -> bool:
        if settings.exclude is None and name in DEFAULT_EXCLUDES:
            return True
        patterns = (settings.exclude or ()) + settings.extend_exclude
        if patterns and self._matches(path, is_folder, patterns, settings):
            return True
        return bool(ignored) and self._is_ignored(path, is_folder, ignored)

    def named(self, path: str, settings: Settings) -> bool:
        """Whether a path named by the user is excluded, itself or by a folder around it."""
        absolute = os.path.abspath(path)
        root = os.path.abspath(settings.root or os.getcwd())
        relative = os.path.relpath(absolute, root)
        if settings.exclude is None and DEFAULT_EXCLUDES & set(relative.split(os.sep)):
            return True
        patterns = (settings.exclude or ()) + settings.extend_exclude
        if patterns and self._matches(path, os.path.isdir(path), patterns, settings):
            return True
        if not settings.respect_gitignore:
            return False
        ignored = self.ignore_file(os.path.dirname(absolute), settings, None)
        return bool(ignored) and self._is_ignored(absolute, os.path.isdir(path), ignored)

    def _matches(
        self, path: str, is_folder: bool, patterns: tuple[str, ...], settings: Settings
    ) -> bool:
        if patterns not in self._specs:
            from pathspec import GitIgnoreSpec

            self._specs[patterns] = GitIgnoreSpec.from_lines(patterns)
        relative = _relative(path, settings.root or os.getcwd())
        return self._specs[patterns].match_file(relative + "/" if is_folder else relative)

    def ignore_file(
        self, folder: str, settings: Settings, entries: list[os.DirEntry[str]] | None
    ) -> Ignored:
        """The ``.gitignore`` specs in force in a folder, outermost first."""
        if not settings.respect_gitignore:
            return []
        absolute = os.path.abspath(folder)
        if absolute in self._ignored:
            return self._ignored[absolute]
        names = {entry.name for entry in entries} if entries is not None else None
        has_file = ".gitignore" in names if names is not None else True
        is_root = ".git" in names if names is not None else _exists(absolute, ".git")
        above = os.path.dirname(absolute)
        outer: Ignored = []
        if not is_root and above != absolute and _inside_repository(above):
            outer = self.ignore_file(above, settings, None)
        own = self._read(absolute) if has_file else None
        self._ignored[absolute] = [*outer, (absolute, own)] if own is not None else outer
        return self._ignored[absolute]

    @staticmethod
    def _read(folder: str) -> GitIgnoreSpec | None:
        try:
            with open(
                os.path.join(folder, ".gitignore"), encoding="utf-8", errors="replace"
            ) as file:
                lines = file.read().splitlines()
        except OSError:
            return None
        from pathspec import GitIgnoreSpec

        return GitIgnoreSpec.from_lines(lines)

    @staticmethod
    def _is_ignored(path: str, is_folder: bool, ignored: Ignored) -> bool:
        for folder, spec in reversed(ignored):  # the closest file decides
            relative = _relative(path, folder)
            verdict = spec.check_file(relative + "/" if is_folder else relative).include
            if verdict is not None:
                return verdict
        return False


def _relative(path: str, root: str) -> str:
    return os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")


def _exists(folder: str, name: str) -> bool:
    return os.path.exists(os.path.join(folder, name))


def _inside_repository(folder: str) -> bool:
    while True:
        if _exists(folder, ".git"):
            return True
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above
