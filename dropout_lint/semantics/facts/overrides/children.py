"""The children of a class that an override has to tell, and those that are meant to stay behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from weakref import WeakKeyDictionary

import libcst as cst

from dropout_lint.semantics.facts.dropping import builds_dropout, class_drops
from dropout_lint.semantics.facts.recurrent import has_one_layer
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import chain_of, tail_of, walk

# What a class does with a child that it keeps out of training.
_FREEZES = frozenset({"eval", "requires_grad_", "requires_grad"})
# Layers of torch that do the same in both modes, by what their names begin with.
_WITHOUT_MODE = ("LSTM", "GRU", "RNN", "Linear", "Bilinear", "Conv", "Embedding", "LayerNorm")


def depends_on_mode(model: SemanticModel, info: ClassInfo) -> bool:
    """Whether the class itself asks for the mode or has dropout; else its children are all."""
    return asks_for_mode(model, info) or class_drops(model, info) or bool(_recurrent(model, info))


def asks_for_mode(model: SemanticModel, info: ClassInfo) -> bool:
    """Whether the class itself asks for the mode or drops, whatever its children do."""
    return any(member.reads_training for member in info.lineage) or any(
        site.function.owner in info.lineage for site in model.sites
    )


def may_drop(model: SemanticModel, info: ClassInfo, name: str) -> bool:
    """Whether a child may depend on its mode: not so if it is a layer of torch that does not."""
    if name in dropping_children(model, info):
        return True
    writes = info.find_writes(name)
    return not writes or not all(
        isinstance(write.value, cst.Call)
        and write.method is not None
        and any(
            _is_plain_layer(layer)
            for layer in model.names.qualified(write.value.func, model.names.scopes[write.method])
        )
        for write in writes
    )


def is_built(info: ClassInfo, name: str) -> bool:
    """Whether the class builds what an attribute holds, by a call of what is named like a class."""
    built = (write.value for write in info.find_writes(name))
    tails = (tail_of(value.func) for value in built if isinstance(value, cst.Call))
    return any(tail[:1].isupper() and tail != "Parameter" for tail in tails)


def _is_plain_layer(name: str) -> bool:
    """Whether a dotted name is a layer of torch without a mode."""
    layer = name.rpartition(".")[2]
    return name.startswith("torch.nn.") and layer.startswith(_WITHOUT_MODE)


def _recurrent(model: SemanticModel, info: ClassInfo) -> set[str]:
    """The children that are recurrent layers with dropout between their layers."""
    calls = {
        called.node
        for member in info.lineage
        for function in _building(model).get(member, ())
        for called in model.alone(function, True).calls
        if has_one_layer(model, called) is False
    }
    return {
        name
        for member in info.lineage
        for name, writes in member.writes.items()
        if any(write.value in calls for write in writes)
    }


def dropping_children(model: SemanticModel, info: ClassInfo) -> list[str]:
    """The children that the class builds with dropout in them and never freezes."""
    frozen = _frozen(info)
    names = dict.fromkeys(_recurrent(model, info) - frozen)
    for member in info.lineage:
        for name, writes in member.writes.items():
            for write in writes:
                if write.value is None or write.method is None or name in frozen:
                    continue
                scope = model.names.scopes[write.method]
                if builds_dropout(model, write.value, scope):
                    names[name] = None
    return list(names)


def _building(model: SemanticModel) -> Mapping[ClassInfo, Sequence[FunctionInfo]]:
    """The functions that build the instances of each class of the file."""
    if model not in _builders:
        building: dict[ClassInfo, list[FunctionInfo]] = {}
        for function in model.functions:
            if function.owner is not None and function.builds:
                building.setdefault(function.owner, []).append(function)
        _builders[model] = building
    return _builders[model]


def _frozen(info: ClassInfo) -> set[str]:
    """The children that some method puts into eval mode or keeps from learning."""
    return set().union(*map(_frozen_by, info.lineage))


def _frozen_by(member: ClassInfo) -> set[str]:
    """The children that a method of one class does that to."""
    if member in _known:
        return _known[member]
    frozen: set[str] = set()
    for method in member.methods.values():
        for node in walk(method):
            if isinstance(node, cst.Attribute) and node.attr.value in _FREEZES:
                frozen |= _attributes(chain_of(node.value))
            elif isinstance(node, cst.For):  # for p in self.stem.parameters():
                tails = {tail_of(below) for below in walk(node.body)}
                frozen |= _attributes(walk(node.iter)) if tails & _FREEZES else set()
    _known[member] = frozen
    return frozen


_builders: WeakKeyDictionary[SemanticModel, dict[ClassInfo, list[FunctionInfo]]] = (
    WeakKeyDictionary()
)
_known: WeakKeyDictionary[ClassInfo, set[str]] = WeakKeyDictionary()


def _attributes(nodes: Iterable[cst.CSTNode]) -> set[str]:
    return {node.attr.value for node in nodes if isinstance(node, cst.Attribute)}
