"""The body of a class: its methods, and what it writes to attributes of the class and of self."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from dropout_lint.python_names import CONSTRUCTORS
from dropout_lint.semantics.syntax.scopes import placed_parameters
from dropout_lint.semantics.syntax.tree import assigned, children, tail_of, unpacked
from dropout_lint.vocabulary.methods import BUILDING_NAMES

# Methods that run in train mode, whoever calls them: constructors, and those that set the mode.
ALWAYS_BUILDING = CONSTRUCTORS | {"__init_subclass__", "train", "eval"}
# Methods that belong to the construction of a module, which is then in train mode.
BUILDING_METHODS = ALWAYS_BUILDING | BUILDING_NAMES
# Methods of ``nn.Module`` that set an attribute whose name is an argument.
REGISTERS = frozenset(
    "register_buffer register_parameter register_module add_module __setattr__".split()
)
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


def is_self(node: cst.CSTNode | None, own: str | None) -> bool:
    return isinstance(node, cst.Name) and node.value == own


def self_name(function: cst.FunctionDef) -> str | None:
    """The name of a method's instance parameter; None for static and class methods."""
    for decorator in function.decorators:
        if tail_of(decorator.decorator).endswith(("staticmethod", "classmethod")):
            return None
    first = placed_parameters(function)[:1]
    return first[0].name.value if first else None


class ClassBody:
    """What one class statement defines.

    ``writes`` are the writes by attribute; ``dynamic`` says that there are some whose attribute is
    computed.
    """

    def __init__(self, node: cst.ClassDef) -> None:
        self.node = node
        self.methods: dict[str, cst.FunctionDef] = {}
        self.writes: dict[str, list[Write]] = {}
        self.reads_training = False
        self.dynamic = False
        for member in _members(node.body):
            if isinstance(member, cst.FunctionDef):
                self.methods[member.name.value] = member
                own = self_name(member)
                if own is not None:
                    self._read_method(member, own)
            elif isinstance(member, (cst.Assign, cst.AnnAssign)) and member.value is not None:
                for target in assigned(member):
                    if isinstance(target, cst.Name):
                        self._write(target.value, target, member.value, None)

    def _read_method(self, method: cst.FunctionDef, own: str) -> None:
        deleted: cst.CSTNode | None = None
        for node in _body_nodes(method):
            if type(node) not in _READ:
                continue
            if isinstance(node, cst.Attribute) and is_self(node.value, own):
                if node.attr.value == "training" and node is not deleted:
                    self.reads_training = True
            elif isinstance(node, (cst.Assign, cst.AnnAssign)):
                for target in assigned(node):
                    self._write_target(method, own, target, node.value)
            elif isinstance(node, (cst.AugAssign, cst.For, cst.CompFor, cst.Del)):
                deleted = node.target if isinstance(node, cst.Del) else deleted
                self._write_target(method, own, node.target, None)
            elif isinstance(node, cst.WithItem) and node.asname is not None:
                self._write_target(method, own, node.asname.name, None)
            elif isinstance(node, cst.Call):
                self._read_call(method, own, node)

    def _read_call(self, method: cst.FunctionDef, own: str, node: cst.Call) -> None:
        """Note ``setattr(self, "x", …)``, ``self.register_buffer("x", …)`` and the like."""
        func, args = node.func, node.args
        if isinstance(func, cst.Name) and func.value == "setattr":
            if not (args and is_self(args[0].value, own)):
                return
            args = args[1:]
        elif not (
            isinstance(func, cst.Attribute)
            and is_self(func.value, own)
            and func.attr.value in REGISTERS
        ):
            return
        name = args[0].value if args else None
        if isinstance(name, cst.SimpleString):
            self._write(str(name.evaluated_value), node, None, method)
        else:
            self.dynamic = True

    def _write_target(
        self,
        method: cst.FunctionDef,
        own: str,
        target: cst.CSTNode,
        value: cst.BaseExpression | None,
    ) -> None:
        if isinstance(target, cst.Attribute) and is_self(target.value, own):
            self._write(target.attr.value, target, value, method)
        elif isinstance(target, (cst.Tuple, cst.List)):
            for element, part in unpacked(target, value):
                self._write_target(method, own, element.value, part)

    def _write(
        self,
        name: str,
        target: cst.CSTNode,
        value: cst.BaseExpression | None,
        method: cst.FunctionDef | None,
    ) -> None:
        self.writes.setdefault(name, []).append(Write(name, target, value, method))


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
