"""Targets: from ``path/file.py:Name`` and the other forms to an imported module.

`parse` and `expand` read names and syntax trees only and are used by the process that does not
import torch; `load` runs the user's code and belongs into the child.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from dropout_lint.config import Configurations
from dropout_lint.files.discovery import find_files
from dropout_lint.files.source import missing

EXAMPLES = ("example_inputs", "example_input_array")
_FORMS = "name it as path/file.py, path/file.py:Name, package.module:Name or a folder"


class TargetError(Exception):
    """A target that cannot be verified as it is named; the message is a sentence for the user."""


@dataclass(frozen=True)
class Target:
    """A file (absolute path) or a module (dotted name), and perhaps a name in it.

    ``in_folder`` is set for a file that was found in a folder.
    """

    spec: str
    file: str | None = None
    module: str | None = None
    name: str | None = None
    in_folder: bool = False

    def named(self, name: str) -> Target:
        """This target, narrowed down to one of its models."""
        return replace(self, spec=f"{self.spec}:{name}", name=name)


# --- names, without running anything ------------------------------------------------------------


def parse(spec: str) -> Target:
    """The target that a spec names. Raises TargetError."""
    path, name = _split(spec)
    if name is not None and not all(part.isidentifier() for part in name.split(".")):
        raise TargetError(f"{spec}: {name!r} is not a name of Python; {_FORMS}")
    if os.path.isdir(path):
        if name is None:
            return Target(spec, file=os.path.abspath(path))
        raise TargetError(f"{spec}: {path} is a folder, and a folder has no {name}; name its file")
    if os.path.isfile(path):
        if not path.endswith(".py"):
            raise TargetError(f"{spec}: {path} is not a Python file; {_FORMS}")
        return Target(spec, file=os.path.abspath(path), name=name)
    if path.endswith(".py") or os.sep in path or "/" in path:
        raise TargetError(f"{spec}: there is no such file or folder; check the path")
    if not all(part.isidentifier() for part in path.split(".")):
        raise TargetError(f"{spec}: is neither a path nor the name of a module; {_FORMS}")
    return Target(spec, module=path, name=name)


def _split(spec: str) -> tuple[str, str | None]:
    """The path or module and, after a colon, the name; a path may contain colons itself."""
    path, colon, name = spec.rpartition(".py:")
    if colon:
        return f"{path}.py", name
    path, colon, name = spec.rpartition(":")
    if not colon or os.path.exists(spec) or os.sep in name or "/" in name:
        return spec, None
    return path, name


def expand(
    targets: Iterable[Target], configurations: Configurations
) -> tuple[list[Target], list[str]]:
    """The targets with folders replaced by their files that follow the convention, and problems.

    Importing a file runs it, so in a folder only those count that define example inputs.
    """
    expanded: list[Target] = []
    problems: list[str] = []
    for target in targets:
        if target.file is None or not os.path.isdir(target.file):
            expanded.append(target)
            continue
        inside = find_files([target.spec], configurations)
        problems += inside.errors
        files = [file.path for file in inside.files if follows_convention(file.path)]
        if not files and not inside.errors:
            problems.append(
                f"{target.spec}: no file in it defines example_inputs(); define it beside build() "
                "or in a model class, or name a model as path/file.py:Name"
            )
        expanded += [Target(path, file=os.path.abspath(path), in_folder=True) for path in files]
    once = {(target.file, target.module, target.name): target for target in reversed(expanded)}
    return list(reversed(once.values())), problems


def follows_convention(path: str) -> bool:
    """Whether a file defines example inputs, as a function or attribute of itself or a class."""
    try:
        with open(path, "rb") as file:
            code = file.read()
    except OSError:
        return False
    if not any(name.encode() in code for name in EXAMPLES):
        return False
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
    return any(name in EXAMPLES for body in bodies for name in _defined(body))


def _defined(body: Sequence[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (each.id for each in targets if isinstance(each, ast.Name))


# --- in the child: importing --------------------------------------------------------------------


def load(target: Target) -> ModuleType:
    """Import a target's file or module, as Python would find it from the current folder.

    Raises TargetError, and whatever the user's code raises.
    """
    if target.file is None:
        assert target.module is not None
        _search_first(os.getcwd())
        return _import(target, target.module)
    if not os.path.isfile(target.file):
        raise TargetError(missing(target.spec))
    root, name = place(target.file)
    _search_first(os.getcwd())
    _search_first(root)
    if "." in name:
        return _import(target, name)
    return _import_file(target.file, name)


def _search_first(folder: str) -> None:
    if folder in sys.path:
        sys.path.remove(folder)
    sys.path.insert(0, folder)


def place(file: str) -> tuple[str, str]:
    """The folder from which a file is imported, and its name from there."""
    folder, name = os.path.split(file)
    parts = [name.removesuffix(".py")]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        parts.insert(0, name)
    if not all(part.isidentifier() for part in parts):
        return os.path.dirname(file), parts[-1].replace(".", "_")
    if len(parts) > 1 and parts[-1] == "__init__":
        parts.pop()
    return folder, ".".join(parts)


def _import(target: Target, name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        outer, _, last = name.rpartition(".")
        hint = "install it, or run from the folder that contains it"
        if outer and error.name == name and hasattr(sys.modules.get(outer), last):
            hint = f"write {outer}:{last}"
        raise TargetError(f"{target.spec}: there is no module {error.name!r}; {hint}") from None


def _import_file(file: str, name: str) -> ModuleType:
    """Import a file that belongs to no package, also where its name is taken by another module."""
    known = sys.modules.get(name)
    if known is not None and not _is_file(known, file):
        name = f"{name}_{zlib.crc32(file.encode()):08x}"
    elif known is not None:
        return known
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _is_file(module: ModuleType, file: str) -> bool:
    known = getattr(module, "__file__", None)
    return known is not None and os.path.realpath(known) == os.path.realpath(file)
