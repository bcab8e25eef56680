"""Methods that override ``train()`` or ``eval()``: do they hand the mode on in the usual way?"""

from __future__ import annotations

import ast

from dropout_lint.screen.tree.collect import Around, Def, parameters_of, tail_of
from dropout_lint.screen.tree.expressions import is_mode


def is_override(method: Def, around: Around) -> bool:
    """Whether a method overrides ``train`` or ``eval`` in another than the usual way."""
    if method.name not in ("train", "eval") or not (around.cls and around.cls.bases):
        return False
    if any(tail_of(d).endswith(("classmethod", "staticmethod")) for d in method.decorator_list):
        return False
    parameters = [name for name, _ in parameters_of(method)]
    if method.args.kwonlyargs:
        return False
    if method.args.vararg or method.args.kwarg:
        return len([*method.args.posonlyargs, *method.args.args]) == 1
    if len(parameters) != (2 if method.name == "train" else 1):
        return method.name == "train" and len(parameters) == 1
    return not _hands_mode_on(method, parameters)


def _hands_mode_on(method: Def, parameters: list[str]) -> bool:
    """``super().train(mode)`` or ``self.training = mode`` for sure, and a ``return`` at the end."""
    own, mode = parameters[0], parameters[1:]
    last = method.body[-1]
    if not isinstance(last, ast.Return) or last.value is None:
        return False
    stores: list[str] = []
    for node in ast.walk(method):
        if isinstance(node, ast.Return) and node is not last:
            return False
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            stores.append(node.id)
    if set(stores) & set(parameters):
        return False
    if _is_super_call(last.value, method.name, mode) or _is_train_false(
        last.value, own, method.name
    ):
        return True
    for statement in method.body:
        result = _sets_mode(statement, method.name, own, mode)
        if result is not None:
            return tail_of(last.value) in (own, result) and stores.count(result) <= 1
    return False


def _sets_mode(statement: ast.stmt, name: str, own: str, mode: list[str]) -> str | None:
    """The name of what a statement that sets the mode leaves behind: the module itself."""
    if isinstance(statement, ast.Expr):
        return own if _is_super_call(statement.value, name, mode) else None
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Name):
        return target.id if _is_super_call(value, name, mode) else None
    is_flag = is_mode(target) and isinstance(target, ast.Attribute) and tail_of(target.value) == own
    return own if is_flag and mode and tail_of(value) == mode[0] else None


def _is_train_false(node: ast.expr, own: str, name: str) -> bool:
    """``self.train(False)``, which is what ``eval()`` is."""
    return (
        name == "eval"
        and isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "train"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == own
        and [isinstance(a, ast.Constant) and a.value for a in node.args] == [False]
    )


def _is_super_call(node: ast.expr, name: str, mode: list[str]) -> bool:
    """``super().train(mode)``, ``super().eval()``."""
    if not isinstance(node, ast.Call) or tail_of(node.func) != name:
        return False
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    if not isinstance(receiver, ast.Call) or tail_of(receiver.func) != "super":
        return False
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return [tail_of(argument) for argument in given] == mode
