"""Whether the attributes that a class sets are used anywhere in the file."""

from __future__ import annotations

from collections import Counter

import libcst as cst

from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.tree import children, walk

# Bases whose own code asks for no attribute that a subclass might call its dropout.
_BASES = frozenset({"Module", "LightningModule", "PreTrainedModel", "GradientCheckpointingLayer"})
# What finds modules without naming them.
_FINDERS = frozenset(
    "children named_children _modules __dict__ get_submodule __getattr__ __getattribute__".split()
)


def count_uses(model: SemanticModel) -> Counter[str]:
    """How often each name is read as an attribute, or stands in a string of its own."""
    found: Counter[str] = Counter()
    for node in walk(model.tree.module):
        if isinstance(node, cst.Attribute):
            if not isinstance(model.tree.parent(node), (cst.AssignTarget, cst.AnnAssign)):
                found[node.attr.value] += 1
        elif isinstance(node, cst.SimpleString) and isinstance(node.evaluated_value, str):
            found.update(node.evaluated_value.split("."))
    return found


def names_all_it_uses(model: SemanticModel, info: ClassInfo) -> bool:
    """Whether all code that works on an instance can be seen, and names what it uses."""
    if info.dynamic or info.find_method("forward") is None or _is_abstract(info):
        return False
    if not all(base and base.rpartition(".")[2] in _BASES for base in info.foreign_bases):
        return False
    places = model.functions.places
    for part in (*info.lineage, *info.derived):
        body = part.node.body
        if any(places.attributes(name, body) for name in _FINDERS):
            return False
        for name in ("getattr", "vars", "attrgetter"):
            for node in places.names(name, body):
                call = model.tree.parent(node)
                if isinstance(call, cst.Call) and call.func is node:
                    return False
    return True


def _is_abstract(info: ClassInfo) -> bool:
    forward = info.find_method("forward")
    body = forward.body.body if forward is not None else ()
    return any(isinstance(part, cst.Raise) for line in body for part in children(line))
