"""The tree: functions that draw a mask by hand, and calls that decide whether they do."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dropout_lint.screen.tree.aliases import ResolvedFile
from dropout_lint.screen.tree.collect import Def, Enclosing, Use, parameters_of, tail_of
from dropout_lint.screen.tree.expressions import ModeValues, arguments_of
from dropout_lint.semantics.syntax.hand_drawn.tensor_calls import (
    BERNOULLI_METHODS,
    COMPARES,
    ROUNDS,
    SAMPLERS,
)
from dropout_lint.vocabulary.masks import is_other_mask, speaks_of_drop
from dropout_lint.vocabulary.modes import OTHER_OPTION_WORDS, speaks_of_mode
from dropout_lint.vocabulary.words import words

_ENTRIES = ("forward", "__call__")
_DEPTH = 5
# What makes a mask of a draw, beside a comparison.
_MASK_CALLS = ROUNDS | COMPARES | BERNOULLI_METHODS | {"binomial", "Bernoulli"}


class Draws:
    """The functions of one file that draw by hand."""

    def __init__(self, file: ResolvedFile, values: ModeValues) -> None:
        self._file = file
        self._values = values

    def matter(self) -> bool:
        """Whether one of them is not plainly called with the mode."""
        return any(self._may_drop(*found) for found in self._drawing())

    def _drawing(self) -> Iterator[tuple[Def, Enclosing]]:
        found: dict[Def, Enclosing] = {}
        for call, scope in self._file.calls:
            if tail_of(call.func) in SAMPLERS and scope.outer is not None:
                found[scope.outer] = scope
        for function, scope in found.items():
            around = [cls.name for cls in scope.classes()]
            if is_other_mask(function.name, around) or not _makes_mask(function):
                continue
            if _says_so(function, around):
                yield function, scope

    def _may_drop(self, function: Def, scope: Enclosing) -> bool:
        parameters = parameters_of(function)
        names = [name for name, _ in parameters]
        modes = [name for name in names if speaks_of_mode(name)]
        is_method = scope.cls is not None and not any(
            tail_of(decorator) == "staticmethod" for decorator in function.decorator_list
        )
        options = {
            name for name, default in parameters
            if isinstance(default, ast.Constant) and isinstance(default.value, bool)
            if not words(name) & OTHER_OPTION_WORDS
        }  # fmt: skip
        if function.name in _ENTRIES:
            return _asks_for(function, options)
        if not modes:
            return not is_method
        if len(modes) > 1 or function.args.vararg or function.args.kwarg:
            return True
        position = names.index(modes[0]) if modes[0] in names else None
        default = dict(parameters)[modes[0]]
        is_off = default is None or (isinstance(default, ast.Constant) and default.value is False)
        return not all(
            self._gives_mode(use, modes[0], position, is_off, is_method)
            for use in self._file.uses(function.name)
        )

    def _gives_mode(
        self, use: Use, mode: str, position: int | None, is_off: bool, is_method: bool
    ) -> bool:
        """Whether a use is a call that plainly passes the mode, or leaves it off."""
        node, call, scope = use
        if not isinstance(call, ast.Call) or call.func is not node:
            return False
        given = arguments_of(call)
        if given.is_open:
            return False
        own = isinstance(node, ast.Attribute) and is_method
        place = position - 1 if position is not None and own else position
        flag = given.get(mode, place)
        return is_off if flag is None else self._values.follows(flag, scope, _DEPTH)


def _says_so(function: Def, around: list[str]) -> bool:
    """Whether a name in or around a function says that it drops, or a parameter is the mode."""
    inside = (
        getattr(node, field)
        for node in ast.walk(function)
        for field in ("id", "attr", "arg", "name")
        if isinstance(getattr(node, field, None), str)
    )
    takes_mode = any(speaks_of_mode(name) for name, _ in parameters_of(function))
    return takes_mode or any(map(speaks_of_drop, (*around, *inside)))


def _makes_mask(function: Def) -> bool:
    """Whether a function may make zeros and ones of what it draws, and returns something."""
    nodes = list(ast.walk(function))
    returns = any(isinstance(n, (ast.Return, ast.Yield)) and n.value is not None for n in nodes)
    return returns and any(
        isinstance(node, ast.Compare)
        or (isinstance(node, ast.Call) and tail_of(node.func) in _MASK_CALLS)
        for node in nodes
    )


def _asks_for(function: Def, options: set[str]) -> bool:
    """Whether a condition asks for an option: it may decide about a draw."""
    tests = (
        node.test if isinstance(node, (ast.If, ast.IfExp)) else node
        for node in ast.walk(function)
        if isinstance(node, (ast.If, ast.IfExp, ast.BoolOp))
    )
    return any(
        isinstance(below, ast.Name) and below.id in options
        for test in tests
        for below in ast.walk(test)
    )
