"""A call site: a call that drops at random, with its arguments and what it does in each mode."""

from __future__ import annotations

from dataclasses import dataclass, replace

import libcst as cst

from dropout_lint.catalog import CatalogFunction, ModuleClass
from dropout_lint.semantics.interpreter.arguments import Argument, Bound
from dropout_lint.semantics.interpreter.guards import FREE, YES, Cond, Guard, Guards, both, weakest
from dropout_lint.semantics.interpreter.values import (
    Const,
    ModeMethod,
    Value,
    mentions_of,
    positive,
    truth,
)
from dropout_lint.semantics.sites.imported_functions import FileModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import chain_of, tail_of


@dataclass(frozen=True)
class Drop:
    """One abstract execution of a site: its flag, its rate, and the guards in front of it."""

    flag: Value | None
    rate: Value | None
    guards: Guards


@dataclass(frozen=True)
class Reached:
    """A drop that a call of a function of the project leads to, perhaps in another file.

    ``call`` is the call whose result has been dropped from.
    """

    model: FileModel
    function: FunctionInfo
    node: cst.Call
    call: cst.Call

    @property
    def order(self) -> tuple[str, int]:
        return self.model.path or "", self.model.tree.span(self.node)[0]


@dataclass(frozen=True, eq=False)
class Site:
    """A call that drops at random: of a catalog function, or of a catalog module built on the spot.

    For a function ``node`` is the call and ``row`` its catalog row. For a fresh module ``node`` is
    the construction, ``row`` the class, and ``call`` the call of the fresh module. ``sole`` is
    False where the callee may also be something else (``F.dropout if c else other``), and
    ``alike`` says that whatever it may be takes the same mode, on by default. ``maker`` is
    where a function of the project builds the module, if ``node`` calls one; ``through`` are the
    drops that a function of the project leads to, if ``node`` calls one. ``entry`` is the element
    of a container that is called, or the call of a
    nested function that another one has made, if there is one. ``in_train`` and
    ``in_eval`` are the executions of the site in each mode.
    """

    node: cst.Call
    row: CatalogFunction | ModuleClass
    function: FunctionInfo
    bound: Bound
    call: cst.Call | None = None
    sole: bool = True
    alike: bool = False
    maker: str = ""
    through: tuple[Reached, ...] = ()
    entry: cst.CSTNode | None = None
    in_train: tuple[Drop, ...] = ()
    in_eval: tuple[Drop, ...] = ()

    def joined(self, other: Site) -> Site:
        """The site with the executions of another one of the same call."""
        return replace(
            self,
            sole=self.sole and other.sole,
            alike=self.alike and other.alike,
            maker=other.maker,
            in_train=self.in_train + other.in_train,
            in_eval=self.in_eval + other.in_eval,
        )

    @property
    def place(self) -> cst.CSTNode:
        """Where a reader looks for it: the call, or what a container lists."""
        return self.entry or self.node

    @property
    def called(self) -> cst.CSTNode:
        """The expression by which a message names what is called."""
        node = self.entry
        if not isinstance(node, cst.Call):
            return node or self.node.func
        return node.args[0].value if node.args and tail_of(node.func) == "partial" else node.func

    @property
    def flag(self) -> Argument | None:
        """The argument for the mode parameter, if the call has one."""
        return self.bound.get(self.row.mode) if isinstance(self.row, CatalogFunction) else None

    @property
    def rate(self) -> Argument | None:
        return self.bound.get(self.row.rate)

    @property
    def flag_missing(self) -> bool:
        """Whether the row has a mode parameter and the call surely does not give it."""
        row = self.row
        return (
            isinstance(row, CatalogFunction)
            and row.mode is not None
            and self.flag is None
            and not self.bound.open
        )

    def active(self, training: bool) -> Guards | None:
        """Behind which guards the site drops in a mode: None never, empty always."""
        drops = self.in_train if training else self.in_eval
        return weakest(*(self._active(drop) for drop in drops))

    def always_active(self, training: bool) -> bool:
        """Whether the site drops in a mode with nothing else to decide it."""
        return self.active(training) == FREE

    def reached(self, training: bool) -> Guards | None:
        """Behind which guards the call runs in a mode, dropping or not."""
        return weakest(*(drop.guards for drop in (self.in_train if training else self.in_eval)))

    @property
    def switched_off(self) -> bool:
        """Whether the flag is off in both modes, whatever the rate."""
        drops = [*self.in_train, *self.in_eval]
        return bool(drops) and all(self._on(drop).when_true is None for drop in drops)

    @property
    def may_drop(self) -> bool:
        """Whether the rate may be positive in train mode, whatever the flag."""
        return any(self._drops(drop).when_true is not None for drop in self.in_train)

    def _active(self, drop: Drop) -> Guards | None:
        return both(drop.guards, both(self._on(drop).when_true, self._drops(drop).when_true))

    def _on(self, drop: Drop) -> Cond:
        if not isinstance(self.row, CatalogFunction):
            return truth(drop.flag) if drop.flag is not None else YES
        if self.row.mode is None:
            return YES
        if drop.flag is not None:
            on = truth_of_flag(drop.flag)
        elif self.bound.open or self.row.mode.required:
            return Cond(None, FREE)  # whoever fills the star decides
        else:
            on = truth(Value.of(Const(self.row.mode.default)))
        return ~on if self.row.inverted else on

    def _drops(self, drop: Drop) -> Cond:
        parameter = self.row.rate
        if parameter is None:
            return YES
        if drop.rate is not None:
            return positive(drop.rate)
        if self.bound.open or parameter.required:
            return Cond(None, FREE)
        return positive(Value.of(Const(parameter.default)))


def truth_of_flag(flag: Value) -> Cond:
    """The truth of a flag argument: where it is not known, whatever it is made of decides."""
    on: list[Guards | None] = []
    off: list[Guards | None] = []
    for atom, guards in flag.alternatives:
        if isinstance(atom, (Const, ModeMethod)):
            cond = truth(Value.of(atom))
            on.append(both(guards, cond.when_true))
            off.append(both(guards, cond.when_false))
        else:
            decided = guards | (mentions_of(atom) or frozenset({Guard("flag", "…")}))
            on.append(decided)
            off.append(decided)
    return Cond(weakest(*on), weakest(*off))


def shown_callee(model: FileModel, call: cst.Call) -> str:
    """What is called, as a message has it: without what stands before a method."""
    func = call.func
    if isinstance(func, cst.Attribute) and not isinstance(chain_of(func)[-1], cst.Name):
        return f"….{func.attr.value}"
    return model.tree.code(func)


def location(node: cst.CSTNode, model: FileModel, home: FileModel) -> str:
    """Line, and file if it is not the one at hand, of a node as a message has it."""
    line = model.tree.line(node)
    if model is home or model.path is None:
        return f"line {line}"
    return f"{home.project.shown(model.path)}:{line}"
