"""Small facts about nodes: targets, strings, ``super()`` calls, and what is around a node."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.names import Binding, Scope
from dropout_lint.semantics.syntax.tree import Tree


def single_targets(target: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The single targets of an assignment target: ``a, (b, *c)`` has three."""
    if isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from single_targets(element.value)
    else:
        yield target


def assigned(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The single targets that a statement or clause assigns or deletes."""
    if isinstance(
        node, (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.For, cst.CompFor, cst.Del)
    ):
        yield from single_targets(node.target)
    elif isinstance(node, cst.WithItem) and node.asname is not None:
        yield from single_targets(node.asname.name)


def string_of(node: cst.CSTNode | None) -> str | None:
    """The text of a string literal; None for bytes and any other node."""
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None


def bindings_of(model: SemanticModel, name: str, scope: Scope) -> list[Binding]:
    """The bindings that a name in a scope may have; empty if the file binds it nowhere."""
    found = model.names.lookup(name, scope)
    return found[1] if found is not None else []


def path_of(node: cst.CSTNode) -> str:
    """``h`` or ``self.h`` as text; empty for any other node."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name):
        return f"{node.value.value}.{node.attr.value}"
    return ""


def is_super_call(node: cst.CSTNode) -> bool:
    """Whether a node is ``super()`` or ``super(X, self)``."""
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and node.func.value == "super"
    )


def innermost_function(tree: Tree, node: cst.CSTNode) -> cst.FunctionDef | cst.Lambda | None:
    """The function or lambda directly around a node; None outside functions."""
    for above in tree.ancestors(node):
        if isinstance(above, (cst.FunctionDef, cst.Lambda)):
            return above
    return None


def scope_around(model: SemanticModel, node: cst.CSTNode) -> Scope | None:
    """The innermost scope whose definition is around a node."""
    scopes = model.names.scopes
    return next((scopes[above] for above in model.tree.ancestors(node) if above in scopes), None)
