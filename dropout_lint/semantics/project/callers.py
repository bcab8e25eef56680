"""Who calls a function: methods of modules, in this file and in others of the project.

A function that drops without knowing the mode is a finding where a module's method reaches it in
eval mode. In its own file the runs say so. For other files the way is back: those of the package
that have its name in their bytes are read, the nearest first and few of them, until one is met
whose module calls it so that it drops.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst

from dropout_lint.screen.text.code import Unclear, code_of
from dropout_lint.semantics.facts.intent import NAMES, Intent
from dropout_lint.semantics.facts.sites import Site
from dropout_lint.semantics.interpreter.arguments import ArgumentValues as Given
from dropout_lint.semantics.interpreter.arguments import function_arguments
from dropout_lint.semantics.interpreter.guards import FREE
from dropout_lint.semantics.interpreter.values import Ref
from dropout_lint.semantics.project.calls import Target, abroad
from dropout_lint.semantics.project.functions import MAX_SIZE, model_of
from dropout_lint.semantics.project.imports import is_general, root_of
from dropout_lint.semantics.syntax.functions import FunctionInfo

if TYPE_CHECKING:
    from dropout_lint.semantics.model import SemanticModel

# What is looked through for callers in other files: names of files, their bytes, and their meaning.
_MAX_LISTED = 4000
_MAX_BYTES = 24_000_000
_MAX_READ = 12
_MAX_DEPTH = 3
_STAR = re.compile(rb"\bimport\s*\*")
_SKIPPED = frozenset("test tests testing node_modules build dist site-packages venv".split())


# Whether a function drops at the site in question when it gets these arguments.
Drops: TypeAlias = "Callable[[FunctionInfo, Given], bool]"


@dataclass(frozen=True)
class Caller:
    """A module's method that reaches a function in eval mode, and where it stands."""

    function: FunctionInfo
    model: SemanticModel
    node: cst.CSTNode


class Callers:
    """The callers of one file's functions."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._wanted = Intent(NAMES)
        self._read: set[str] = set()
        self._files: dict[str, list[tuple[str, bytes]]] = {}
        self._named: dict[tuple[str, str], list[int]] = {}

    def of(self, site: Site) -> Caller | None:
        """A module's method that comes to a site of a function in eval mode, so that it drops."""
        model, function = self._model, site.function
        if site.always_active(False):
            found = self._in_this_file(model, function)
            if found is not None:
                return found
        if site.active(False) is None:
            return None

        def drops(dropping: FunctionInfo, given: Given) -> bool:
            reached = model.project_calls.reached(Target(model, dropping), given, None)
            nodes = {each.node for each in reached}
            # Behind a function of the project, the drop has another node.
            return bool(nodes) if site.through else site.node in nodes

        return self._in_other_files(model, function, drops, 0)

    def _in_this_file(self, model: SemanticModel, function: FunctionInfo) -> Caller | None:
        """A module's method of the same file, directly or through other functions."""
        functions = functions_above(model, function)
        for dropping in functions:
            for caller in _callers(model, dropping):
                if caller.in_module:
                    return Caller(caller, model, caller.node)
        return None

    # --- other files ------------------------------------------------------------------------

    def _in_other_files(
        self, model: SemanticModel, function: FunctionInfo, drops: Drops, depth: int
    ) -> Caller | None:
        """A module's method of another file that calls the function, or a function above it."""
        above = functions_above(model, function)
        wanted = {f.name: f for f in above if not is_general(f.name)}
        if model.path is None or not wanted or depth > _MAX_DEPTH or is_general(function.name):
            return None
        for path in self._mentioning(model, wanted):
            other = self._model_of(path)
            for caller, dropping, given, node in (
                _calls(other, model, wanted) if other is not None else ()
            ):
                assert other is not None
                if not drops(dropping, given):
                    continue
                if caller.in_module and not self._is_wanted(caller):
                    return Caller(caller, other, node)
                if caller.self_name is None and depth < _MAX_DEPTH:
                    found = self._in_this_file(other, caller) or self._in_other_files(
                        other, caller, _always, depth + 1
                    )
                    if found is not None and not self._is_wanted(found.function):
                        return found
        return None

    def _is_wanted(self, caller: FunctionInfo) -> bool:
        """Whether randomness is what a caller is for: its names say so."""
        return any(map(self._wanted.in_name, caller.qualname.split(".")))

    def _model_of(self, path: str) -> SemanticModel | None:
        if path not in self._read and len(self._read) >= _MAX_READ:
            return None
        self._read.add(path)
        return model_of(path, self._model.catalog, 1)

    def _mentioning(
        self, model: SemanticModel, wanted: Mapping[str, FunctionInfo]
    ) -> Iterator[str]:
        """The files around a model's that may have one of its functions, nearest first."""
        assert model.path is not None
        home = os.path.abspath(model.path)
        around = self._around(home)
        found: set[int] = set()
        for name, function in wanted.items():
            # A method is called by way of its class, or of one that has it from there.
            classes = (
                (function.owner, *function.owner.derived) if function.owner is not None else ()
            )
            owners = [cls.name.encode() for cls in classes]
            for place in self._with_name(home, name):
                if not owners or any(owner in around[place][1] for owner in owners):
                    found.add(place)
        return (around[place][0] for place in sorted(found))

    def _with_name(self, home: str, name: str) -> list[int]:
        """Which of the files around one may have what it defines under a name."""
        if (home, name) not in self._named:
            token = name.encode()
            self._named[home, name] = [
                place
                for place, (_, data) in enumerate(self._around(home))
                if token in data and _may_bring(data, token)
            ]
        return self._named[home, name]

    def _around(self, home: str) -> list[tuple[str, bytes]]:
        """The files around one, with what is in them."""
        if home not in self._files:
            self._files[home] = list(_contents(home))
        return self._files[home]


def _contents(home: str) -> Iterator[tuple[str, bytes]]:
    left = _MAX_BYTES
    for path in islice(files_around(home), _MAX_LISTED):
        try:
            with open(path, "rb") as file:
                data = file.read(MAX_SIZE + 1)
        except OSError:
            continue
        left -= len(data)
        if left < 0:
            return
        if b"def" in data:
            yield path, data


def _may_bring(data: bytes, name: bytes) -> bool:
    """Whether a file imports a name, uses it as an attribute, or imports names unseen."""
    try:
        code = code_of(data, ())
    except Unclear:
        return True
    brought = rb"(?:\.\s*|\bimport\b(?:[^\n()]*|\s*\([^()]*))\b" + name + rb"\b"
    if re.search(brought, code):
        return True
    return _STAR.search(code) is not None and re.search(rb"\b" + name + rb"\b", code) is not None


def functions_above(model: SemanticModel, function: FunctionInfo) -> list[FunctionInfo]:
    """A function and those of its file that come to it in eval mode whatever they are given."""
    found = [function]
    for dropping in found:
        found += [u for u in _callers(model, dropping) if u.self_name is None and u not in found]
    return found


def _callers(model: SemanticModel, function: FunctionInfo) -> list[FunctionInfo]:
    callers = {caller for caller, guards in model.callers(function, False) if guards == FREE}
    return sorted(callers, key=lambda caller: caller.qualname)


def _always(dropping: FunctionInfo, given: Given) -> bool:
    return True


def _calls(
    other: SemanticModel, model: SemanticModel, wanted: Mapping[str, FunctionInfo]
) -> Iterator[tuple[FunctionInfo, FunctionInfo, Given, cst.Call]]:
    """The calls of another file that mean one of the functions: by whom, of which, with what."""
    home = os.path.abspath(model.path or "")
    asked: dict[str, FunctionInfo | None] = {}
    for caller in _functions_mentioning(other, wanted):
        for called in other.run(caller, False).calls:
            if not isinstance(called.callee, Ref) or called.guards != FREE or not called.sole:
                continue
            name = called.callee.name
            if name not in asked:
                tail = name.rpartition(".")[2]
                found = other.project.function(name) if tail in wanted else None
                here = found is not None and found[0] == home
                function = model.function(found[1]) if here and found is not None else None
                asked[name] = function if function is wanted.get(tail) else None
            dropping = asked[name]
            if dropping is not None:
                given = abroad(function_arguments(dropping, called.arguments))
                yield caller, dropping, given, called.node


def _functions_mentioning(model: SemanticModel, tails: Collection[str]) -> list[FunctionInfo]:
    """The functions that mention something whose dotted name ends like this, or keep it on self."""
    found: dict[FunctionInfo, None] = {}
    kept: set[str] = set()
    for node, scope in model.names.mentions:
        if not isinstance(node, cst.Name):
            tail = node.attr.value
            if tail not in tails and not model.project.is_catalog_name(tail):
                continue  # which is how it ends, and only the family's are followed over files
        function = model.functions.of_scope(scope)
        if function is not None:
            names = model.names.qualified(node, scope)
            if any(name.rpartition(".")[2] in tails for name in names):
                found[function] = None
                statement = model.tree.parent(node)
                if isinstance(statement, cst.Assign):
                    targets = [target.target for target in statement.targets]
                    kept |= {t.attr.value for t in targets if isinstance(t, cst.Attribute)}
    if kept:
        found.update(dict.fromkeys(model.that_mention(kept)))
    return list(found)


def files_around(path: str) -> Iterator[str]:
    """The Python files of the project around a file, but no tests: those near it first."""
    folder = os.path.dirname(path)
    root = root_of(folder)
    done = ""
    while True:
        yield from (found for found in _files_in(folder, done) if found != path)
        outer = os.path.dirname(folder)
        if folder == root or outer == folder:
            return
        folder, done = outer, folder


def _files_in(folder: str, done: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as contexts:
            found = sorted(contexts, key=lambda entry: entry.name)
    except OSError:
        return
    inner: list[str] = []
    for entry in found:
        stem, suffix = os.path.splitext(entry.name)
        if stem.startswith(".") or stem in _SKIPPED:
            continue
        if suffix == ".py" and not stem.startswith("test_") and not stem.endswith("_test"):
            if stem != "conftest":
                yield entry.path
        elif entry.path != done and entry.is_dir(follow_symlinks=False):
            inner.append(entry.path)
    for path in inner:
        yield from _files_in(path, done)
