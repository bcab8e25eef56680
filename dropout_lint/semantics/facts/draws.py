"""Random draws that are no calls of the catalog: masks and noise made by hand in modules.

A draw counts if it is used as dropout is: a uniform draw that is compared with a rate or rounded
after one was added, a Bernoulli mask, noise of a given strength that is added to something. The
rate or strength is a number or an attribute of the module (see `sources`). A draw with a rate from
a caller or out of the data is a sample and does not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from dropout_lint.semantics.facts.draw_use import METHODS, NAMES, DrawUse, drawn_by
from dropout_lint.semantics.interpreter.guards import Guards, weakest
from dropout_lint.semantics.interpreter.run import Run
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import chain_of, tail_of, walk
from dropout_lint.vocabulary.randomness import LOSS_WORDS
from dropout_lint.vocabulary.words import words

# One of these is in every file that draws, and one where a call of a module comes to the draw.
WORDS = (b"rand", b"bernoulli", b"uniform_", b"normal", b"binomial", b"gauss")
CALLS = (b"forward", b"__call__")


@dataclass(eq=False)
class Draw:
    """A mask or noise made by hand: the call that draws, and behind which guards it does.

    ``beside`` are the words of the identifiers in the expression around it.
    """

    node: cst.Call
    function: FunctionInfo
    is_mask: bool
    beside: frozenset[str]
    in_train: Guards | None
    in_eval: Guards | None


def draws(model: SemanticModel) -> Iterator[Draw]:
    """The masks and noise that are made when a module of the file is called."""
    for function in _drawing_methods(model):
        runs = model.run(function, True), model.run(function, False)
        drawn = {c.node: c for run in runs for c in run.calls if drawn_by(c) is not None}
        for called in sorted(drawn.values(), key=lambda c: model.tree.span(c.node)):
            use = DrawUse(model, function, called)
            if (use.is_mask or use.is_noise) and use.counts:
                guards = (_guards_of(run, called.node) for run in runs)
                yield Draw(called.node, function, use.is_mask, use.beside, *guards)


def _drawing_methods(model: SemanticModel) -> list[FunctionInfo]:
    """The methods of modules that draw, and that a call of the module reaches."""
    functions: dict[FunctionInfo, None] = {}
    for node, scope in model.names.mentions:
        by_method = isinstance(node, cst.Attribute) and node.attr.value in METHODS
        if by_method or any(name in NAMES for name in model.names.qualified(node, scope)):
            function = model.functions.of_scope(scope)
            if function is not None and function.in_module and _is_called(model, function, set()):
                functions[function] = None
    return [f for f in functions if not (_detaches_input(f) or _computes_loss(f))]


def _computes_loss(function: FunctionInfo) -> bool:
    """Whether a method computes a loss: what it masks is a task to learn, whatever the mode."""
    return any(
        isinstance(node, cst.Call) and bool(words(tail_of(node.func)) & LOSS_WORDS)
        for node in walk(function.node.body)
    )


def _detaches_input(function: FunctionInfo) -> bool:
    """Whether a method detaches a parameter: it changes data, of which nothing is learned."""
    parameters = {parameter.name.value for parameter in function.parameters}
    for node in walk(function.node.body):
        if isinstance(node, cst.Attribute) and node.attr.value == "detach":
            root = chain_of(node)[-1]
            if isinstance(root, cst.Name) and root.value in parameters:
                return True
    return False


def _is_called(model: SemanticModel, function: FunctionInfo, seen: set[FunctionInfo]) -> bool:
    """Whether ``forward`` reaches a function, through functions of the file."""
    if function.name in ("forward", "__call__"):
        return True
    seen.add(function)
    if function.builds:
        return False
    return any(
        _is_called(model, caller, seen)
        for caller in model.functions.callers(function)
        if caller not in seen
    )


def _guards_of(run: Run, node: cst.Call) -> Guards | None:
    return weakest(*(called.guards for called in run.calls if called.node is node))
