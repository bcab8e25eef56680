"""The values of names that are no local variables: of the module, of builtins, of outer scopes."""

from __future__ import annotations

import builtins

import libcst as cst

from dropout_lint.semantics.interpreter.evaluator import Evaluator
from dropout_lint.semantics.interpreter.surroundings import Surroundings
from dropout_lint.semantics.interpreter.values import (
    NONE,
    UNKNOWN,
    Attribute,
    Local,
    Parameter,
    Ref,
    Value,
)
from dropout_lint.semantics.interprocedural.attributes import is_switch
from dropout_lint.semantics.syntax.names import Binding, Scope, imported_by


class StaticNames:
    """The values of one file's names, by scope."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._values: dict[tuple[str, Scope], Value] = {}

    def value(self, name: str, scope: Scope) -> Value:
        """The value of a name as seen from a scope."""
        names = self._surroundings.functions.names
        found = names.lookup(name, scope)
        if found is None:
            starred = names.from_star(name, scope)
            if starred:
                return Value.of(Ref(starred))
            return Value.of(Ref(f"builtins.{name}")) if hasattr(builtins, name) else UNKNOWN
        where, bindings = found
        key = (name, where)
        if key not in self._values:
            self._values[key] = UNKNOWN  # for a name that is defined by itself
            values = [self._bound(binding, where) for binding in bindings]
            value = Value.join([value for value in values if value != NONE] or values)
            is_global_switch = where.parent is None and is_switch(name, value)
            self._values[key] = Value.of(Attribute(name)) if is_global_switch else value
        return self._values[key]

    def _bound(self, binding: Binding, where: Scope) -> Value:
        node = binding.node
        if binding.kind == "import":
            return Value.of(Ref(self._surroundings.catalog_name(binding.qualified)))
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            return Value.of(Local(node.name.value, node))
        if isinstance(node, cst.Param):
            return Value.of(Parameter(node.name.value))
        if isinstance(binding.value, cst.Call) and (imported := imported_by(binding.value)):
            return Value.of(Ref(self._surroundings.catalog_name(imported)))
        if isinstance(binding.value, cst.Lambda):
            return Value.of(Local("<local>", binding.value))
        if binding.value is not None:
            return Evaluator(self._surroundings, where).eval(binding.value)
        return UNKNOWN
