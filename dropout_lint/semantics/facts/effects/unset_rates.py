"""Rates on self that nothing sets: the line that reads one cannot run."""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.tree import tail_of, walk

_COMPUTED = frozenset({"setattr", "vars", "update", "__setattr__", "exec"})


def remark_on_rate(model: SemanticModel, site: Site) -> str:
    """What to add to a message on a call whose rate is an attribute that nothing sets."""
    rate = site.rate.node.value if site.rate is not None else None
    owner = site.function.owner
    if not isinstance(rate, cst.Attribute) or owner is None:
        return ""
    name = rate.attr.value
    if is_self(rate.value, site.function.self_name) and _is_never_set(model, owner, name):
        return f". Nothing in this file sets `{model.tree.code(rate)}`"
    return ""


def _is_never_set(model: SemanticModel, owner: ClassInfo, name: str) -> bool:
    """Whether a class has a constructor, and neither it nor anything else sets an attribute."""
    constructor = owner.find_method("__init__")
    if set(owner.roots) != {"torch.nn.Module"} or owner.derived or constructor is None:
        return False
    if owner.dynamic or owner.imported or owner.find_method(name) is not None:
        return False
    return not any(_may_set(node, name) for node in walk(model.tree.module))


def _may_set(node: cst.CSTNode, name: str) -> bool:
    """Whether a node assigns to a name, names it in a string, or sets attributes unseen."""
    if isinstance(node, (cst.AssignTarget, cst.AnnAssign, cst.For, cst.AugAssign)):
        return any(_is_called(part, name) for part in walk(node.target))
    if isinstance(node, cst.SimpleString):
        return node.raw_value == name
    if isinstance(node, cst.Call):
        return tail_of(node.func) in _COMPUTED
    return isinstance(node, cst.Attribute) and node.attr.value == "__dict__"


def _is_called(node: cst.CSTNode, name: str) -> bool:
    if isinstance(node, cst.Attribute):
        return node.attr.value == name
    return isinstance(node, cst.Name) and node.value == name
