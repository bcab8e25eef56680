"""Classes of other files in outline: bases, methods, and the attributes that are set on self."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import cached_property

from dropout_lint.semantics.project.ast_reading import (
    assignments,
    dotted_name,
    is_name,
    statements,
)

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
    """A class: its bases as the file spells them (None: computed), methods, attributes it sets.

    ``loops`` are those of its methods ``train`` and ``eval`` that take more than nn.Module's do,
    ``reading`` the methods that read the mode, themselves or through others of the class.
    """

    name: str
    bases: tuple[str | None, ...]
    methods: frozenset[str]
    loops: frozenset[str]
    settings: dict[str, tuple[Setting, ...]]
    reading: frozenset[str]

    @property
    def reads_training(self) -> bool:
        return bool(self.reading)


@dataclass(frozen=True, eq=False)
class ImportedClass:
    """A class of another file with its bases: classes of the project, dotted names, or None."""

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
        classes: dict[ImportedClass, None] = {}
        queue = [self]
        while queue:
            top = queue.pop(0)
            if top in classes:
                continue
            classes[top] = None
            queue.extend(b for b in top.bases if isinstance(b, ImportedClass) and b not in classes)
        return tuple(classes)

    @cached_property
    def roots(self) -> tuple[str | None, ...]:
        """The bases outside the project (None: not known)."""
        return tuple(b for c in self.lineage for b in c.bases if not isinstance(b, ImportedClass))


def class_outline(node: ast.ClassDef) -> ClassOutline:
    """The outline of a class of a parsed file."""
    methods: set[str] = set()
    loops: set[str] = set()
    settings: dict[str, list[Setting]] = {}
    read: dict[str, set[str]] = {}
    for member, _ in statements(node.body):
        if isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)):
            methods.add(member.name)
            loops = loops | {member.name} if _is_loop(member) else loops - {member.name}
            if any((dotted_name(d) or "").rpartition(".")[2] in _PROPERTIES
                   for d in member.decorator_list):  # fmt: skip
                settings.setdefault(member.name, []).append(Setting(member.name))
            read[member.name] = _read_method(member, settings)
        for target, value in assignments(member):
            if isinstance(target, ast.Name):
                settings.setdefault(target.id, []).append(_setting("", value))
    return ClassOutline(
        node.name,
        tuple(map(_base, node.bases)),
        frozenset(methods),
        frozenset(loops),
        {name: tuple(values) for name, values in settings.items()},
        _reading(read),
    )


def _reading(read: dict[str, set[str]]) -> frozenset[str]:
    """The methods that read ``training``, or a method that does, by the attributes they read."""
    reading = {name for name, attributes in read.items() if "training" in attributes}
    while True:
        more = {name for name, attributes in read.items() if attributes & reading} - reading
        if not more:
            return frozenset(reading)
        reading |= more


def _is_loop(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a method named as nn.Module's ``train`` or ``eval`` is something else."""
    most = {"train": 2, "eval": 1}.get(method.name)
    args = method.args
    count = len(args.posonlyargs) + len(args.args) + len(args.kwonlyargs)
    return most is not None and (count > most or bool(args.vararg or args.kwarg))


def _base(node: ast.expr) -> str | None:
    while isinstance(node, ast.Subscript):  # Generic[T], Base[Config]
        node = node.value
    return dotted_name(node)


def _read_method(
    method: ast.FunctionDef | ast.AsyncFunctionDef, settings: dict[str, list[Setting]]
) -> set[str]:
    """What a method reads from self; what it sets on self is added to ``settings``."""
    first = [*method.args.posonlyargs, *method.args.args][:1]
    if not first or any(is_name(d, "staticmethod") for d in method.decorator_list):
        return set()
    own = first[0].arg
    reads: set[str] = set()
    writes: list[tuple[str, Setting]] = []
    values: dict[ast.expr, ast.expr] = {}
    stack: list[ast.AST] = list(reversed(method.body))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.ClassDef):
            continue
        if isinstance(node, ast.stmt):
            values.update(assignments(node))
        elif isinstance(node, ast.Attribute) and is_name(node.value, own):
            if isinstance(node.ctx, ast.Load):
                reads.add(node.attr)
            else:
                writes.append((node.attr, _setting(method.name, values.get(node))))
        elif isinstance(node, ast.Call) and is_name(node.func, "setattr") and len(node.args) > 1:
            if is_name(node.args[0], own) and isinstance(node.args[1], ast.Constant):
                writes.append((str(node.args[1].value), Setting(method.name)))
        stack.extend(reversed(list(ast.iter_child_nodes(node))))
    by_mode = "training" in reads or method.name in ("train", "eval")
    for name, setting in writes:
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
