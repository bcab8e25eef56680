"""Names: what a name or a dotted expression of a file stands for."""

from __future__ import annotations

from functools import cached_property

import libcst as cst

from dropout_lint.semantics.project.project import Project
from dropout_lint.semantics.syntax.scopes import (
    Binding,
    Scope,
    Scopes,
    parameters_of,
    placed_parameters,
)
from dropout_lint.semantics.syntax.tree import Tree, tail_of

__all__ = ["Binding", "Names", "Scope", "imported_by", "parameters_of", "placed_parameters"]

_MAX_ALIASES = 8


class Names(Scopes):
    """The scopes of a file, and the lookup of names and dotted expressions in them."""

    def __init__(self, tree: Tree, project: Project) -> None:
        super().__init__(tree, project.package)
        self.project = project
        self._in_force: dict[tuple[Scope, str], list[Binding]] = {}
        self._meant: dict[tuple[Scope, str, int], tuple[str, ...]] = {}

    def mentions_of(self, tail: str) -> list[tuple[cst.Name | cst.Attribute, Scope]]:
        """The mentions that are ``tail`` or end in ``….tail``, each with its scope."""
        return self._by_tail.get(tail, [])

    @cached_property
    def _by_tail(self) -> dict[str, list[tuple[cst.Name | cst.Attribute, Scope]]]:
        by_tail: dict[str, list[tuple[cst.Name | cst.Attribute, Scope]]] = {}
        for node, scope in self.mentions:
            by_tail.setdefault(tail_of(node), []).append((node, scope))
        return by_tail

    def lookup(self, name: str, scope: Scope) -> tuple[Scope, list[Binding]] | None:
        """The scope that binds ``name`` as seen from ``scope``, and the bindings in force there."""
        at: Scope | None = scope
        while at is not None:
            bindings = at.bindings.get(name)
            if bindings and (at is scope or not at.is_class):
                key = (at, name)
                if key not in self._in_force:
                    self._in_force[key] = _in_force(bindings)
                return at, self._in_force[key]
            at = at.parent
        return None

    def qualified(self, node: cst.CSTNode, scope: Scope, depth: int = 0) -> tuple[str, ...]:
        """The dotted names that an expression can stand for; empty when it is not an import's.

        ``F.dropout`` -> ``("torch.nn.functional.dropout",)``. Two names come out where a file
        imports alternatives (``try``/``except ImportError``).
        """
        if isinstance(node, cst.Attribute):
            bases = self.qualified(node.value, scope, depth)
            return tuple(self.project.catalog_name(f"{base}.{node.attr.value}") for base in bases)
        if isinstance(node, cst.Call):
            imported = imported_by(node)
            return (self.project.catalog_name(imported),) if imported else ()
        if not isinstance(node, cst.Name) or depth > _MAX_ALIASES:
            return ()
        bound = self.lookup(node.value, scope)
        if bound is None:
            starred = self.from_star(node.value, scope)
            return (starred,) if starred else ()
        key = (bound[0], node.value, depth)
        if key not in self._meant:
            self._meant[key] = self._names_of(*bound, depth)
        return self._meant[key]

    def _names_of(self, where: Scope, bindings: list[Binding], depth: int) -> tuple[str, ...]:
        """The dotted names of what some bindings stand for; empty where one is no import's."""
        names: dict[str, None] = {}
        for binding in bindings:
            if binding.kind == "import":
                names[self.project.catalog_name(binding.qualified)] = None
            elif binding.kind == "value" and binding.value is not None:
                if isinstance(binding.value, cst.Name) and binding.value.value == "None":
                    continue  # the usual stand-in for a missing import
                more = self.qualified(binding.value, where, depth + 1)
                if not more:
                    return ()
                names.update(dict.fromkeys(more))
            else:
                return ()
        return tuple(names)

    def from_star(self, name: str, scope: Scope) -> str | None:
        """The dotted name that an unbound name has through a star import, of torch or the project.

        ``from torch.nn import *`` and ``from .common import *`` where that has an `nn` of torch's.
        """
        at: Scope | None = scope
        while at is not None:
            for module in reversed(at.stars):
                origin = self.project.starred(module, name)
                if origin is not None:
                    return origin
            at = at.parent
        return None


def imported_by(node: cst.Call) -> str:
    """The part of torch that a call imports by its name: ``lazy_import("torch.nn.functional")``.

    So do `importlib.import_module`, `pytest.importorskip` and the like in many projects.
    """
    is_import = "import" in tail_of(node.func).lower()
    first = node.args[0].value if is_import and node.args else None
    text = first.evaluated_value if isinstance(first, cst.SimpleString) else ""
    if not isinstance(text, str) or text.partition(".")[0] != "torch":
        return ""
    return text if all(part.isidentifier() for part in text.split(".")) else ""


def _in_force(bindings: list[Binding]) -> list[Binding]:
    """The last certain binding of a name and those behind it."""
    at = len(bindings) - 1
    while at > 0 and not bindings[at].certain:
        at -= 1
    return bindings[at:]
