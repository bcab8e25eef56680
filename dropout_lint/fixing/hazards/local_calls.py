"""The calls in the functions of a file, and the functions and modules of the file they run."""

from __future__ import annotations

from functools import cached_property

import libcst as cst

from dropout_lint.catalog import CatalogFunction
from dropout_lint.fixing.hazards.built_modules import BuiltModules
from dropout_lint.fixing.instances.inheritance import is_base_or_subclass
from dropout_lint.fixing.instances.nodes import bindings_of, innermost_function
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import walk


def may_return_its_input(site: Site) -> bool:
    """Whether a site returns its input where it is off: no attention, whose result is new."""
    return not isinstance(site.row, CatalogFunction) or site.row.mode is not None


class LocalCalls:
    """The call sites of one file and their callees in it."""

    def __init__(self, model: SemanticModel) -> None:
        self.model = model
        self.modules = BuiltModules(model)

    def scope_of(self, call: cst.Call, function: FunctionInfo) -> Scope:
        """The scope in which a call of a function looks names up."""
        return self.model.names.scope_at.get(call, function.scope)

    @cached_property
    def drops(self) -> set[cst.CSTNode]:
        """The calls that drop, under any name: partials, choices, functions of the project."""
        sites = [s for s in self.model.sites if may_return_its_input(s)]
        calls: set[cst.CSTNode] = {site.node for site in sites}
        return calls | {site.call for site in sites if site.call is not None}

    def is_drop(self, call: cst.Call, function: FunctionInfo) -> bool:
        """Whether a call may drop and return its input: no attention, whose result is new."""
        if call in self.drops:
            return True
        names = self.model.names.qualified(call.func, self.scope_of(call, function))
        rows = (self.model.catalog.function(name) for name in names)
        return any(row is not None and row.mode is not None for row in rows)

    @cached_property
    def callers(self) -> dict[FunctionInfo, dict[FunctionInfo, set[cst.CSTNode]]]:
        """For each function its callers in the file, each with its call sites."""
        callers: dict[FunctionInfo, dict[FunctionInfo, set[cst.CSTNode]]] = {}
        for caller in self.model.functions:
            for node in walk(caller.node.body):
                if isinstance(node, cst.Call):
                    for function in self.callees(node, caller):
                        callers.setdefault(function, {}).setdefault(caller, set()).add(node)
        return callers

    @cached_property
    def of_the_file(self) -> dict[FunctionInfo, set[cst.CSTNode]]:
        """For each function its calls that may run a function of the file."""
        calls: dict[FunctionInfo, set[cst.CSTNode]] = {}
        for callers in self.callers.values():
            for caller, nodes in callers.items():
                calls.setdefault(caller, set()).update(nodes)
        return calls

    def callees(self, call: cst.Call, caller: FunctionInfo) -> list[FunctionInfo]:
        """The functions of the file that a call may run, also as ``forward`` of a module."""
        functions = self.functions(call, caller)
        if functions:
            return functions
        built = self.modules.built(call.func, self.scope_of(call, caller))
        forwards = (self.modules.forward(module) for module in built if module is not None)
        return [function for function in forwards if function is not None]

    def functions(self, call: cst.Call, caller: FunctionInfo) -> list[FunctionInfo]:
        """The functions and methods of the file that a call may run, by their names."""
        func, model = call.func, self.model
        scope = self.scope_of(call, caller)
        if isinstance(func, cst.Attribute) and is_self(func.value, caller.self_name):
            name = func.attr.value
            if caller.owner is not None and caller.owner.find_method(name) is not None:
                return [
                    function
                    for function in model.functions
                    if function.name == name and is_base_or_subclass(function.owner, caller.owner)
                ]
        if isinstance(func, cst.Name):
            for binding in bindings_of(model, func.value, scope):
                function = model.functions.by_node.get(binding.node)
                if function is not None:
                    return [function]
        return []

    def nested(self, call: cst.Call, function: FunctionInfo) -> cst.FunctionDef | cst.Lambda | None:
        """The function or lambda nested in a function that a call runs, by its name."""
        if not isinstance(call.func, cst.Name):
            return None
        found = self.model.names.lookup(call.func.value, self.scope_of(call, function))
        if found is None or found[0] is self.model.names.module:
            return None
        for binding in found[1]:
            for node in (binding.node, binding.value):
                if isinstance(node, (cst.FunctionDef, cst.Lambda)):
                    return node
        return None

    def with_nested(self, call: cst.Call, function: FunctionInfo) -> set[cst.CSTNode]:
        """The call and the calls of the nested function around it, whose result is the same."""
        calls: set[cst.CSTNode] = {call}
        queue = [call]
        while queue:
            inner = innermost_function(self.model.tree, queue.pop())
            if inner is None or inner is function.node:
                continue
            for node in walk(function.node.body):
                if isinstance(node, cst.Call) and node not in calls:
                    if self.nested(node, function) is inner:
                        calls.add(node)
                        queue.append(node)
        return calls
