"""Whether a condition guards drops and random draws only: without them both branches do the same.

A condition that holds in both modes today, and will hold in train mode only, changes what eval mode
computes. That is random today where only drops are behind it; else it may be what users rely on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from dropout_lint.catalog import CatalogFunction
from dropout_lint.semantics.facts.drawing.samplers import METHODS, NAMES
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.class_body import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import tail_of, walk

REASON = "the condition guards more than drops, so results in eval mode change"
# The first parameter of functions that return it as it is where they do not drop.
_INPUTS = frozenset({"input", "x", "self"})
# Methods of a tensor that apply a mask or noise, their first argument.
_APPLIES = frozenset("mul mul_ div div_ add add_ masked_fill masked_fill_".split())
_DEPTH = 4


def guards_drops_only(model: SemanticModel, node: cst.BaseExpression) -> bool:
    """Whether all that an expression decides, taken for a mode, is whether something is dropped."""
    function = model.functions.around(node)
    if function is None:
        return False
    guarded = _Guarded(model, function)
    if guarded.decides_a_drop(node):
        return True
    test, holds = _whole_test(model, node)
    return test is not None and guarded.is_of_drops(test, holds)


def _whole_test(
    model: SemanticModel, node: cst.BaseExpression
) -> tuple[cst.If | cst.IfExp | None, bool]:
    """The statement or expression that a part of a test decides; whether it holds in train mode."""
    holds = True
    below: cst.CSTNode = node
    for above in model.tree.ancestors(node):
        if isinstance(above, (cst.If, cst.IfExp)):
            return (above, holds) if above.test is below else (None, True)
        if isinstance(above, cst.UnaryOperation) and isinstance(above.operator, cst.Not):
            holds = not holds
        elif isinstance(above, cst.BooleanOperation):
            other = above.right if above.left is below else above.left
            if any(isinstance(part, (cst.Call, cst.NamedExpr)) for part in walk(other)):
                return None, True
        elif not (isinstance(above, (cst.Arg, cst.Call)) and _is_bool(above)):
            return None, True
        below = above
    return None, True


def _is_bool(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Arg) or (
        isinstance(node, cst.Call) and is_self(node.func, "bool") and len(node.args) == 1
    )


@dataclass
class _Guarded:
    """What conditions of one function guard."""

    model: SemanticModel
    function: FunctionInfo
    depth: int = 0

    # --- values -----------------------------------------------------------------------------

    def decides_a_drop(self, node: cst.CSTNode) -> bool:
        """Whether the value of an expression is only used as the rate or the flag of drops."""
        below = node
        for above in self.model.tree.ancestors(node):
            if isinstance(above, cst.Arg):
                call = self.model.tree.parent(above)
                if isinstance(call, cst.Call) and is_self(call.func, "bool"):
                    below = call
                    continue
                return above in self._knobs
            if isinstance(above, (cst.Assign, cst.AnnAssign)):
                return above.value is below and self._is_knob(above)
            if isinstance(above, cst.Call):
                continue
            if not isinstance(
                above, (cst.IfExp, cst.BooleanOperation, cst.UnaryOperation, cst.BinaryOperation)
            ):
                return False
            others = [part for part in walk(above) if isinstance(part, (cst.Call, cst.NamedExpr))]
            if any(not is_self(part.func, "bool") for part in others if isinstance(part, cst.Call)):
                return False
            below = above
        return False

    @property
    def _knobs(self) -> set[cst.CSTNode]:
        """The arguments of this function's calls that are the rate or the flag of a drop."""
        knobs: set[cst.CSTNode] = set()
        for site in self.model.sites:
            if site.function is self.function:
                knobs |= {a.node for a in (site.rate, site.flag) if a is not None}
        return knobs

    def _is_knob(self, statement: cst.Assign | cst.AnnAssign) -> bool:
        """Whether a statement sets names that are only read as rates or flags of drops."""
        targets = (
            [t.target for t in statement.targets]
            if isinstance(statement, cst.Assign)
            else [statement.target]
        )
        names = [target.value for target in targets if isinstance(target, cst.Name)]
        if len(names) != len(targets) or self.depth > _DEPTH:
            return False
        reads = [read for name in names for read in self._reads(name)]
        self.depth += 1
        decides = all(self.decides_a_drop(read) or self._is_test(read) for read in reads)
        self.depth -= 1
        return bool(reads) and decides

    def _is_test(self, node: cst.Name) -> bool:
        """Whether a rate is only asked whether there is any: ``if p > 0: x = F.dropout(x, p)``."""
        for above in self.model.tree.ancestors(node):
            if isinstance(above, (cst.If, cst.IfExp)):
                return self.is_of_drops(above, True)
            if not isinstance(above, (cst.Comparison, cst.BooleanOperation, cst.ComparisonTarget)):
                return False
        return False

    def _reads(self, name: str) -> Iterator[cst.Name]:
        for node in walk(self.function.node.body):
            if isinstance(node, cst.Name) and node.value == name:
                parent = self.model.tree.parent(node)
                named = (cst.AssignTarget, cst.AnnAssign)
                is_target = isinstance(parent, named) and parent.target is node
                is_keyword = isinstance(parent, cst.Arg) and parent.keyword is node
                is_member = isinstance(parent, cst.Attribute) and parent.attr is node
                if not (is_target or is_keyword or is_member):
                    yield node

    # --- branches ---------------------------------------------------------------------------

    def is_of_drops(self, test: cst.If | cst.IfExp, holds: bool) -> bool:
        """Whether both branches come to the same but for what is dropped."""
        if isinstance(test, cst.IfExp):
            branches = (test.body, test.orelse) if holds else (test.orelse, test.body)
            return self._plain(branches[0]) == self._plain(branches[1]) or self.decides_a_drop(test)
        orelse = test.orelse.body if isinstance(test.orelse, cst.Else) else test.orelse
        bodies = [_statements(test.body), _statements(orelse)]
        if any(body and isinstance(body[-1], (cst.Return, cst.Raise)) for body in bodies):
            rest = self._behind(test)
            bodies = [body if _ends(body) else [*body, *rest] for body in bodies]
        on, off = bodies if holds else reversed(bodies)
        without = self._without_drops(on)
        return without is not None and without == self._without_drops(off)

    def _behind(self, test: cst.If) -> list[cst.CSTNode]:
        """The statements behind one in its block."""
        block = self.model.tree.parent(test)
        if not isinstance(block, cst.IndentedBlock):
            return []
        at = next(i for i, line in enumerate(block.body) if line is test)
        return _simple(block.body[at + 1 :])

    def _without_drops(self, body: Sequence[cst.CSTNode]) -> list[str] | None:
        """The code of statements without drops and draws; None where it cannot be told."""
        drawn: set[str] = set()
        lines: list[str] = []
        for statement in body:
            if isinstance(statement, cst.If):
                inner = self._without_drops(_statements(statement.body))
                if inner is None or inner or statement.orelse is not None:
                    return None
                continue
            if isinstance(statement, cst.Return):
                returned = self._plain(statement.value, drawn) if statement.value else ""
                lines.append(f"return {returned}")
                continue
            line = self._line(statement, drawn)
            if line is None:
                return None
            lines += [line] if line else []
        inside = {id(node) for statement in body for node in walk(statement)}
        is_used = any(id(read) not in inside for name in drawn for read in self._reads(name))
        return None if is_used else lines

    def _line(self, statement: cst.CSTNode, drawn: set[str]) -> str | None:
        """The code of one statement without drops; empty where nothing is left."""
        if isinstance(statement, cst.Expr):
            is_text = isinstance(statement.value, (cst.BaseString, cst.Ellipsis))
            return "" if is_text or self._input_of(statement.value) is not None else None
        if isinstance(statement, cst.AugAssign):
            is_name = isinstance(statement.target, cst.Name)
            return "" if is_name and self._is_drawn(statement.value, drawn) else None
        if not isinstance(statement, (cst.Assign, cst.AnnAssign)) or statement.value is None:
            return None
        if self._is_knob(statement):
            return ""
        if isinstance(statement, cst.Assign) and len(statement.targets) > 1:
            return None
        target = (
            statement.targets[0].target if isinstance(statement, cst.Assign) else statement.target
        )
        name, value = self._code(target), statement.value
        plain = self._plain(value, drawn)
        if plain == name or self._is_masked(name, value, drawn):
            return ""
        if plain == self._code(value) and isinstance(target, cst.Name):
            if self._is_drawn(value, drawn):
                drawn.add(name)
                return ""
        return f"{name} = {plain}"

    def _is_masked(self, name: str, value: cst.CSTNode, drawn: set[str]) -> bool:
        """``x = mask * x``."""
        kinds = (cst.Multiply, cst.Add)
        return (
            isinstance(value, cst.BinaryOperation)
            and isinstance(value.operator, kinds)
            and self._code(value.right) == name
            and self._is_drawn(value.left, drawn)
        )

    def _plain(self, node: cst.CSTNode, drawn: Iterable[str] = ()) -> str:
        """The code of an expression whose drops let everything through.

        ``x * mask / keep`` and ``x + noise`` are ``x``.
        """
        given = self._input_of(node)
        if given is not None:
            return self._plain(given, drawn)
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.args:
            first = node.args[0].value
            if node.func.attr.value in _APPLIES and self._is_drawn(first, set(drawn)):
                return self._plain(node.func.value, drawn)
        kinds = (cst.Multiply, cst.Divide, cst.Add, cst.Subtract)
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, kinds):
            plain = self._plain(node.left, drawn)
            is_number = not any(isinstance(part, cst.Call) for part in walk(node.right))
            reduced = plain != self._code(node.left) and is_number  # `x * mask / keep`
            if reduced or self._is_drawn(node.right, set(drawn)):
                return plain
        return self._code(node)

    def _is_drawn(self, node: cst.CSTNode, drawn: set[str]) -> bool:
        """Whether an expression is made of a random draw and of numbers."""
        is_random = False
        for part in walk(node):
            if isinstance(part, cst.Name) and part.value in drawn:
                is_random = True
            if isinstance(part, cst.Call):
                names = self.model.names.qualified(part.func, self.function.scope)
                is_random = is_random or tail_of(part.func) in METHODS
                is_random = is_random or any(name in NAMES for name in names)
        return is_random

    def _input_of(self, node: cst.CSTNode) -> cst.BaseExpression | None:
        """What a call drops from, where it only drops."""
        if not isinstance(node, cst.Call) or not node.args or node.args[0].star:
            return None
        first = node.args[0].value
        site = next((site for site in self.model.sites if site.node is node), None)
        if site is not None:
            return first if _only_drops(site) else None
        func, owner = node.func, self.function.owner
        if owner is None or len(node.args) != 1 or not isinstance(func, cst.Attribute):
            return None
        writes = owner.find_writes(func.attr.value) if is_self(
            func.value, self.function.self_name
        ) else []  # fmt: skip
        return first if writes and all(self._builds_drop(w.value) for w in writes) else None

    def _builds_drop(self, value: cst.BaseExpression | None) -> bool:
        if not isinstance(value, cst.Call):
            return False
        names = self.model.names.qualified(value.func, self.function.scope)
        rows = [self.model.catalog.module(name) for name in names]
        return any(row is not None and row.functional is not None for row in rows)

    def _code(self, node: cst.CSTNode) -> str:
        start, end = self.model.tree.span(node)
        return " ".join(self.model.tree.text[start:end].split())


def _only_drops(site: Site) -> bool:
    """Whether a site returns its first argument where it does not drop."""
    row = site.row
    if not isinstance(row, CatalogFunction) or site.through or not site.sole:
        return False
    return row.parameters[0].name in _INPUTS


def _statements(body: cst.CSTNode | None) -> list[cst.CSTNode]:
    if body is None:
        return []
    if isinstance(body, (cst.IndentedBlock, cst.SimpleStatementSuite)):
        return _simple(body.body)
    return [body]


def _simple(lines: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
    flat: list[cst.CSTNode] = []
    for line in lines:
        parts = line.body if isinstance(line, cst.SimpleStatementLine) else [line]
        flat += [part for part in parts if not isinstance(part, cst.Pass)]
    return flat


def _ends(body: Sequence[cst.CSTNode]) -> bool:
    return bool(body) and isinstance(body[-1], (cst.Return, cst.Raise))
