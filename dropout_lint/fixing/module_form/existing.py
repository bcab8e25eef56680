"""Modules of a class that a fix may use: built once in ``__init__``, and only called."""

from __future__ import annotations

import libcst as cst

from dropout_lint.fixing.instances.attributes import AttributeUses, owner_of, writes_to
from dropout_lint.fixing.instances.inheritance import related_classes
from dropout_lint.fixing.instances.nodes import assigned
from dropout_lint.fixing.module_form.constructor import first_run
from dropout_lint.fixing.module_form.equivalent_module import EquivalentModule
from dropout_lint.fixing.module_form.refusal import Refusal
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, Write


class ExistingModules:
    """The modules that the classes of one file have."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._built: dict[ClassInfo, dict[tuple[str, tuple[str, ...]], list[str]]] = {}
        self._first_runs: dict[ClassInfo, cst.CSTNode | Refusal | None] = {}

    def find(self, owner: ClassInfo, module: EquivalentModule) -> str | None:
        """The attribute that ``__init__`` sets to a module and the file only calls, if any."""
        if module.flags:
            return None
        related = related_classes(self._model, owner)
        given = (module.rate,) if module.rate else ()
        for info in owner.lineage:
            for name in self._modules(info).get((module.name, given), ()):
                if (
                    self._is_in_time(info, info.writes[name][0], module)
                    and len(writes_to(self._model, related, name)) == 1
                    and not any(name in other.scope.bindings for other in related)
                    and _is_only_applied(self._model, name)
                ):
                    return name
        return None

    def _modules(self, info: ClassInfo) -> dict[tuple[str, tuple[str, ...]], list[str]]:
        """The attributes that surely hold a module, by its class and its arguments."""
        if info not in self._built:
            built = self._built[info] = {}
            for name, writes in info.writes.items():
                key = _built_by(self._model, writes[0])
                if key is not None:
                    built.setdefault(key, []).append(name)
        return self._built[info]

    def _is_in_time(self, info: ClassInfo, write: Write, module: EquivalentModule) -> bool:
        """Whether a module is built before it is used, and after what it needs is set."""
        assert write.value is not None and write.method is not None
        built = self._model.tree.span(write.value)[0]
        run = self._first_run(info, write.method)
        if run is not None and self._model.tree.span(run)[0] < built:
            return False
        return all(
            self._model.tree.span(other.target)[0] < built
            for need in module.needs
            for other in info.writes.get(need, ())
        )

    def _first_run(self, info: ClassInfo, init: cst.FunctionDef) -> cst.CSTNode | None:
        """The first statement of ``__init__`` that may run a method which drops."""
        if info not in self._first_runs:
            try:
                self._first_runs[info] = first_run(self._model, info, init)
            except Refusal as refusal:
                self._first_runs[info] = refusal
        found = self._first_runs[info]
        if isinstance(found, Refusal):
            raise found
        return found


def _is_only_applied(model: SemanticModel, name: str) -> bool:
    """Whether every mention of an attribute in the file assigns it, calls it or reads its rate."""
    for node in AttributeUses.of(model).mentions(name):
        parent = model.tree.parent(node)
        if isinstance(parent, cst.Call) and parent.func is node:
            continue
        if isinstance(parent, cst.Attribute) and parent.attr.value == "p":
            above = model.tree.parent(parent)
            if above is None or parent not in assigned(above):
                continue
        owner = owner_of(model, node.value)
        if not isinstance(parent, (cst.AssignTarget, cst.AnnAssign)) or owner is None:
            return False
    return True


def _built_by(model: SemanticModel, write: Write) -> tuple[str, tuple[str, ...]] | None:
    """The class and arguments of the module that a write of ``__init__`` surely sets."""
    value, method = write.value, write.method
    if not isinstance(value, cst.Call) or method is None or method.name.value != "__init__":
        return None
    statement = model.tree.parent(model.tree.parent(write.target) or method)
    line = model.tree.parent(statement) if statement is not None else None
    if line is None or model.tree.parent(line) is not method.body:
        return None
    names = model.names.qualified(value.func, model.names.scopes[method])
    if len(names) != 1 or any(a.keyword is not None and a.keyword.value != "p" for a in value.args):
        return None
    return names[0], tuple(model.tree.outer_code(arg.value) for arg in value.args)
