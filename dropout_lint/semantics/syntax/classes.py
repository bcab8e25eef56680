"""Classes: which are ``nn.Module``s, what methods they have, and what is written on ``self``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import libcst as cst

from dropout_lint.semantics.project.classes import ImportedClass, Setting
from dropout_lint.semantics.syntax.known_bases import is_module_base, is_plain_base
from dropout_lint.semantics.syntax.names import Names, Scope, placed_parameters
from dropout_lint.semantics.syntax.tree import Tree, children, tail_of

BUILDING_METHODS = frozenset(
    """__init__ __new__ __post_init__ __init_subclass__ __repr__ extra_repr
    reset_parameters reset init_weights _init_weights from_pretrained from_config setup
    build create configure_optimizers add_arguments add_args build_model train eval""".split()
)
# Those of them that stay what they are whoever calls them.
CONSTRUCTORS = frozenset("__init__ __new__ __post_init__ __init_subclass__ train eval".split())


# What may read or write an attribute.
_READ = {cst.Attribute, cst.Assign, cst.AnnAssign, cst.AugAssign, cst.For, cst.CompFor, cst.Del,
         cst.WithItem, cst.Call}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Write:
    """One assignment to an attribute: ``self.name = value`` or a class-level ``name = value``.

    ``value`` is None where the assignment is not a plain one (``+=``, unpacking, loops, ``del``).
    ``method`` is None at class level.
    """

    name: str
    target: cst.CSTNode
    value: cst.BaseExpression | None
    method: cst.FunctionDef | None


@dataclass(eq=False)
class ClassInfo:
    """One class of the file. ``bases`` holds a ClassInfo, a dotted name, or None per base.

    ``derived`` are the classes of the file that derive from it, directly or not.
    """

    node: cst.ClassDef
    scope: Scope
    qualname: str
    bases: list[ClassInfo | str | None] = field(default_factory=list)
    methods: dict[str, cst.FunctionDef] = field(default_factory=dict)
    writes: dict[str, list[Write]] = field(default_factory=dict)
    reads_training: bool = False
    dynamic: bool = False
    derived: list[ClassInfo] = field(default_factory=list)
    file: Classes = field(kw_only=True)

    @property
    def name(self) -> str:
        return self.node.name.value

    @cached_property
    def lineage(self) -> list[ClassInfo]:
        """The class and its bases in this file, nearest first."""
        found: list[ClassInfo] = []
        queue: list[ClassInfo] = [self]
        while queue:
            top = queue.pop(0)
            if top not in found:
                found.append(top)
                queue.extend(base for base in top.bases if isinstance(base, ClassInfo))
        return found

    @cached_property
    def foreign_bases(self) -> list[str | None]:
        """Bases outside this file, of the class and of its bases in the file."""
        return [b for info in self.lineage for b in info.bases if not isinstance(b, ClassInfo)]

    @cached_property
    def imported(self) -> list[ImportedClass]:
        """The bases in other files of the project, nearest first."""
        near = [self.file.project.class_of(b) for b in self.foreign_bases if b is not None]
        return list(dict.fromkeys(c for base in near if base is not None for c in base.lineage))

    @cached_property
    def roots(self) -> list[str | None]:
        """The bases outside the project, or not known, that the class comes down to."""
        found: list[str | None] = []
        for base in self.foreign_bases:
            imported = self.file.project.class_of(base) if base is not None else None
            found.extend([base] if imported is None else imported.roots)
        return found

    @cached_property
    def is_module(self) -> bool:
        """Whether the class is an ``nn.Module``: known base, else a forward and torch imports.

        A mixin without a base of its own is what all that derive from it are.
        """
        if self.is_mixin:
            return True
        if self.has_module_base:
            return True
        looks = self.find_method("forward") is not None or any(
            c.reads_training for c in self.lineage
        )
        looks = looks or any(c.looks_like_module for c in self.imported)
        if not (self.may_be_module and looks):
            return False
        return self.file.imports_torch or any(c.torch_file for c in self.imported)

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
        return is_module_base(base) or base in self.file.more_bases

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

    def _imported_settings(self, name: str) -> list[Setting]:
        return [setting for c in self.imported for setting in c.outline.settings.get(name, ())]

    def _imported_write(self, name: str, setting: Setting) -> Write:
        """A write in another file, of which only a constant is known: as if at class level."""
        known = setting.known and setting.method in ("", *BUILDING_METHODS)
        value = cst.parse_expression(repr(setting.value)) if known else None
        return Write(name, self.node, value, None)


def self_name(function: cst.FunctionDef) -> str | None:
    """The name of a method's instance parameter; None for static and class methods."""
    for decorator in function.decorators:
        if tail_of(decorator.decorator).endswith(("staticmethod", "classmethod")):
            return None
    first = placed_parameters(function)[:1]
    return first[0].name.value if first else None


class Classes:
    """All classes of a file."""

    def __init__(self, tree: Tree, names: Names, more_bases: frozenset[str]) -> None:
        self._tree = tree
        self._names = names
        self.by_node: dict[cst.CSTNode, ClassInfo] = {}
        self.project = names.project
        self.more_bases = more_bases
        for scope in list(names.scopes.values()):
            if isinstance(scope.node, cst.ClassDef):
                info = ClassInfo(scope.node, scope, scope.qualname, file=self)
                self.by_node[scope.node] = info
        for info in self.by_node.values():
            info.bases = list(self._bases(info))
            self._fill(info)
        for info in self:
            for base in info.lineage[1:]:
                base.derived.append(info)

    def __iter__(self) -> Iterator[ClassInfo]:
        return iter(self.by_node.values())

    def are_related(self, one: ClassInfo, other: ClassInfo) -> bool:
        """Whether an instance of some class of the file is an instance of both."""
        below = [*one.derived, one]
        return any(info is other or info in other.derived for info in below)

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
        found = self._names.lookup(node.value, scope)
        nodes = [b.node for b in found[1] if b.kind == "class"] if found else []
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

    def _fill(self, info: ClassInfo) -> None:
        for node in _members(info.node.body):
            if isinstance(node, cst.FunctionDef):
                info.methods[node.name.value] = node
                own = self_name(node)
                if own is not None:
                    self._read_method(info, node, own)
            elif isinstance(node, (cst.Assign, cst.AnnAssign)):
                targets = (
                    [t.target for t in node.targets]
                    if isinstance(node, cst.Assign)
                    else [node.target]
                )
                for target in targets:
                    if isinstance(target, cst.Name) and node.value is not None:
                        self._write(info, target.value, target, node.value, None)

    def _read_method(self, info: ClassInfo, method: cst.FunctionDef, own: str) -> None:
        gone: cst.CSTNode | None = None
        for node in _body_nodes(method):
            if type(node) not in _READ:
                continue
            if isinstance(node, cst.Attribute) and is_self(node.value, own):
                if node.attr.value == "training" and node is not gone:
                    info.reads_training = True
            elif isinstance(node, (cst.Assign, cst.AnnAssign)):
                targets = (
                    [t.target for t in node.targets]
                    if isinstance(node, cst.Assign)
                    else [node.target]
                )
                for target in targets:
                    self._write_target(info, method, own, target, node.value)
            elif isinstance(node, (cst.AugAssign, cst.For, cst.CompFor, cst.Del)):
                gone = node.target if isinstance(node, cst.Del) else gone
                self._write_target(info, method, own, node.target, None)
            elif isinstance(node, cst.WithItem) and node.asname is not None:
                self._write_target(info, method, own, node.asname.name, None)
            elif isinstance(node, cst.Call):
                self._read_call(info, method, own, node)

    def _read_call(
        self, info: ClassInfo, method: cst.FunctionDef, own: str, node: cst.Call
    ) -> None:
        """``setattr(self, "x", …)``, ``self.register_buffer("x", …)`` and their kin."""
        func = node.func
        by_name = isinstance(func, cst.Name) and func.value == "setattr"
        by_method = (
            isinstance(func, cst.Attribute)
            and is_self(func.value, own)
            and func.attr.value in ("register_buffer", "register_parameter", "register_module",
                                    "add_module", "__setattr__")
        )  # fmt: skip
        if by_name and not (node.args and is_self(node.args[0].value, own)):
            return
        if not (by_name or by_method):
            return
        index = 1 if by_name else 0
        name = node.args[index].value if len(node.args) > index else None
        if isinstance(name, cst.SimpleString):
            self._write(info, str(name.evaluated_value), node, None, method)
        else:
            info.dynamic = True

    def _write_target(
        self,
        info: ClassInfo,
        method: cst.FunctionDef,
        own: str,
        target: cst.CSTNode,
        value: cst.BaseExpression | None,
    ) -> None:
        if isinstance(target, cst.Attribute) and is_self(target.value, own):
            self._write(info, target.attr.value, target, value, method)
        elif isinstance(target, (cst.Tuple, cst.List)):
            values: list[cst.BaseExpression | None] = [None] * len(target.elements)
            if isinstance(value, (cst.Tuple, cst.List)) and len(value.elements) == len(values):
                values = [element.value for element in value.elements]
            for element, part in zip(target.elements, values, strict=True):
                self._write_target(info, method, own, element.value, part)

    @staticmethod
    def _write(
        info: ClassInfo,
        name: str,
        target: cst.CSTNode,
        value: cst.BaseExpression | None,
        method: cst.FunctionDef | None,
    ) -> None:
        info.writes.setdefault(name, []).append(Write(name, target, value, method))


def is_self(node: cst.CSTNode | None, own: str | None) -> bool:
    return isinstance(node, cst.Name) and node.value == own


def _members(body: cst.BaseSuite) -> Iterator[cst.CSTNode]:
    """The statements of a class body, looking into ``if``, ``try`` and ``with``."""
    for node in children(body):
        if isinstance(node, cst.SimpleStatementLine):
            yield from node.body
        elif isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            yield node
        elif isinstance(
            node, (cst.If, cst.Else, cst.Try, cst.ExceptHandler, cst.With, cst.Finally)
        ):
            for child in children(node):
                if isinstance(child, cst.BaseSuite):
                    yield from _members(child)
                elif isinstance(child, (cst.If, cst.Else, cst.ExceptHandler, cst.Finally)):
                    yield from _members(cst.IndentedBlock(body=[child]))  # type: ignore[list-item]


def _body_nodes(method: cst.FunctionDef) -> Iterator[cst.CSTNode]:
    """Everything in a method's body but nested classes; nested functions keep the ``self``."""
    stack: list[cst.CSTNode] = [method.body]
    while stack:
        top = stack.pop()
        if isinstance(top, cst.ClassDef):
            continue
        yield top
        stack += reversed(children(top))
