"""The calls in the functions of a file, and the functions and modules of the file they run."""

from __future__ import annotations

from functools import cached_property

import libcst as cst

from dropout_lint.fixing.hazards.module_effects import BuiltModules, Effect
from dropout_lint.fixing.instances.inheritance import is_base_or_subclass
from dropout_lint.fixing.instances.nodes import bindings_of, innermost_function
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import walk


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
        calls: set[cst.CSTNode] = {site.node for site in self.model.sites}
        return calls | {site.call for site in self.model.sites if site.call is not None}

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

    def callees(self, call: cst.Call, caller: FunctionInfo) -> list[FunctionInfo]:
        """The functions of the file that a call may run."""
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
        return list(self.modules.forwards(func, scope))

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

    def module_effects(self, call: cst.Call, function: FunctionInfo) -> list[Effect]:
        """What each module that a call may run does to its input."""
        return self.modules.effects(call.func, self.scope_of(call, function))
