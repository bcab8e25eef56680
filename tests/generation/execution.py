"""Generated packages in memory: imported, and thrown away again."""

from __future__ import annotations

import builtins
import linecache
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType, ModuleType
from typing import Any

import torch

from .models import INPUT_SHAPE, MAIN, PACKAGE, Model


def path_of(version: str, file: str) -> str:
    """The path under which a version of a file is known to tracebacks and to the verifier."""
    return f"/{PACKAGE}-{version}/{file}"


@contextmanager
def loaded(model: Model, version: str) -> Iterator[Callable[[], torch.nn.Module]]:
    """What builds a model, with its package imported under a version."""
    importer = _Importer(model.files, version)
    for path, text in importer.texts.items():
        text = text.removeprefix("\ufeff")
        linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    try:
        with importer.active():
            module = importer.load(MAIN)
        yield getattr(module, model.entry)
    finally:
        for path in importer.texts:
            linecache.cache.pop(path, None)


def inputs() -> tuple[Any, ...]:
    generator = torch.Generator().manual_seed(3)
    return (torch.randn(INPUT_SHAPE, generator=generator),)


class _Importer:
    """Imports a package that consists of texts."""

    def __init__(self, files: Mapping[str, str], version: str) -> None:
        self.files = files
        self.version = version
        self.texts = {path_of(version, file): text for file, text in files.items()}

    @contextmanager
    def active(self) -> Iterator[None]:
        """Put the package before all others while it is imported; leave no trace."""
        sys.meta_path.insert(0, self)
        try:
            yield
        finally:
            sys.meta_path.remove(self)
            for name in [n for n in sys.modules if n.partition(".")[0] == PACKAGE]:
                del sys.modules[name]

    def load(self, name: str) -> ModuleType:
        found: ModuleType = builtins.__import__(f"{PACKAGE}.{name}", fromlist=["*"])
        return found

    # --- what Python's import asks for -------------------------------------------------------

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        from importlib.machinery import ModuleSpec

        if name.partition(".")[0] != PACKAGE:
            return None
        inner = name.partition(".")[2]
        file = f"{inner}.py" if inner else "__init__.py"
        if inner and file not in self.files:
            return None
        spec = ModuleSpec(name, self, origin=path_of(self.version, file), is_package=not inner)  # type: ignore[arg-type]
        spec.has_location = True
        return spec

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        path = module.__spec__.origin  # type: ignore[union-attr]
        assert path is not None
        exec(_compiled(self.texts.get(path, ""), path), module.__dict__)


def _compiled(text: str, path: str) -> CodeType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(text.encode(), path, "exec", dont_inherit=True)  # type: ignore[no-any-return]
