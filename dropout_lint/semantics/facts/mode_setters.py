"""Methods of a module that leave another mode than the caller has set.

A method is run once in eval mode, with unknown arguments; what counts is which modules are surely
in train mode at its end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from dropout_lint.semantics.facts.dropping import class_drops
from dropout_lint.semantics.facts.overrides.children import dropping_children
from dropout_lint.semantics.facts.overrides.modes import EVERY_CHILD, OWN, key_of
from dropout_lint.semantics.facts.overrides.outcomes import child_keys, is_surely
from dropout_lint.semantics.facts.overrides.telling import Telling
from dropout_lint.semantics.interpreter.values import Parameter, Value
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import tail_of, walk
from dropout_lint.vocabulary.modes import CALLED_IN_TRAINING, TRAINING_WORDS
from dropout_lint.vocabulary.words import words

_ENTRIES = ("forward", "__call__")
# Without one of these a file sets no mode.
_SETS_MODE = re.compile(
    r"\.\s*(?:train|eval)\b|\.\s*training\s*(?::[^=\n]*)?=(?!=)|[\"']training[\"']"
)


@dataclass(frozen=True)
class ModeSetter:
    """A call or an assignment after which a module is in a mode that nobody asked for.

    ``child`` is empty for the module itself. ``before`` is the call that put it into eval mode, in
    a method that goes on in train mode.
    """

    node: cst.CSTNode
    function: FunctionInfo
    child: str
    trains: bool
    before: cst.CSTNode | None = None


def mode_setters(model: SemanticModel) -> Iterator[ModeSetter]:
    """The places at which a method leaves a mode of its own, one for each method."""
    if _SETS_MODE.search(model.tree.text) is None:
        return
    for function in model.functions:
        owner = function.owner
        if owner is None or not owner.has_module_base or function.self_name is None:
            continue
        if function.builds or function.is_property or not _may_set(function):
            continue
        if function.name in ("train", "eval"):
            continue
        found = _of_forward if function.name in _ENTRIES else _of_inference
        setter = found(model, function)
        if setter is not None:
            yield setter


def _of_forward(model: SemanticModel, function: FunctionInfo) -> ModeSetter | None:
    """``self.drop.train()`` and ``self.eval()`` in ``forward``."""
    owner = function.owner
    assert owner is not None
    run = _run(model, function, training=False)
    names = ["", *dropping_children(model, owner)]
    for name in names:
        node = _last_setter(run, name, True)
        # `self.training = True` concerns the functions of the module only, which other rules see.
        if node is not None and (name or isinstance(node, cst.Call)):
            before = _first_off(run, name) if not name else None
            return ModeSetter(node, function, name, True, before)
    if not class_drops(model, owner) or _is_without_gradients(function):
        return None
    node = _last_setter(_run(model, function, training=True), "", False)
    return ModeSetter(node, function, "", False) if node is not None else None


def _of_inference(model: SemanticModel, function: FunctionInfo) -> ModeSetter | None:
    """``self.train()`` at the end of a method that began with ``self.eval()``."""
    callers = model.functions.callers(function)
    names = [function.name, *(caller.name for caller in callers)]
    if any(words(name) & (CALLED_IN_TRAINING | TRAINING_WORDS) for name in names):
        return None
    run = _run(model, function, training=False)
    for key in run.setters:
        name = "" if key == OWN else key.removeprefix("self.").removesuffix(".training")
        node, before = _last_setter(run, name, True), _first_off(run, name)
        if node is not None and before is not None and key != key_of(EVERY_CHILD):
            return ModeSetter(node, function, name, True, before)
    return None


def _run(model: SemanticModel, function: FunctionInfo, *, training: bool) -> Telling:
    assert function.owner is not None
    run = Telling(model, function, training, {})
    arguments = {p.name.value: Value.of(Parameter(p.name.value)) for p in function.parameters}
    run.start(arguments, child_keys(function.owner))
    return run


def _last_setter(run: Telling, child: str, mode: bool) -> cst.CSTNode | None:
    """What surely leaves a module in a mode: ``x.train()``, ``x.training = True``, ``x.eval()``."""
    key = key_of(f"self.{child}") if child else OWN
    left = run.run.exit_state.get(key)
    setters = run.setters.get(key)
    if run.run.raises or left is None or not setters or not is_surely(left, mode):
        return None
    node = setters[-1]
    return node if _is_literal(run, node, mode) else None


def _is_literal(run: Telling, node: cst.CSTNode, mode: bool) -> bool:
    """Whether the mode is written where it is set."""
    if isinstance(node, cst.Call):
        given = [argument.value for argument in node.args]
        if tail_of(node.func) == "eval":
            return not mode and not given
        return mode and tail_of(node.func) == "train" and (not given or tail_of(given[0]) == "True")
    statement = run.surroundings.functions.tree.parent(node)
    statement = run.surroundings.functions.tree.parent(statement) if statement else None
    return mode and isinstance(statement, cst.Assign) and tail_of(statement.value) == "True"


def _first_off(run: Telling, child: str) -> cst.CSTNode | None:
    """The call ``x.eval()`` by which the method begins."""
    key = key_of(f"self.{child}") if child else OWN
    node = run.setters.get(key, [None])[0]
    return node if node is not None and _is_off(node) else None


def _is_off(node: cst.CSTNode) -> bool:
    """Whether a call is ``x.eval()`` or ``x.train(False)``."""
    if not isinstance(node, cst.Call):
        return False
    given = [tail_of(argument.value) for argument in node.args]
    return (tail_of(node.func), given) in (("eval", []), ("train", ["False"]))


def _may_set(function: FunctionInfo) -> bool:
    """Whether the method, or one that it calls, may set a mode."""
    names = {tail_of(node) for node in walk(function.node.body)}
    return bool(names & {"train", "eval", "training"}) or function.name in _ENTRIES


def _is_without_gradients(function: FunctionInfo) -> bool:
    """Whether nothing learns from what a method computes: ``@torch.no_grad()``, ``with …:``."""
    names = {"no_grad", "inference_mode", "set_grad_enabled", "detach"}
    return any(tail_of(node) in names for node in walk(function.node))
