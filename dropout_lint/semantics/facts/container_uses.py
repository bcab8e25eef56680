"""Whether the modules that a class keeps in a container run in eval mode."""

from __future__ import annotations

from collections.abc import Iterator

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
        # The attribute of an unrelated class's own `self` is another one.
        own = function.self_name if function.owner is not None and not related else None
        reads = list(_reads(function, name))
        others = any(not is_self(read.value, own) for read in reads)
        if not others or model.functions.serves_building(function):
            continue
        mentioned = True
        runs = runs or any(_may_run(model, function, read) for read in reads)
        run = model.run(function, False)
        if not related:
            used = True
        elif any(_sets_mode(called.callee, name) for called in run.calls):
            return False
        used = used or run.read.get(name) == FREE
    return (used and runs) or not mentioned


def _reads(function: FunctionInfo, name: str) -> Iterator[cst.Attribute]:
    """The mentions of ``….name`` in a function."""
    for node in walk(function.node.body):
        if isinstance(node, cst.Attribute) and node.attr.value == name:
            yield node


def _may_run(model: SemanticModel, function: FunctionInfo, read: cst.Attribute) -> bool:
    """Whether a function does more with an element of ``….name`` than to assign it to a name."""
    if not isinstance(model.tree.parent(read), cst.Subscript):
        return True
    above = next(
        node
        for node in model.tree.ancestors(read)
        if not isinstance(node, (cst.Subscript, cst.Element, cst.Tuple))
    )
    if not isinstance(above, cst.Assign):
        return True
    names = {
        node.value
        for target in above.targets
        for node in walk(target.target)
        if isinstance(node, cst.Name)
    }
    return any(
        isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value in names
        for node in walk(function.node.body)
    )


def _sets_mode(callee: Atom, name: str) -> bool:
    """Whether a call is ``self.drops[0].train(…)`` or ``.eval()``, of any element."""
    path = callee.path if isinstance(callee, Attribute) else ""
    return path.startswith(f"self.{name}[]") and path.endswith((".train", ".eval"))
