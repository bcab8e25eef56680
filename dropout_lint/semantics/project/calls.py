"""Calls that decide: what a function of the project drops with, given what a call hands it.

A function that takes the mode as a parameter is no finding; who calls it decides. To see what a
call decides, the function is run with the arguments of the call, and so are the functions that it
calls in turn. Where it drops with the mode parameter on and does not with it off, the call is one
of a catalog function in all but name: it gets a row of its own, and the rules read that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from dropout_lint.catalog import CatalogFunction, CatalogParameter, ModuleClass
from dropout_lint.semantics.facts.sites import Drop, Reached, Site
from dropout_lint.semantics.interpreter.arguments import ArgumentValues as Given
from dropout_lint.semantics.interpreter.arguments import bind, function_arguments
from dropout_lint.semantics.interpreter.execution import execute
from dropout_lint.semantics.interpreter.guards import FREE
from dropout_lint.semantics.interpreter.run import Called, EvalRun, Run, TrainRun
from dropout_lint.semantics.interpreter.values import (
    Atom,
    Attribute,
    Const,
    Items,
    Local,
    Method,
    Opaque,
    Ref,
    Value,
    mentions_of,
)
from dropout_lint.semantics.interpreter.values import Parameter as Symbolic
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import walk
from dropout_lint.vocabulary import speaks_of_mode

if TYPE_CHECKING:
    from dropout_lint.semantics.model import SemanticModel

_MAX_DEPTH = 6
_MAX_RUNS = 300
_CONSTANTS = {"True": True, "False": False, "None": None}


@dataclass(frozen=True)
class Target:
    """A function of the project that a call means."""

    model: SemanticModel
    function: FunctionInfo


class ProjectCalls:
    """The calls of one file that decide whether functions of its project drop."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._reached: dict[object, frozenset[Reached]] = {}
        self._runs = 0

    # --- what the file at hand asks ---------------------------------------------------------

    def sites(self, trained: Run, run: Run) -> Iterator[Site]:
        """The calls of a function that decide, as calls of functions of the catalog.

        ``trained`` is the function's run in train mode, ``run`` the one in eval mode.
        """
        found: dict[cst.CSTNode, Site] = {}
        before = {(called.node, called.callee): called for called in trained.calls}
        for called in run.calls:
            target = self.target(self._model, called.callee)
            if target is None or target.function is run.function:
                continue
            then = before.get((called.node, called.callee))
            other = self._given(self._model, target, then) if then is not None else None
            decided = self._decided(target, self._given(self._model, target, called), other)
            if decided is None:
                continue
            mode, on, off = decided
            site = found.get(called.node)
            if site is None:
                row = self._row(target, mode, on, off, called.callee)
                bound = bind(row.parameters, called.arguments)
                sole = called.sole and self._all_take(target, mode.name, called.callee)
                through = tuple(sorted(on ^ off, key=lambda reached: reached.order))
                site = Site(called.node, row, run.function, bound, sole=sole, through=through)
                found[called.node] = site
            for at, drops in ((called, site.in_eval), (then, site.in_train)):
                if at is not None:
                    flag = bind(catalog_parameters(target.function), at.arguments).value(mode)
                    drops.append(Drop(flag, None, at.guards))
        yield from found.values()

    def target(self, model: SemanticModel, callee: Atom) -> Target | None:
        """The function of the project that is called, if it can be told."""
        if isinstance(callee, (Local, Method)):
            function = model.functions.by_node.get(callee.node)
            return Target(model, function) if function is not None else None
        found = model.imported.find(callee.name) if isinstance(callee, Ref) else None
        return Target(*found) if found is not None else None

    def reached(
        self, target: Target, given: Given, other: Given | None, depth: int = 0
    ) -> frozenset[Reached]:
        """What the function drops with in eval mode, given these arguments, whoever calls it.

        ``other`` are the arguments in train mode, where they are known.
        """
        model, function = target.model, target.function
        key = (function, frozenset(given.items()), frozenset((other or {}).items()), other is None)
        if key not in self._reached:
            self._reached[key] = frozenset()
            self._runs += 1
            if depth < _MAX_DEPTH and self._runs <= _MAX_RUNS:
                if model.contexts.around(function, False) == FREE:
                    self._reached[key] = frozenset(self._run(target, given, other, depth))
        return self._reached[key]

    # --- running a function -----------------------------------------------------------------

    def _run(
        self, target: Target, given: Given, other: Given | None, depth: int
    ) -> Iterator[Reached]:
        model, function = target.model, target.function
        trained = None
        if other is not None:
            trained = execute(model, TrainRun(function), _entry(target, other), FREE)
        run = execute(model, EvalRun(function, trained), _entry(target, given), FREE)
        for site in model.sites_in(run):
            if site.always_active(False) and _is_drop(site):
                yield Reached(model, function, site.node, site.call or site.node)
        before = {(c.node, c.callee): c for c in trained.calls} if trained is not None else {}
        for called in run.calls:
            inner = self.target(model, called.callee) if called.guards == FREE else None
            if inner is None or inner.function is function or not called.sole:
                continue
            found = before.get((called.node, called.callee))
            yield from self.reached(
                inner,
                self._given(model, inner, called),
                self._given(model, inner, found) if found is not None else None,
                depth + 1,
            )

    @staticmethod
    def _given(model: SemanticModel, target: Target, called: Called) -> Given:
        """The arguments of a call; those for another file without what only this one knows."""
        given = function_arguments(target.function, called.arguments)
        if target.model is model:
            return given
        return abroad(given)

    # --- the row of a call ------------------------------------------------------------------

    def _decided(
        self, target: Target, given: Given, other: Given | None
    ) -> tuple[CatalogParameter, frozenset[Reached], frozenset[Reached]] | None:
        """The parameter that decides, and what is reached with it true and with it false."""
        for mode in catalog_parameters(target.function):
            if speaks_of_mode(mode.name) and not _by_position_only(target.function, mode.name):
                on = self._with(target, given, other, mode.name, True)
                off = self._with(target, given, other, mode.name, False)
                if bool(on - off) != bool(off - on):
                    return mode, on, off
        return None

    def _row(
        self,
        target: Target,
        mode: CatalogParameter,
        on: frozenset[Reached],
        off: frozenset[Reached],
        callee: Atom,
    ) -> CatalogFunction:
        """The function as a row of the catalog."""
        found = sorted(on ^ off, key=lambda reached: reached.order)
        doubt = None
        if on & off or any(reached.function is not target.function for reached in found):
            doubt = f"`{mode.name}` goes a long way"
        elif not only_guards(target, mode.name):
            doubt = f"`{mode.name}` decides about more than the drop"
        elif isinstance(callee, Method):
            doubt = f"a subclass may have a `{target.function.name}` without `{mode.name}`"
        return CatalogFunction(
            f"{target.function.qualname}.{target.function.name}",
            catalog_parameters(target.function),
            mode,
            None,
            inverted=bool(off - on),
            reaches=f" for {self.shown(found[0])}",
            doubt=doubt,
        )

    @staticmethod
    def _all_take(target: Target, name: str, callee: Atom) -> bool:
        """Whether the methods that override the one that is called have the parameter too."""
        overrides = (
            target.model.functions.overrides(target.function) if isinstance(callee, Method) else []
        )
        return all(name in (p.name.value for p in each.parameters) for each in overrides)

    def _with(
        self, target: Target, given: Given, other: Given | None, name: str, is_on: bool
    ) -> frozenset[Reached]:
        flag = {name: Value.of(Const(is_on))}
        return self.reached(target, given | flag, other | flag if other is not None else None)

    def shown(self, reached: Reached) -> str:
        """A drop as a message has it: what is called where."""
        called = reached.model.tree.code(reached.node.func)
        return (
            f"`{called}` in `{reached.function.name}` ({self.place(reached.model, reached.node)})"
        )

    def place(self, model: SemanticModel, node: cst.CSTNode) -> str:
        """Line, and file if it is another one, of a node."""
        line = model.tree.line(node)
        if model is self._model or model.path is None:
            return f"line {line}"
        return f"{self._model.project.shown(model.path)}:{line}"


def _entry(target: Target, given: Given) -> Given:
    """The parameters of a function in a call with these arguments, defaults included."""
    contexts, function = target.model.contexts, target.function
    return {p.name.value: contexts.given(function, p, given) for p in function.parameters}


def _is_drop(site: Site) -> bool:
    """Whether a site drops as the catalog says, and is no mix-up of rate and mode."""
    if isinstance(site.row, ModuleClass):
        return site.row.functional is not None
    rates = [drop.rate.atoms for drop in site.in_eval if drop.rate is not None]
    return not any(
        isinstance(atom, Const) and isinstance(atom.value, bool)
        for atoms in rates
        for atom in atoms
    )


def abroad(given: Given) -> Given:
    """Arguments as a function of another file gets them: without what only this file knows."""
    return {name: _abroad(value) for name, value in given.items()}


def _abroad(value: Value) -> Value:
    return Value.join(Value.of(_abroad_atom(atom), guards) for atom, guards in value.alternatives)


def _abroad_atom(atom: Atom) -> Atom:
    if isinstance(atom, Items):
        return Items(tuple(_abroad(item) for item in atom.items))
    if isinstance(atom, (Const, Attribute, Opaque, Symbolic)):
        return atom
    return Opaque(mentions_of(atom))


def _by_position_only(function: FunctionInfo, name: str) -> bool:
    return any(parameter.name.value == name for parameter in function.node.params.posonly_params)


def catalog_parameters(function: FunctionInfo) -> tuple[CatalogParameter, ...]:
    """The parameters of a function as the catalog has them; a default that is no bool is "…"."""
    placed = [parameter.name.value for parameter in function.positional]
    found: list[CatalogParameter] = []
    for parameter in function.parameters:
        name, default = parameter.name.value, parameter.default
        if parameter.star:
            continue
        constant: object = "…" if default is not None else None
        if isinstance(default, cst.Name):
            constant = _CONSTANTS.get(default.value, "…")
        position = placed.index(name) if name in placed else None
        found.append(CatalogParameter(name, position, constant, default is None))
    return tuple(found)


def only_guards(target: Target, name: str) -> bool:
    """Whether a function does nothing with a mode parameter but hand it to what drops."""
    model, function = target.model, target.function
    flags = set()
    for site in model.sites_in(model.alone(function, False)):
        if site.flag is not None:
            flags.add(site.flag.node)
    for node in walk(function.node.body):
        if not isinstance(node, cst.Name) or node.value != name:
            continue
        above = model.tree.parent(node)
        if isinstance(above, cst.UnaryOperation) and isinstance(above.operator, cst.Not):
            above = model.tree.parent(above)
        if isinstance(above, cst.Arg) and above.keyword is node:
            continue
        if not (isinstance(above, cst.Arg) and above in flags):
            return False
    return True
