"""Modules of a class that a fix may use: built once in ``__init__``, and only called."""

from __future__ import annotations

import libcst as cst

from dropout_lint.fixing.instances.attributes import AttributeUses, owner_of, writes_to
from dropout_lint.fixing.instances.inheritance import related_classes
from dropout_lint.fixing.instances.nodes import assigned
from dropout_lint.fixing.module_form.constructor import first_run
from dropout_lint.fixing.module_form.equivalent_module import EquivalentModule
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, Write


def existing(model: SemanticModel, owner: ClassInfo, module: EquivalentModule) -> str | None:
    """The attribute that ``__init__`` sets to such a module and the file only calls, if any."""
    related = related_classes(model, owner)
    for info in owner.lineage:
        for name, writes in info.writes.items():
            if (
                _builds(model, info, writes[0], module)
                and len(writes_to(model, related, name)) == 1
                and not any(name in other.scope.bindings for other in related)
                and _is_only_applied(model, name)
            ):
                return name
    return None


def _is_only_applied(model: SemanticModel, name: str) -> bool:
    """Whether every mention of an attribute in the file assigns it, calls it or reads its rate."""
    for node in AttributeUses.of(model).mentions(name):
        parent = model.tree.parent(node)
        if isinstance(parent, cst.Call) and parent.func is node:
            continue
        if isinstance(parent, cst.Attribute) and parent.attr.value == "p":
            above = model.tree.parent(parent)
            if above is None or parent not in assigned(above):
                continue
        owner = owner_of(model, node.value)
        if not isinstance(parent, (cst.AssignTarget, cst.AnnAssign)) or owner is None:
            return False
    return True


def _builds(model: SemanticModel, info: ClassInfo, write: Write, module: EquivalentModule) -> bool:
    """Whether a write of ``__init__`` surely sets its attribute to such a module."""
    value, method = write.value, write.method
    if not isinstance(value, cst.Call) or method is None or method.name.value != "__init__":
        return False
    statement = model.tree.parent(model.tree.parent(write.target) or method)
    line = model.tree.parent(statement) if statement is not None else None
    if line is None or model.tree.parent(line) is not method.body:
        return False
    scope = model.names.scopes[method]
    if model.names.qualified(value.func, scope) != (module.name,):
        return False
    given = [model.tree.outer_code(arg.value) for arg in value.args]
    plain = all(arg.keyword is None or arg.keyword.value == "p" for arg in value.args)
    if not plain or module.flags or given != ([module.rate] if module.rate else []):
        return False
    built = model.tree.span(value)[0]
    run = first_run(model, info, method)
    if run is not None and model.tree.span(run)[0] < built:
        return False
    return all(
        model.tree.span(other.target)[0] < built
        for need in module.needs
        for other in info.writes.get(need, ())
    )
