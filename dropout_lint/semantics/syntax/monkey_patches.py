"""Functions that a file puts on a module or its class: ``Block.forward = forward``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import libcst as cst

from dropout_lint.semantics.project.known_bases import is_plain_base
from dropout_lint.semantics.syntax.classes import Classes
from dropout_lint.semantics.syntax.function_info import FunctionInfo
from dropout_lint.semantics.syntax.names import Names, Scope, placed_parameters
from dropout_lint.semantics.syntax.tree import Tree, tail_of

# Parts of the names of the methods by which a module is recognised.
_METHODS = ("forward", "attn", "attention")


class _Functions(Protocol):
    @property
    def tree(self) -> Tree: ...

    @property
    def names(self) -> Names: ...

    @property
    def classes(self) -> Classes: ...

    @property
    def by_node(self) -> Mapping[cst.CSTNode | None, FunctionInfo]: ...


def put_on_modules(functions: _Functions) -> Iterator[FunctionInfo]:
    """The functions with a ``self`` that become methods of modules, and are nothing else."""
    free: dict[str, list[FunctionInfo]] = {}
    for function in _free_functions(functions):
        if _takes_self(function):
            free.setdefault(function.name, []).append(function)
    if not free or not functions.classes.imports_torch:
        return
    put: dict[FunctionInfo, bool] = {}
    for node, scope in functions.names.mentions:
        root = node.value if isinstance(node, cst.Attribute) else node
        for function in free.get(root.value, ()) if isinstance(root, cst.Name) else ():
            if function.node in _bound(functions, root, scope):
                put[function] = put.get(function, True) and _is_put(functions, node, scope)
    yield from (function for function, is_method in put.items() if is_method)


def _free_functions(functions: _Functions) -> Iterator[FunctionInfo]:
    """The functions outside of classes, those that are nested in others too."""
    for scope in functions.names.scopes.values():
        if isinstance(scope.node, cst.FunctionDef) and scope.parent is not None:
            known = functions.by_node.get(scope.node)
            if known is not None and known.owner is None:
                yield known
            elif scope.parent.is_function:
                yield FunctionInfo(scope.node, scope, None)


def _takes_self(function: FunctionInfo) -> bool:
    first = placed_parameters(function.node)[:1]
    return bool(first) and first[0].name.value == "self"


def _bound(functions: _Functions, node: cst.CSTNode, scope: Scope) -> list[cst.CSTNode]:
    found = functions.names.lookup(tail_of(node), scope)
    return [binding.node for binding in found[1]] if found is not None else []


def _is_put(functions: _Functions, node: cst.CSTNode, scope: Scope) -> bool:
    """Whether a mention of a function makes a method of it."""
    tree = functions.tree
    if isinstance(node, cst.Attribute):  # `model.forward = forward.__get__(model)`
        return node.attr.value == "__get__"
    parent = tree.parent(node)
    if isinstance(parent, cst.Assign) and parent.value is node:
        targets = [target.target for target in parent.targets]
        return all(_is_method_of_module(functions, target, scope) for target in targets)
    call = tree.parent(parent) if isinstance(parent, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return False
    called, arguments = tail_of(call.func), [argument.value for argument in call.args]
    if called == "MethodType":
        return arguments[0] is node
    if called != "setattr" or len(arguments) != 3 or arguments[2] is not node:
        return False
    name = arguments[1].evaluated_value if isinstance(arguments[1], cst.SimpleString) else ""
    return isinstance(name, str) and any(part in name for part in _METHODS)


def _is_method_of_module(functions: _Functions, target: cst.CSTNode, scope: Scope) -> bool:
    """Whether an assignment target is a method of what is, or looks like, a module."""
    if not isinstance(target, cst.Attribute):
        return False
    info = functions.classes.resolve(target.value, scope)
    if info is not None:
        return info.is_module
    for name in functions.names.qualified(target.value, scope):
        imported = functions.names.project.class_of(name)
        if imported is not None:
            return any(root is None or not is_plain_base(root) for root in imported.roots)
    return any(part in target.attr.value for part in _METHODS)
