"""Draws that are no calls of the catalog: masks and noise made by hand in the methods of modules.

A draw counts where it is used as dropout is: a uniform draw that is compared with a rate or rounded
after one was added, a Bernoulli mask, noise of a given strength that is added to something. The
rate or strength is a number or an attribute of the module (see `sources`); what comes from a caller
or out of the data is a sample, and none of our business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from dropout_lint.semantics.facts.draw_use import METHODS, NAMES, Use, drawn_by
from dropout_lint.semantics.interpreter.guards import Guards, weakest
from dropout_lint.semantics.interpreter.run import Run
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import tail_of, walk
from dropout_lint.vocabulary import words

# One of these is in every file that draws, and one where a call of a module comes to the draw.
WORDS = (b"rand", b"bernoulli", b"uniform_", b"normal", b"binomial", b"gauss")
CALLS = (b"forward", b"__call__")
_LOSSES = frozenset("loss losses entropy criterion nll mse".split())


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
    """The masks and noise that come to bear when a module of the file is called."""
    for function in _functions(model):
        runs = model.run(function, True), model.run(function, False)
        drawn = {c.node: c for run in runs for c in run.calls if drawn_by(c) is not None}
        for called in sorted(drawn.values(), key=lambda c: model.tree.span(c.node)):
            use = Use(model, function, called)
            if (use.is_mask or use.is_noise) and use.counts:
                guards = (_reach(run, called.node) for run in runs)
                yield Draw(called.node, function, use.is_mask, use.beside, *guards)


def _functions(model: SemanticModel) -> list[FunctionInfo]:
    """The methods of modules that draw, and that a call of the module comes to."""
    found: dict[FunctionInfo, None] = {}
    for node, scope in model.names.mentions:
        by_method = isinstance(node, cst.Attribute) and node.attr.value in METHODS
        if by_method or any(name in NAMES for name in model.names.qualified(node, scope)):
            function = model.functions.of_scope(scope)
            if function is not None and function.in_module and _is_called(model, function, set()):
                found[function] = None
    return [
        function for function in found if not (_works_on_data(function) or _computes_loss(function))
    ]


def _computes_loss(function: FunctionInfo) -> bool:
    """Whether a method comes to a loss: what it masks is a task to learn, whatever the mode."""
    return any(
        isinstance(node, cst.Call) and bool(words(tail_of(node.func)) & _LOSSES)
        for node in walk(function.node.body)
    )


def _works_on_data(function: FunctionInfo) -> bool:
    """Whether a method detaches what it is given: it changes data, of which nothing is learned."""
    given = {parameter.name.value for parameter in function.parameters}
    for node in walk(function.node.body):
        if isinstance(node, cst.Attribute) and node.attr.value == "detach":
            inner: cst.BaseExpression = node
            while isinstance(inner, cst.Attribute):
                inner = inner.value
            if isinstance(inner, cst.Name) and inner.value in given:
                return True
    return False


def _is_called(model: SemanticModel, function: FunctionInfo, seen: set[FunctionInfo]) -> bool:
    """Whether ``forward`` comes to a function, through functions of the file."""
    if function.name in ("forward", "__call__"):
        return True
    seen.add(function)
    if function.builds:
        return False
    return any(
        _is_called(model, u, seen) for u in model.functions.callers(function) if u not in seen
    )


def _reach(run: Run, node: cst.Call) -> Guards | None:
    return weakest(*(called.guards for called in run.calls if called.node is node))
