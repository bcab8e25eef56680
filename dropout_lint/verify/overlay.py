"""Two versions of a project in one process: modules loaded with some of their files replaced.

An overlay holds the texts that stand in for files, and the modules that were loaded with them.
While it is active, `sys.modules` has its modules of the project and no others, files that are
replaced are read from memory (never from a byte-code cache), and `linecache` has their text, so
that tracebacks, `inspect.getsource` and `torch.jit.script` see what runs. Modules from elsewhere
(torch, installed packages) are shared by all overlays: they are loaded once and left alone.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import linecache
import os
import sys
import tokenize
from collections.abc import Iterator, Mapping
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_PACKAGES = ("site-packages", "dist-packages")
_STDLIB = os.path.dirname(os.path.realpath(os.__file__))
_PREFIXES = {os.path.realpath(prefix) + os.sep for prefix in (sys.prefix, sys.base_prefix)}


class Overlay:
    """A version of a project.

    Args:
        texts: source texts by path, as they are to be read instead of the files.
        folders: where the project's modules lie; by default the folders of the outermost packages
            (or of the files, if they belong to none) among the texts.
    """

    def __init__(self, texts: Mapping[str, str], folders: tuple[str, ...] = ()) -> None:
        self.texts = {os.path.realpath(path): text for path, text in texts.items()}
        places = [place(path) for path in self.texts]
        found = folders or tuple(folder for folder, _ in places)
        self._folders = tuple(dict.fromkeys(os.path.realpath(folder) for folder in found))
        inside = {folder + os.sep for folder in self._folders if not _is_environment(folder)}
        inside |= {
            os.path.join(folder, name.partition(".")[0], "")
            for folder, name in places
            if "." in name
        }
        self._inside = tuple(sorted(inside))
        self._spelled = {**dict(texts), **self.texts}
        self._modules: dict[str, ModuleType] = {}
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
        sys.path[:0] = [folder for folder in self._folders if folder not in search]
        try:
            with _read_from(self.texts, self._spelled):
                yield
        finally:
            sys.path[:] = search
            self._modules = self._taken()
            sys.modules.update(hidden)
            self._depth -= 1

    def load(self, target: str) -> ModuleType:
        """Import a file (by path) or a module (by dotted name) of this version.

        Raises ImportError if there is none, and whatever the code raises.
        """
        with self.active():
            if not target.endswith(".py"):
                return importlib.import_module(target)
            _, name = place(target)
            if "." in name and all(part.isidentifier() for part in name.split(".")):
                return importlib.import_module(name)
            known = sys.modules.get(name)
            if known is not None and _file(known) == os.path.realpath(target):
                return known
            return _load_file(target, name)

    def _taken(self) -> dict[str, ModuleType]:
        """Take the project's modules out of `sys.modules`."""
        loaded = list(sys.modules.items())
        found = {name: mod for name, mod in loaded if name != "__main__" and self._owns(mod)}
        for name in found:
            del sys.modules[name]
        return found

    def _owns(self, module: Any) -> bool:
        """Whether a module is one of Python source in the project's folders."""
        file = _file(module)
        if file is None or file.startswith(_OURS) or not file.endswith((".py", ".pyc", os.sep)):
            return False
        for root in self._inside:
            if file.startswith(root):
                deeper = any(file.startswith(p) for p in _PREFIXES if p.startswith(root))
                inner = file[len(root) :].split(os.sep)
                return not deeper and not any(part in _PACKAGES for part in inner)
        return False


def _is_environment(folder: str) -> bool:
    """Whether a folder is where packages are installed: what lies there is no single project."""
    return os.path.basename(folder) in _PACKAGES or folder == _STDLIB


def place(path: str) -> tuple[str, str]:
    """The folder from which a file is imported, and its name from there."""
    folder, name = os.path.split(os.path.realpath(path))
    parts = [name.removesuffix(".py")]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        parts.insert(0, name)
    if len(parts) > 1 and parts[-1] == "__init__":
        parts.pop()
    return folder, ".".join(parts)


def _load_file(path: str, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _file(module: Any) -> str | None:
    """The source file of a module; of a namespace package, its folder."""
    try:
        file = getattr(module, "__file__", None)
        if file is None:
            file = next(iter(getattr(module, "__path__", ())), None)
            file = file and os.path.join(file, "")
    except Exception:  # lazy modules may do anything when they are asked
        return None
    return os.path.realpath(file) + (os.sep if file.endswith(os.sep) else "") if file else None


@contextlib.contextmanager
def _read_from(texts: Mapping[str, str], spelled: dict[str, str]) -> Iterator[None]:
    """Let Python's loader of source files read some of them from memory.

    The loader itself is changed for the time, since not only `import` uses it: so do `runpy` and
    everybody who asks `importlib` for the spec of a file. ``spelled`` are the texts by all the
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
