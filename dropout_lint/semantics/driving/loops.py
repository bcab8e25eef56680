"""Loops that train a model, evaluate it, and train on in eval mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from dropout_lint.semantics.driving.builds import Builds
from dropout_lint.semantics.driving.events import Event, Events, Key, Loop
from dropout_lint.semantics.driving.places import Place
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import dotted_name, walk

# What is called on a model that is trained, with its parameters or to put it into train mode.
_OF_TRAINING = frozenset({"parameters", "named_parameters", "train", "zero_grad"})


@dataclass(frozen=True)
class WrongLoop:
    """A loop that trains on in eval mode: the outermost one whose turns nothing begins anew.

    ``innermost`` is the last of those in it that evaluate and train. ``evaluation`` is where the
    mode is set and ``path`` how the loop's function calls the model. ``known`` says that the model
    surely depends on the mode; if it surely does not, there is no such loop.
    """

    loop: Loop
    innermost: Loop
    evaluation: cst.CSTNode
    path: str
    scope: Scope
    known: bool


def loops_in_eval_mode(model: SemanticModel) -> Iterator[WrongLoop]:
    """The loops of a file that train on with a model that they have put into eval mode."""
    if "backward" not in model.tree.text:
        return
    builds = Builds(model)
    events = Events(model, builds)
    for scope in [*model.names.scopes.values()]:
        if isinstance(scope.node, (cst.Module, cst.FunctionDef)) and _has_loop(scope):
            found = events.of(scope)
            if any(event.kind == "eval" for event in found):
                yield from _wrong_loops(model, scope, found, builds)


def _has_loop(scope: Scope) -> bool:
    return any(isinstance(node, (cst.For, cst.While)) for node in walk(scope.node))


def _wrong_loops(
    model: SemanticModel, scope: Scope, events: list[Event], builds: Builds
) -> Iterator[WrongLoop]:
    loops = dict.fromkeys(loop for event in events for loop in event.loops)  # outermost first
    wrong: dict[Key, list[tuple[Loop, Event]]] = {}
    for loop in loops:
        if not isinstance(loop, (cst.For, cst.While)) or not _is_of(model, loop, scope):
            continue
        inside = [event for event in events if loop in event.loops]
        before = events[: events.index(inside[0])]
        for key in dict.fromkeys(e.key for e in inside if e.kind == "eval" and e.key is not None):
            evaluation = _left_in_eval(key, inside, before)
            if evaluation is not None:
                wrong.setdefault(key, []).append((loop, evaluation))
    for key, found in wrong.items():
        path, place = _where_built(model, scope, key)
        if place is None or not _is_trained(model, key):
            continue
        loop, evaluation = found[0]
        inner = [each for each, _ in found if each is loop or loop in model.tree.ancestors(each)]
        built = [*builds.built(place)]
        if not any(_is_inside(b, loop) or _has_own_mode(builds, b) for b in built):
            known = any(builds.depends_on_mode(b) for b in built)
            if not known and built and all(map(builds.is_read, built)):
                continue
            yield WrongLoop(loop, inner[-1], evaluation.node, path, scope, known)


def _is_of(model: SemanticModel, loop: cst.CSTNode, scope: Scope) -> bool:
    """Whether a loop stands in a function itself, and not in one that it calls."""
    for above in model.tree.ancestors(loop):
        if above is scope.node:
            return True
        if isinstance(above, cst.FunctionDef):
            return False
    return False


def _left_in_eval(key: Key, inside: list[Event], before: list[Event]) -> Event | None:
    """The event that puts a model into eval mode for the turns of the loop that follow."""
    trained = _training_passes(key, inside)
    direct = [e for e in before if e.direct and e.kind in ("train", "eval") and e.key == key]
    if not trained or (direct and direct[-1].kind == "eval"):
        return None
    found = None
    for at, event in enumerate(inside):
        if event.kind != "eval" or event.key != key:
            continue
        rest = _first(key, inside[at + 1 :], trained)
        if rest is not None and rest in trained:
            return None  # in eval mode right before the pass: that is meant
        if rest is not None or event.once:
            continue
        first = _first(key, inside[: at + 1], trained)
        if first is not None and first in trained and found is None:
            found = event
    return found


def _training_passes(key: Key, events: list[Event]) -> set[Event]:
    """The forward passes of a model that a backward pass of the same innermost loop follows."""
    passes: set[Event] = set()
    for at, event in enumerate(events):
        if event.kind == "forward" and event.key is not None and _same(event.key, key):
            innermost = event.loops[-1]
            if any(e.kind == "backward" and e.loops[-1] is innermost for e in events[at + 1 :]):
                passes.add(event)
    return passes


def _same(used: Key, key: Key) -> bool:
    return used == key or used[: len(key)] == key


def _first(key: Key, events: list[Event], trained: set[Event]) -> Event | None:
    """The first event that trains a model or may put it into train mode."""
    for event in events:
        if event in trained:
            return event
        if event.kind in ("train", "unsure"):
            other = event.key
            if other is None or other[: len(key)] == key or key[: len(other)] == other:
                return event
    return None


def _where_built(model: SemanticModel, scope: Scope, key: Key) -> tuple[str, Place | None]:
    """How a scope calls a model, and the expression for it where it is known."""
    root, *parts = key
    if any(not isinstance(part, str) for part in parts) or not parts:
        return "", None
    function = model.functions.of_scope(scope)
    if isinstance(root, Scope):
        visible = root in (scope, model.names.module)
        path = ".".join(map(str, parts)) if visible else ""
        at = root
    else:
        own = function.self_name if function is not None else None
        path = ".".join([own, *map(str, parts)]) if own is not None else ""
        at = scope
    if not path:
        return "", None
    return path, Place(model, cst.parse_expression(path), at)


def _is_trained(model: SemanticModel, key: Key) -> bool:
    """Whether the file calls something on a model of the name that belongs to training."""
    name = str(key[-1])
    return any(
        isinstance(node, cst.Attribute)
        and node.attr.value in _OF_TRAINING
        and dotted_name(node.value).removesuffix(".module").rpartition(".")[2] == name
        for node, _ in model.names.mentions
    )


def _is_inside(built: Place, loop: cst.CSTNode) -> bool:
    return any(above is loop for above in built.model.tree.ancestors(built.node))


def _has_own_mode(builds: Builds, built: Place) -> bool:
    """Whether the class of a model has a `train` or `eval` of its own."""
    found = builds.class_of(built)
    return found is not None and any(map(found[1].find_method, ("train", "eval")))
