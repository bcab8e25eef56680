"""Drop rates on self that eval mode sets to zero and nothing sets back."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.semantics.interpreter.guards import FREE
from dropout_lint.semantics.interpreter.run import Written
from dropout_lint.semantics.interpreter.values import positive
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.conditions import is_zero
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.vocabulary.dropping import ATTRIBUTE_WORDS
from dropout_lint.vocabulary.words import words


def zeroed_rates(model: SemanticModel, function: FunctionInfo) -> Iterator[Written]:
    """The assignments of zero to a rate that run in eval mode, with none that restores it."""
    if not function.in_module or function.builds or not model.reads_training(function):
        return
    in_eval, in_train = model.run(function, False), model.run(function, True)
    restored = {
        written.target.attr.value
        for written in in_train.written
        if positive(written.value).when_true is not None and not _keeps(written)
    }
    restored |= _left_by_train(model, function)
    in_both = {written.target for written in in_train.written}
    seen: set[cst.CSTNode] = set()
    for written in in_eval.written:
        name = written.target.attr.value
        zero = positive(written.value).when_true is None and written.guards == FREE
        if not (zero and _writes_zero(written)) or name in restored or written.target in seen:
            continue
        if written.target in in_both and not _keeps(written):
            continue
        if not _is_rate(model, function, written):
            continue
        if function.owner and model.contexts.read(function.owner, name, True) is None:
            continue  # train mode never asks for it
        seen.add(written.target)
        yield written


def _keeps(written: Written) -> bool:
    """``self.p = self.p if self.training else 0``: train mode writes what was there before."""
    value = written.statement.value if isinstance(written.statement, cst.Assign) else None
    if not isinstance(value, cst.IfExp):
        return False
    name = written.target.attr.value
    branches = (value.body, value.orelse)
    return any(isinstance(b, cst.Attribute) and b.attr.value == name for b in branches)


def _writes_zero(written: Written) -> bool:
    """``= 0``, ``= p if c else 0.0``: the zero stands there for all to see."""
    value = getattr(written.statement, "value", None)
    branches = (value.body, value.orelse) if isinstance(value, cst.IfExp) else (value,)
    return any(map(is_zero, branches))


def _left_by_train(model: SemanticModel, function: FunctionInfo) -> set[str]:
    """The attributes that the class's own ``train(True)`` sets to something positive."""
    train = (
        model.functions.of_method(function.owner, "train") if function.owner is not None else None
    )
    if train is None or not train.is_mode_override:
        return set()
    left = model.run(train, True).exit_state
    return {
        name.removeprefix("self.")
        for name, value in left.items()
        if positive(value).when_true is not None
    }


def _is_rate(model: SemanticModel, function: FunctionInfo, written: Written) -> bool:
    name = written.target.attr.value
    writes = function.owner.find_writes(name) if function.owner is not None else []
    others = [write.value for write in writes if write.target is not written.target]
    if others and all(is_zero(value) for value in others):
        return False  # a counter: it was zero before
    if words(name) & ATTRIBUTE_WORDS:
        return True
    for site in model.sites:
        if site.function.owner is function.owner and site.rate is not None:
            value = site.rate.node.value
            if isinstance(value, cst.Attribute) and value.attr.value == name:
                return True
    return False
