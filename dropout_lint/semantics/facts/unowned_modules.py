"""Modules built outside of any instance: at class level, or at the top of the file.

`nn.Module` registers what is set on an instance. A module that is an attribute of the class, or a
global, is nobody's child, so ``eval()`` never reaches it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from dropout_lint.semantics.facts.dropping import builds_dropout
from dropout_lint.semantics.interpreter.guards import FREE
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import chain_of


@dataclass(frozen=True)
class UnownedModule:
    """A name that holds such a module. ``level`` says where it is built, in words."""

    target: cst.CSTNode
    name: str
    level: str


def unowned_modules(model: SemanticModel) -> Iterator[UnownedModule]:
    """Those that run in eval mode as they are: called in a method of a module, behind no guard."""
    for info in model.classes:
        for name, writes in info.writes.items() if info.is_module else ():
            write = writes[0]
            if len(writes) == 1 and write.method is None and isinstance(write.value, cst.Call):
                if builds_dropout(model, write.value, info.scope):
                    if _attribute_runs(model, info, name):
                        yield UnownedModule(write.target, name, "class level")
    top = model.names.module
    for name, bindings in top.bindings.items():
        binding = bindings[0]
        if len(bindings) == 1 and isinstance(binding.value, cst.Call):
            if builds_dropout(model, binding.value, top):
                if _global_runs(model, name, binding.node):
                    yield UnownedModule(binding.node, name, "module level")


def _attribute_runs(model: SemanticModel, info: ClassInfo, name: str) -> bool:
    """Whether ``self.name(…)`` runs in eval mode, and nothing else happens to the attribute."""
    runs = False
    for node, scope in model.names.mentions:
        chain = chain_of(node)
        if not any(isinstance(n, cst.Attribute) and n.attr.value == name for n in chain):
            continue
        function = _calling_function(model, node, scope)
        if function is None or not isinstance(node, cst.Attribute) or node.attr.value != name:
            return False
        if function.owner is not None and model.classes.are_related(info, function.owner):
            runs = runs or model.run(function, False).read.get(name) == FREE
    return runs


def _global_runs(model: SemanticModel, name: str, binding: cst.CSTNode) -> bool:
    """Whether ``name(…)`` runs in eval mode in a method, and nothing else happens to the global."""
    runs = False
    for node, scope in model.names.mentions:
        root = chain_of(node)[-1]
        if not isinstance(root, cst.Name) or root.value != name or node is binding:
            continue
        bound = model.names.lookup(name, scope)
        if bound is None or bound[0] is not model.names.module:
            continue
        function = _calling_function(model, node, scope)
        if function is None or node is not root:
            return False
        calls = [c for c in model.run(function, False).calls if c.node.func is node]
        runs = runs or (function.in_module and any(call.guards == FREE for call in calls))
    return runs


def _calling_function(model: SemanticModel, node: cst.CSTNode, scope: Scope) -> FunctionInfo | None:
    """The function that calls what a node names, if it does not serve the construction."""
    parent = model.tree.parent(node)
    function = model.functions.of_scope(scope)
    if not isinstance(parent, cst.Call) or parent.func is not node or function is None:
        return None
    return None if model.functions.serves_building(function) else function
