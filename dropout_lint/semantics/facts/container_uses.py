"""What a class does with what it keeps in a container: whether any of it runs in eval mode."""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.interpreter.guards import FREE
from dropout_lint.semantics.interpreter.values import Atom, Attribute
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import walk


def used_in_eval(model: SemanticModel, info: ClassInfo, name: str) -> bool:
    """Whether modules that ``self.name`` holds may run in eval mode as they are.

    Not if the class reads the attribute in train mode only, sets their mode where it uses them, or
    takes them out and calls none of them.
    """
    used = False
    runs = False
    mentioned = False
    for function in model.functions:
        related = function.owner is not None and model.classes.are_related(info, function.owner)
        # What other classes keep on their own `self` is theirs.
        own = function.self_name if function.owner is not None and not related else None
        if model.functions.serves_building(function) or not _mentions(function, name, own):
            continue
        mentioned = True
        runs = runs or _element_runs(model, function, name)
        run = model.run(function, False)
        if not related:
            used = True
        elif any(_sets_mode(called.callee, name) for called in run.calls):
            return False
        used = used or run.read.get(name) == FREE
    return (used and runs) or not mentioned


def _element_runs(model: SemanticModel, function: FunctionInfo, name: str) -> bool:
    """Whether a function does more with the elements of ``….name`` than to give them names."""
    called = {
        node.func.value
        for node in walk(function.node.body)
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name)
    }
    for node in walk(function.node.body):
        if not isinstance(node, cst.Attribute) or node.attr.value != name:
            continue
        above = list(model.tree.ancestors(node))
        if not isinstance(model.tree.parent(node), cst.Subscript):
            return True
        while above and isinstance(above[0], (cst.Subscript, cst.Element, cst.Tuple)):
            above.pop(0)
        if not above or not isinstance(above[0], cst.Assign):
            return True
        names = {
            below.value
            for target in above[0].targets
            for below in walk(target.target)
            if isinstance(below, cst.Name)
        }
        if not names.isdisjoint(called):
            return True
    return False


def _mentions(function: FunctionInfo, name: str, own: str | None) -> bool:
    """Whether a function mentions ``….name``, but on what is called ``own``."""
    return any(
        isinstance(n, cst.Attribute) and n.attr.value == name and not is_self(n.value, own)
        for n in walk(function.node.body)
    )


def _sets_mode(callee: Atom, name: str) -> bool:
    """``self.drops[0].train(…)``, ``.eval()`` on any element of the container."""
    path = callee.path if isinstance(callee, Attribute) else ""
    return path.startswith(f"self.{name}[]") and path.endswith((".train", ".eval"))
