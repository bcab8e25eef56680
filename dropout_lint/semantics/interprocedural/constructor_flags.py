"""What is known of a class's attributes where a flag holds that its constructor has set.

``self.flash = … and self.p == 0.0``: under ``if self.flash:`` the rate is 0.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.semantics.syntax.classes import ClassInfo, Write
from dropout_lint.semantics.syntax.conditions import (
    NOTHING,
    Facts,
    any_known,
    both_known,
    facts_where,
)
from dropout_lint.semantics.syntax.functions import FunctionInfo, Functions
from dropout_lint.semantics.syntax.tree import dotted_name, tail_of, walk

_DEPTH = 3


class ConstructorFlags:
    """The flags of one file's classes, read off the text of their constructors."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._zeros: dict[tuple[ClassInfo, str, bool], frozenset[str]] = {}

    def zeros_where(self, owner: ClassInfo, name: str, holds: bool) -> frozenset[str]:
        """The attributes that are zero, or nothing, where ``self.name`` is true (or false)."""
        key = (owner, name, holds)
        if key not in self._zeros:
            facts = self._facts(owner, name, holds, _DEPTH) or NOTHING
            zeros = (path for path, is_true in facts if not is_true)
            self._zeros[key] = frozenset(p for p in zeros if self._is_fixed(owner, p))
        return self._zeros[key]

    def _facts(self, owner: ClassInfo, name: str, holds: bool, depth: int) -> Facts | None:
        function = self._functions.of_method(owner, name)
        if function is not None:
            returned = _returned(function) if function.is_property else None
            return self._of_value(owner, function, returned, holds, depth)
        writes = _writes(owner, name)
        facts = [self._where(owner, write, holds, depth) for write in writes]
        return any_known(*facts) if facts else NOTHING

    def _where(self, owner: ClassInfo, write: Write, holds: bool, depth: int) -> Facts | None:
        """What is known where one assignment has made an attribute true (or false)."""
        function = self._functions.by_node.get(write.method)
        if write.method is None:
            return facts_where(write.value, holds) if write.value is not None else NOTHING
        if function is None or not function.builds:
            return NOTHING
        facts = self._of_value(owner, function, write.value, holds, depth)
        below: cst.CSTNode = write.target
        for node in self._functions.tree.ancestors(write.target):
            if node is write.method:
                break
            if isinstance(node, cst.If) and below is not node.test:
                facts = both_known(
                    facts, self._of_value(owner, function, node.test, below is node.body, depth)
                )
            below = node
        return facts

    def _of_value(
        self,
        owner: ClassInfo,
        function: FunctionInfo,
        value: cst.BaseExpression | None,
        holds: bool,
        depth: int,
    ) -> Facts | None:
        """What an expression in a method says about attributes of ``self``."""
        if value is None or depth < 0:
            return NOTHING
        facts = facts_where(value, holds)
        for path, is_true in facts or ():
            local = _local(function, path)
            attribute = _of_self(function, path)
            more: Facts | None = NOTHING
            if local is not None:
                more = self._of_value(owner, function, local, is_true, depth - 1)
            elif attribute is not None and "." not in attribute:
                more = self._facts(owner, attribute, is_true, depth - 1)
            facts = both_known(facts, more)
        if facts is None:
            return None
        named = {
            (f"self.{name}", is_true)
            for path, is_true in facts
            for name in self._kept_as(owner, function, path)
        }
        return frozenset(named | facts)

    def _kept_as(self, owner: ClassInfo, function: FunctionInfo, path: str) -> Iterator[str]:
        """The attributes of ``self`` that hold what a name of a constructor stands for."""
        attribute = _of_self(function, path)
        if attribute is not None:
            yield attribute
            writes = _writes(owner, attribute)
            source = dotted_name(writes[0].value) if len(writes) == 1 and writes[0].value else ""
            if not source:
                return
            path = source
        for info in owner.lineage:
            for name, writes in info.writes.items():
                value = writes[0].value
                setter = self._functions.by_node.get(writes[0].method)
                if value is None or setter is None or not _share(setter, function, path):
                    continue
                if dotted_name(value) == path:
                    yield name
                elif isinstance(value, cst.Call) and tail_of(value.func).startswith("Dropout"):
                    if value.args and dotted_name(value.args[0].value) == path:
                        yield f"{name}.p"

    def _is_fixed(self, owner: ClassInfo, path: str) -> bool:
        """Whether an attribute keeps what the constructor gives it, as far as the file shows."""
        first, name, *_ = (*path.split("."), "")
        writes = _writes(owner, name)
        methods = [self._functions.by_node.get(write.method) for write in writes]
        return first == "self" and all(f is None or f.builds for f in methods)


def _writes(owner: ClassInfo, name: str) -> list[Write]:
    """The assignments to an attribute, by the class, its bases and its subclasses."""
    derived = [write for info in owner.derived for write in info.writes.get(name, ())]
    return owner.find_writes(name) + derived


def _of_self(function: FunctionInfo, path: str) -> str | None:
    """What follows ``self.`` in a dotted name."""
    own, _, rest = path.partition(".")
    return rest if rest and own in (function.self_name, "self") else None


def _local(function: FunctionInfo, path: str) -> cst.BaseExpression | None:
    """The value of a local variable that is bound once."""
    bindings = function.scope.bindings.get(path, ())
    return bindings[0].value if len(bindings) == 1 else None


def _share(one: FunctionInfo, other: FunctionInfo, path: str) -> bool:
    """Whether a name is the same in two constructors: a parameter that `super()` is handed."""
    root = path.partition(".")[0]
    methods = (one, other)
    return one is other or all(root in (p.name.value for p in f.parameters) for f in methods)


def _returned(function: FunctionInfo) -> cst.BaseExpression | None:
    """What a function returns that has one ``return``."""
    returns = [node for node in walk(function.node.body) if isinstance(node, cst.Return)]
    return returns[0].value if len(returns) == 1 else None
