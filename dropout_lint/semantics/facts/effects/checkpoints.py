"""Activation checkpointing that draws other masks when it computes again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from dropout_lint.semantics.facts.dropping import builds_dropout, class_drops
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import tail_of, walk

_WORD = "preserve_rng_state"
_PLACE = "torch.utils.checkpoint."
_NAMES = frozenset({"checkpoint", "checkpoint_sequential", "checkpoint_wrapper"})
_DEPTH = 4


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The argument ``preserve_rng_state=False``, the call it is for, and what is checkpointed."""

    argument: cst.Arg
    call: cst.Call
    run: cst.BaseExpression
    function: FunctionInfo


def forgetful_checkpoints(model: SemanticModel) -> Iterator[Checkpoint]:
    """The checkpoints of a file that forget the random state, around something that drops."""
    for function in model.functions:
        for node in walk(function.node.body):
            if not isinstance(node, cst.Call):
                continue
            argument = _forgets(model, function, node)
            if argument is None or not _is_checkpoint(model, node.func):
                continue
            run = node.args[0].value if node.args and not node.args[0].star else None
            if run is not None and run is not argument.value:
                if _Runs(model, function).drops(run, 0):
                    yield Checkpoint(argument, node, run, function)


def _forgets(model: SemanticModel, function: FunctionInfo, call: cst.Call) -> cst.Arg | None:
    """The argument that says not to keep the random state: ``False``, or a local that is."""
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value == _WORD:
            value = argument.value
            if isinstance(value, cst.Name) and value.value != "False":
                bound = model.names.lookup(value.value, function.scope)
                single = bound[1][0].value if bound is not None and len(bound[1]) == 1 else None
                value = single if single is not None else value
            is_off = isinstance(value, cst.Name) and value.value == "False"
            return argument if is_off else None
    return None


def _is_checkpoint(model: SemanticModel, node: cst.BaseExpression) -> bool:
    scope = model.names.scope_at.get(node)
    if scope is None:
        return False
    names = [model.project.origin(name) for name in model.names.qualified(node, scope)]
    return any(
        name.rpartition(".")[2] in _NAMES and (name.startswith((_PLACE, "torch.distributed.")))
        for name in names
    )


class _Runs:
    """What a function of the file hands to a checkpoint, and whether that drops."""

    def __init__(self, model: SemanticModel, function: FunctionInfo) -> None:
        self._model = model
        self._function = function
        self._seen: set[cst.CSTNode] = set()

    def drops(self, node: cst.CSTNode, depth: int) -> bool:
        """Whether something that is called may drop in train mode."""
        if depth > _DEPTH or node in self._seen:
            return False
        self._seen.add(node)
        model, function = self._model, self._function
        while isinstance(node, cst.Subscript):
            node = node.value
        if isinstance(node, cst.Lambda):
            return self._body_drops(node.body, depth)
        if isinstance(node, cst.Name):
            return self._name_drops(node, depth)
        if isinstance(node, cst.Attribute) and is_self(node.value, function.self_name):
            return self._attribute_drops(node.attr.value, depth)
        if isinstance(node, cst.Attribute):  # `self.block.forward`, `super().forward`
            is_super = isinstance(node.value, cst.Call) and tail_of(node.value.func) == "super"
            if is_super and function.owner is not None:
                return class_drops(model, function.owner)
            return node.attr.value == "forward" and self.drops(node.value, depth + 1)
        if isinstance(node, cst.Call):  # `partial(self.run, mask)`, `make_custom(self.block)`
            parts = [node.func, *(arg.value for arg in node.args)]
            return any(self.drops(part, depth + 1) for part in parts)
        return False

    def _body_drops(self, body: cst.CSTNode, depth: int) -> bool:
        sites = {s.node for s in self._model.sites if s.active(True) is not None}
        for node in walk(body):
            if node in sites:
                return True
            if isinstance(node, cst.Call) and self.drops(node.func, depth + 1):
                return True
        return False

    def _attribute_drops(self, name: str, depth: int) -> bool:
        owner = self._function.owner
        if owner is None:
            return False
        method = owner.find_method(name)
        if method is not None:
            return self._body_drops(method.body, depth)
        return any(
            isinstance(part, cst.Call)
            and builds_dropout(self._model, part, self._model.names.scopes[write.method])
            for write in owner.find_writes(name)
            if write.method is not None and write.value is not None
            for part in walk(write.value)
        )

    def _name_drops(self, node: cst.Name, depth: int) -> bool:
        if node.value == self._function.self_name and self._function.owner is not None:
            return class_drops(self._model, self._function.owner)
        for loop in self._model.tree.ancestors(node):
            if isinstance(loop, (cst.For, cst.FunctionDef)):
                if isinstance(loop, cst.For) and any(
                    isinstance(part, cst.Name) and part.value == node.value
                    for part in walk(loop.target)
                ):
                    return any(
                        self.drops(part, depth + 1)
                        for part in walk(loop.iter)
                        if isinstance(part, cst.Attribute)
                    )
        bound = self._model.names.lookup(node.value, self._function.scope)
        for binding in bound[1] if bound is not None else ():
            if binding.value is not None:
                if isinstance(binding.value, cst.Call) and builds_dropout(
                    self._model, binding.value, self._function.scope
                ):
                    return True
                return self.drops(binding.value, depth + 1)
            for above in (binding.node, *self._model.tree.ancestors(binding.node)):
                if isinstance(above, cst.FunctionDef) and above.name.value == node.value:
                    return above is not self._function.node and self._body_drops(above.body, depth)
        return False
