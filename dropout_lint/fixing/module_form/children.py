"""Iterations over the children of a module, by position or type, that a new child would change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from weakref import WeakKeyDictionary

import libcst as cst

from dropout_lint.fixing.instances.inheritance import and_subclasses, related_classes
from dropout_lint.fixing.instances.nodes import bindings_of, string_of
from dropout_lint.fixing.library_names import CHILD_ITERATIONS, NOT_OF_DROPOUT
from dropout_lint.fixing.module_form.other_modules import OtherModules
from dropout_lint.fixing.module_form.refusal import Refusal
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import tail_of, walk


def check_iteration(model: SemanticModel, owner: ClassInfo) -> None:
    """Raise `Refusal` if the file may iterate so over the children of an instance.

    That is looked for in the related classes, in classes that may hold an instance, and in code
    that has just built one.
    """
    related = related_classes(model, owner)
    iterations = _Iterations.of(model)
    holders = _holders(model, owner) if iterations.calls else set()
    others = OtherModules(model, owner, holders)
    for iteration, scope in iterations.calls:
        if others.include(iteration.value, scope):
            continue
        function = model.functions.of_scope(scope)
        around = function.owner if function is not None else None
        name = iteration.attr.value
        if around is not None and around in related | holders:
            raise Refusal(f"`{around.name}` iterates over `{name}`")
        of_any = _is_parameter(model, iteration.value, scope) and _is_indexed(model, iteration)
        if of_any or _is_instance(model, iteration.value, scope, and_subclasses(owner)):
            raise Refusal(f"the file iterates over `{name}` of a `{owner.name}`")
    for info in related & iterations.by_name:
        raise Refusal(f"`{info.name}` iterates over `_modules`")


class _Iterations:
    """What iterates over children in one file: its calls, and the classes that say `_modules`."""

    _known: ClassVar[WeakKeyDictionary[SemanticModel, _Iterations]] = WeakKeyDictionary()

    def __init__(self, model: SemanticModel) -> None:
        self.calls: list[tuple[cst.Attribute, Scope]] = []
        for mention, scope in model.names.mentions:
            node = _child_iteration(mention)
            if node is None or _only_dispatches_on_type(model, node):
                continue
            if not _is_built_of_torch(model, node.value, scope):
                self.calls.append((node, scope))
        classes = model.classes.by_node
        self.by_name = {
            classes[above]
            for node in (walk(model.tree.module) if "_modules" in model.tree.text else ())
            if isinstance(node, cst.SimpleString) and node.evaluated_value == "_modules"
            for above in model.tree.ancestors(node)
            if above in classes
        }

    @classmethod
    def of(cls, model: SemanticModel) -> _Iterations:
        """The iterations in the file of a model, collected once."""
        if model not in cls._known:
            cls._known[model] = cls(model)
        return cls._known[model]


def _child_iteration(node: cst.BaseExpression) -> cst.Attribute | None:
    """The attribute ``self.body.children`` in ``self.body.children.…``; None without one."""
    while isinstance(node, cst.Attribute):
        if node.attr.value in CHILD_ITERATIONS:
            return node
        node = node.value
    return None


def _holders(model: SemanticModel, owner: ClassInfo) -> set[ClassInfo]:
    """The classes that may hold an instance: those that name the class, or name one that does."""
    holders: set[ClassInfo] = set()
    queue = and_subclasses(owner)
    while queue:
        info = queue.pop()
        if info not in holders:
            holders.add(info)
            queue += model.classes.naming.get(info, ())
    return holders


def _is_instance(
    model: SemanticModel, node: cst.BaseExpression, scope: Scope, classes: list[ClassInfo]
) -> bool:
    """Whether an expression is ``Net()``, or a name that is bound to it."""
    if isinstance(node, cst.Name):
        return any(
            isinstance(binding.value, cst.Call)
            and _is_instance(model, binding.value, scope, classes)
            for binding in bindings_of(model, node.value, scope)
        )
    return isinstance(node, cst.Call) and model.classes.resolve(node.func, scope) in classes


def _is_built_of_torch(model: SemanticModel, node: cst.BaseExpression, scope: Scope) -> bool:
    """Whether an expression is ``nn.Sequential(…)``, or a name bound to such calls only.

    The class is not among its children.
    """
    if isinstance(node, cst.Name):
        values = [binding.value for binding in bindings_of(model, node.value, scope)]
        return bool(values) and all(
            isinstance(value, cst.Call) and _is_built_of_torch(model, value, scope)
            for value in values
        )
    if not isinstance(node, cst.Call):
        return False
    inside = [n for n in walk(node) if isinstance(n, cst.Name)]
    function = model.functions.of_scope(scope)
    if function is not None and any(n.value == function.self_name for n in inside):
        return False
    names = model.names.qualified(node.func, scope)
    return bool(names) and all(name.startswith("torch.nn.") for name in names)


def _is_parameter(model: SemanticModel, node: cst.BaseExpression, scope: Scope) -> bool:
    """Whether an object is a parameter other than ``self``: its class is not known."""
    if not isinstance(node, cst.Name):
        return False
    function = model.functions.of_scope(scope)
    if function is not None and node.value == function.self_name:
        return False
    bindings = bindings_of(model, node.value, scope)
    return bool(bindings) and bindings[-1].kind == "parameter"


def _is_indexed(model: SemanticModel, node: cst.Attribute) -> bool:
    """Whether children are taken by position: ``list(net.children())[:-1]``."""
    around = list(model.tree.ancestors(node))[:4]
    kinds = (cst.Call, cst.Arg, cst.Call, cst.Subscript)
    return len(around) == 4 and all(map(isinstance, around, kinds))


def _only_dispatches_on_type(model: SemanticModel, node: cst.Attribute) -> bool:
    """Whether a loop does nothing for a new dropout.

    ``for m in self.modules(): if isinstance(m, nn.Conv2d): …``
    """
    if node.attr.value == "_modules":
        return False
    call = model.tree.parent(node)
    loop = model.tree.parent(call) if isinstance(call, cst.Call) and call.func is node else None
    if not isinstance(loop, cst.For) or loop.iter is not call:
        return False
    if not isinstance(loop.body, cst.IndentedBlock):
        return False
    return all(_dispatches(model, statement) for statement in loop.body.body)


def _dispatches(model: SemanticModel, statement: cst.CSTNode) -> bool:
    """Whether a statement only asks for types, or calls a function of the file that does."""
    if isinstance(statement, cst.If):
        return _is_type_chain(model, statement)
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    call = getattr(statement.body[0], "value", None)
    caller = model.functions.around(statement)
    if not isinstance(call, cst.Call) or caller is None or len(call.args) != 1:
        return False
    if not isinstance(call.args[0].value, cst.Name):
        return False
    functions = [f for f in model.functions if f.name == tail_of(call.func)]
    return bool(functions) and all(
        len(f.positional) == 1
        and isinstance(f.node.body, cst.IndentedBlock)
        and all(isinstance(s, cst.If) and _is_type_chain(model, s) for s in f.node.body.body)
        for f in functions
    )


def _is_type_chain(model: SemanticModel, node: cst.If) -> bool:
    """Whether every condition of an ``if`` and its ``elif`` asks for a type; no ``else``."""
    if not _asks_for_type(model, node.test):
        return False
    if node.orelse is None:
        return True
    return isinstance(node.orelse, cst.If) and _is_type_chain(model, node.orelse)


def _asks_for_type(model: SemanticModel, test: cst.BaseExpression) -> bool:
    """Whether a condition asks for types other than dropout.

    ``isinstance(m, nn.Conv2d) or isinstance(m, nn.Linear)``
    """
    if isinstance(test, cst.BooleanOperation):
        sides = [_asks_for_type(model, side) for side in (test.left, test.right)]
        if isinstance(test.operator, cst.Or):
            return all(sides)
        calls = [n for n in walk(test) if isinstance(n, cst.Call)]
        return any(sides) and len(calls) == sum(sides)
    if not (isinstance(test, cst.Call) and isinstance(test.func, cst.Name)):
        return False
    if test.func.value == "hasattr" and len(test.args) == 2:
        return string_of(test.args[1].value) in NOT_OF_DROPOUT
    if test.func.value != "isinstance" or len(test.args) != 2:
        return False
    asked = list(_alternatives(test.args[1].value))
    tails = set(map(tail_of, asked))
    if not all(_is_known_class(model, node) for node in asked):
        return False
    return "Module" not in tails and not any("rop" in tail for tail in tails)


def _alternatives(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The classes in the second argument of ``isinstance``."""
    if isinstance(node, (cst.Tuple, cst.List)):
        for element in node.elements:
            yield from _alternatives(element.value)
    elif isinstance(node, cst.BinaryOperation):  # A | B
        yield from _alternatives(node.left)
        yield from _alternatives(node.right)
    else:
        yield node


def _is_known_class(model: SemanticModel, node: cst.CSTNode) -> bool:
    """Whether an expression is an imported name or a class of the file, not a tuple of classes.

    A name that only a star import can bind counts if it is spelled like a class.
    """
    if not isinstance(node, (cst.Name, cst.Attribute)) or node not in model.names.scope_at:
        return False
    scope = model.names.scope_at[node]
    if model.names.qualified(node, scope) or model.classes.resolve(node, scope):
        return True
    root, tail = node.value if isinstance(node, cst.Attribute) else node, tail_of(node)
    starred = isinstance(root, cst.Name) and model.names.lookup(root.value, scope) is None
    return starred and tail[0].isupper() and not tail.isupper()
