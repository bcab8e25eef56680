"""What the constructors of a file's classes are handed: by default, and by calls in the file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from dropout_lint.semantics.interpreter.evaluator import Evaluator
from dropout_lint.semantics.interpreter.values import Value
from dropout_lint.semantics.interprocedural.file_surroundings import FileSurroundings
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope


class Instances:
    """The calls that build instances of one file's classes."""

    def __init__(self, surroundings: FileSurroundings) -> None:
        self._surroundings = surroundings

    def given(self, owner: ClassInfo, constructor: FunctionInfo, name: str) -> Iterator[Value]:
        """The values that a parameter of a constructor is known to get."""
        parameter = next((p for p in constructor.parameters if p.name.value == name), None)
        if parameter is None:
            return
        outside = constructor.scope.parent
        if parameter.default is not None and outside is not None:
            yield Evaluator(self._surroundings, outside).eval(parameter.default)
        placed = [p.name.value for p in constructor.positional]
        for info in (owner, *owner.derived):
            if info.find_method("__init__") is constructor.node:
                for call, scope in self._calls.get(info, ()):
                    value = _argument(call, name, placed)
                    if value is not None:
                        yield Evaluator(self._surroundings, scope).eval(value)

    @cached_property
    def _calls(self) -> dict[ClassInfo, list[tuple[cst.Call, Scope]]]:
        functions = self._surroundings.functions
        found: dict[ClassInfo, list[tuple[cst.Call, Scope]]] = {}
        for node, scope in functions.names.mentions:
            call = functions.tree.parent(node)
            if isinstance(call, cst.Call) and call.func is node:
                info = functions.classes.resolve(node, scope)
                if info is not None:
                    found.setdefault(info, []).append((call, scope))
        return found


def _argument(call: cst.Call, name: str, placed: list[str]) -> cst.BaseExpression | None:
    """The argument of a call for a parameter."""
    at = 0
    for argument in call.args:
        if argument.star:
            return None
        if argument.keyword is not None:
            if argument.keyword.value == name:
                return argument.value
        else:
            if at < len(placed) and placed[at] == name:
                return argument.value
            at += 1
    return None
