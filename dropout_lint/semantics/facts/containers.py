"""Plain containers of modules kept on ``self``, and whether what is in them drops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from dropout_lint.catalog import ModuleClass
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.project.known_bases import is_module_base
from dropout_lint.semantics.syntax.classes import ClassInfo, Write, is_self, self_name
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import children, walk
from dropout_lint.semantics.syntax.vocabulary import BUILDING_METHODS, GROWS, is_called_layer


@dataclass(eq=False)
class Contents:
    """A container attribute: its first write, and the expressions whose values it comes to hold.

    ``escapes`` says that its elements may be registered elsewhere (``nn.Sequential(*self.xs)``,
    ``self.add_module(…)``, ``setattr``).
    """

    kind: str
    write: Write
    elements: list[tuple[cst.BaseExpression, Scope]] = field(default_factory=list)
    escapes: bool = False


def contents_of(
    model: SemanticModel, info: ClassInfo, name: str, writes: list[Write]
) -> Contents | None:
    """What ``self.name`` holds, if every write gives it a plain container."""
    found: Contents | None = None
    for write in writes:
        assert write.value is not None and write.method is not None
        scope = model.names.scopes[write.method]
        value, kind = _container(model, write.value, scope)
        if kind is None or value is None:
            return None
        found = found or Contents(kind, write)
        found.elements += [(e, scope) for e in _elements(value)]
        if value is not write.value and isinstance(write.value, cst.Name):
            _follow(model, found, write.value.value, write.method, scope, write.value)
    if found is None:
        return None
    for method in info.methods.values():
        own = self_name(method)
        if own is not None:
            _follow_attribute(model, found, method, own, name)
    return found


def _container(
    model: SemanticModel, value: cst.BaseExpression, scope: Scope
) -> tuple[cst.BaseExpression | None, str | None]:
    """The display behind a value and its kind; a local list counts as one."""
    if isinstance(value, cst.Name):
        found = model.names.lookup(value.value, scope)
        if found is None or found[0] is not scope or len(found[0].bindings[value.value]) != 1:
            return None, None
        local = found[1][0].value
        return (local, _kind(local)) if local is not None else (None, None)
    return value, _kind(value)


def _kind(value: cst.BaseExpression) -> str | None:
    if isinstance(value, (cst.List, cst.ListComp)):
        return "list"
    if isinstance(value, cst.Tuple):
        return "tuple"
    if isinstance(value, (cst.Dict, cst.DictComp)):
        return "dict"
    if isinstance(value, cst.BinaryOperation) and isinstance(
        value.operator, (cst.Multiply, cst.Add)
    ):
        return _kind(value.left) or _kind(value.right)
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Name):
        name = value.func.value
        return name if name in ("list", "dict", "tuple") and len(value.args) <= 1 else None
    return None


def _elements(value: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(value, (cst.List, cst.Tuple)):
        yield from (element.value for element in value.elements)
    elif isinstance(value, (cst.ListComp, cst.GeneratorExp)):
        yield value.elt
    elif isinstance(value, cst.Dict):
        yield from (element.value for element in value.elements)
    elif isinstance(value, cst.DictComp):
        yield value.value
    elif isinstance(value, cst.BinaryOperation):
        yield from _elements(value.left)
        yield from _elements(value.right)
    elif isinstance(value, cst.Call):
        for arg in value.args:
            yield from _elements(arg.value)


def _follow(
    model: SemanticModel,
    found: Contents,
    name: str,
    method: cst.FunctionDef,
    scope: Scope,
    stored: cst.CSTNode,
) -> None:
    """Read the uses of the local variable that becomes the attribute."""
    for node in walk(method.body):
        if isinstance(node, cst.Name) and node.value == name and node is not stored:
            parent = model.tree.parent(node)
            if isinstance(parent, (cst.AssignTarget, cst.AnnAssign)):
                continue
            if not _grows(model, found, node, scope):
                found.escapes = True


def _follow_attribute(
    model: SemanticModel, found: Contents, method: cst.FunctionDef, own: str, name: str
) -> None:
    """Read the uses of the attribute in a method."""
    scope = model.names.scopes[method]
    for node in walk(method.body):
        if not isinstance(node, cst.Attribute) or node.attr.value != name:
            continue
        if not is_self(node.value, own):
            continue
        parent = model.tree.parent(node)
        if isinstance(parent, (cst.AssignTarget, cst.AnnAssign)) or node is found.write.target:
            continue
        if _grows(model, found, node, scope):
            continue
        function = model.functions.by_node.get(method)
        building = method.name.value in BUILDING_METHODS or (
            function is not None and model.functions.serves_building(function)
        )
        if building and not _only_read(model, node):
            found.escapes = True


def _only_read(model: SemanticModel, node: cst.CSTNode) -> bool:
    """``len(self.xs)``, ``self.xs[0]`` on its own: a look that registers nothing."""
    parent = model.tree.parent(node)
    if isinstance(parent, cst.Arg):
        call = model.tree.parent(parent)
        return (
            isinstance(call, cst.Call)
            and isinstance(call.func, cst.Name)
            and call.func.value in ("len", "print", "range")
        )
    return False


def _grows(model: SemanticModel, found: Contents, node: cst.CSTNode, scope: Scope) -> bool:
    """Whether a use only adds elements; if so they are noted."""
    parent = model.tree.parent(node)
    if isinstance(parent, cst.Attribute) and parent.attr.value in GROWS:
        call = model.tree.parent(parent)
        if isinstance(call, cst.Call) and call.func is parent:
            for arg in call.args:
                inner = list(_elements(arg.value)) if _kind(arg.value) else [arg.value]
                found.elements += [(element, scope) for element in inner]
            return True
    if isinstance(parent, cst.AugAssign) and parent.target is node:
        found.elements += [(element, scope) for element in _elements(parent.value)]
        return True
    if isinstance(parent, cst.Subscript) and parent.value is node:
        target = model.tree.parent(parent)
        if isinstance(target, cst.AssignTarget):
            statement = model.tree.parent(target)
            assert isinstance(statement, cst.Assign)
            found.elements.append((statement.value, scope))
            return True
    return False


def drops(model: SemanticModel, found: Contents) -> bool:
    """Whether some element is a module that drops in train mode and is nobody else's child."""
    return any(
        _drops(model, element, scope, 0) or _has_imported_layer(model, element, scope)
        for element, scope in found.elements
    )


def _has_imported_layer(model: SemanticModel, element: cst.BaseExpression, scope: Scope) -> bool:
    """Whether an element builds a dropout layer of the project."""
    return any(
        _is_imported_layer(model, name)
        for node in walk(element)
        if isinstance(node, cst.Call)
        for name in model.names.qualified(node.func, scope)
    )


def builds_dropout(model: SemanticModel, node: cst.BaseExpression, scope: Scope) -> bool:
    """Whether an expression builds a module that drops in train mode."""
    return _drops(model, node, scope, 0)


def _drops(
    model: SemanticModel,
    node: cst.BaseExpression,
    scope: Scope,
    depth: int,
    built: cst.Call | None = None,
) -> bool:
    """``built`` is the construction of the object in whose ``__init__`` the node stands."""
    if depth > 6:
        return False
    if isinstance(node, cst.IfExp):
        return any(_drops(model, n, scope, depth + 1) for n in (node.body, node.orelse))
    if isinstance(node, (cst.List, cst.Tuple)):
        return any(_drops(model, e.value, scope, depth + 1) for e in node.elements)
    if isinstance(node, cst.Name):
        return _local_drops(model, node, scope, depth)
    if not isinstance(node, cst.Call):
        return False
    for name in model.names.qualified(node.func, scope):
        row = model.catalog.module(name)
        if row is not None:
            return _has_rate(model, node, row, scope, built)
        if name.startswith("torch.nn.") and name.rpartition(".")[2] in ("Sequential", "ModuleList"):
            return any(_drops(model, arg.value, scope, depth + 1, built) for arg in node.args)
    local = model.classes.resolve(node.func, scope)
    return local is not None and class_drops(model, local, depth + 1, node)


def _is_imported_layer(model: SemanticModel, name: str) -> bool:
    """Whether a name is that of a dropout layer of the project: of a module that asks its mode."""
    found = model.project.class_of(name) if is_called_layer(name) else None
    return (
        found is not None
        and any(root is not None and is_module_base(root) for root in found.roots)
        and any(each.outline.reads_training for each in found.lineage)
    )


def _local_drops(model: SemanticModel, node: cst.Name, scope: Scope, depth: int) -> bool:
    """A local variable that holds a module, unless it is also put on self."""
    bound = model.names.lookup(node.value, scope)
    if bound is None or bound[0].node is not scope.node or len(bound[1]) != 1:
        return False
    value = bound[1][0].value
    for use in walk(scope.node):
        if isinstance(use, cst.Name) and use.value == node.value and use is not node:
            parent = model.tree.parent(use)
            if isinstance(parent, cst.Attribute) and parent.attr.value == "eval":
                return False  # `teacher.eval()`: it stays in eval mode
            if isinstance(parent, (cst.Assign, cst.Arg)) and use is not bound[1][0].node:
                return False
    return value is not None and _drops(model, value, scope, depth + 1)


def _has_rate(
    model: SemanticModel, node: cst.Call, row: ModuleClass, scope: Scope, built: cst.Call | None
) -> bool:
    """Whether a construction has a rate that is not the literal 0."""
    if row.rate is None:
        return True
    given = _argument(node, row.rate.name, row.rate.position)
    if given is None:
        return bool(row.rate.default)
    if isinstance(given, cst.Name) and built is not None:
        given = _handed_in(model, given.value, scope, built)
    return not (isinstance(given, (cst.Integer, cst.Float)) and not given.evaluated_value)


def _argument(call: cst.Call, name: str, position: int | None) -> cst.BaseExpression | None:
    given = [a for a in call.args if a.keyword is not None and a.keyword.value == name]
    if not given and position is not None:
        given = [a for a in call.args if a.keyword is None][position:][:1]
    return given[0].value if given else None


def _handed_in(
    model: SemanticModel, name: str, scope: Scope, built: cst.Call
) -> cst.BaseExpression | None:
    """What a parameter of ``__init__`` gets from the call that builds the object."""
    found = model.names.lookup(name, scope)
    parameter = found[1][0].node if found is not None and len(found[1]) == 1 else None
    if not isinstance(parameter, cst.Param) or any(argument.star for argument in built.args):
        return None
    function = model.functions.of_scope(scope)
    names = [p.name.value for p in function.positional] if function is not None else []
    given = _argument(built, name, names.index(name) if name in names else None)
    return given if given is not None else parameter.default


def class_drops(
    model: SemanticModel, info: ClassInfo, depth: int = 0, built: cst.Call | None = None
) -> bool:
    """Whether an instance of a class of the file has dropout that follows its own mode.

    ``built`` is the call that builds it, if it is known.
    """
    if depth > 6:
        return False
    for member in info.lineage:
        if any(site.function.owner is member for site in model.sites):
            return True
        for method in member.methods.values():
            if method.name.value not in BUILDING_METHODS:
                continue
            scope = model.names.scopes[method]
            stack = list(children(method.body))
            while stack:
                node = stack.pop()
                if isinstance(node, cst.Call) and _drops(model, node, scope, depth + 1, built):
                    return True
                stack.extend(children(node))
    return False
