"""How a file spells a class or a function of torch, where it is surely imported."""

from __future__ import annotations

import libcst as cst

from dropout_lint.fixing.instances.attributes import AttributeUses
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import walk


def class_spelling(model: SemanticModel, name: str, owner: ClassInfo) -> str | None:
    """The spelling of a module class in ``__init__``: ``nn.Dropout``, ``torch.nn.Dropout``.

    None where the file surely imports neither ``nn`` nor ``torch``.
    """
    tail = name.rpartition(".")[2]
    candidates: list[str] = []
    for bound, bindings in model.names.module.bindings.items():
        for binding in bindings:
            if binding.kind != "import":
                continue
            if binding.qualified == "torch.nn":
                candidates.append(f"{bound}.{tail}")
            elif binding.qualified == "torch":
                candidates.append(f"{bound}.nn.{tail}")
            elif model.names.qualified(cst.Name(bound), model.names.module) == (name,):
                candidates.insert(0, bound)
    if any(star in ("torch.nn", "torch.nn.modules") for star in model.names.module.stars):
        candidates.append(tail)
    if model.names.module.stars:  # `from .common import *` may bring the `nn` of the base
        candidates += [f"{root}.{tail}" for root in _base_roots(owner)]
    candidates.sort(key=lambda code: code.count("."))
    for code in candidates:
        if _is_class(model, code, name, owner) and _is_surely_bound(
            model, code.partition(".")[0], owner
        ):
            return code
    return None


def _base_roots(owner: ClassInfo) -> list[str]:
    """The names before the dot of a class's bases: ``nn`` of ``nn.Module``."""
    bases = [argument.value for argument in owner.node.bases]
    dotted = [base.value for base in bases if isinstance(base, cst.Attribute)]
    return [root.value for root in dotted if isinstance(root, cst.Name)]


def function_spelling(
    model: SemanticModel, name: str, function: FunctionInfo, call: cst.Call
) -> str | None:
    """The spelling of a function at a call, with an ``F`` of the file; None without one."""
    module, _, tail = name.rpartition(".")
    scope = model.names.scope_at.get(call.args[0].value)
    if function.owner is None or scope is None:
        return None
    for bound, bindings in model.names.module.bindings.items():
        if not all(b.kind == "import" and b.qualified == module for b in bindings):
            continue
        code = f"{bound}.{tail}"
        found = model.names.lookup(bound, scope)
        if found is None or found[0] is not model.names.module:
            continue
        if model.names.qualified(cst.parse_expression(code), scope) != (name,):
            continue
        if _is_surely_bound(model, bound, function.owner):
            return code
    return None


def _is_class(model: SemanticModel, code: str, name: str, owner: ClassInfo) -> bool:
    """Whether an expression is the class ``name`` in ``__init__``, by a name of the module."""
    init = owner.methods.get("__init__")
    scope: Scope | None = model.names.scopes[init] if init is not None else owner.scope.parent
    assert scope is not None
    node = cst.parse_expression(code)
    if model.names.qualified(node, scope) != (name,):
        return False
    found = model.names.lookup(code.partition(".")[0], scope)
    return found is None or found[0] is model.names.module


def _is_surely_bound(model: SemanticModel, name: str, owner: ClassInfo) -> bool:
    """Whether a name of the module surely has its meaning when an instance is built.

    It is imported on every path before the class, or the class itself needs it. It is never
    deleted.
    """
    if AttributeUses.of(model).deletions(name):
        return False
    bindings = model.names.module.bindings.get(name, [])
    start = model.tree.span(owner.node)[0]
    if all(b.certain and model.tree.span(b.node)[0] < start for b in bindings):
        return True
    init = owner.methods.get("__init__")
    surely: list[cst.CSTNode] = [arg.value for arg in owner.node.bases]
    if init is not None and isinstance(init.body, cst.IndentedBlock):
        surely += [s for s in init.body.body if isinstance(s, cst.SimpleStatementLine)]
    return any(
        isinstance(node, cst.Name) and node.value == name and node in model.names.scope_at
        for part in surely
        for node in walk(part)
    )
