"""How a file spells a class or a function of torch, where it is surely imported."""

from __future__ import annotations

from typing import NamedTuple

import libcst as cst

from dropout_lint.diagnostics import Edit
from dropout_lint.fixing.edits.layout import line_end, line_start, newline_at
from dropout_lint.fixing.instances.attributes import AttributeUses
from dropout_lint.fixing.instances.nodes import scope_around
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


class Spelled(NamedTuple):
    """How a call names a function, and the edits that import what the file does not have yet."""

    code: str
    edits: tuple[Edit, ...] = ()


def function_spelling(
    model: SemanticModel, name: str, function: FunctionInfo, call: cst.Call
) -> Spelled | None:
    """The spelling of a function of ``torch.nn.functional`` at a call in a method.

    With an ``F`` of the file, else with one that is imported, else by way of ``nn`` or ``torch``.
    """
    module, _, tail = name.rpartition(".")
    scope, owner = scope_around(model, call), function.owner
    if owner is None or scope is None or not tail:
        return None
    found = _by_way_of(model, module, name, owner, scope)
    if found is not None:
        return Spelled(found)
    anchor = _torch_import(model, owner)
    if module == "torch.nn.functional" and anchor is not None and _is_free(model, "F"):
        newline = newline_at(model.tree.text, anchor)
        return Spelled(f"F.{tail}", (Edit(anchor, anchor, f"import {module} as F{newline}"),))
    for way in ("torch.nn", "torch"):
        found = _by_way_of(model, way, name, owner, scope)
        if found is not None:
            return Spelled(found)
    return None


def _by_way_of(
    model: SemanticModel, module: str, name: str, owner: ClassInfo, scope: Scope
) -> str | None:
    """The spelling of a function by a name of the file for a module that it is in."""
    for bound, bindings in model.names.module.bindings.items():
        if not all(b.kind == "import" and b.qualified == module for b in bindings):
            continue
        code = bound + name.removeprefix(module)
        found = model.names.lookup(bound, scope)
        if found is None or found[0] is not model.names.module:
            continue
        if model.names.qualified(cst.parse_expression(code), scope) != (name,):
            continue
        if _is_surely_bound(model, bound, owner):
            return code
    return None


def _is_free(model: SemanticModel, name: str) -> bool:
    """Whether a name means nothing anywhere in the file."""
    names = model.names
    return (
        not names.module.stars
        and not any(name in scope.bindings for scope in names.scopes.values())
        and not any(type(n) is cst.Name and n.value == name for n in names.scope_at)
    )


def _torch_import(model: SemanticModel, owner: ClassInfo) -> int | None:
    """Where a further import of torch belongs: below ``import torch``, above ``from torch …``."""
    tree, below, above = model.tree, None, None
    for line in tree.module.body:
        if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
            continue
        statement = line.body[0]
        start, end = tree.span(statement)
        if start > tree.span(owner.node)[0]:
            break
        if isinstance(statement, cst.Import) and _is_torch(statement.names[0].name):
            end = line_end(tree.text, end)
            below = end + len(newline_at(tree.text, end))
        elif isinstance(statement, cst.ImportFrom) and above is None and not statement.relative:
            if statement.module is not None and _is_torch(statement.module):
                above = line_start(tree.text, start)
    return below if below is not None else above


def _is_torch(node: cst.CSTNode) -> bool:
    while isinstance(node, cst.Attribute):
        node = node.value
    return isinstance(node, cst.Name) and node.value == "torch"


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
