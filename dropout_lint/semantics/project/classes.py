"""The classes of other files: what a class inherits over the borders of its file."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

_PROPERTIES = frozenset({"property", "cached_property"})


@dataclass(frozen=True)
class Setting:
    """An assignment to an attribute of a class, in the method of that name ("": in the class body).

    ``value`` counts only where ``known``: constants are, everything else is not. ``by_mode`` says
    that the method is ``train`` or ``eval``, or reads ``self.training``.
    """

    method: str
    known: bool = False
    value: object = None
    by_mode: bool = False


@dataclass(frozen=True, eq=False)
class ClassOutline:
    """A class: its bases as the file spells them (None: computed), methods, what is set on self.

    ``loops`` are those of its methods ``train`` and ``eval`` that take more than nn.Module's do.
    """

    name: str
    bases: tuple[str | None, ...]
    methods: frozenset[str]
    loops: frozenset[str]
    settings: dict[str, tuple[Setting, ...]]
    reads_training: bool


@dataclass(frozen=True, eq=False)
class ImportedClass:
    """A class of another file. ``bases`` holds a FarClass, a dotted name, or None per base."""

    name: str
    outline: ClassOutline
    bases: tuple[ImportedClass | str | None, ...]
    torch_file: bool

    @property
    def looks_like_module(self) -> bool:
        return "forward" in self.outline.methods or self.outline.reads_training

    @cached_property
    def lineage(self) -> tuple[ImportedClass, ...]:
        """The class and its bases in the project, nearest first."""
        found: dict[ImportedClass, None] = {}
        queue = [self]
        while queue:
            top = queue.pop(0)
            found[top] = None
            queue.extend(b for b in top.bases if isinstance(b, ImportedClass) and b not in found)
        return tuple(found)

    @cached_property
    def roots(self) -> tuple[str | None, ...]:
        """The bases outside the project (None: not known)."""
        return tuple(b for c in self.lineage for b in c.bases if not isinstance(b, ImportedClass))


def class_outline(node: ast.ClassDef) -> ClassOutline:
    methods: dict[str, bool] = {}
    settings: dict[str, list[Setting]] = {}
    reads_training = False
    for member, _ in statements(node.body, True):
        if isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)):
            methods[member.name] = _is_loop(member)
            if any((dotted_name(d) or "").rpartition(".")[2] in _PROPERTIES
                   for d in member.decorator_list):  # fmt: skip
                settings.setdefault(member.name, []).append(Setting(member.name))
            reads_training = _read_method(member, settings) or reads_training
        elif isinstance(member, (ast.Assign, ast.AnnAssign)) and member.value is not None:
            for target in member.targets if isinstance(member, ast.Assign) else [member.target]:
                if isinstance(target, ast.Name):
                    settings.setdefault(target.id, []).append(_setting("", member.value))
    bases = tuple(_base(base) for base in node.bases)
    found = {name: tuple(values) for name, values in settings.items()}
    loops = frozenset(name for name, is_loop in methods.items() if is_loop)
    return ClassOutline(node.name, bases, frozenset(methods), loops, found, reads_training)


def _is_loop(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a method named as nn.Module's ``train`` or ``eval`` is something else."""
    most = {"train": 2, "eval": 1}.get(method.name)
    given = method.args
    count = len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs)
    return most is not None and (count > most or bool(given.vararg or given.kwarg))


def _base(node: ast.expr) -> str | None:
    while isinstance(node, ast.Subscript):  # Generic[T], Base[Config]
        node = node.value
    return dotted_name(node)


def _read_method(
    method: ast.FunctionDef | ast.AsyncFunctionDef, settings: dict[str, list[Setting]]
) -> bool:
    """Note what a method sets on its instance; whether it reads ``self.training``."""
    first = [*method.args.posonlyargs, *method.args.args][:1]
    if not first or any(is_name(d, "staticmethod") for d in method.decorator_list):
        return False
    own, reads = first[0].arg, False
    found: list[tuple[str, Setting]] = []
    plain: dict[ast.expr, ast.expr] = {}
    stack: list[ast.AST] = list(reversed(method.body))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.ClassDef):
            continue
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            plain.update((target, node.value) for target in targets)
        elif isinstance(node, ast.Attribute) and is_name(node.value, own):
            if isinstance(node.ctx, ast.Load):
                reads = reads or node.attr == "training"
            else:
                found.append((node.attr, _setting(method.name, plain.get(node))))
        elif isinstance(node, ast.Call) and is_name(node.func, "setattr") and len(node.args) > 1:
            if is_name(node.args[0], own) and isinstance(node.args[1], ast.Constant):
                found.append((str(node.args[1].value), Setting(method.name)))
        stack.extend(reversed(list(ast.iter_child_nodes(node))))
    by_mode = reads or method.name in ("train", "eval")
    for name, setting in found:
        settings.setdefault(name, []).append(replace(setting, by_mode=by_mode))
    return reads


def _setting(method: str, value: ast.expr | None) -> Setting:
    sign = 1
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
        sign, value = -1, value.operand
    if isinstance(value, ast.Constant):
        if sign == 1:
            return Setting(method, True, value.value)
        if isinstance(value.value, (int, float)):
            return Setting(method, True, -value.value)
    return Setting(method)


def statements(body: Sequence[ast.stmt], certain: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements that run when the module is imported, and whether each surely does."""
    stack = [(node, certain) for node in reversed(body)]
    while stack:
        node, sure = stack.pop()
        yield node, sure
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        inner = sure and isinstance(node, (ast.With, ast.AsyncWith))
        below = [s for part in ast.iter_child_nodes(node) for s in _nested(part)]
        stack.extend((s, inner) for s in reversed(below))


def _nested(part: ast.AST) -> list[ast.stmt]:
    if isinstance(part, ast.stmt):
        return [part]
    return part.body if isinstance(part, (ast.ExceptHandler, ast.match_case)) else []


def is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def dotted_name(node: ast.expr) -> str | None:
    """``a.b.c`` as text; None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])
