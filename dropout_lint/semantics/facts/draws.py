"""Random draws that are no calls of the catalog: what modules draw by hand.

A draw counts if it is used as dropout is: a uniform draw that is compared with a rate or rounded
after one was added, a Bernoulli mask, noise of a given strength that is added to something. The
rate or strength is a number or an attribute of the module (see `sources`). A draw with a rate from
a caller or out of the data is a sample and does not count; where a module of the file passes its
own rate to a helper that draws, its call counts. So do indices and choices that are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from dropout_lint.semantics.facts.draw_use import DrawUse, Kind
from dropout_lint.semantics.facts.drawing.samplers import (
    METHODS,
    NAMES,
    SAMPLES,
    Sampler,
    sampler_of,
)
from dropout_lint.semantics.facts.sources import Sources
from dropout_lint.semantics.interpreter.guards import FREE, Guards, weakest
from dropout_lint.semantics.interpreter.run import Run
from dropout_lint.semantics.interpreter.values import Local, Method
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import chain_of, tail_of, walk
from dropout_lint.vocabulary.randomness import LOSS_WORDS
from dropout_lint.vocabulary.words import words

# One of these is in every file that draws, and one where a call of a module comes to the draw.
WORDS = (b"rand", b"bernoulli", b"uniform_", b"normal", b"binomial", b"gauss", b"distributions",
         b"gumbel_softmax")  # fmt: skip
CALLS = (b"forward", b"__call__")


@dataclass(eq=False)
class Draw:
    """What is drawn by hand: the call that draws, and behind which guards it does.

    ``node`` may be the call of a helper instead, where its caller settles the rate; ``helper`` is
    its name then. ``beside`` are the words of the identifiers in the expression around the draw.
    """

    node: cst.Call
    function: FunctionInfo
    kind: Kind
    beside: frozenset[str]
    in_train: Guards | None
    in_eval: Guards | None
    helper: str = ""


def draws(model: SemanticModel) -> Iterator[Draw]:
    """What is drawn by hand when a module of the file is called, each call once."""
    found: dict[cst.CSTNode, Draw] = {}
    for function in _drawing_functions(model):
        for node, sampler in _drawn(model, function):
            for draw in _uses(model, function, node, sampler):
                found.setdefault(draw.node, draw)
    yield from sorted(found.values(), key=lambda draw: model.tree.span(draw.node))


def _drawn(model: SemanticModel, function: FunctionInfo) -> list[tuple[cst.Call, Sampler]]:
    """The calls of a function that draw, in source order."""
    drawn: dict[cst.Call, Sampler] = {}
    for called in (c for mode in (True, False) for c in model.run(function, mode).calls):
        sampler = sampler_of(model, function, called)
        if sampler is not None:
            drawn[called.node] = sampler
    return sorted(drawn.items(), key=lambda item: model.tree.span(item[0]))


def _uses(
    model: SemanticModel, function: FunctionInfo, node: cst.Call, sampler: Sampler
) -> Iterator[Draw]:
    """The uses of a draw that count: its own, or those of the calls that settle its rate."""
    runs = model.run(function, True), model.run(function, False)
    in_train, in_eval = (_guards_of(run, node) for run in runs)
    use = DrawUse(model, function, node, sampler)
    kind = use.kind
    if kind is Kind.INDEX:
        if function.in_module and not _has_layers(function):
            return  # a module without layers makes data
        if not _is_unconditional(model, function, node, set()):
            return  # it may be there for a first call only
    if kind is not None:
        if use.counts:
            yield Draw(node, function, kind, use.beside, in_train, in_eval)
        return
    inside = in_eval
    for caller, call in _calls(model, function):
        own = _settled(model, caller, function, call)
        use = DrawUse(model, function, node, sampler, own)
        if own and use.kind is not None and use.counts and inside == FREE:
            in_train, in_eval = (_guards_of(model.run(caller, m), call) for m in (True, False))
            yield Draw(call, caller, use.kind, use.beside, in_train, in_eval, function.name)


def _calls(model: SemanticModel, function: FunctionInfo) -> Iterator[tuple[FunctionInfo, cst.Call]]:
    """The calls of a function in methods of modules that a call of the module reaches."""
    for caller in model.functions.callers(function):
        if not caller.in_module or not _is_called(model, caller, set()) or _is_task(caller):
            continue
        nodes = {
            called.node: None
            for called in model.run(caller, False).calls
            if isinstance(called.callee, (Local, Method))
            and called.callee.node is function.node
            and called.sole
        }
        yield from ((caller, node) for node in nodes)


def _settled(
    model: SemanticModel, caller: FunctionInfo, function: FunctionInfo, call: cst.Call
) -> frozenset[str]:
    """The parameters for which a call passes a rate that its module settles."""
    if any(arg.star for arg in call.args):
        return frozenset()
    placed = [parameter.name.value for parameter in function.positional]
    given = [arg.value for arg in call.args if arg.keyword is None]
    named = dict(zip(placed, given, strict=False))
    named |= {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}
    sources = Sources(model, caller)
    return frozenset(name for name, value in named.items() if sources.is_rate(value))


def _drawing_functions(model: SemanticModel) -> list[FunctionInfo]:
    """The functions that draw, and that a call of a module reaches."""
    functions: dict[FunctionInfo, None] = {}
    for node, scope in model.names.mentions:
        by_method = isinstance(node, cst.Attribute) and node.attr.value in METHODS | SAMPLES
        if by_method or any(name in NAMES for name in model.names.qualified(node, scope)):
            function = model.functions.of_scope(scope)
            if function is not None and function not in functions:
                if _is_drawn_in(function) and _is_called(model, function, set()):
                    functions[function] = None
    return [f for f in functions if not _is_task(f)]


def _is_drawn_in(function: FunctionInfo) -> bool:
    """Whether a function is a method of a module, or belongs to no class."""
    return function.in_module or function.owner is None or not function.owner.is_module


def _has_layers(function: FunctionInfo) -> bool:
    """Whether a method's class, or one that it derives from, keeps what it builds on self."""
    assert function.owner is not None
    return any(
        write.method is not None
        and write.method.name.value == "__init__"
        and any(
            isinstance(node, cst.Call) and tail_of(node.func)[:1].isupper()
            for node in (walk(write.value) if write.value is not None else ())
        )
        for member in function.owner.lineage
        for writes in member.writes.values()
        for write in writes
    )


def _is_task(function: FunctionInfo) -> bool:
    """Whether what a function masks is a task to learn, or data of which nothing is learned."""
    return _detaches_input(function) or _computes_loss(function)


def _computes_loss(function: FunctionInfo) -> bool:
    """Whether a function computes a loss, or returns one by name, whatever the mode."""
    for node in walk(function.node.body):
        if isinstance(node, cst.Call) and words(tail_of(node.func)) & LOSS_WORDS:
            return True
        if isinstance(node, (cst.Return, cst.AssignTarget)):
            shown = node.value if isinstance(node, cst.Return) else node.target
            for part in walk(shown) if shown is not None else ():
                if isinstance(part, cst.Name) and words(part.value) & LOSS_WORDS:
                    return True
                if isinstance(part, cst.SimpleString) and "loss" in part.raw_value:
                    return True
    return False


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
        return function.in_module
    seen.add(function)
    if function.builds:
        return False
    return any(
        _is_called(model, caller, seen)
        for caller in model.functions.callers(function)
        if caller not in seen and not _computes_loss(caller)
    )


def _is_unconditional(
    model: SemanticModel, function: FunctionInfo, node: cst.CSTNode, seen: set[FunctionInfo]
) -> bool:
    """Whether ``forward`` comes to a node whatever it is given."""
    for above in model.tree.ancestors(node):
        if isinstance(above, (cst.If, cst.IfExp, cst.BooleanOperation, cst.Try)):
            return False
        if above is function.node:
            break
    if function.name == "forward":
        return True
    seen.add(function)
    return any(
        _is_unconditional(model, caller, call, seen)
        for caller, call in _calls(model, function)
        if caller not in seen
    )


def _guards_of(run: Run, node: cst.Call) -> Guards | None:
    return weakest(*(called.guards for called in run.calls if called.node is node))
