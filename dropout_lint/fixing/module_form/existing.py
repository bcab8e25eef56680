"""Modules that a class already has and that a fix may use: built once, and only ever called."""

from __future__ import annotations

import libcst as cst

from dropout_lint.fixing.module_form.attributes import Index, assigned, owner_of, touches_of
from dropout_lint.fixing.module_form.constructor import first_run
from dropout_lint.fixing.module_form.inheritance import family
from dropout_lint.fixing.module_form.module_twin import Twin
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, Write


def existing(model: SemanticModel, owner: ClassInfo, twin: Twin) -> str | None:
    """An attribute that holds just this module from ``__init__`` on, and is only ever called."""
    kin = family(model, owner)
    for info in owner.lineage:
        for name, writes in info.writes.items():
            if (
                _builds(model, info, writes[0], twin)
                and len(touches_of(model, kin, name)) == 1
                and not any(name in other.scope.bindings for other in kin)
                and _is_only_applied(model, name)
            ):
                return name
    return None


def _is_only_applied(model: SemanticModel, name: str) -> bool:
    """Whether every mention of an attribute in the file assigns it, calls it or reads its rate."""
    for node in Index.of(model).attributes(name):
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


def _builds(model: SemanticModel, info: ClassInfo, write: Write, twin: Twin) -> bool:
    value, method = write.value, write.method
    if not isinstance(value, cst.Call) or method is None or method.name.value != "__init__":
        return False
    statement = model.tree.parent(model.tree.parent(write.target) or method)
    line = model.tree.parent(statement) if statement is not None else None
    if line is None or model.tree.parent(line) is not method.body:
        return False
    scope = model.names.scopes[method]
    if model.names.qualified(value.func, scope) != (twin.name,):
        return False
    given = [model.tree.outer_code(arg.value) for arg in value.args]
    plain = all(arg.keyword is None or arg.keyword.value == "p" for arg in value.args)
    if not plain or twin.flags or given != ([twin.rate] if twin.rate else []):
        return False
    built = model.tree.span(value)[0]
    run = first_run(model, info, method)
    if run is not None and model.tree.span(run)[0] < built:
        return False
    return all(
        model.tree.span(other.target)[0] < built
        for need in twin.needs
        for other in info.writes.get(need, ())
    )
