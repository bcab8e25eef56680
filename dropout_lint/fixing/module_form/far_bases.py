"""Bases of a class in other files of the project: whether they take a new child as nn.Module does.

Their files are read in full, and asked what the file at hand is asked.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.fixing.instances.attributes import AttributeUses
from dropout_lint.fixing.instances.inheritance import built_past_init, initialises, related_classes
from dropout_lint.fixing.library_names import (
    BASES_WITHOUT_CONSTRUCTOR,
    CLEAN_BASE_TAILS,
    CLEAN_BASES,
    HANDLES_ATTRIBUTES,
)
from dropout_lint.fixing.module_form.children import check_iteration
from dropout_lint.fixing.module_form.refusal import Refusal
from dropout_lint.semantics.model import SemanticModel, model_of
from dropout_lint.semantics.syntax.classes import ClassInfo, MroEntry, is_self, self_name
from dropout_lint.semantics.syntax.tree import walk

_MAX_STEPS = 3  # from file to file


def is_clean(base: MroEntry) -> bool:
    """Whether a base of another package is known to treat its children as nn.Module does."""
    if not isinstance(base, str):
        return False
    return base in CLEAN_BASES or base.rpartition(".")[2] in CLEAN_BASE_TAILS


def far_base(model: SemanticModel, base: MroEntry) -> tuple[SemanticModel, ClassInfo] | None:
    """A base class in another file of the project, and the meaning of that file."""
    defined = model.project.class_file(base) if isinstance(base, str) else None
    there = model_of(defined[0], model.catalog, 1) if defined is not None else None
    if defined is None or there is None:
        return None
    found = [info for info in there.classes if info.name == defined[1]]
    return (there, found[0]) if len(found) == 1 else None


def holds_modules(model: SemanticModel, base: MroEntry, steps: int = 0) -> bool:
    """Whether a base outside the file surely takes a new child as nn.Module does."""
    if is_clean(base) or (isinstance(base, str) and base.startswith(BASES_WITHOUT_CONSTRUCTOR)):
        return True
    found = far_base(model, base) if steps < _MAX_STEPS else None
    if found is None:
        return False
    there, info = found
    related = related_classes(there, info)
    if any(HANDLES_ATTRIBUTES & each.methods.keys() for each in info.lineage):
        return False
    if any(each.node.decorators for each in info.lineage):
        return False
    if any(AttributeUses.of(there).computed_on(each) for each in related):
        return False
    if built_past_init(there, info) is not None or _runs_itself(info):
        return False
    try:
        check_iteration(there, info)
    except Refusal:
        return False
    return all(holds_modules(there, each, steps + 1) for each in info.foreign_bases)


def runs_module_init(model: SemanticModel, base: MroEntry, steps: int = 0) -> bool:
    """Whether the constructor of a base outside the file surely runs that of nn.Module."""
    if is_clean(base):
        return True
    found = far_base(model, base) if steps < _MAX_STEPS else None
    if found is None:
        return False
    there, info = found
    return initialises(there, info, lambda entry: runs_module_init(there, entry, steps + 1))


def _runs_itself(info: ClassInfo) -> bool:
    """Whether a constructor calls methods of its own instance, which a subclass may override."""
    for each in info.lineage:
        init = each.methods.get("__init__")
        own = self_name(init) if init is not None else None
        for node in walk(init.body) if init is not None else ():
            if isinstance(node, cst.Call) and is_self(node.func, own):
                return True
            if isinstance(node, cst.Arg) and is_self(node.value, own) and not _is_super(node, init):
                return True
            if (
                isinstance(node, cst.Call)
                and isinstance(node.func, cst.Attribute)
                and is_self(node.func.value, own)
                and not node.func.attr.value.startswith(("register_", "add_module", "__setattr__"))
            ):
                return True
    return False


def _is_super(node: cst.Arg, init: cst.FunctionDef | None) -> bool:
    """Whether an argument is one of ``super(Net, self)`` or of ``Base.__init__(self)``."""
    for call in walk(init.body) if init is not None else ():
        if isinstance(call, cst.Call) and node in call.args:
            func = call.func
            is_init = isinstance(func, cst.Attribute) and func.attr.value == "__init__"
            return is_init or (isinstance(func, cst.Name) and func.value == "super")
    return False


def names_of_far_bases(model: SemanticModel, owner: ClassInfo, steps: int = 0) -> Iterator[str]:
    """The names after a dot in the files of a class's bases: none of them is free."""
    for base in owner.foreign_bases:
        found = far_base(model, base) if steps < _MAX_STEPS else None
        if found is None:
            continue
        there, info = found
        for each in info.lineage:
            yield from each.methods
            yield from each.writes
            yield from each.scope.bindings
        for node in walk(there.tree.module):
            if isinstance(node, cst.Attribute):
                yield node.attr.value
            elif isinstance(node, cst.SimpleString):
                yield str(node.evaluated_value)
        yield from names_of_far_bases(there, info, steps + 1)
