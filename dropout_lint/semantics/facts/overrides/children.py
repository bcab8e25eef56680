"""The children of a class that an override has to tell, and those that are meant to stay behind."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from dropout_lint.semantics.facts.dropping import builds_dropout, class_drops
from dropout_lint.semantics.facts.recurrent import has_one_layer
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.tree import chain_of, tail_of, walk

# What a class does with a child that it keeps out of training.
_FREEZES = frozenset({"eval", "requires_grad_", "requires_grad"})


def depends_on_mode(model: SemanticModel, info: ClassInfo) -> bool:
    """Whether the class itself asks for the mode or has dropout; else its children are all."""
    if any(member.reads_training for member in info.lineage) or class_drops(model, info):
        return True
    return any(
        has_one_layer(model, called) is False
        for function in model.functions
        if function.owner in info.lineage and function.builds
        for called in model.alone(function, True).calls
    )


def dropping_children(model: SemanticModel, info: ClassInfo) -> list[str]:
    """The children that the class builds with dropout in them and never freezes."""
    frozen = _frozen(info)
    names: dict[str, None] = {}
    for member in info.lineage:
        for name, writes in member.writes.items():
            for write in writes:
                if write.value is None or write.method is None or name in frozen:
                    continue
                scope = model.names.scopes[write.method]
                if builds_dropout(model, write.value, scope):
                    names[name] = None
    return list(names)


def _frozen(info: ClassInfo) -> set[str]:
    """The children that some method puts into eval mode or keeps from learning."""
    frozen: set[str] = set()
    for member in info.lineage:
        for method in member.methods.values():
            for node in walk(method):
                if isinstance(node, cst.Attribute) and node.attr.value in _FREEZES:
                    frozen |= _attributes(chain_of(node.value))
                elif isinstance(node, cst.For):  # for p in self.stem.parameters():
                    tails = {tail_of(below) for below in walk(node.body)}
                    frozen |= _attributes(walk(node.iter)) if tails & _FREEZES else set()
    return frozen


def _attributes(nodes: Iterable[cst.CSTNode]) -> set[str]:
    return {node.attr.value for node in nodes if isinstance(node, cst.Attribute)}
