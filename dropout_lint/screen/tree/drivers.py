"""The tree: code that exports models, and loops that train and evaluate them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dropout_lint.screen.known_names import EXPORTERS
from dropout_lint.screen.tree.collect import Enclosing, WalkedFile, parameters_of, tail_of
from dropout_lint.vocabulary.driving import speaks_of_evaluating

# The parameters of exporters that are the model.
_MODELS = frozenset({"func", "mod", "model"})


def may_drive(file: WalkedFile) -> bool:
    """Whether a file may export a model that it builds, or evaluate one in a loop that trains."""
    if any(_exports_local(call, scope) for call, scope in file.calls):
        return True
    if "backward" not in file.used:
        return False
    called: dict[str, set[str]] = {}
    for function in file.functions:
        if not isinstance(function, ast.Lambda):
            called.setdefault(function.name, set()).update(_calls_in(function))
    loops = {n for n in file.parents if isinstance(n, (ast.For, ast.While))}
    return any(_trains_and_evaluates(_calls_in(loop), called) for loop in loops)


def _exports_local(call: ast.Call, scope: Enclosing) -> bool:
    """Whether something is exported that the same function binds, or that is built on the spot."""
    if tail_of(call.func) not in EXPORTERS:
        return False
    given = [*call.args[:1], *(k.value for k in call.keywords if k.arg in _MODELS)]
    passed: set[str] = set()
    if scope.inner is not None and not isinstance(scope.inner, ast.Lambda):
        passed = {name for name, _ in parameters_of(scope.inner)}
    return any(
        isinstance(value, ast.Call) or (isinstance(value, ast.Name) and value.id not in passed)
        for value in given
    )


def _calls_in(node: ast.AST) -> Iterator[str]:
    for below in ast.walk(node):
        if isinstance(below, ast.Call):
            yield tail_of(below.func)


def _trains_and_evaluates(names: Iterator[str], called: dict[str, set[str]]) -> bool:
    """Whether what a loop calls, through functions of the file, does one and the other."""
    reached: set[str] = set()
    queue = [*names]
    while queue:
        name = queue.pop()
        if name not in reached:
            reached.add(name)
            queue += called.get(name, ())
    return "backward" in reached and any(
        name == "train" or speaks_of_evaluating(name) for name in reached
    )
