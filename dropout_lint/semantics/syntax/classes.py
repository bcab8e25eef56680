"""Classes: which are ``nn.Module``s, and what they have from their bases in any file."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
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
from dropout_lint.semantics.syntax.linearisation import merged
from dropout_lint.semantics.syntax.names import Names, Scope
from dropout_lint.semantics.syntax.tree import walk

__all__ = ["ClassInfo", "Classes", "MroEntry", "Write", "is_self", "self_name"]

# An entry of a method resolution order: a class of the file, a dotted name, or an unknown base.
MroEntry: TypeAlias = "ClassInfo | str | None"


class ClassInfo(ClassBody):
    """One class of the file. ``bases`` holds a ClassInfo, a dotted name, or None per base.

    ``direct`` are the classes of the file that name it as a base, ``place`` is its number among
    all of the file. The bases are resolved by `Classes`, once it has all classes.
    """

    def __init__(self, node: cst.ClassDef, scope: Scope, file: Classes) -> None:
        super().__init__(node)
        self.scope = scope
        self.qualname = scope.qualname
        self.bases: list[ClassInfo | str | None] = []
        self.direct: list[ClassInfo] = []
        self.place = 0
        self._file = file

    @property
    def name(self) -> str:
        return self.node.name.value

    @cached_property
    def _line(self) -> list[ClassInfo]:
        """The class, its only base, the only base of that and so on, as far as they have one.

        What the last one has from its bases, they all have: that is found once.
        """
        line = [self]
        while len(line[-1].bases) == 1 and isinstance(line[-1].bases[0], ClassInfo):
            base = line[-1].bases[0]
            if "_line" in base.__dict__:
                return line + base._line
            line.append(base)
        return line

    @cached_property
    def lineage(self) -> list[ClassInfo]:
        """The class and its bases in this file, nearest first."""
        *line, top = self._line
        if line:
            return [*line, *top.lineage]
        classes: dict[ClassInfo, None] = {}
        queue: deque[ClassInfo] = deque([self])
        while queue:
            top = queue.popleft()
            if top not in classes:
                classes[top] = None
                queue.extend(base for base in top.bases if isinstance(base, ClassInfo))
        return list(classes)

    @cached_property
    def derived(self) -> list[ClassInfo]:
        """The classes of the file that derive from it, directly or not, in source order."""
        found: set[ClassInfo] = set()
        queue = list(self.direct)
        while queue:
            info = queue.pop()
            if info not in found:
                found.add(info)
                queue += info.direct
        found.discard(self)
        return sorted(found, key=lambda info: info.place)

    @cached_property
    def _and_derived(self) -> frozenset[ClassInfo]:
        return frozenset((self, *self.derived))

    def descends_from(self, other: ClassInfo) -> bool:
        """Whether it is another class of the file or derives from it."""
        return self in other._and_derived

    @cached_property
    def resolution_order(self) -> list[MroEntry]:
        """The method resolution order (C3) with foreign bases as leaves; empty if there is none."""
        *line, top = self._line
        if line:
            return [*line, *top.resolution_order] if top.resolution_order else []
        sequences: list[list[MroEntry]] = []
        for base in self.bases:
            above: list[MroEntry] = base.resolution_order if isinstance(base, ClassInfo) else [base]
            if not above:
                return []
            sequences.append(above)
        order = merged([*sequences, self.bases])
        return [self, *order] if order is not None else []

    @cached_property
    def foreign_bases(self) -> list[str | None]:
        """Bases outside this file, of the class and of its bases in the file."""
        if self._line[-1] is not self:
            return self._line[-1].foreign_bases
        return [b for info in self.lineage for b in info.bases if not isinstance(b, ClassInfo)]

    @cached_property
    def imported(self) -> list[ImportedClass]:
        """The bases in other files of the project, nearest first."""
        if self._line[-1] is not self:
            return self._line[-1].imported
        near = [self._file.project.class_of(b) for b in self.foreign_bases if b is not None]
        return list(dict.fromkeys(c for base in near if base is not None for c in base.lineage))

    @cached_property
    def roots(self) -> list[str | None]:
        """The bases outside the project, or not known, that the class comes down to."""
        if self._line[-1] is not self:
            return self._line[-1].roots
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
        if self._has_own_training:
            return False
        looks = self.find_method("forward") is not None or any(
            c.reads_training for c in self.lineage
        )
        looks = looks or any(c.looks_like_module for c in self.imported)
        if not (self.may_be_module and looks):
            return False
        return self._file.imports_torch or any(c.torch_file for c in self.imported)

    @cached_property
    def _has_own_training(self) -> bool:
        """Whether it defines ``training`` itself, as a property or an attribute of its own."""
        if self.find_method("training") is not None:
            return True
        here = any(
            write.method is None or write.method.name.value == "__init__"
            for info in self.lineage
            for write in info.writes.get("training", ())
        )
        return here or any(
            setting.method in ("", "__init__", "training")
            for setting in self._imported_settings("training")
        )

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


class Classes:
    """All classes of a file."""

    def __init__(self, names: Names, more_bases: frozenset[str]) -> None:
        self._names = names
        self._related: dict[frozenset[ClassInfo], frozenset[ClassInfo]] = {}
        self.by_node: dict[cst.CSTNode, ClassInfo] = {}
        self.project = names.project
        self.more_bases = more_bases
        for scope in list(names.scopes.values()):
            if isinstance(scope.node, cst.ClassDef):
                self.by_node[scope.node] = ClassInfo(scope.node, scope, self)
        for info in self.by_node.values():
            info.bases = list(self._bases(info))
        for place, info in enumerate(self):
            info.place = place
            for base in info.bases:
                if isinstance(base, ClassInfo):
                    base.direct.append(info)
        self._roots = self._in_order()

    def __iter__(self) -> Iterator[ClassInfo]:
        return iter(self.by_node.values())

    def are_related(self, one: ClassInfo, other: ClassInfo) -> bool:
        """Whether an instance of some class of the file is an instance of both."""
        return one is other or not one._and_derived.isdisjoint(other._and_derived)

    def sharing(self, owner: ClassInfo) -> set[ClassInfo]:
        """The classes that are related to a class, itself among them."""
        found: set[ClassInfo] = set()
        queue: list[ClassInfo | str | None] = [owner, *owner.derived]
        while queue:
            info = queue.pop()
            if isinstance(info, ClassInfo) and info not in found:
                found.add(info)
                queue += info.bases
        return found

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

    def _in_order(self) -> dict[ClassInfo, frozenset[ClassInfo]]:
        """The topmost classes of the file that each class derives from.

        Bases come first, so that a long chain is no deep recursion. Classes that derive from
        themselves cannot be built: such a base is not known.
        """
        roots: dict[ClassInfo, frozenset[ClassInfo]] = {}
        entered: set[ClassInfo] = set()
        for first in self:
            stack = [first]
            while stack:
                info = stack[-1]
                bases = [base for base in info.bases if isinstance(base, ClassInfo)]
                if info not in entered:
                    entered.add(info)
                    stack += [base for base in bases if base not in entered]
                    continue
                stack.pop()
                if info in roots:
                    continue
                for base in bases:
                    if base not in roots:
                        info.bases = [None if each is base else each for each in info.bases]
                        base.direct.remove(info)
                above = [roots[base] for base in bases if base in roots]
                roots[info] = frozenset().union(*above) if above else frozenset({info})
        return roots

    def related_to(self, owner: ClassInfo) -> frozenset[ClassInfo]:
        """The class with its bases and subclasses in the file, and theirs."""
        roots = self._roots[owner]
        if roots not in self._related:
            self._related[roots] = frozenset().union(*(root._and_derived for root in roots))
        return self._related[roots]

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
