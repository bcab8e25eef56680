"""Adding a module to a class: whether ``__init__`` can take one, where, under which name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

import libcst as cst

from dropout_lint.diagnostics import Edit
from dropout_lint.fixing.layout import end_of_block, indentation, line_end, new_line, newline_at
from dropout_lint.semantics.classes import ClassInfo, is_self, self_name
from dropout_lint.semantics.model import Model
from dropout_lint.semantics.tree import children, walk


class Refused(Exception):
    """Why the module form is not offered, in one sentence."""


# Foreign bases whose attributes are known not to clash with a `dropout…` name, and that register
# modules as nn.Module does. Lightning 2.6, torch_geometric 2.8 and transformers 5 were looked at.
_CLEAN_BASES = ("torch.nn.Module",)
_CLEAN_TAILS = ("LightningModule", "MessagePassing", "PreTrainedModel")
# Attributes of torch.nn.Module (torch 2.13) that a new name could meet.
_TAKEN = frozenset({"training", "T_destination", "call_super_init", "dump_patches"})
_ITERATES = frozenset(["children", "named_children", "modules", "named_modules", "_modules"])


def can_hold_modules(model: Model, owner: ClassInfo) -> None:
    """Raise `Refused` unless a module can be added to the class without changing anything else."""
    for base in owner.foreign_bases:
        if base is None or not (base in _CLEAN_BASES or base.rpartition(".")[2] in _CLEAN_TAILS):
            raise Refused(f"the base class `{base or '?'}` may treat its children in its own way")
    for info in owner.lineage:
        if info.dynamic:
            raise Refused("the class sets attributes under computed names")
        if info.node.decorators and any(_is_dataclass(d) for d in info.node.decorators):
            raise Refused("the class is a dataclass")
        if {"__getattr__", "__setattr__", "__getattribute__"} & info.methods.keys():
            raise Refused("the class handles attributes itself")
    for info in family(model, owner):
        _check_iteration(model, info)
    init = owner.methods.get("__init__")
    if init is None:
        if owner.foreign_bases != ["torch.nn.Module"] or len(owner.lineage) > 1:
            raise Refused("the class has no `__init__` of its own")
    else:
        _check_constructor(owner, init)
    for info in model.classes:
        if owner in info.lineage[1:] and "__init__" in info.methods:
            if _super_call(info.methods["__init__"]) is None:
                raise Refused(f"the subclass `{info.name}` does not call `super().__init__()`")


def insertion(
    model: Model, owner: ClassInfo, name: str, construction: str, needs: tuple[str, ...]
) -> Edit:
    """The edit that makes ``__init__`` build the module."""
    init = owner.methods.get("__init__")
    if init is None:
        return _new_constructor(model, owner, name, construction)
    own = self_name(init)
    anchor = _anchor(model, owner, init, needs)
    at = end_of_block(model.tree, anchor)
    return Edit(at, at, new_line(model.tree, anchor, f"{own}.{name} = {construction}"))


def new_name(
    model: Model, owner: ClassInfo, twin: str, habits: list[str], planned: Collection[str]
) -> str:
    """A free attribute name for a module, in the file's own manner.

    ``planned`` are the names given to other new modules of the file.
    """
    stem = {"Dropout": "dropout", "RReLU": "rrelu"}.get(twin) or "".join(
        "_" + char.lower() if char.isupper() and index else char.lower()
        for index, char in enumerate(twin)
    )
    usual = Counter(name.rstrip("0123456789_") for name in habits).most_common(1)
    if twin == "Dropout" and usual and usual[0][0] in ("drop", "do", "dp", "dropout_layer"):
        stem = usual[0][0]
    taken = _names_on_self(model, owner)
    if stem in taken and stem not in habits:  # it holds something else, as a rule the rate
        stem += "_layer"
    names = (stem, *(f"{stem}{number}" for number in range(2, 1000)))
    return next(name for name in names if name not in taken and name not in planned)


def family(model: Model, owner: ClassInfo) -> set[ClassInfo]:
    """The class with its bases and subclasses in the file, and theirs: they share one ``self``."""
    found = set(owner.lineage)
    for info in model.classes:
        if found & set(info.lineage):
            found.add(info)
    return found


def _names_on_self(model: Model, owner: ClassInfo) -> set[str]:
    """Every attribute name that the class and its kin in the file use on self."""
    taken = set(_TAKEN)
    for info in family(model, owner):
        taken |= info.methods.keys() | info.writes.keys()
        own = {self_name(method) for method in info.methods.values()}
        for node in walk(info.node.body):
            if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name):
                if node.value.value in own:
                    taken.add(node.attr.value)
            elif isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
                if node.func.value in ("getattr", "hasattr", "setattr", "delattr"):
                    taken |= {
                        str(arg.value.evaluated_value)
                        for arg in node.args
                        if isinstance(arg.value, cst.SimpleString)
                    }
    return taken


def _check_iteration(model: Model, info: ClassInfo) -> None:
    """A class that goes through its children by number or kind notices a new one."""
    for node in walk(info.node.body):
        if not isinstance(node, cst.Attribute) or node.attr.value not in _ITERATES:
            continue
        if node.attr.value in ("modules", "named_modules") and _only_sorts_by_type(model, node):
            continue
        raise Refused(f"`{info.name}` iterates over `{node.attr.value}`")


def _only_sorts_by_type(model: Model, node: cst.Attribute) -> bool:
    """``for m in self.modules(): if isinstance(m, nn.Conv2d): …``, blind to a new dropout."""
    loop = next((above for above in model.tree.ancestors(node) if isinstance(above, cst.For)), None)
    if loop is None or not isinstance(loop.body, cst.IndentedBlock):
        return False
    if not any(below is node for below in walk(loop.iter)):
        return False
    return all(isinstance(s, cst.If) and _is_type_chain(s) for s in loop.body.body)


def _is_type_chain(node: cst.If) -> bool:
    test = node.test
    if not (isinstance(test, cst.Call) and isinstance(test.func, cst.Name)):
        return False
    if test.func.value != "isinstance" or len(test.args) != 2:
        return False
    asked = [n for n in walk(test.args[1].value) if isinstance(n, (cst.Name, cst.Attribute))]
    names = {n.attr.value if isinstance(n, cst.Attribute) else n.value for n in asked}
    if "Module" in names or any("rop" in name for name in names):
        return False
    if node.orelse is None:
        return True
    return isinstance(node.orelse, cst.If) and _is_type_chain(node.orelse)


def _is_dataclass(node: cst.Decorator) -> bool:
    names = [n for n in walk(node) if isinstance(n, cst.Name)]
    return any(n.value in ("dataclass", "dataclasses", "define", "attrs", "attr") for n in names)


def _check_constructor(owner: ClassInfo, init: cst.FunctionDef) -> None:
    if self_name(init) is None or not isinstance(init.body, cst.IndentedBlock):
        raise Refused("`__init__` is written on one line")
    if model_is_conditional(owner, init):
        raise Refused("`__init__` is defined under a condition")
    if _super_call(init) is None:
        raise Refused("`__init__` does not call `super().__init__()`")
    if any(isinstance(node, cst.Return) for node in _own_nodes(init)):
        raise Refused("`__init__` may return early")


def model_is_conditional(owner: ClassInfo, init: cst.FunctionDef) -> bool:
    return all(child is not init for child in children(owner.node.body))


def _own_nodes(function: cst.FunctionDef) -> Iterator[cst.CSTNode]:
    """A function's nodes but those of functions and classes nested in it."""
    stack: list[cst.CSTNode] = [function.body]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Lambda)):
            stack.extend(children(node))


def _super_call(init: cst.FunctionDef) -> cst.SimpleStatementLine | None:
    """The statement of the body that calls the base's ``__init__``, where it surely runs."""
    if not isinstance(init.body, cst.IndentedBlock):
        return None
    for line in init.body.body:
        if not isinstance(line, cst.SimpleStatementLine):
            continue
        for statement in line.body:
            call = statement.value if isinstance(statement, cst.Expr) else None
            if (
                isinstance(call, cst.Call)
                and isinstance(call.func, cst.Attribute)
                and call.func.attr.value == "__init__"
                and not is_self(call.func.value, self_name(init))
            ):
                return line
    return None


def _anchor(
    model: Model, owner: ClassInfo, init: cst.FunctionDef, needs: tuple[str, ...]
) -> cst.CSTNode:
    """The statement of ``__init__`` behind which the module is built.

    The last one that sets an attribute, so that trailing calls (``self.reset_parameters()``) stay
    last; at least the ``super().__init__()`` call and everything that the rate needs.
    """
    assert isinstance(init.body, cst.IndentedBlock)
    own = self_name(init)
    called = _super_call(init)
    anchor: cst.CSTNode | None = called
    seen_super = False
    for statement in init.body.body:
        seen_super = seen_super or statement is called
        if not seen_super:
            continue
        if any(_sets_attribute(node, own) for node in walk(statement)):
            anchor = statement
    missing = {need for need in needs if not _set_by(owner, init, need)}
    if missing and not all(_inherited(owner, need) for need in missing):
        raise Refused(f"`self.{missing.pop()}` is not set in this `__init__`")
    assert anchor is not None
    return anchor


def _set_by(owner: ClassInfo, init: cst.FunctionDef, name: str) -> bool:
    return any(w.method is init or w.method is None for w in owner.writes.get(name, ()))


def _inherited(owner: ClassInfo, name: str) -> bool:
    """Set by the ``__init__`` of a base in the file, which ``super().__init__()`` has run."""
    return any(name in info.writes for info in owner.lineage[1:])


def _sets_attribute(node: cst.CSTNode, own: str | None) -> bool:
    target = node.target if isinstance(node, (cst.AssignTarget, cst.AnnAssign)) else None
    return isinstance(target, cst.Attribute) and is_self(target.value, own)


def _new_constructor(model: Model, owner: ClassInfo, name: str, construction: str) -> Edit:
    """An ``__init__`` for a class that has none and inherits from ``nn.Module`` alone."""
    body = owner.node.body
    if not isinstance(body, cst.IndentedBlock):
        raise Refused("the class body is written on one line")
    text = model.tree.text
    first = next((s for s in body.body if isinstance(s, cst.FunctionDef)), None)
    if first is None:
        raise Refused("the class has no method")
    indent = indentation(text, model.tree.span(first)[0])
    unit = model.tree.module.default_indent
    at = model.tree.outer_span(first)[0]  # above the comments that belong to the method
    while not text[at : line_end(text, at)].strip():
        at = line_end(text, at) + len(newline_at(text, at))
    newline = newline_at(text, at)
    lines = [
        f"{indent}def __init__(self):",
        f"{indent}{unit}super().__init__()",
        f"{indent}{unit}self.{name} = {construction}",
        "",
        "",
    ]
    return Edit(at, at, newline.join(lines))
