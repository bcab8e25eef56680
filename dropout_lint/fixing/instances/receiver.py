"""Whether a method's instance can be reached at a node, and under which name."""

from __future__ import annotations

import libcst as cst

from dropout_lint.fixing.instances.attributes import AttributeUses
from dropout_lint.fixing.instances.inheritance import related_classes
from dropout_lint.fixing.instances.nodes import scope_around
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo


def visible_self(model: SemanticModel, function: FunctionInfo, node: cst.CSTNode) -> str | None:
    """The name of the function's instance at a node; None if it cannot be reached there."""
    own = function.self_name
    if own is None:
        return None
    scope = scope_around(model, node)
    found = model.names.lookup(own, scope) if scope is not None else None
    if found is None or found[0] is not function.scope or found[1][-1].kind != "parameter":
        return None
    deletions = AttributeUses.of(model).deletions(own)
    if any(model.functions.around(name) is function for name in deletions):
        return None
    return own if own == "self" or _is_an_instance(model, function) else None


def _is_an_instance(model: SemanticModel, function: FunctionInfo) -> bool:
    """Whether every caller passes an instance to a first parameter that is not called self."""
    owner = function.owner
    if owner is None or function.name in owner.writes:  # drop = staticmethod(drop)
        return False
    related = related_classes(model, owner)
    for node, scope in model.names.mentions_of(function.name):
        if not isinstance(node, cst.Attribute):
            continue
        if model.classes.resolve(node.value, scope) not in related:
            continue
        call, caller = model.tree.parent(node), model.functions.of_scope(scope)
        if not isinstance(call, cst.Call) or call.func is not node or not call.args:
            return False
        if caller is None or not is_self(call.args[0].value, caller.self_name):
            return False
    return True
