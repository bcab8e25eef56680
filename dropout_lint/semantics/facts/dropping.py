"""Whether an expression or a class builds modules that drop in train mode."""

from __future__ import annotations

import libcst as cst

from dropout_lint.catalog import ModuleClass
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.project.known_bases import is_module_base
from dropout_lint.semantics.syntax.class_body import BUILDING_METHODS
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import children, walk
from dropout_lint.vocabulary.dropping import is_called_layer
from dropout_lint.vocabulary.methods import SAME_MODULE

_MAX_DEPTH = 6
_CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")
# Functions that return a module in the mode of the one that they get.
_SAME_MODE = frozenset(
    """copy.copy copy.deepcopy torch.compile torch.jit.script torch.nn.DataParallel
    torch.nn.utils.weight_norm torch.nn.utils.spectral_norm
    torch.nn.utils.parametrizations.weight_norm
    torch.nn.utils.parametrizations.spectral_norm""".split()
)


def builds_dropout(
    model: SemanticModel,
    node: cst.BaseExpression,
    scope: Scope,
    depth: int = 0,
    built: cst.Call | None = None,
) -> bool:
    """Whether an expression builds a module that drops in train mode.

    ``built`` is the construction of the object whose ``__init__`` contains the expression.
    """
    if depth > _MAX_DEPTH:
        return False
    if isinstance(node, cst.IfExp):
        return any(builds_dropout(model, n, scope, depth + 1) for n in (node.body, node.orelse))
    if isinstance(node, (cst.List, cst.Tuple, cst.Dict)):
        return any(builds_dropout(model, e.value, scope, depth + 1) for e in node.elements)
    if isinstance(node, (cst.ListComp, cst.GeneratorExp)):
        return builds_dropout(model, node.elt, scope, depth + 1)
    if isinstance(node, cst.Name):
        return _local_drops(model, node, scope, depth)
    if not isinstance(node, cst.Call):
        return False
    for name in model.names.qualified(node.func, scope):
        row = model.catalog.module(name)
        if row is not None:
            return _has_rate(model, node, row, scope, built)
        if name in _SAME_MODE and node.args:
            return builds_dropout(model, node.args[0].value, scope, depth + 1, built)
        if name.startswith("torch.nn.") and name.rpartition(".")[2] in _CONTAINERS:
            parts = (arg.value for arg in node.args)
            return any(builds_dropout(model, part, scope, depth + 1, built) for part in parts)
    if isinstance(node.func, cst.Attribute) and _is_same_module(node.func.attr.value, node):
        return builds_dropout(model, node.func.value, scope, depth + 1, built)
    cls = model.classes.resolve(node.func, scope)
    return cls is not None and class_drops(model, cls, depth + 1, node)


def _is_same_module(method: str, call: cst.Call) -> bool:
    """Whether a method returns its module, which is in train mode if it was built so."""
    return method in SAME_MODULE or (method == "train" and not call.args)


def class_drops(
    model: SemanticModel, info: ClassInfo, depth: int = 0, built: cst.Call | None = None
) -> bool:
    """Whether an instance of a class of the file has dropout that follows its own mode.

    ``built`` is the call that builds it, if it is known.
    """
    if depth > _MAX_DEPTH:
        return False
    for member in info.lineage:
        if member in model.owners_of_sites:
            return True
        for method in member.methods.values():
            if method.name.value not in BUILDING_METHODS:
                continue
            scope = model.names.scopes[method]
            stack = list(children(method.body))
            while stack:
                node = stack.pop()
                if isinstance(node, cst.Call):
                    if builds_dropout(model, node, scope, depth + 1, built):
                        return True
                stack.extend(children(node))
    return False


def has_imported_layer(model: SemanticModel, node: cst.BaseExpression, scope: Scope) -> bool:
    """Whether an expression builds a dropout layer of the project."""
    return any(
        _is_imported_layer(model, name)
        for call in walk(node)
        if isinstance(call, cst.Call)
        for name in model.names.qualified(call.func, scope)
    )


def _is_imported_layer(model: SemanticModel, name: str) -> bool:
    """Whether a name is that of a dropout layer of the project: a module that reads its mode."""
    cls = model.project.class_of(name) if is_called_layer(name) else None
    return (
        cls is not None
        and any(root is not None and is_module_base(root) for root in cls.roots)
        and any(each.outline.reads_training for each in cls.lineage)
    )


def _local_drops(model: SemanticModel, node: cst.Name, scope: Scope, depth: int) -> bool:
    """Whether a local variable holds a module that drops, and is not also put on self."""
    bound = model.names.lookup(node.value, scope)
    if bound is None or bound[0].node is not scope.node or len(bound[1]) != 1:
        return False
    binding = bound[1][0]
    registering: list[cst.CSTNode] = []
    for use in model.functions.places.names(node.value, scope.node):
        if use is not node:
            parent = model.tree.parent(use)
            if isinstance(parent, cst.Attribute) and parent.attr.value == "eval":
                return False  # `teacher.eval()`: it stays in eval mode
            if isinstance(parent, (cst.Assign, cst.Arg)) and use is not binding.node:
                registering.append(use)
    if registering and not _leave_out(model, registering, node):
        return False
    return binding.value is not None and builds_dropout(model, binding.value, scope, depth + 1)


def _leave_out(model: SemanticModel, uses: list[cst.CSTNode], node: cst.CSTNode) -> bool:
    """Whether one branch, of which the node is no part, has all of some uses of a variable.

    On the other branch, nobody registers the module that the variable holds.
    """
    arms = [_arms(model, use) for use in uses]
    own = _arms(model, node)
    return any(all(arm in each for each in arms) and arm not in own for arm in arms[0])


def _arms(model: SemanticModel, node: cst.CSTNode) -> list[cst.CSTNode]:
    """The branches of ``if`` statements and conditional expressions around a node."""
    arms: list[cst.CSTNode] = []
    below = node
    for above in model.tree.ancestors(node):
        is_arm = isinstance(above, cst.IfExp) and below is not above.test
        if is_arm or (isinstance(above, (cst.If, cst.Else)) and isinstance(below, cst.BaseSuite)):
            arms.append(below)
        below = above
    return arms


def _has_rate(
    model: SemanticModel, node: cst.Call, row: ModuleClass, scope: Scope, built: cst.Call | None
) -> bool:
    """Whether a construction has a rate that is not the literal 0."""
    if row.rate is None:
        return True
    rate = _argument(node, row.rate.name, row.rate.position)
    if rate is None:
        return bool(row.rate.default)
    if isinstance(rate, cst.Name) and built is not None:
        rate = _constructor_argument(model, rate.value, scope, built)
    return not (isinstance(rate, (cst.Integer, cst.Float)) and not rate.evaluated_value)


def _constructor_argument(
    model: SemanticModel, name: str, scope: Scope, built: cst.Call
) -> cst.BaseExpression | None:
    """The argument for a parameter of ``__init__`` in the call that builds the object."""
    bound = model.names.lookup(name, scope)
    parameter = bound[1][0].node if bound is not None and len(bound[1]) == 1 else None
    if not isinstance(parameter, cst.Param) or any(argument.star for argument in built.args):
        return None
    function = model.functions.of_scope(scope)
    names = [p.name.value for p in function.positional] if function is not None else []
    argument = _argument(built, name, names.index(name) if name in names else None)
    return argument if argument is not None else parameter.default


def _argument(call: cst.Call, name: str, position: int | None) -> cst.BaseExpression | None:
    """The argument for a parameter, by its keyword or its position."""
    given = [a for a in call.args if a.keyword is not None and a.keyword.value == name]
    if not given and position is not None:
        given = [a for a in call.args if a.keyword is None][position:][:1]
    return given[0].value if given else None
