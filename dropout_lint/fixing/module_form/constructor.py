"""Adding a module to a class: whether ``__init__`` can build one, and at which statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from functools import cached_property

import libcst as cst

from dropout_lint.diagnostics import Edit
from dropout_lint.fixing.edits.layout import (
    end_of_block,
    indentation,
    line_end,
    new_line,
    newline_at,
)
from dropout_lint.fixing.instances.attributes import AttributeUses
from dropout_lint.fixing.instances.inheritance import (
    and_subclasses,
    built_past_init,
    constructor_calls,
    initialises,
    is_followed_by,
    related_classes,
    runs_constructor_of,
)
from dropout_lint.fixing.instances.nodes import assigned
from dropout_lint.fixing.library_names import (
    CHECKING_DECORATORS,
    DATACLASS_DECORATORS,
    HANDLES_ATTRIBUTES,
    HARMLESS_WITH_SELF,
)
from dropout_lint.fixing.module_form.children import check_iteration
from dropout_lint.fixing.module_form.far_bases import holds_modules, runs_module_init
from dropout_lint.fixing.module_form.refusal import RefusableResults, Refusal
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self, self_name
from dropout_lint.semantics.syntax.tree import children, tail_of, walk


def can_hold_modules(model: SemanticModel, owner: ClassInfo) -> None:
    """Raise `Refusal` unless a module can be added to the class without changing anything else."""
    for base in owner.foreign_bases:
        if not holds_modules(model, base):
            raise Refusal(f"the base class `{base or '?'}` may treat its children in its own way")
    related = related_classes(model, owner)
    uses = AttributeUses.of(model)
    for info in related:
        if any(write.starts is None for write in uses.computed_on(info)):
            raise Refusal("the class sets attributes under computed names")
    for info in owner.lineage:
        if info.node.decorators and any(_is_dataclass(d) for d in info.node.decorators):
            raise Refusal("the class is a dataclass")
        if HANDLES_ATTRIBUTES & info.methods.keys():
            raise Refusal("the class handles attributes itself")
    check_iteration(model, owner)
    past_init = built_past_init(model, owner)
    if past_init is not None:
        raise Refusal(past_init)
    init = owner.methods.get("__init__")
    if init is None:
        if owner.foreign_bases != ["torch.nn.Module"] or len(owner.lineage) > 1:
            raise Refusal("the class has no `__init__` of its own")
    else:
        _check_constructor(model, owner, init)
    for info in and_subclasses(owner):
        if not runs_constructor_of(model, info, owner):
            raise Refusal(f"`{info.name}` does not surely run the `__init__` of `{owner.name}`")
        if init is None and not is_followed_by(owner, info, "torch.nn.Module"):
            raise Refusal(f"`{info.name}` has another `__init__` behind that of `{owner.name}`")


def _is_dataclass(node: cst.Decorator) -> bool:
    names = [n for n in walk(node) if isinstance(n, cst.Name)]
    return any(n.value in DATACLASS_DECORATORS for n in names)


def _check_constructor(model: SemanticModel, owner: ClassInfo, init: cst.FunctionDef) -> None:
    """Raise `Refusal` unless ``__init__`` surely initialises the module and runs to its end."""
    if self_name(init) is None or not isinstance(init.body, cst.IndentedBlock):
        raise Refusal("`__init__` is written on one line")
    if all(child is not init for child in children(owner.node.body)):
        raise Refusal("`__init__` is defined under a condition")
    if any(tail_of(d.decorator) not in CHECKING_DECORATORS for d in init.decorators):
        raise Refusal("`__init__` is decorated")
    if not initialises(model, owner, lambda base: runs_module_init(model, base)):
        raise Refusal("`__init__` does not surely call that of `nn.Module`")
    if any(isinstance(node, cst.Return) for node in _own_nodes(init)):
        raise Refusal("`__init__` may return early")


def _own_nodes(function: cst.FunctionDef) -> Iterator[cst.CSTNode]:
    """The nodes of a function without those of functions and classes nested in it."""
    stack: list[cst.CSTNode] = [function.body]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Lambda)):
            stack.extend(children(node))


# --- where in `__init__` ------------------------------------------------------------------------


class Constructor:
    """The ``__init__`` of one class, and where new modules are built in it."""

    def __init__(self, model: SemanticModel, owner: ClassInfo) -> None:
        self._model, self._owner = model, owner
        self._init = owner.methods.get("__init__")
        self._results = RefusableResults()

    def insertion(self, name: str, construction: str, needs: tuple[str, ...]) -> Edit:
        """The edit that makes ``__init__`` build the module. Raises `Refusal` without a place."""
        model, init = self._model, self._init
        if init is None:
            return _new_constructor(model, self._owner, name, construction)
        anchor = _in_branch(model, self._owner, init, needs)
        if anchor is None:
            anchor = self._results.get(needs, lambda: self._anchor(init, needs))
        at = end_of_block(model.tree, anchor)
        return Edit(
            at, at, new_line(model.tree, anchor, f"{self_name(init)}.{name} = {construction}")
        )

    def _anchor(self, init: cst.FunctionDef, needs: tuple[str, ...]) -> cst.CSTNode:
        """The statement of ``__init__`` after which the module is built.

        It is the last one that sets an attribute, so that trailing calls
        (``self.reset_parameters()``) stay last. It does not come before a call of a base's
        ``__init__`` or before an attribute that the rate needs. It comes before the first statement
        that runs a method which drops.
        """
        assert isinstance(init.body, cst.IndentedBlock)
        body = init.body.body
        earliest, wanted, latest = self._results.get("places", lambda: self._places(init))
        for need in needs:
            earliest = max(earliest, self._set_at(body, self_name(init), need))
        if latest < earliest:
            raise Refusal("`__init__` runs the method before the module could be there")
        return body[min(max(wanted, earliest), latest)]

    def _places(self, init: cst.FunctionDef) -> tuple[int, int, int]:
        """The statements after which a module can be built at the earliest, by custom, at last."""
        body = init.body.body
        calls = {call.line for call in constructor_calls(init)}
        earliest = max(at for at, statement in enumerate(body) if statement in calls)
        wanted = max((places[-1] for places in self._setting.values()), default=earliest)
        limit = first_run(self._model, self._owner, init)
        latest = len(body) - 1
        if limit is not None:
            latest = next(at for at, s in enumerate(body) if s is limit) - 1
        return earliest, wanted, latest

    @cached_property
    def _setting(self) -> dict[str, list[int]]:
        """The statements of ``__init__`` that set an attribute of self in any branch, by name."""
        setting: dict[str, list[int]] = {}
        if self._init is not None:
            for at, statement in enumerate(self._init.body.body):
                for name in _attributes_set(statement, self_name(self._init)):
                    setting.setdefault(name, []).append(at)
        return setting

    def _set_at(self, body: Sequence[cst.CSTNode], own: str | None, name: str) -> int:
        """The index of the last statement that sets an attribute; -1: a base does."""
        setting = self._setting.get(name, [])
        class_level = any(write.method is None for write in self._owner.find_writes(name))
        if class_level or any(_surely_sets(body[at], own, name) for at in setting):
            return max(setting, default=-1)
        for info in self._owner.lineage[1:]:
            init = info.methods.get("__init__")
            if init is not None and isinstance(init.body, cst.IndentedBlock):
                if any(_surely_sets(s, self_name(init), name) for s in init.body.body):
                    return max(setting, default=-1)
        raise Refusal(f"`self.{name}` is not surely set in `__init__`")


def _in_branch(
    model: SemanticModel, owner: ClassInfo, init: cst.FunctionDef, needs: tuple[str, ...]
) -> cst.CSTNode | None:
    """The only statement that sets the rate, if it stands in a branch of ``__init__``.

    A module that is built there is there wherever the rate is. None where the rate is set at the
    top of ``__init__``, or in several places.
    """
    writes = [write for need in needs for write in owner.find_writes(need)]
    if len(writes) != 1 or writes[0].method is not init:
        return None
    path = list(model.tree.ancestors(writes[0].target))
    path = path[: path.index(init)]
    lines = [node for node in path if isinstance(node, cst.SimpleStatementLine)]
    blocks = (cst.If, cst.Else, cst.IndentedBlock)
    above = path[path.index(lines[0]) + 1 :] if lines else []
    if len(above) < 3 or not all(isinstance(node, blocks) for node in above):
        return None
    body = list(init.body.body)
    at = body.index(above[-2])
    calls = [call.line for call in constructor_calls(init)]
    limit = first_run(model, owner, init)
    before = limit is None or at < next(i for i, s in enumerate(body) if s is limit)
    return lines[0] if before and all(body.index(line) < at for line in calls) else None


def first_run(model: SemanticModel, owner: ClassInfo, init: cst.FunctionDef) -> cst.CSTNode | None:
    """The first statement of ``__init__`` that may run a method of the class which drops.

    Raises `Refusal` if a base's constructor does so already.
    """
    related = related_classes(model, owner)
    methods = _reaching(
        related, {site.function.name for site in model.sites if site.function.owner in related}
    )
    for info in owner.lineage[1:]:
        base = info.methods.get("__init__")
        if base is not None and _may_run(base.body, self_name(base), methods):
            raise Refusal(f"the `__init__` of `{info.name}` runs the method")
    own = self_name(init)
    return next((s for s in init.body.body if _may_run(s, own, methods)), None)


def _reaching(related: Set[ClassInfo], methods: set[str]) -> set[str]:
    """The methods that may call one of ``methods`` through ``self``, and those themselves."""
    reaching, before = set(methods), 0
    while len(reaching) > before:
        before = len(reaching)
        if {"forward", "__call__"} & reaching:
            reaching |= {"forward", "__call__"}
        for info in related:
            for name, method in info.methods.items():
                if name not in reaching and name != "__init__":
                    if _may_run(method.body, self_name(method), reaching):
                        reaching.add(name)
    return reaching


def _may_run(body: cst.CSTNode, own: str | None, methods: set[str]) -> bool:
    """Whether code may call one of the methods: by name, as ``self(…)``, or as self escapes."""
    stack = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Attribute) and is_self(node.value, own):
            if node.attr.value in methods:
                return True
            continue
        if isinstance(node, cst.Call):
            func = node.func
            if is_self(func, own):
                return "forward" in methods
            if tail_of(func) in HARMLESS_WITH_SELF:
                stack += [arg.value for arg in node.args if not is_self(arg.value, own)]
                stack.append(func)
                continue
        if is_self(node, own):
            return True
        stack.extend(children(node))
    return False


def _attributes_set(statement: cst.CSTNode, own: str | None) -> set[str]:
    """The attributes of self that a statement sets in any branch."""
    return {
        target.attr.value
        for node in walk(statement)
        if not isinstance(node, cst.Del)
        for target in assigned(node)
        if isinstance(target, cst.Attribute) and is_self(target.value, own)
    }


def _surely_sets(statement: cst.CSTNode, own: str | None, name: str) -> bool:
    """Whether a statement sets an attribute on every path."""
    if isinstance(statement, cst.If):
        branches: list[cst.CSTNode] = [statement.body]
        if statement.orelse is None:
            return False
        other = statement.orelse
        branches.append(other.body if isinstance(other, cst.Else) else other)
        return all(
            any(_surely_sets(s, own, name) for s in _statements(branch)) for branch in branches
        )
    if isinstance(statement, cst.With):
        return any(_surely_sets(s, own, name) for s in _statements(statement.body))
    return isinstance(statement, cst.SimpleStatementLine) and name in _attributes_set(
        statement, own
    )


def _statements(node: cst.CSTNode) -> tuple[cst.CSTNode, ...]:
    return tuple(node.body) if isinstance(node, cst.IndentedBlock) else (node,)


def _new_constructor(model: SemanticModel, owner: ClassInfo, name: str, construction: str) -> Edit:
    """The edit that adds an ``__init__`` to a class without one whose base is ``nn.Module``."""
    body = owner.node.body
    if not isinstance(body, cst.IndentedBlock):
        raise Refusal("the class body is written on one line")
    text = model.tree.text
    first = next((s for s in body.body if isinstance(s, cst.FunctionDef)), None)
    if first is None:
        raise Refusal("the class has no method")
    indent = indentation(text, model.tree.span(first)[0])
    function = model.tree.module.default_indent
    at = model.tree.outer_span(first)[0]  # above the comments that belong to the method
    while not text[at : line_end(text, at)].strip():
        at = line_end(text, at) + len(newline_at(text, at))
    newline = newline_at(text, at)
    lines = [
        f"{indent}def __init__(self):",
        f"{indent}{function}super().__init__()",
        f"{indent}{function}self.{name} = {construction}",
        "",
        text[at],
    ]
    # A replacement, so that a second module waits until there is an `__init__` to add it to.
    return Edit(at, at + 1, newline.join(lines))
