"""Exports of models that a file builds and never puts into eval mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from dropout_lint.semantics.driving.builds import Builds
from dropout_lint.semantics.driving.known_layers import WRAPPERS, argument
from dropout_lint.semantics.driving.places import SAME_MODULE, Place
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import chain_of, dotted_name, tail_of, walk

# What writes the mode of a model into what it makes, with the parameter that is the model.
# Executed on torch 2.13: `torch.jit.script`, `torch.fx.symbolic_trace`, `torch.compile` and the
# quantisation of `torch.ao` keep the modules, which follow a later `eval()`.
ENTRY_POINTS = {
    "torch.jit.trace": "func",
    "torch.jit.trace_module": "mod",
    "torch.onnx.export": "model",
    "torch.onnx.dynamo_export": "model",
    "torch.export.export": "mod",
    "torch.export.draft_export": "mod",
}
# Methods and attributes of a module that leave its mode as it is.
_HARMLESS = SAME_MODULE | frozenset(
    """forward load_state_dict state_dict parameters named_parameters buffers named_buffers children
    named_children zero_grad register_buffer add_module apply_ device dtype config""".split()
)
# Functions that leave a model that they are given as it is.
_READERS = frozenset("print len id type isinstance issubclass hasattr getattr callable".split())


@dataclass(frozen=True)
class Export:
    """A call that exports a model in train mode; ``given`` is the model's argument."""

    call: cst.Call
    given: cst.BaseExpression
    entry: str
    scope: Scope
    accepts_eval: bool  # whether the model's own `eval` may be called


def exports_in_train_mode(model: SemanticModel) -> Iterator[Export]:
    """The exports of a file whose model surely is in train mode and depends on the mode."""
    if not any(tail in model.tree.text for tail in _TAILS):
        return
    builds = Builds(model)
    for node, scope in list(model.names.scope_at.items()):
        if not isinstance(node, cst.Call) or tail_of(node.func) not in _TAILS:
            continue
        names = [n for n in model.names.qualified(node.func, scope) if n in ENTRY_POINTS]
        given = argument(node, ENTRY_POINTS[names[0]], 0) if len(names) == 1 else None
        if given is None or _chooses_mode(node) or _is_a_picture(model, node):
            continue
        if _mentions_quantised_training(model, scope):
            continue
        place = _build_of(model, given, scope, node)
        if place is not None and builds.depends_on_mode(place):
            built = builds.class_of(place)
            own = built[1] if built is not None else None
            if own is None or not _sets_own_mode(own.node):
                overridden = own is not None and any(map(own.find_method, ("train", "eval")))
                yield Export(node, given, names[0], scope, not overridden)


_TAILS = frozenset(name.rpartition(".")[2] for name in ENTRY_POINTS)


def _chooses_mode(call: cst.Call) -> bool:
    """Whether an export says itself in which mode it is: torch's older exporter uses eval mode."""
    if any(arg.star for arg in call.args):
        return True
    chosen = {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}
    return "training" in chosen or ("dynamo" in chosen and tail_of(chosen["dynamo"]) != "True")


def _is_a_picture(model: SemanticModel, call: cst.Call) -> bool:
    """Whether the result is drawn only: ``writer.add_graph(torch.jit.trace(model, x))``."""
    arg = model.tree.parent(call)
    outer = model.tree.parent(arg) if isinstance(arg, cst.Arg) else None
    return isinstance(outer, cst.Call) and tail_of(outer.func) == "add_graph"


def _mentions_quantised_training(model: SemanticModel, scope: Scope) -> bool:
    """Whether what is exported is to be trained, in arithmetic of few bits."""
    return any("qat" in tail_of(node).lower() for node, at in model.names.mentions if at is scope)


def _build_of(
    model: SemanticModel, given: cst.BaseExpression, scope: Scope, export: cst.Call
) -> Place | None:
    """The call that builds an exported model, if it is in the same scope and nothing is between."""
    if isinstance(given, cst.Call):
        return Place(model, given, scope)
    if not isinstance(given, cst.Name):
        return None
    bound = model.names.lookup(given.value, scope)
    if bound is None or bound[0] is not scope:
        return None
    built: list[cst.BaseExpression] = []
    for binding in scope.bindings[given.value]:
        if binding.kind != "value" or binding.value is None:
            return None
        if not _rebinds(model, binding.value, given.value, scope):
            built.append(binding.value)
    if len(built) != 1 or not _stays_as_built(model, given, scope, export):
        return None
    return Place(model, built[0], scope)


def _rebinds(model: SemanticModel, value: cst.BaseExpression, name: str, scope: Scope) -> bool:
    """Whether a value is the model of that name itself, moved or wrapped."""
    if isinstance(value, cst.Call):
        if isinstance(value.func, cst.Attribute) and value.func.attr.value in SAME_MODULE:
            return _rebinds(model, value.func.value, name, scope)
        if value.args and set(model.names.qualified(value.func, scope)) & WRAPPERS:
            return _rebinds(model, value.args[0].value, name, scope)
    return isinstance(value, cst.Name) and value.value == name


def _stays_as_built(model: SemanticModel, given: cst.Name, scope: Scope, export: cst.Call) -> bool:
    """Whether all that a scope does with a model before it is exported leaves its mode."""
    order, tree = model.tree.order, model.tree
    in_loop = any(isinstance(n, (cst.For, cst.While)) for n in _around(model, export, scope))
    trains = switched = False
    for node, at in model.names.mentions:
        if order[node] > order[export] and not in_loop:
            continue
        if isinstance(node, cst.Attribute) and node.attr.value == "backward":
            trains = True
        root = chain_of(node)[-1]
        if not isinstance(root, cst.Name) or root.value != given.value or root is given:
            continue
        if at is not scope:
            bound = model.names.lookup(given.value, at)
            if bound is not None and bound[0] is scope:
                return False  # a function in this one does something with it
            continue
        if dotted_name(node) == f"{given.value}.train" and _is_train_call(tree.parent(node)):
            switched = True
        elif not _is_harmless(model, node, given.value, scope):
            return False
    return trains or not switched  # put into train mode and exported at once: that is meant


def _around(model: SemanticModel, node: cst.CSTNode, scope: Scope) -> Iterator[cst.CSTNode]:
    for above in model.tree.ancestors(node):
        if above is scope.node:
            return
        yield above


def _is_train_call(node: cst.CSTNode | None) -> bool:
    """``model.train()`` or ``model.train(True)``."""
    if not isinstance(node, cst.Call):
        return False
    return not node.args or (len(node.args) == 1 and tail_of(node.args[0].value) == "True")


def _is_harmless(
    model: SemanticModel, node: cst.Name | cst.Attribute, name: str, scope: Scope
) -> bool:
    """Whether a use of a model leaves its mode as it is."""
    tree, parent = model.tree, model.tree.parent(node)
    if isinstance(parent, (cst.AssignTarget, cst.AnnAssign)) or any(
        binding.node is node for binding in scope.bindings[name]
    ):
        return tail_of(node) != "training"  # it is bound, or gets another part
    if isinstance(node, cst.Attribute):
        first = dotted_name(node).split(".")[1:2]
        called = isinstance(parent, cst.Call) and parent.func is node
        return bool(first) and (first[0] in _HARMLESS or not called) and first[0] != "training"
    if isinstance(parent, cst.Call) and parent.func is node:
        return True
    call = tree.parent(parent) if isinstance(parent, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return isinstance(parent, (cst.Comparison, cst.If))
    names = model.names.qualified(call.func, scope)
    if any(n in ENTRY_POINTS or n in WRAPPERS for n in names) or tail_of(call.func) in _READERS:
        return True
    return bool(names) and all(n in ("torch.save", "copy.deepcopy") for n in names)


def _sets_own_mode(cls: cst.ClassDef) -> bool:
    """Whether a class puts itself into a mode somewhere: ``self.eval()`` in its constructor."""
    return any(
        isinstance(node, cst.Call) and dotted_name(node.func).endswith((".eval", ".train"))
        for node in walk(cls)
    )
