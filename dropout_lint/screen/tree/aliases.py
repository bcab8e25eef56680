"""The syntax tree: which names stand for the family, by imports, assignments and calls."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from dropout_lint.screen.imports import Family
from dropout_lint.screen.tree.collect import (
    FUNCTIONS,
    Def,
    Enclosing,
    Use,
    WalkedFile,
    parameters_of,
    tail_of,
)
from dropout_lint.semantics.project.ast_reading import dotted_name


@dataclass(frozen=True)
class Mention:
    """A dotted expression or a string that stands for members of the family."""

    node: ast.expr
    parent: ast.AST
    scope: Enclosing
    members: tuple[str, ...]


class ResolvedFile(WalkedFile):
    """A file with what its names stand for."""

    def __init__(self, tree: ast.Module, family: Family) -> None:
        super().__init__(tree, family)
        self._aliases = self._find_aliases()
        self.mentions = self._find_mentions()

    def uses(self, name: str) -> Iterator[Use]:
        """The dotted expressions that end with a name."""
        return (use for use in self.chains if tail_of(use[0]) == name)

    # --- the family -------------------------------------------------------------------------

    def names_of(self, node: ast.AST) -> set[str]:
        """The public names that a dotted expression has by way of the imports."""
        dotted = dotted_name(node)
        if dotted is None:
            return set()
        root, *steps = dotted.split(".")
        return self.family.follow(self.imports.bound.get(root, ()), steps)

    def _find_aliases(self) -> set[str]:
        """``G = nn.functional``: the names that the family has besides those of the imports.

        What comes from other files of the project is followed through assignments only; for the
        rest see `_may_be_alias`.
        """
        paths: set[str] = set()
        opened: set[str] = set()
        for node, parent, _ in self.chains:
            if isinstance(parent, ast.Call) and parent.func is node:
                continue
            if not self.family.paths.isdisjoint(self.names_of(node)):
                paths.update(self.names_receiving(node))
            elif self.is_open(node):
                opened.update(self.names_receiving(node, False))
        return self.aliases_of(paths) | self.aliases_of(opened, False)

    def aliases_of(self, names: set[str], through_calls: bool = True) -> set[str]:
        """The names, and those that come to stand for their values."""
        known, new = set(names), set(names)
        while new:
            uses = [use[0] for name in new for use in self._uses_with.get(name, ())]
            new = {
                name
                for node in uses
                if self._ends_on(node, known)
                for name in self.names_receiving(node, through_calls)
            } - known
            known |= new
        return known

    @cached_property
    def _uses_with(self) -> dict[str, list[Use]]:
        """The dotted expressions by the names in them."""
        found: dict[str, list[Use]] = defaultdict(list)
        for use in self.chains:
            at: ast.AST = use[0]
            while isinstance(at, (ast.Attribute, ast.Call, ast.Subscript, ast.Name)):
                found[tail_of(at)].append(use)
                if isinstance(at, ast.Name):
                    break
                at = at.func if isinstance(at, ast.Call) else at.value
        return found

    def _ends_on(self, node: ast.AST, aliases: set[str]) -> bool:
        """Whether an expression is an alias, or a step from one towards the family."""
        while True:
            if isinstance(node, ast.Call):
                node = node.func
            elif isinstance(node, ast.Subscript):
                node = node.value
            elif tail_of(node) in aliases:
                return True
            elif isinstance(node, ast.Attribute) and node.attr in self.family.steps:
                node = node.value
            else:
                return False

    def names_receiving(self, at: ast.AST, through_calls: bool = True) -> Iterator[str]:
        """The names that come to stand for the value of an expression, or of a part of it."""
        while isinstance(at, ast.expr):
            below, at = at, self.parents[at]
            if isinstance(at, ast.NamedExpr):
                yield tail_of(at.target)
            elif (
                isinstance(at, (ast.Compare, ast.BinOp, ast.UnaryOp, ast.FormattedValue))
                or (isinstance(at, ast.IfExp) and at.test is below)
                or (isinstance(at, ast.Call) and not through_calls)
            ):
                return
            elif isinstance(at, ast.Call) and at.func is not below:
                yield from self.parameters_receiving(at, below)
                if tail_of(at.func) not in ("getattr", "cast"):
                    return
        if isinstance(at, ast.keyword):
            call = self.parents[at]
            if isinstance(call, ast.Call) and through_calls:
                yield from self.parameters_receiving(call, at)
        elif isinstance(at, ast.Return):
            while not isinstance(at, (*FUNCTIONS, ast.Module)):
                at = self.parents[at]
            if not isinstance(at, ast.Module):
                yield at.name
        elif isinstance(at, ast.arguments):
            function = self.parents[at]
            if isinstance(function, (*FUNCTIONS, ast.Lambda)):
                yield from (name for name, _ in parameters_of(function))
        else:
            for field in ("targets", "target", "optional_vars"):
                value = getattr(at, field, None) or []
                for target in value if isinstance(value, list) else [value]:
                    yield from _targets(target)

    def parameters_receiving(self, call: ast.Call, argument: ast.AST) -> Iterator[str]:
        """The parameters of functions of the file that may get an argument of a call."""
        if argument is call.func:
            return
        if isinstance(argument, ast.keyword) and argument.arg is not None:
            yield argument.arg
            return
        starred = any(isinstance(a, ast.Starred) for a in call.args)
        position = call.args.index(argument) if argument in call.args else 0
        for function in self._called(tail_of(call.func)):
            names = [name for name, _ in parameters_of(function)]
            is_method = isinstance(self.parents[function], ast.ClassDef)
            if starred:
                yield from names[is_method:]
            elif is_method:  # called on an object, or on the class
                yield from names[max(position, 1) : position + 2]
            else:
                yield from names[position : position + 1]

    def _called(self, name: str) -> Sequence[Def | ast.Lambda]:
        """The functions of the file that a call of a name may call."""
        by_name = self._functions_by_name
        if not name or (name not in by_name and name in self._parameters):
            return self.functions
        return by_name.get(name, ())

    @cached_property
    def _functions_by_name(self) -> dict[str, list[Def | ast.Lambda]]:
        found: dict[str, list[Def | ast.Lambda]] = defaultdict(list)
        for function in self.functions:
            above = self.parents[function]
            if isinstance(function, ast.Lambda):
                if isinstance(above, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
                    for target in (
                        above.targets if isinstance(above, ast.Assign) else [above.target]
                    ):
                        for name in _targets(target):
                            found[name].append(function)
                continue
            found[function.name].append(function)
            if isinstance(above, ast.ClassDef) and function.name in ("__init__", "__new__"):
                found[above.name].append(function)
        return found

    @cached_property
    def _parameters(self) -> set[str]:
        return {name for function in self.functions for name, _ in parameters_of(function)}

    @cached_property
    def names_in_classes(self) -> dict[ast.ClassDef, set[str]]:
        """The names in the dotted expressions of each class."""
        found: dict[ast.ClassDef, set[str]] = {cls: set() for cls in self.classes}
        for name, uses in self._uses_with.items():
            for _, _, scope in uses:
                for cls in scope.classes():
                    found[cls].add(name)
        return found

    def _find_mentions(self) -> list[Mention]:
        found: list[Mention] = []
        for node, parent, scope in self.chains:
            members = tuple(n for n in self.names_of(node) if self.family.is_member(n))
            if not members and (self.is_open(node) or self._may_be_alias(node, parent)):
                name = tail_of(node)
                members = self.family.called(self.imports.tails.get(name, name))
            if members:
                found.append(Mention(node, parent, scope, members))
        for text, parent, scope in self.strings:
            if self._is_looked_up(parent):
                found.append(Mention(text, parent, scope, self.family.called(str(text.value))))
        return found

    def _is_looked_up(self, parent: ast.AST) -> bool:
        """Whether a string may be the name in a ``getattr`` of a path to the family."""
        if isinstance(parent, ast.Call):
            owner = parent.args[0] if tail_of(parent.func) == "getattr" and parent.args else None
            return owner is not None and (
                self.is_open(owner)
                or not self.family.paths.isdisjoint(self.names_of(owner))
                or self._ends_on(owner, self._aliases)
            )
        listed = isinstance(parent, (ast.Dict, ast.Compare, ast.Subscript, ast.keyword))
        return bool(self._aliases) and not listed and self._looks_up

    @cached_property
    def _looks_up(self) -> bool:
        """Whether some ``getattr`` is asked for a name that does not stand there."""
        return not all(
            isinstance(call, ast.Call)
            and call.func is node
            and all(isinstance(name, (ast.Constant, ast.JoinedStr)) for name in call.args[1:2])
            for node, call, _ in self.uses("getattr")
        )

    def is_open(self, node: ast.AST) -> bool:
        """Whether an expression begins with a name that the project may hand on."""
        steps = 0
        while isinstance(node, ast.Attribute):
            node, steps = node.value, steps + 1
        if not isinstance(node, ast.Name):
            return False
        if self.imports.star and node.id not in self.imports.bound:
            return node.id != "self" or steps > 1
        return node.id in self.imports.open

    def _may_be_alias(self, node: ast.expr, parent: ast.AST) -> bool:
        if not isinstance(node, ast.Attribute) or node.attr not in self.family.tails:
            return False
        if node.attr in self.imports.inner:
            return True
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            return False
        if isinstance(parent, ast.Call) and parent.func is node and self.imports.open:
            if isinstance(node.value, ast.Name) and node.value.id in self._parameters:
                return True  # whatever the project hands on may be given to it
        return self._ends_on(node.value, self._aliases)


def _targets(target: ast.expr) -> Iterator[str]:
    """The names that an assignment gives."""
    if isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _targets(element)
    elif isinstance(target, (ast.Subscript, ast.Starred)):
        yield from _targets(target.value)
    else:
        yield tail_of(target)
