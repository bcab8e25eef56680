"""Callers of a function: methods of modules, in its own file and in others of the project.

A function that drops without knowing the mode is a finding if a module's method reaches it in eval
mode. In its own file the runs show that. For other files the search goes from the function to its
callers: files of the package that contain its name are read, the nearest first and few of them,
until there is a module that calls it so that it drops.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import libcst as cst

from dropout_lint.semantics.facts.calling.nearby_files import NearbyFiles
from dropout_lint.semantics.interpreter.arguments import ArgumentValues, function_arguments
from dropout_lint.semantics.interpreter.guards import FREE
from dropout_lint.semantics.interpreter.values import Ref
from dropout_lint.semantics.model import SemanticModel, model_of
from dropout_lint.semantics.sites.imported_functions import Callee
from dropout_lint.semantics.sites.project_calls import ModeArguments, abroad
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.vocabulary.intent import speaks_of_wanted_randomness
from dropout_lint.vocabulary.methods import is_general

_MAX_READ = 12
_MAX_DEPTH = 3

# Whether a function drops at the site in question when it gets these arguments.
DropTest: TypeAlias = "Callable[[FunctionInfo, ArgumentValues], bool]"


@dataclass(frozen=True)
class Caller:
    """A module's method that reaches a function in eval mode, with its file and the call."""

    function: FunctionInfo
    model: SemanticModel
    node: cst.CSTNode


@dataclass(frozen=True)
class _ImportedCall:
    """A call of another file: by whom, of which function, with what."""

    caller: FunctionInfo
    callee: FunctionInfo
    given: ArgumentValues
    node: cst.Call


class Callers:
    """The callers of one file's functions."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._read: set[str] = set()
        self._nearby: dict[str, NearbyFiles] = {}

    def of(self, site: Site) -> Caller | None:
        """A module's method that comes to a site of a function in eval mode, so that it drops."""
        model, function = self._model, site.function
        if site.always_active(False):
            caller = _in_this_file(model, function)
            if caller is not None:
                return caller
        if site.active(False) is None:
            return None

        def drops(callee: FunctionInfo, given: ArgumentValues) -> bool:
            reached = model.project_calls.reached(Callee(model, callee), ModeArguments(given))
            nodes = {each.node for each in reached}
            # Behind a function of the project, the drop has another node.
            return bool(nodes) if site.through else site.node in nodes

        return self._in_other_files(model, function, drops, 0)

    def _in_other_files(
        self, model: SemanticModel, function: FunctionInfo, drops: DropTest, depth: int
    ) -> Caller | None:
        """A module's method of another file that calls the function, or one that leads to it."""
        wanted = {f.name: f for f in _leading_to(model, function) if not is_general(f.name)}
        if model.path is None or not wanted or depth > _MAX_DEPTH or is_general(function.name):
            return None
        for path in self._files_using(model.path, wanted):
            other = self._model_of(path)
            for call in _calls(other, model, wanted) if other is not None else ():
                assert other is not None
                if not drops(call.callee, call.given):
                    continue
                if call.caller.in_module and not _is_intended(call.caller):
                    return Caller(call.caller, other, call.node)
                if call.caller.self_name is None and depth < _MAX_DEPTH:
                    caller = _in_this_file(other, call.caller) or self._in_other_files(
                        other, call.caller, lambda callee, given: True, depth + 1
                    )
                    if caller is not None and not _is_intended(caller.function):
                        return caller
        return None

    def _model_of(self, path: str) -> SemanticModel | None:
        if path not in self._read and len(self._read) >= _MAX_READ:
            return None
        self._read.add(path)
        return model_of(path, self._model.catalog, 1)

    def _files_using(self, path: str, wanted: Mapping[str, FunctionInfo]) -> list[str]:
        """The files around one that may use one of its functions, nearest first."""
        home = os.path.abspath(path)
        if home not in self._nearby:
            self._nearby[home] = NearbyFiles(home)
        nearby = self._nearby[home]
        paths: set[str] = set()
        for name, function in wanted.items():
            # A method is called by way of its class, or of one that inherits it.
            owner = function.owner
            owners = [owner, *owner.derived] if owner is not None else []
            paths |= nearby.using(name, [cls.name for cls in owners])
        return nearby.nearest_first(paths)


def _in_this_file(model: SemanticModel, function: FunctionInfo) -> Caller | None:
    """A module's method of the same file, directly or through other functions."""
    for each in _leading_to(model, function):
        for caller in _callers(model, each):
            if caller.in_module:
                return Caller(caller, model, caller.node)
    return None


def _leading_to(model: SemanticModel, function: FunctionInfo) -> list[FunctionInfo]:
    """A function and those of its file that reach it in eval mode with any arguments."""
    functions = [function]
    for each in functions:
        functions += [
            caller
            for caller in _callers(model, each)
            if caller.self_name is None and caller not in functions
        ]
    return functions


def _callers(model: SemanticModel, function: FunctionInfo) -> list[FunctionInfo]:
    callers = {caller for caller, guards in model.callers(function, False) if guards == FREE}
    return sorted(callers, key=lambda caller: caller.qualname)


def _is_intended(caller: FunctionInfo) -> bool:
    """Whether the names of a caller say that its randomness is wanted."""
    return any(map(speaks_of_wanted_randomness, caller.qualname.split(".")))


def _calls(
    other: SemanticModel, model: SemanticModel, wanted: Mapping[str, FunctionInfo]
) -> Iterator[_ImportedCall]:
    """The calls in another file of one of the functions."""
    home = os.path.abspath(model.path or "")
    callees: dict[str, FunctionInfo | None] = {}
    for caller in _functions_mentioning(other, wanted):
        for called in other.run(caller, False).calls:
            if not isinstance(called.callee, Ref) or called.guards != FREE or not called.sole:
                continue
            name = called.callee.name
            if name not in callees:
                tail = name.rpartition(".")[2]
                path, qualname = (other.project.function(name) if tail in wanted else None) or (
                    "",
                    "",
                )
                function = model.function(qualname) if path == home else None
                callees[name] = function if function is wanted.get(tail) else None
            callee = callees[name]
            if callee is not None:
                given = abroad(function_arguments(callee, called.arguments))
                yield _ImportedCall(caller, callee, given, called.node)


def _functions_mentioning(model: SemanticModel, tails: Collection[str]) -> list[FunctionInfo]:
    """The functions that mention an import with one of these last names, or keep it on self."""
    functions: dict[FunctionInfo, None] = {}
    kept: set[str] = set()
    for node, scope in model.names.mentions:
        if not isinstance(node, cst.Name):
            tail = node.attr.value
            if tail not in tails and not model.project.is_catalog_name(tail):
                continue  # only the names of the catalog are followed over files
        function = model.functions.of_scope(scope)
        if function is None:
            continue
        names = model.names.qualified(node, scope)
        if any(name.rpartition(".")[2] in tails for name in names):
            functions[function] = None
            statement = model.tree.parent(node)
            if isinstance(statement, cst.Assign):
                targets = [target.target for target in statement.targets]
                kept |= {t.attr.value for t in targets if isinstance(t, cst.Attribute)}
    if kept:
        functions.update(dict.fromkeys(model.that_mention(kept)))
    return list(functions)
