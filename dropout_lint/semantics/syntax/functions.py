"""Functions: the functions of a file as they are analysed, and who calls whom."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import libcst as cst

from dropout_lint.semantics.syntax.class_body import BUILDING_METHODS
from dropout_lint.semantics.syntax.classes import Classes, ClassInfo, is_self
from dropout_lint.semantics.syntax.function_info import FunctionInfo
from dropout_lint.semantics.syntax.monkey_patches import put_on_modules
from dropout_lint.semantics.syntax.names import Names, Scope
from dropout_lint.semantics.syntax.places import Places
from dropout_lint.semantics.syntax.tree import Tree, choices
from dropout_lint.vocabulary.methods import BUILDING_NAMES

__all__ = ["FunctionInfo", "Functions"]


# A mention of the name of a function: its place among all of that name, by whom, and where.
_Mention: TypeAlias = tuple[int, FunctionInfo, cst.Name | cst.Attribute, Scope]


@dataclass(eq=False)
class Functions:
    """All functions of a file, the one around each expression, and the calls between them."""

    tree: Tree
    names: Names
    classes: Classes
    by_node: dict[cst.CSTNode | None, FunctionInfo] = field(default_factory=dict)
    _callers: dict[cst.CSTNode, dict[FunctionInfo, bool]] = field(default_factory=dict)
    _building: dict[cst.CSTNode, bool] = field(default_factory=dict)
    _mentioned: dict[str, dict[Hashable, list[_Mention]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for scope in self.names.scopes.values():
            if not isinstance(scope.node, cst.FunctionDef):
                continue
            parent = scope.parent
            assert parent is not None
            if parent.is_class:
                owner = self.classes.by_node[parent.node]
                self.by_node[scope.node] = FunctionInfo(scope.node, scope, owner)
            elif parent.parent is None:
                self.by_node[scope.node] = FunctionInfo(scope.node, scope, None)
        for function in put_on_modules(self):
            function.is_put = True
            self.by_node[function.node] = function
        for function in self:
            if function.name in BUILDING_NAMES:
                function.runs_later = any(
                    seen and caller.name not in BUILDING_METHODS
                    for caller, seen in self.callers(function).items()
                )

    def __iter__(self) -> Iterator[FunctionInfo]:
        return iter(self.by_node.values())

    def around(self, node: cst.CSTNode) -> FunctionInfo | None:
        """The function a node belongs to; None for module- and class-level code."""
        for above in self.tree.ancestors(node):
            function = self.by_node.get(above)
            if function is not None:
                return function
        return None

    def of_method(self, owner: ClassInfo, name: str) -> FunctionInfo | None:
        """The method ``name`` as an instance of ``owner`` has it, if this file defines it."""
        node = owner.find_method(name)
        return self.by_node.get(node) if node is not None else None

    def of_class(self, node: cst.CSTNode, name: str) -> FunctionInfo | None:
        """The static or class method ``name`` of a class, by its definition."""
        owner = self.classes.by_node.get(node)
        function = self.of_method(owner, name) if owner is not None else None
        is_plain = function is not None and function.self_name is None
        return function if is_plain and owner is not None and not owner.find_writes(name) else None

    @cached_property
    def places(self) -> Places:
        """Where the names of the file stand."""
        return Places(self.tree)

    def _may_mean(self, function: FunctionInfo) -> list[_Mention]:
        """The mentions of its name in functions, without most of those that mean another one."""
        name, owner = function.name, function.owner
        if name not in self._mentioned:
            groups = self._mentioned[name] = {}
            for place, (node, scope) in enumerate(self.names.mentions_of(name)):
                caller = self.of_scope(scope)
                if caller is not None:
                    for group in self._meant_by(node, scope, caller, name):
                        groups.setdefault(group, []).append((place, caller, node, scope))
        groups = self._mentioned[name]
        found = list(groups.get(function.node, ()))
        if owner is not None:
            found += groups.get(None, ())
            if "self" in groups:
                for info in self.classes.sharing(owner):
                    found += groups.get(("self", info), ())
            for info in owner.derived:
                found += groups.get(("super", info), ())
        return sorted(found, key=lambda mention: mention[0])

    def _meant_by(
        self, node: cst.Name | cst.Attribute, scope: Scope, caller: FunctionInfo, name: str
    ) -> Iterable[Hashable]:
        """The definitions that a mention of a name may mean, or what it is looked up on.

        None: any method.
        """
        if isinstance(node, cst.Name):
            return self.nodes_bound(node, scope)
        if caller.owner is not None and is_self(node.value, caller.self_name):
            return "self", ("self", caller.owner)
        if isinstance(node.value, cst.Name):
            owners = [o for o in self.nodes_bound(node.value, scope) if o in self.classes.by_node]
            if owners:
                meant = [self.of_class(each, name) for each in owners]
                return {function.node for function in meant if function is not None}
        called = node.value.func if isinstance(node.value, cst.Call) else None
        if is_self(called, "super") and caller.owner is not None:
            return (("super", caller.owner),)
        return (None,)

    def means(
        self,
        function: FunctionInfo,
        caller: FunctionInfo,
        node: cst.Name | cst.Attribute,
        scope: Scope,
    ) -> bool | None:
        """Whether a run of the caller sees that a mention means the function; None: it does not."""
        if isinstance(node, cst.Name):
            return True if function.node in self.nodes_bound(node, scope) else None
        if function.owner is None:
            return None
        if is_self(node.value, caller.self_name) and caller.owner is not None:
            if not self.classes.are_related(caller.owner, function.owner):
                return None
            return bool(
                caller.owner.find_method(function.name)
                and not caller.owner.find_writes(function.name)
            )
        if isinstance(node.value, cst.Name):
            owners = self.nodes_bound(node.value, scope)
            if any(each in self.classes.by_node for each in owners):
                is_meant = any(self.of_class(c, function.name) is function for c in owners)
                return True if is_meant else None
            if node.value.value == caller.class_name and caller.owner is not None:
                return caller.owner.find_method(function.name) is function.node
        called = node.value.func if isinstance(node.value, cst.Call) else None
        if is_self(called, "super") and caller.owner is not None:
            below = caller.owner is not function.owner
            return True if below and caller.owner.descends_from(function.owner) else None
        return False

    def overrides(self, function: FunctionInfo) -> list[FunctionInfo]:
        """The methods of the file that override a method."""
        if function.owner is None:
            return []
        methods = [info.methods.get(function.name) for info in function.owner.derived]
        return [self.by_node[m] for m in methods if m is not None and m in self.by_node]

    def serves_building(self, function: FunctionInfo) -> bool:
        """Whether a function runs while its module is built, and at no other time."""
        if function.node not in self._building:
            self._building[function.node] = False  # for those that call each other
            callers = [] if function.is_entry else list(self.callers(function))
            serves = function.builds or (bool(callers) and all(map(self.serves_building, callers)))
            self._building[function.node] = serves
        return self._building[function.node]

    def of_scope(self, scope: Scope | None) -> FunctionInfo | None:
        while scope is not None:
            function = self.by_node.get(scope.node)
            if function is not None:
                return function
            scope = scope.parent
        return None

    def mentioning(
        self, wanted: Callable[[cst.Name | cst.Attribute, Scope], bool]
    ) -> list[FunctionInfo]:
        """The functions with a name or dotted name that is wanted."""
        functions: dict[FunctionInfo, None] = {}
        for node, scope in self.names.mentions:
            function = self.of_scope(scope) if wanted(node, scope) else None
            if function is not None:
                functions[function] = None
        return list(functions)

    def callers(self, function: FunctionInfo) -> dict[FunctionInfo, bool]:
        """The functions of the file that mention one; whether their runs see every mention."""
        if function.node not in self._callers:
            callers: dict[FunctionInfo, bool] = {}
            for _, caller, node, scope in self._may_mean(function):
                seen = self.means(function, caller, node, scope) if caller is not function else None
                if seen is not None:
                    callers[caller] = callers.get(caller, True) and seen
            for reader in self.readers(function):
                callers.setdefault(reader, True)
            self._callers[function.node] = callers
        return self._callers[function.node]

    def readers(self, function: FunctionInfo) -> list[FunctionInfo]:
        """The methods that read an attribute under which a constructor keeps a function."""
        return self._kept.readers(function)

    @cached_property
    def _kept(self) -> KeptFunctions:
        return KeptFunctions(self)

    def nodes_bound(self, node: cst.Name, scope: Scope) -> set[cst.CSTNode]:
        """What a name is bound to: definitions, parameters or targets."""
        bound = self.names.lookup(node.value, scope)
        return {binding.node for binding in bound[1]} if bound is not None else set()

    def with_callers(self, functions: Iterable[FunctionInfo]) -> set[FunctionInfo]:
        """Some functions, and those that call them, directly or through others."""
        reached: set[FunctionInfo] = set()
        queue = list(functions)
        while queue:
            function = queue.pop()
            if function not in reached:
                reached.add(function)
                queue += self.callers(function)
        return reached


class KeptFunctions:
    """The functions that a file's classes keep on self, and who reads them there."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def readers(self, function: FunctionInfo) -> list[FunctionInfo]:
        """The methods that read an attribute under which a constructor keeps a function."""
        readers: dict[FunctionInfo, None] = {}
        for owner, name in self._kept.get(function.node, ()):
            for reader in self._reading.get(name, ()):
                assert reader.owner is not None
                if reader is not function and self._functions.classes.are_related(
                    reader.owner, owner
                ):
                    readers[reader] = None
        return list(readers)

    @cached_property
    def _kept(self) -> dict[cst.CSTNode, list[tuple[ClassInfo, str]]]:
        """The attributes that keep each function: ``self.call = attend``."""
        kept: dict[cst.CSTNode, list[tuple[ClassInfo, str]]] = {}
        for info in self._functions.classes:
            for name, writes in info.writes.items():
                for write in writes:
                    scope = self._functions.names.scopes.get(write.method) if write.method else None
                    for node in choices(write.value) if scope is not None else ():
                        if isinstance(node, cst.Name) and scope is not None:
                            for bound in self._functions.nodes_bound(node, scope):
                                if bound in self._functions.by_node:
                                    kept.setdefault(bound, []).append((info, name))
        return kept

    @cached_property
    def _reading(self) -> dict[str, list[FunctionInfo]]:
        """The methods that read each of those attributes from ``self``."""
        names = {name for kept in self._kept.values() for _, name in kept}
        reading: dict[str, list[FunctionInfo]] = {}
        for node, scope in self._functions.names.mentions if names else ():
            if isinstance(node, cst.Attribute) and node.attr.value in names:
                reader = self._functions.of_scope(scope)
                if reader is None or not is_self(node.value, reader.self_name):
                    continue
                if not isinstance(self._functions.tree.parent(node), cst.AssignTarget):
                    reading.setdefault(node.attr.value, []).append(reader)
        return reading
