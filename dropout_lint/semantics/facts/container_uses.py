"""Whether the modules that a class keeps in a container run in eval mode."""

from __future__ import annotations

from typing import TypeAlias
from weakref import WeakKeyDictionary

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
    for function in _reading(model, info, name):
        related = function.owner is not None and model.classes.are_related(info, function.owner)
        reads = model.functions.places.attributes(name, function.node.body)
        if model.functions.serves_building(function):
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


def _reading(model: SemanticModel, info: ClassInfo, name: str) -> list[FunctionInfo]:
    """The functions in which ``….name`` may be the attribute of an instance of a class.

    The attribute of an unrelated class's own `self` is another one.
    """
    readers = _READERS.setdefault(model, {})
    if name not in readers:
        readers[name] = _find_readers(model, name)
    found = set(readers[name].get(None, ()))
    found.update(f for each in model.classes.sharing(info) for f in readers[name].get(each, ()))
    return sorted(found, key=lambda function: model.tree.order[function.node])


# By model and attribute: the functions that read it on the `self` of a class, and on others (None).
_Readers: TypeAlias = dict[ClassInfo | None, list[FunctionInfo]]
_READERS: WeakKeyDictionary[SemanticModel, dict[str, _Readers]] = WeakKeyDictionary()


def _find_readers(model: SemanticModel, name: str) -> _Readers:
    readers: dict[ClassInfo | None, dict[FunctionInfo, None]] = {}
    for node in model.functions.places.attributes(name, model.tree.module):
        below: cst.CSTNode = node
        for above in model.tree.ancestors(node):
            function = model.functions.by_node.get(above)
            if function is not None and below is function.node.body:  # not in its defaults
                own = function.self_name if function.owner is not None else None
                owner = function.owner if is_self(node.value, own) else None
                readers.setdefault(owner, {})[function] = None
            below = above
    return {owner: list(functions) for owner, functions in readers.items()}


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
        isinstance(call, cst.Call) and call.func is node
        for name in names
        for node in model.functions.places.names(name, function.node.body)
        for call in (model.tree.parent(node),)
    )


def _sets_mode(callee: Atom, name: str) -> bool:
    """Whether a call is ``self.drops[0].train(…)`` or ``.eval()``, of any element."""
    path = callee.path if isinstance(callee, Attribute) else ""
    return path.startswith(f"self.{name}[]") and path.endswith((".train", ".eval"))
