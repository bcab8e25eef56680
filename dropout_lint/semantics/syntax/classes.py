"""Classes: which are ``nn.Module``s, and what they have from their bases in any file."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TypeAlias

import libcst as cst

from dropout_lint.semantics.project.class_outline import ImportedClass, Setting
from dropout_lint.semantics.project.known_bases import is_module_base, is_plain_base
from dropout_lint.semantics.syntax.class_body import (
    BUILDING_METHODS,
    ClassBody,
    Write,
    is_self,
    self_name,
)
from dropout_lint.semantics.syntax.names import Names, Scope
from dropout_lint.semantics.syntax.tree import walk

__all__ = ["ClassInfo", "Classes", "MroEntry", "Write", "is_self", "self_name"]

# An entry of a method resolution order: a class of the file, a dotted name, or an unknown base.
MroEntry: TypeAlias = "ClassInfo | str | None"


class ClassInfo(ClassBody):
    """One class of the file. ``bases`` holds a ClassInfo, a dotted name, or None per base.

    ``derived`` are the classes of the file that derive from it, directly or not. The bases are
    resolved by `Classes`, once it has all classes.
    """

    def __init__(self, node: cst.ClassDef, scope: Scope, file: Classes) -> None:
        super().__init__(node)
        self.scope = scope
        self.qualname = scope.qualname
        self.bases: list[ClassInfo | str | None] = []
        self.derived: list[ClassInfo] = []
        self._file = file

    @property
    def name(self) -> str:
        return self.node.name.value

    @cached_property
    def lineage(self) -> list[ClassInfo]:
        """The class and its bases in this file, nearest first."""
        classes: dict[ClassInfo, None] = {}
        queue: deque[ClassInfo] = deque([self])
        while queue:
            top = queue.popleft()
            if top not in classes:
                classes[top] = None
                queue.extend(base for base in top.bases if isinstance(base, ClassInfo))
        return list(classes)

    @cached_property
    def resolution_order(self) -> list[MroEntry]:
        """The method resolution order (C3) with foreign bases as leaves; empty if there is none."""
        sequences: list[list[MroEntry]] = []
        for base in self.bases:
            above: list[MroEntry] = base.resolution_order if isinstance(base, ClassInfo) else [base]
            if not above:
                return []
            sequences.append(above)
        if len(sequences) == 1:
            return [self, *sequences[0]]
        merged = _merged([*sequences, self.bases])
        return [self, *merged] if merged is not None else []

    @cached_property
    def foreign_bases(self) -> list[str | None]:
        """Bases outside this file, of the class and of its bases in the file."""
        return [b for info in self.lineage for b in info.bases if not isinstance(b, ClassInfo)]

    @cached_property
    def imported(self) -> list[ImportedClass]:
        """The bases in other files of the project, nearest first."""
        near = [self._file.project.class_of(b) for b in self.foreign_bases if b is not None]
        return list(dict.fromkeys(c for base in near if base is not None for c in base.lineage))

    @cached_property
    def roots(self) -> list[str | None]:
        """The bases outside the project, or not known, that the class comes down to."""
        roots: list[str | None] = []
        for base in self.foreign_bases:
            imported = self._file.project.class_of(base) if base is not None else None
            roots.extend([base] if imported is None else imported.roots)
        return roots

    @cached_property
    def is_module(self) -> bool:
        """Whether the class is an ``nn.Module``: known base, else a forward and torch imports.

        A mixin without a base of its own is what all that derive from it are.
        """
        if self.is_mixin or self.has_module_base:
            return True
        looks = self.find_method("forward") is not None or any(
            c.reads_training for c in self.lineage
        )
        looks = looks or any(c.looks_like_module for c in self.imported)
        if not (self.may_be_module and looks):
            return False
        return self._file.imports_torch or any(c.torch_file for c in self.imported)

    @cached_property
    def has_module_base(self) -> bool:
        """Whether a base is known to be an ``nn.Module``."""
        return any(base and self._is_known(base) for base in self.roots)

    @cached_property
    def is_surely_module(self) -> bool:
        """Whether it is an ``nn.Module`` and every base of it is known."""
        known = all(base and (self._is_known(base) or is_plain_base(base)) for base in self.roots)
        return self.is_module and known and not self.is_mixin

    @cached_property
    def is_mixin(self) -> bool:
        """Whether it has no base that could be a module, and is mixed into modules only."""
        plain = all(base is not None and is_plain_base(base) for base in self.roots)
        return plain and bool(self.derived) and all(info.is_module for info in self.derived)

    def _is_known(self, base: str) -> bool:
        return is_module_base(base) or base in self._file.more_bases

    @cached_property
    def may_be_module(self) -> bool:
        """Whether some base could make it an ``nn.Module``."""
        return self.is_mixin or any(base is None or not is_plain_base(base) for base in self.roots)

    def find_method(self, name: str) -> cst.FunctionDef | None:
        return next((c.methods[name] for c in self.lineage if name in c.methods), None)

    def find_writes(self, name: str) -> list[Write]:
        """The writes to an attribute, by the class and its bases in any file, nearest first."""
        near = [write for info in self.lineage for write in info.writes.get(name, ())]
        return near + [
            self._imported_write(name, setting) for setting in self._imported_settings(name)
        ]

    def imported_base_sets_by_mode(self, name: str) -> bool:
        """Whether a method of a base in another file sets an attribute and knows the mode."""
        return any(setting.by_mode for setting in self._imported_settings(name))

    def imported_method_reads_mode(self, name: str) -> bool:
        """Whether a method is that of a base in another file, and reads the mode there."""
        found = next((c for c in self.imported if name in c.outline.methods), None)
        return found is not None and name in found.outline.reading

    def _imported_settings(self, name: str) -> list[Setting]:
        return [setting for c in self.imported for setting in c.outline.settings.get(name, ())]

    def _imported_write(self, name: str, setting: Setting) -> Write:
        """A write in another file, of which only a constant is known: as if at class level."""
        known = setting.known and setting.method in ("", *BUILDING_METHODS)
        value = cst.parse_expression(repr(setting.value)) if known else None
        return Write(name, self.node, value, None)


def _merged(sequences: Sequence[Sequence[MroEntry]]) -> list[MroEntry] | None:
    """The order that keeps the order of every sequence (the merge of C3); None if there is none."""
    behind = Counter(entry for sequence in sequences for entry in sequence[1:])
    rests = [deque(sequence) for sequence in sequences]
    order: list[MroEntry] = []
    while any(rests):
        heads = [rest[0] for rest in rests if rest and not behind[rest[0]]]
        if not heads:
            return None
        order.append(heads[0])
        for rest in rests:
            if rest and rest[0] == heads[0]:
                rest.popleft()
                if rest:
                    behind[rest[0]] -= 1
    return order


class Classes:
    """All classes of a file."""

    def __init__(self, names: Names, more_bases: frozenset[str]) -> None:
        self._names = names
        self._related: dict[ClassInfo, frozenset[ClassInfo]] = {}
        self.by_node: dict[cst.CSTNode, ClassInfo] = {}
        self.project = names.project
        self.more_bases = more_bases
        for scope in list(names.scopes.values()):
            if isinstance(scope.node, cst.ClassDef):
                self.by_node[scope.node] = ClassInfo(scope.node, scope, self)
        for info in self.by_node.values():
            info.bases = list(self._bases(info))
        for info in self:
            for base in info.lineage[1:]:
                base.derived.append(info)

    def __iter__(self) -> Iterator[ClassInfo]:
        return iter(self.by_node.values())

    def are_related(self, one: ClassInfo, other: ClassInfo) -> bool:
        """Whether an instance of some class of the file is an instance of both."""
        below = [*one.derived, one]
        return any(info is other or info in other.derived for info in below)

    @cached_property
    def naming(self) -> dict[ClassInfo, set[ClassInfo]]:
        """For each class of the file the classes that name it."""
        naming: dict[ClassInfo, set[ClassInfo]] = {}
        for info in self:
            for node in walk(info.node):
                named = self.resolve(node, info.scope)
                if named is not None:
                    naming.setdefault(named, set()).add(info)
        return naming

    def related_to(self, owner: ClassInfo) -> frozenset[ClassInfo]:
        """The class with its bases and subclasses in the file, and theirs."""
        if owner not in self._related:
            related = set(owner.lineage)
            for info in self:
                if not related.isdisjoint(info.lineage):
                    related.add(info)
            self._related[owner] = frozenset(related)
        return self._related[owner]

    def _bases(self, info: ClassInfo) -> Iterator[ClassInfo | str | None]:
        outside = info.scope.parent
        assert outside is not None
        for arg in info.node.bases:
            node = arg.value
            while isinstance(node, cst.Subscript):  # Generic[T], Base[Config]
                node = node.value
            local = self.resolve(node, outside)
            if local is not None and local is not info:
                yield local
                continue
            names = [self.project.origin(n) for n in self._names.qualified(node, outside)]
            if names:
                yield next((name for name in names if is_module_base(name)), names[0])
            elif isinstance(node, cst.Name) and node.value in ("object", "Exception"):
                yield f"builtins.{node.value}"
            else:
                yield None

    def resolve(self, node: cst.CSTNode, scope: Scope) -> ClassInfo | None:
        """The class of this file that a plain name stands for."""
        if not isinstance(node, cst.Name):
            return None
        bound = self._names.lookup(node.value, scope)
        nodes = [b.node for b in bound[1] if b.kind == "class"] if bound else []
        return self.by_node.get(nodes[-1]) if nodes else None

    @cached_property
    def imports_torch(self) -> bool:
        """Whether the file imports torch, or gets something of it from the project."""
        scopes = self._names.scopes.values()
        names = dict.fromkeys(star for scope in scopes for star in scope.stars)
        for scope in scopes:
            for bindings in scope.bindings.values():
                names.update(dict.fromkeys(b.qualified for b in bindings if b.kind == "import"))
        if any(name.partition(".")[0] == "torch" for name in names):
            return True
        return any(self.project.brings_torch(name) for name in names)
