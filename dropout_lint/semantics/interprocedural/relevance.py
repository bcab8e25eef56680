"""The functions of a file that can have a call of the catalog, or decide about one."""

from __future__ import annotations

from functools import cached_property

import libcst as cst

from dropout_lint.semantics.interpreter.operators import functions_in
from dropout_lint.semantics.interpreter.values import Atom, Instance, Local, Ref
from dropout_lint.semantics.interprocedural.builders import Builders
from dropout_lint.semantics.interprocedural.file_surroundings import FileSurroundings
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Binding, Scope
from dropout_lint.semantics.syntax.tree import tail_of
from dropout_lint.vocabulary.modes import speaks_of_mode


class Relevance:
    """Tells which functions of a file need to be run to find its calls of the catalog."""

    def __init__(self, surroundings: FileSurroundings, builders: Builders) -> None:
        self._surroundings = surroundings
        self._functions = surroundings.functions
        self._catalog = surroundings.catalog
        self._builders = builders

    def __contains__(self, function: FunctionInfo) -> bool:
        return function in self._relevant

    @cached_property
    def _relevant(self) -> set[FunctionInfo]:
        """The functions that mention something of the catalog, or decide about what does.

        On the way up from a drop the mode may have other names: `inner(x, on=training)`.
        """
        mentioning = self._mentioning
        return mentioning.union(
            caller
            for function in self._functions.with_callers(mentioning)
            if _takes_mode(function) or self._builds(function)
            for caller in self._functions.callers(function)
        )

    def _builds(self, function: FunctionInfo) -> bool:
        """Whether a function returns a module or a function that drops."""
        if self._builders.made(function) is not None:
            return True
        return self._builders.built(function, True) is not None

    @cached_property
    def _mentioning(self) -> set[FunctionInfo]:
        """The functions that mention something of the catalog, or draw a mask and drop by it."""
        mentioning = set(self._surroundings.masks.functions)
        for node, scope in self._functions.names.mentions:
            function = self._functions.of_scope(scope)
            if function is None or function in mentioning:
                continue
            if self._is_kept(node, function) or self._is_of_catalog(node, scope):
                mentioning.add(function)
        return mentioning

    def _is_kept(self, node: cst.CSTNode, function: FunctionInfo) -> bool:
        """Whether ``self.name(…)`` or ``self.F.name(…)`` calls what the class keeps on self."""
        parent = self._functions.tree.parent(node)
        is_called = isinstance(parent, cst.Call) and parent.func is node
        if function.owner is None or not (is_called or _may_hold(function.owner, node)):
            return False
        rest: list[str] = []
        while isinstance(node, cst.Attribute) and not is_self(node.value, function.self_name):
            rest.insert(0, node.attr.value)
            node = node.value
        if not isinstance(node, cst.Attribute):
            return False
        for atom in self._surroundings.attribute(function.owner, node.attr.value, True).atoms:
            if not rest and any(map(self._is_function, functions_in(atom))):
                return True
            if isinstance(atom, Ref) and self._catalog.function(".".join((atom.name, *rest))):
                return True
        return False

    def _is_of_catalog(self, node: cst.CSTNode, scope: Scope) -> bool:
        names, catalog = self._functions.names, self._catalog
        for name in (*names.qualified(node, scope), *self._looked_up(node, scope)):
            if catalog.function(name) or catalog.module(name):
                return True
            if self._surroundings.is_project_function(name):
                return True
        found = names.lookup(node.value, scope) if isinstance(node, cst.Name) else None
        if isinstance(node, cst.Name) and found is not None and not found[0].is_function:
            if any(map(_may_be_function, found[1])):
                atoms = self._surroundings.static(node.value, scope).atoms
                return any(self._leads_to_catalog(atom) for atom in atoms)
        return False

    def _looked_up(self, node: cst.CSTNode, scope: Scope) -> tuple[str, ...]:
        """The dotted names of ``getattr(F, "dropout")``, by the name `getattr`."""
        call = self._functions.tree.parent(node)
        if tail_of(node) != "getattr" or not isinstance(call, cst.Call) or len(call.args) < 2:
            return ()
        name = call.args[1].value
        if not isinstance(name, cst.SimpleString):
            return ()
        bases = self._functions.names.qualified(call.args[0].value, scope)
        return tuple(f"{base}.{name.evaluated_value!s}" for base in bases)

    def _leads_to_catalog(self, atom: Atom) -> bool:
        return isinstance(atom, Instance) or any(map(self._is_function, functions_in(atom)))

    def _is_function(self, atom: Ref | Local) -> bool:
        """Whether a function is one of the catalog, or made by another one around it."""
        if isinstance(atom, Local):
            return atom.name == "<local>"
        return self._catalog.function(atom.name) is not None


def _may_hold(owner: ClassInfo, node: cst.CSTNode) -> bool:
    """Whether an attribute gets a container that is written out."""
    writes = owner.find_writes(tail_of(node))
    return any(isinstance(write.value, (cst.List, cst.Tuple, cst.Dict)) for write in writes)


# What may be a function, or hold some.
_FUNCTIONS = (cst.Call, cst.IfExp, cst.BooleanOperation, cst.Lambda, cst.List, cst.Tuple, cst.Dict)


def _may_be_function(binding: Binding) -> bool:
    """``drop = partial(F.dropout, p=0.3)``, or an import beside a stand-in for it."""
    if binding.kind == "import":
        return not binding.certain
    return isinstance(binding.value, _FUNCTIONS)


def _takes_mode(function: FunctionInfo) -> bool:
    return any(speaks_of_mode(parameter.name.value) for parameter in function.parameters)
