"""How a file names a module class, or a function, where it is surely imported."""

from __future__ import annotations

import libcst as cst

from dropout_lint.fixing.module_form.attributes import Index
from dropout_lint.fixing.module_form.refusal import Refused
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import walk


def spelling(model: SemanticModel, name: str, owner: ClassInfo) -> str:
    """How the file would name the twin: ``nn.Dropout``, ``torch.nn.Dropout``, ``Dropout``."""
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
        candidates += [f"{root}.{tail}" for root in _roots(owner)]
    candidates.sort(key=lambda code: code.count("."))
    for code in candidates:
        if _means(model, code, name, owner) and _is_there(model, code.partition(".")[0], owner):
            return code
    raise Refused("neither `nn` nor `torch` is surely imported in this file")


def _roots(owner: ClassInfo) -> list[str]:
    """What the bases of a class are taken from: ``nn`` of ``nn.Module``."""
    bases = [argument.value for argument in owner.node.bases]
    dotted = [base.value for base in bases if isinstance(base, cst.Attribute)]
    return [root.value for root in dotted if isinstance(root, cst.Name)]


def function_spelling(
    model: SemanticModel, name: str, function: FunctionInfo, call: cst.Call
) -> str | None:
    """How a function of a class would call a function at a place: by an ``F`` that the file has."""
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
        if _is_there(model, bound, function.owner):
            return code
    return None


def _means(model: SemanticModel, code: str, name: str, owner: ClassInfo) -> bool:
    """Whether an expression is the twin where ``__init__`` looks it up: in the module's scope."""
    init = owner.methods.get("__init__")
    scope: Scope | None = model.names.scopes[init] if init is not None else owner.scope.parent
    assert scope is not None
    node = cst.parse_expression(code)
    if model.names.qualified(node, scope) != (name,):
        return False
    found = model.names.lookup(code.partition(".")[0], scope)
    return found is None or found[0] is model.names.module


def _is_there(model: SemanticModel, name: str, owner: ClassInfo) -> bool:
    """Whether a name of the module surely has its meaning when an instance is built.

    It is imported whatever happens, before the class; or the class itself could not be made
    without it. Nobody takes it away again.
    """
    if Index.of(model).deletions(name):
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
