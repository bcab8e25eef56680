"""The values of flags and rates in eval mode, as far as their expressions show them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from itertools import takewhile

from dropout_lint.screen.arguments import CallArguments
from dropout_lint.screen.tree.aliases import ResolvedFile
from dropout_lint.screen.tree.collect import (
    FUNCTIONS,
    Enclosing,
    Use,
    parameters_of,
    tail_of,
)
from dropout_lint.vocabulary.modes import FLAG_NAMES

_FLAGS = FLAG_NAMES | {"eval"}


def arguments_of(call: ast.Call) -> CallArguments[ast.expr]:
    """The arguments of one call."""
    stars = [arg.value for arg in call.args if isinstance(arg, ast.Starred)]
    stars += [keyword.value for keyword in call.keywords if keyword.arg is None]
    is_unclear = any(not isinstance(star, ast.Name) for star in stars)
    named = {k.arg: k.value for k in call.keywords if k.arg is not None}
    placed = [*takewhile(lambda argument: not isinstance(argument, ast.Starred), call.args)]
    return CallArguments(bool(stars), is_unclear, named, placed)


class ModeValues:
    """Flags and rates of one file. ``depth`` says how many names are still to be followed."""

    def __init__(self, file: ResolvedFile) -> None:
        self.file = file

    def follows(self, node: ast.expr, scope: Enclosing, depth: int) -> bool:
        """Whether a flag or rate is plainly off in eval mode, or up to a caller elsewhere."""
        if isinstance(node, ast.Constant):
            return not node.value
        if is_mode(node):
            return not self.sets_flag
        if isinstance(node, ast.IfExp):
            on, off = node.body, node.orelse
            test = node.test
            if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
                test, off = test.operand, on
            return self.follows(test, scope, 0) and self.follows(off, scope, 0)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            return any(self.follows(value, scope, 0) for value in node.values)
        if isinstance(node, ast.Name) and depth:
            values = self._values(node.id, scope)
            if values is None:
                return self._is_callers(node.id, scope, depth)
            return all(self.follows(value, scope, depth - 1) for value in values)
        return False

    def may_be_false(self, node: ast.expr, scope: Enclosing) -> bool:
        """Whether a flag is written off: there, as a local variable, or as a default."""
        if isinstance(node, ast.Name):
            values = self._values(node.id, scope)
            if values is None and scope.inner is not None and scope.cls is None:
                used = isinstance(scope.inner, FUNCTIONS) and scope.inner.name in self.file.used
                values = [d for name, d in parameters_of(scope.inner) if d and name == node.id]
                values = values if used else None
            return any(isinstance(v, ast.Constant) and not v.value for v in values or ())
        return isinstance(node, ast.Constant) and not node.value

    def may_be_constant(self, node: ast.expr, scope: Enclosing) -> bool:
        """Whether a flag may be the same in all calls: it is neither a parameter nor an attribute.

        A name that is assigned somewhere may be.
        """
        if isinstance(node, ast.Attribute):
            return False
        return not isinstance(node, ast.Name) or self._values(node.id, scope) is not None

    def _values(self, name: str, scope: Enclosing) -> list[ast.expr] | None:
        """All that a local variable is plainly assigned; None if it is none."""
        function = scope.inner
        if function is None or isinstance(function, ast.Lambda):
            return None
        values: list[ast.expr] = []
        stores = 0
        for node in ast.walk(function):
            if (
                isinstance(node, ast.Name)
                and node.id == name
                and not isinstance(node.ctx, ast.Load)
            ):
                stores += 1
                parent = self.file.parents[node]
                plain = isinstance(parent, ast.Assign) and len(parent.targets) == 1
                if plain or (isinstance(parent, ast.AnnAssign) and parent.value is not None):
                    values.append(parent.value)  # type: ignore[attr-defined]
            elif isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names:
                stores += 1
        if not stores or any(name == parameter for parameter, _ in parameters_of(function)):
            return None
        return values if len(values) == stores else [ast.Constant(value=True)]

    def _is_callers(self, name: str, scope: Enclosing, depth: int) -> bool:
        """Whether it is a parameter that is left to callers elsewhere, or is fine in all calls."""
        function = scope.inner
        if function is None or isinstance(function, ast.Lambda) or function is not scope.outer:
            return False
        parameters = parameters_of(function)
        if any(
            d is not None and (not isinstance(d, ast.Constant) or d.value) for _, d in parameters
        ):
            return False
        names = [parameter for parameter, _ in parameters]
        if name not in names or any(
            isinstance(below, ast.Name) and below.id == name and not isinstance(below.ctx, ast.Load)
            for below in ast.walk(function)
        ):
            return False
        if function.name not in self.file.used:
            return True
        if scope.cls is not None or function.args.vararg or function.args.kwarg:
            return False
        position = names.index(name)
        return depth > 0 and all(
            self._gives_fine(use, name, position, depth) for use in self.file.uses(function.name)
        )

    def _gives_fine(self, use: Use, name: str, position: int, depth: int) -> bool:
        """Whether a use of a function is a call that gives a parameter something plainly fine."""
        node, call, scope = use
        if (
            not isinstance(node, ast.Name)
            or not isinstance(call, ast.Call)
            or call.func is not node
        ):
            return False
        given = arguments_of(call)
        value = given.get(name, position)
        if given.is_open or value is None or self.may_be_flag(value):
            # What follows the mode is fine as a flag, and as a rate it is a finding of its own.
            return not given.is_open and value is not None and name in _FLAGS and is_mode(value)
        return self.follows(value, scope, depth - 1)

    def is_guarded(self, node: ast.AST, scope: Enclosing) -> bool:
        """Whether something runs under ``if self.training:`` only."""
        while node is not scope.inner and not isinstance(node, (ast.Module, ast.ClassDef)):
            below, node = node, self.file.parents[node]
            if (isinstance(node, ast.If) and below in node.body) or (
                isinstance(node, ast.IfExp) and below is node.body
            ):
                if self.follows(node.test, scope, 0):
                    return True
            elif isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
                return False
        return False

    def may_be_flag(self, node: ast.expr) -> bool:
        """Whether a rate may be the mode itself."""
        if isinstance(node, ast.Constant):
            return node.value is True
        if isinstance(node, (ast.IfExp, ast.BoolOp)):
            parts = [node.body, node.orelse] if isinstance(node, ast.IfExp) else node.values
            return any(self.may_be_flag(part) for part in parts)
        if isinstance(node, (ast.Name, ast.Attribute)):
            name = tail_of(node)
            if name in _FLAGS:
                return True
            return name in self._named_flags
        return isinstance(node, (ast.UnaryOp, ast.Compare, ast.NamedExpr)) and any(
            tail_of(below) in _FLAGS for below in ast.walk(node)
        )

    @cached_property
    def _named_flags(self) -> set[str]:
        """What is set to the mode, or gets it as an argument: names that may stand for it."""
        found: set[str] = set()
        for node, _, _ in self.file.attributes:
            if node.attr in _FLAGS:
                found.update(self._names_given(node))
        return self.file.aliases_of(found)

    def _names_given(self, at: ast.AST) -> Iterator[str]:
        """The names that come to stand for the value of an expression."""
        while isinstance(at, (ast.expr, ast.keyword)):
            below: ast.AST = at
            at = self.file.parents[at]
            if isinstance(at, ast.BinOp) or (isinstance(at, ast.IfExp) and at.test is below):
                return
            if isinstance(at, ast.NamedExpr):
                yield tail_of(at.target)
            if isinstance(at, ast.Call) and tail_of(at.func) != "bool":
                if tail_of(at.func) not in self.file.family.tails:
                    yield from self.file.parameters_receiving(at, below)
                return
        if isinstance(at, (ast.Assign, ast.AnnAssign)):
            for below in ast.walk(at):
                if isinstance(below, (ast.Name, ast.Attribute)):
                    if isinstance(below.ctx, ast.Store):
                        yield tail_of(below)
        elif isinstance(at, ast.Return):
            while not isinstance(at, (*FUNCTIONS, ast.Module)):
                at = self.file.parents[at]
            if not isinstance(at, ast.Module):
                yield at.name

    def is_set_from_outside(self, node: ast.expr, scope: Enclosing) -> bool:
        """Whether a flag is an attribute that the class only sets to ``config.on`` or the like."""
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            return False
        name = node.attr
        stores = [store for store in self.file.stores if store[0].attr == name]
        return (
            name != "training"
            and any(owner.cls is scope.cls for _, _, owner in stores)
            and not self._is_of_class(name)
            and all(_is_from_outside(parent, owner) for _, parent, owner in stores)
        )

    @cached_property
    def sets_flag(self) -> bool:
        """Whether ``training`` is set somewhere, or is something else than nn.Module's."""
        stores = any(node.attr == "training" for node, _, _ in self.file.stores)
        return stores or self._is_of_class("training")

    def _is_of_class(self, name: str) -> bool:
        """Whether some class has a method or a value under a name."""
        return any(method.name == name for method, _ in self.file.methods) or any(
            isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
            for cls in self.file.classes
            for statement in cls.body
            if isinstance(statement, (ast.Assign, ast.AnnAssign))
            for node in ast.walk(statement)
        )


def _is_from_outside(store: ast.AST, scope: Enclosing) -> bool:
    """``self.on = config.on`` in a constructor: an attribute of something else than ``self``."""
    function = scope.inner
    if function is not scope.outer or function is None or function.name != "__init__":
        return False
    value = store.value if isinstance(store, ast.Assign) else None
    if not isinstance(value, ast.Attribute):
        return False
    while isinstance(value, ast.Attribute):
        value = value.value
    own = [*function.args.posonlyargs, *function.args.args][:1]
    return isinstance(value, ast.Name) and [value.id] != [argument.arg for argument in own]


def is_mode(node: ast.AST) -> bool:
    """``self.training``."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "training"
        and isinstance(node.value, ast.Name)
    )
