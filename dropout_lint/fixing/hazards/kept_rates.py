"""Rates that are shares to keep, passed where the share to drop is wanted: ``keep_prob``."""

from __future__ import annotations

import libcst as cst

from dropout_lint.fixing.instances.nodes import bindings_of, string_of
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import tail_of
from dropout_lint.vocabulary.dropping import is_kept_share

_MAX_STEPS = 4


def kept_share(model: SemanticModel, site: Site) -> str | None:
    """What is wrong with a rate that is called a share to keep; None with any other rate."""
    rate = site.rate
    if rate is None or site.row.rate is None or rate.node not in site.node.args:
        return None
    node, owner = rate.node.value, site.function.owner
    scope = model.names.scope_at.get(node, site.function.scope)
    if not _is_kept(model, node, scope, owner, site.function.self_name, 0):
        return None
    code = model.tree.code(node)
    shown = f"`{code}`" if code.isprintable() else "a share to keep"
    return f"{shown} lands in the place of `{site.row.rate.name}`, the share that is dropped"


def _is_kept(
    model: SemanticModel,
    node: cst.CSTNode | None,
    scope: Scope,
    owner: ClassInfo | None,
    own: str | None,
    steps: int,
) -> bool:
    """Whether an expression is a share to keep, by the name of it or of what it is set to."""
    if steps > _MAX_STEPS or node is None:
        return False
    if isinstance(node, cst.IfExp):
        sides = (node.body, node.orelse)
        return any(_is_kept(model, side, scope, owner, own, steps + 1) for side in sides)
    if isinstance(node, cst.Subscript):
        index = node.slice[0].slice
        key = string_of(index.value) if isinstance(index, cst.Index) else None
        return key is not None and is_kept_share(key)
    if not isinstance(node, (cst.Name, cst.Attribute)):
        return False
    if is_kept_share(tail_of(node)):
        return True
    if isinstance(node, cst.Name):
        bindings = bindings_of(model, node.value, scope)
        return len(bindings) == 1 and _is_kept(
            model, bindings[0].value, scope, owner, own, steps + 1
        )
    writes = owner.find_writes(node.attr.value) if owner and is_self(node.value, own) else []
    return bool(writes) and all(
        write.method is not None
        and _is_kept(model, write.value, model.names.scopes[write.method], owner, own, steps + 1)
        for write in writes
    )
