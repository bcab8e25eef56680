"""Numbered names for what is drawn from one input: views, as contrastive learning makes them."""

from __future__ import annotations

import re
from typing import ClassVar, TypeAlias
from weakref import WeakKeyDictionary

import libcst as cst

from dropout_lint.semantics.interpreter.values import Local
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import Tree, children

# So many numbered names for what is made of one input are views of it.
_SEVERAL = 3


def is_one_of_two_views(model: SemanticModel, node: cst.CSTNode) -> bool:
    """Whether a call is one of two that draw numbered views from one input.

    ``edges1 = dropout_edge(edges); edges2 = dropout_edge(edges)``: contrastive learning draws two
    views on purpose.
    """
    statement = _assignment(model, node)
    names = _names(statement) if statement is not None else frozenset()
    if statement is None or not names or not all(name[-1].isdigit() for name in names):
        return False
    drawn = _draw(model.tree, statement)
    block = _Block.around(model, statement)
    if drawn is None or block is None:
        return False
    alike = block.by_draw.get((drawn, _stems(names)), [])
    other = next((other for other in alike if other is not statement), None)
    return other is not None and all(name[-1].isdigit() for name in _names(other))


def draws_views_only(model: SemanticModel, function: FunctionInfo) -> bool:
    """Whether a function is used in eval mode for nothing but views of one input.

    ``aux1 = noise(x); aux2 = drop(x); aux3 = mask(x)``: consistency training disturbs one input in
    several ways. Two names with a number may be anything, three hardly.
    """
    if function.is_entry or function.owner is not None:
        return False
    calls = [
        called.node
        for caller in model.functions.callers(function)
        for called in model.run(caller, False).calls_of(function)
        if isinstance(called.callee, Local)
    ]
    return bool(calls) and all(_makes_several(model, call) for call in calls)


def _makes_several(model: SemanticModel, node: cst.CSTNode) -> bool:
    """Whether a block gives several numbered names to what is made of the input of a call."""
    statement = _assignment(model, node)
    source = _source(model.tree, statement) if statement is not None else None
    block = _Block.around(model, statement) if statement is not None else None
    if statement is None or source is None or block is None:
        return False
    stems = {_without_digits(name) for name in _names(statement)}
    views = (block.numbered.get((source, stem), set()) for stem in stems)
    return len({view for some in views for view in some} - stems) >= _SEVERAL


class _Block:
    """The assignments of one block, by what they draw from.

    ``by_draw`` has them by the call that they make and the stems of their names; ``numbered`` has
    their names by what is made into them and the name without digits.
    """

    _known: ClassVar[WeakKeyDictionary[SemanticModel, _Blocks]] = WeakKeyDictionary()

    def __init__(self, tree: Tree, node: cst.CSTNode) -> None:
        self.by_draw: dict[tuple[tuple[str, str], frozenset[str]], list[cst.Assign]] = {}
        self.numbered: dict[tuple[str, str], set[str]] = {}
        for statement in children(node):
            for each in children(statement):
                if isinstance(each, cst.Assign):
                    self._add(tree, each)

    def _add(self, tree: Tree, statement: cst.Assign) -> None:
        names, drawn, source = _names(statement), _draw(tree, statement), _source(tree, statement)
        if drawn is not None:
            self.by_draw.setdefault((drawn, _stems(names)), []).append(statement)
        if source is not None:
            for name in names:
                self.numbered.setdefault((source, _without_digits(name)), set()).add(name)

    @classmethod
    def around(cls, model: SemanticModel, statement: cst.Assign) -> _Block | None:
        """The block that a statement is in."""
        line = model.tree.parent(statement)
        node = model.tree.parent(line) if line is not None else None
        if node is None:
            return None
        blocks = cls._known.setdefault(model, {})
        if node not in blocks:
            blocks[node] = cls(model.tree, node)
        return blocks[node]


_Blocks: TypeAlias = dict[cst.CSTNode, _Block]


def _stems(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name.rstrip("0123456789_") for name in names)


def _without_digits(name: str) -> str:
    return re.sub(r"\d", "", name)


def _source(tree: Tree, statement: cst.Assign) -> str | None:
    """What a call, or a list of calls, takes as its input."""
    made = statement.value
    if isinstance(made, cst.ListComp) and isinstance(made.elt, cst.Call):
        return tree.code(made.for_in.iter)
    if isinstance(made, cst.Call) and made.args:
        return tree.code(made.args[0].value)
    return None


def _draw(tree: Tree, statement: cst.Assign) -> tuple[str, str] | None:
    """Function and first argument of the call that a statement assigns."""
    call: cst.BaseExpression = statement.value
    while isinstance(call, cst.Subscript):
        call = call.value
    if not isinstance(call, cst.Call) or not call.args:
        return None
    return tree.code(call.func), tree.code(call.args[0].value)


def _assignment(model: SemanticModel, node: cst.CSTNode) -> cst.Assign | None:
    return next((a for a in model.tree.ancestors(node) if isinstance(a, cst.Assign)), None)


def _names(statement: cst.Assign) -> frozenset[str]:
    """The names a statement assigns, ``_`` left out."""
    names: set[str] = set()
    for target in statement.targets:
        parts: list[cst.CSTNode] = [target.target]
        if isinstance(target.target, (cst.Tuple, cst.List)):
            parts = [element.value for element in target.target.elements]
        names |= {part.value for part in parts if isinstance(part, cst.Name) and part.value != "_"}
    return frozenset(names)
