"""What a call draws with: a function, a method of a tensor, or a distribution that is sampled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from dropout_lint.semantics.facts.tensor_functions import (
    BERNOULLI,
    CHOICES,
    DISTRIBUTIONS,
    INDICES,
    NORMAL,
    UNIFORM,
)
from dropout_lint.semantics.interpreter.run import Called
from dropout_lint.semantics.interpreter.values import Attribute, Ref
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope

NAMES = UNIFORM | NORMAL | BERNOULLI | CHOICES | INDICES
METHODS = frozenset(name for name in NAMES if "." not in name)
SAMPLES = frozenset({"sample", "rsample"})
_PLACE = "torch.distributions."


@dataclass(frozen=True)
class Sampler:
    """The name of a sampler and the arguments that say how it draws.

    ``is_kept`` says that these are settled when the module is built.
    """

    name: str
    arguments: Sequence[cst.Arg]
    is_kept: bool = False

    def argument(self, position: int, *words: str) -> cst.BaseExpression | None:
        """The argument at a position or with one of the names."""
        for at, arg in enumerate(self.arguments):
            if arg.star:
                return None
            if arg.keyword.value in words if arg.keyword is not None else at == position:
                return arg.value
        return None


def sampler_of(model: SemanticModel, function: FunctionInfo, called: Called) -> Sampler | None:
    """What a call draws with; None if it draws nothing."""
    callee = called.callee
    if isinstance(callee, Ref) and callee.name in NAMES:
        return Sampler(callee.name, called.node.args)
    if isinstance(callee, Attribute):
        last = callee.path.rpartition(".")[2]
        if last in METHODS:
            return Sampler(last, called.node.args)
    func = called.node.func
    if isinstance(func, cst.Attribute) and func.attr.value in SAMPLES:
        return _distribution(model, function, func.value)
    return None


def _distribution(
    model: SemanticModel, function: FunctionInfo, node: cst.BaseExpression
) -> Sampler | None:
    """The distribution that an expression stands for: built there, in a local, or on self."""
    if isinstance(node, cst.Call):
        return _built(model, node, function.scope, False)
    if isinstance(node, cst.Name):
        bound = model.names.lookup(node.value, function.scope)
        value = bound[1][0].value if bound is not None and len(bound[1]) == 1 else None
        return _built(model, value, function.scope, False) if bound and value else None
    if isinstance(node, cst.Attribute) and is_self(node.value, function.self_name):
        writes = function.owner.find_writes(node.attr.value) if function.owner is not None else []
        if len(writes) == 1 and writes[0].method is not None and writes[0].value is not None:
            if writes[0].method.name.value == "__init__":
                return _built(model, writes[0].value, model.names.scopes[writes[0].method], True)
    return None


def _built(
    model: SemanticModel, node: cst.BaseExpression, scope: Scope, is_kept: bool
) -> Sampler | None:
    if not isinstance(node, cst.Call):
        return None
    for name in model.names.qualified(node.func, scope):
        tail = name.rpartition(".")[2]
        if name.startswith(_PLACE) and tail in DISTRIBUTIONS:
            return Sampler(DISTRIBUTIONS[tail], node.args, is_kept)
    return None
