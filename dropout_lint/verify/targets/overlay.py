"""Two versions of a project in one process: modules loaded with some of their files replaced.

An overlay holds the texts that replace files, and the modules that were loaded with them.
While it is active, `sys.modules` has its modules of the project and no others, files that are
replaced are read from memory (never from a byte-code cache), and `linecache` has their text, so
that tracebacks, `inspect.getsource` and `torch.jit.script` see what runs. Modules from elsewhere
(torch, installed packages) are shared by all overlays: they are loaded once and left alone.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import os
import sys
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

from dropout_lint.verify.targets.target_specs import place

_OURS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + os.sep
_PACKAGES = ("site-packages", "dist-packages")
_STDLIB = os.path.dirname(os.path.realpath(os.__file__))
_PREFIXES = {os.path.realpath(prefix) + os.sep for prefix in (sys.prefix, sys.base_prefix)}


class Overlay:
    """A version of a project.

    Args:
        texts: source texts by path, as they are to be read instead of the files.
        folders: further folders of the project, besides those that the texts are imported from.
        packages: packages that belong to it, wherever they are installed.
    """

    def __init__(
        self,
        texts: Mapping[str, str],
        folders: Iterable[str] = (),
        packages: Iterable[str] = (),
    ) -> None:
        self.texts = {os.path.realpath(path): text for path, text in texts.items()}
        places = [place(path) for path in self.texts]
        all_folders = (*(folder for folder, _ in places), *map(os.path.realpath, folders))
        self._folders = tuple(dict.fromkeys(all_folders))
        self._inside = tuple(os.path.join(f, "") for f in self._folders if not _is_environment(f))
        self._packages = {name.partition(".")[0] for _, name in places if "." in name}
        self._packages |= {name.partition(".")[0] for name in packages}
        self._spelled = {**dict(texts), **self.texts}
        self._modules: dict[str, ModuleType] = {}
        self._foreign: dict[str, Any] = {}  # modules that were looked at already
        self._search: list[str] | None = None
        self._depth = 0

    @contextlib.contextmanager
    def active(self) -> Iterator[None]:
        """Make this the version that is imported, and whose modules are in `sys.modules`."""
        if self._depth:
            yield
            return
        self._depth += 1
        search = list(sys.path)
        hidden = self._taken()
        sys.modules.update(self._modules)
        if self._search is None:
            self._search = [*(f for f in self._folders if f not in search), *search]
        sys.path[:] = self._search
        try:
            with _read_from(self.texts, self._spelled):
                yield
        finally:
            self._search, sys.path[:] = list(sys.path), search
            self._modules = self._taken()
            sys.modules.update(hidden)
            self._depth -= 1

    def _taken(self) -> dict[str, ModuleType]:
        """Take the project's modules out of `sys.modules`."""
        foreign = self._foreign
        new = [(n, module) for n, module in sys.modules.items() if foreign.get(n) is not module]
        taken = {name: module for name, module in new if self._owns(name, module)}
        for name in taken:
            del sys.modules[name]
        foreign.update((name, module) for name, module in new if name not in taken)
        return taken

    def _owns(self, name: str, module: Any) -> bool:
        """Whether a module is one of Python source that belongs to the project."""
        file = _file(module)
        if name == "__main__" or file is None:
            return False
        return self._is_inside(name.partition(".")[0], os.path.realpath(file))

    def _is_inside(self, top: str, file: str) -> bool:
        is_folder = os.path.isdir(file)  # a namespace package
        if file.startswith(_OURS) or not (is_folder or file.endswith((".py", ".pyc"))):
            return False  # libraries of C are loaded once
        if top in self._packages:
            return True
        file = os.path.join(file, "") if is_folder else file
        root = next((root for root in self._inside if file.startswith(root)), None)
        if root is None or any(file.startswith(p) for p in _PREFIXES if p.startswith(root)):
            return False
        return not any(part in _PACKAGES for part in file[len(root) :].split(os.sep))


def _is_environment(folder: str) -> bool:
    """Whether packages are installed in a folder, so that it is no single project."""
    return os.path.basename(folder) in _PACKAGES or folder == _STDLIB


def _file(module: Any) -> str | None:
    """The source file of a module; of a namespace package, its folder."""
    try:
        file = getattr(module, "__file__", None)
        if file is None:
            file = next(iter(getattr(module, "__path__", ())), None)
    except Exception:  # lazy modules may do anything when they are asked
        return None
    return file if isinstance(file, str) else None


@contextlib.contextmanager
def _read_from(texts: Mapping[str, str], spelled: dict[str, str]) -> Iterator[None]:
    """Let Python's loader of source files read some of them from memory.

    The loader itself is patched in the meantime, since `runpy` and callers of
    `spec_from_file_location` use it as well as `import`. ``spelled`` are the texts by all the
    paths under which they are known.
    """
    get_data, path_stats = SourceFileLoader.get_data, SourceFileLoader.path_stats
    held: dict[str, Any] = {}

    def show(path: str, text: str) -> None:
        held.setdefault(path, linecache.cache.get(path))
        lines = io.StringIO(text, newline=None).readlines()
        linecache.cache[path] = (len(text), None, lines, path)

    def data(self: SourceFileLoader, path: str) -> bytes:
        text = texts.get(os.path.realpath(path))
        if text is None:
            return get_data(self, path)
        if path not in spelled:
            spelled[path] = text
            show(path, text)
        return _encoded(text)

    def stats(self: SourceFileLoader, path: str) -> Mapping[str, Any]:
        if os.path.realpath(path) in texts:
            raise OSError("read from memory")  # which keeps the loader from the byte-code cache
        return path_stats(self, path)

    SourceFileLoader.get_data = data  # type: ignore[method-assign, assignment]
    SourceFileLoader.path_stats = stats  # type: ignore[method-assign]
    try:
        for path, text in spelled.items():
            show(path, text)
        yield
    finally:
        del SourceFileLoader.get_data  # which it inherits
        SourceFileLoader.path_stats = path_stats  # type: ignore[method-assign]
        for path, entry in held.items():
            linecache.cache.pop(path, None)
            if entry is not None:
                linecache.cache[path] = entry


def _encoded(text: str) -> bytes:
    """The bytes of a text as its encoding comment says."""
    plain = text.encode("utf-8", "surrogatepass")
    encoding, _ = tokenize.detect_encoding(io.BytesIO(plain).readline)
    return text.encode(encoding)
