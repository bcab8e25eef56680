"""Call sites of functions of the project that take the mode as a parameter.

Such a function is no finding; its callers decide whether it drops. The function is run with the
arguments of a call, and so are the functions that it calls in turn. If it drops with the mode
parameter on and does not with it off, the call is like one of a catalog function: it gets a row
of its own, which the rules read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

import libcst as cst

from dropout_lint.catalog import CatalogFunction, ModuleClass
from dropout_lint.semantics.interpreter.arguments import (
    ArgumentValues,
    bind,
    function_arguments,
)
from dropout_lint.semantics.interpreter.execution import execute
from dropout_lint.semantics.interpreter.guards import FREE
from dropout_lint.semantics.interpreter.run import Called, EvalRun, Run, TrainRun
from dropout_lint.semantics.interpreter.values import (
    Atom,
    Attribute,
    Const,
    Items,
    Method,
    Opaque,
    Value,
    mentions_of,
)
from dropout_lint.semantics.interpreter.values import Parameter as Symbolic
from dropout_lint.semantics.sites.catalog_calls import sites_of
from dropout_lint.semantics.sites.drawn_calls import drawn_sites
from dropout_lint.semantics.sites.imported_functions import Callee, FileModel
from dropout_lint.semantics.sites.only_guards import only_guards
from dropout_lint.semantics.sites.site import Drop, Reached, Site, location, shown_callee
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.signatures import CatalogParameter
from dropout_lint.vocabulary.modes import speaks_of_mode

_MAX_DEPTH = 6
_CONSTANTS = {"True": True, "False": False, "None": None}
_Run = TypeVar("_Run", bound=Run)
Drops: TypeAlias = frozenset[Reached]


@dataclass(frozen=True)
class ModeArguments:
    """The arguments of a call in eval mode, and in train mode where they are known."""

    in_eval: ArgumentValues
    in_train: ArgumentValues | None = None

    @property
    def key(self) -> object:
        in_train = None if self.in_train is None else frozenset(self.in_train.items())
        return frozenset(self.in_eval.items()), in_train

    def with_flag(self, name: str, is_on: bool) -> ModeArguments:
        """The same arguments but for a flag that is written True or False."""
        flag = {name: Value.of(Const(is_on))}
        in_train = None if self.in_train is None else self.in_train | flag
        return ModeArguments(self.in_eval | flag, in_train)


@dataclass(frozen=True)
class Decision:
    """The parameter that decides whether a function drops, and what it drops with on and off."""

    mode: CatalogParameter
    on: Drops
    off: Drops

    @property
    def decided(self) -> tuple[Reached, ...]:
        """The drops that the parameter decides about, in a fixed order."""
        return tuple(sorted(self.on ^ self.off, key=lambda reached: reached.order))


class ProjectCalls:
    """The calls of one file that decide whether functions of its project drop."""

    def __init__(self, model: FileModel) -> None:
        self._model = model
        self._reached: dict[object, Drops] = {}

    # --- what the file at hand asks ---------------------------------------------------------

    def sites(self, train_run: Run, eval_run: Run) -> Iterator[Site]:
        """The calls of a function, run in both modes, that decide."""
        model = self._model
        sites: dict[cst.CSTNode, Site] = {}
        in_train = _by_callee(train_run)
        for called in eval_run.calls:
            callee = model.imported.callee(called.callee)
            if callee is None or callee.function is eval_run.function:
                continue
            then = in_train.get((called.node, called.callee))
            decision = self._decision(callee, _arguments(model, callee, called, then))
            if decision is None:
                continue
            site = sites.get(called.node) or self._site(callee, decision, called, eval_run)
            train_drops = (_drop(callee, decision.mode, then),) if then is not None else ()
            sites[called.node] = replace(
                site,
                in_train=site.in_train + train_drops,
                in_eval=(*site.in_eval, _drop(callee, decision.mode, called)),
            )
        yield from sites.values()

    def reached(self, callee: Callee, arguments: ModeArguments, depth: int = 0) -> Drops:
        """The drops of a function in eval mode with these arguments, whoever calls it."""
        key = (callee.function, arguments.key)
        if key not in self._reached:
            self._reached[key] = frozenset()
            if depth < _MAX_DEPTH:
                if callee.model.contexts.around(callee.function, False) == FREE:
                    self._reached[key] = frozenset(self._run(callee, arguments, depth))
        return self._reached[key]

    # --- running a function -----------------------------------------------------------------

    def _run(self, callee: Callee, arguments: ModeArguments, depth: int) -> Iterator[Reached]:
        model, function = callee.model, callee.function
        train_run = None
        if arguments.in_train is not None:
            train_run = self._executed(callee, TrainRun(function), arguments.in_train)
        run = self._executed(callee, EvalRun(function, train_run), arguments.in_eval)
        drawn = drawn_sites(model, (run, _entry(callee, arguments.in_eval)))
        for site in (*sites_of(model, run).values(), *drawn):
            if site.always_active(False) and _is_drop(site):
                yield Reached(model, function, site.node, site.call or site.node)
        in_train = _by_callee(train_run) if train_run is not None else {}
        for called in run.calls:
            inner = model.imported.callee(called.callee) if called.guards == FREE else None
            if inner is None or inner.function is function or not called.sole:
                continue
            then = in_train.get((called.node, called.callee))
            yield from self.reached(inner, _arguments(model, inner, called, then), depth + 1)

    def _executed(self, callee: Callee, run: _Run, given: ArgumentValues) -> _Run:
        """A run of a function, whose steps are this file's whichever file the function is in."""
        steps = callee.model.steps
        before = steps.left
        try:
            return execute(callee.model, run, _entry(callee, given), FREE)
        finally:
            taken, steps.left = before - steps.left, before
            self._model.steps.take(taken)

    # --- the row of a call ------------------------------------------------------------------

    def _decision(self, callee: Callee, arguments: ModeArguments) -> Decision | None:
        """The parameter of a function that decides in a call with these arguments."""
        for mode in catalog_parameters(callee.function):
            if speaks_of_mode(mode.name) and not _by_position_only(callee.function, mode.name):
                on = self.reached(callee, arguments.with_flag(mode.name, True))
                off = self.reached(callee, arguments.with_flag(mode.name, False))
                if bool(on - off) != bool(off - on):
                    return Decision(mode, on, off)
        return None

    def _site(self, callee: Callee, decision: Decision, called: Called, run: Run) -> Site:
        """The call as a site, without its drops."""
        row = self._row(callee, decision, called.callee)
        return Site(
            called.node,
            row,
            run.function,
            bind(row.parameters, called.arguments),
            sole=called.sole and _all_take(callee, decision.mode.name, called.callee),
            through=decision.decided,
        )

    def _row(self, callee: Callee, decision: Decision, called: Atom) -> CatalogFunction:
        """The function as a row of the catalog."""
        function, mode = callee.function, decision.mode
        doubt = None
        if decision.on & decision.off or any(
            reached.function is not function for reached in decision.decided
        ):
            doubt = f"`{mode.name}` goes a long way"
        elif not only_guards(callee, mode.name, inverted=bool(decision.off - decision.on)):
            doubt = f"`{mode.name}` decides about more than the drop"
        elif isinstance(called, Method):
            doubt = f"a subclass may have a `{function.name}` without `{mode.name}`"
        return CatalogFunction(
            f"{function.qualname}.{function.name}",
            catalog_parameters(function),
            mode,
            None,
            inverted=bool(decision.off - decision.on),
            reaches=f" for {self.shown(decision.decided[0])}",
            doubt=doubt,
        )

    def shown(self, reached: Reached) -> str:
        """A drop as a message has it: what is called where."""
        called = shown_callee(reached.model, reached.node)
        where = location(reached.node, reached.model, self._model)
        return f"`{called}` in `{reached.function.name}` ({where})"


def _by_callee(run: Run) -> dict[tuple[cst.Call, Atom], Called]:
    return {(called.node, called.callee): called for called in run.calls}


def _drop(callee: Callee, mode: CatalogParameter, called: Called) -> Drop:
    """One execution of a call of the function."""
    flag = bind(catalog_parameters(callee.function), called.arguments).value(mode)
    return Drop(flag, None, called.guards)


def _arguments(
    model: FileModel, callee: Callee, called: Called, then: Called | None
) -> ModeArguments:
    """The arguments of a call (``then``: in train mode); see `abroad` for those to another file."""

    def of(each: Called) -> ArgumentValues:
        values = function_arguments(callee.function, each.arguments)
        return values if callee.model is model else abroad(values)

    return ModeArguments(of(called), of(then) if then is not None else None)


def _all_take(callee: Callee, name: str, called: Atom) -> bool:
    """Whether the methods that override the one that is called have the parameter too."""
    is_method = isinstance(called, Method)
    overrides = callee.model.functions.overrides(callee.function) if is_method else []
    return all(name in (p.name.value for p in each.parameters) for each in overrides)


def _entry(callee: Callee, given: ArgumentValues) -> ArgumentValues:
    """The parameters of a function in a call with these arguments, defaults included."""
    contexts, function = callee.model.contexts, callee.function
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


def abroad(given: ArgumentValues) -> ArgumentValues:
    """Arguments as a function of another file gets them: without what only this file knows."""
    return {name: _abroad(value) for name, value in given.items()}


def _abroad(value: Value) -> Value:
    return Value.join(Value.of(_abroad_atom(atom), guards) for atom, guards in value.alternatives)


def _abroad_atom(atom: Atom) -> Atom:
    if isinstance(atom, Items):
        return Items(tuple(_abroad(item) for item in atom.items), atom.keys)
    if isinstance(atom, (Const, Attribute, Opaque, Symbolic)):
        return atom
    return Opaque(mentions_of(atom))


def _by_position_only(function: FunctionInfo, name: str) -> bool:
    return any(parameter.name.value == name for parameter in function.node.params.posonly_params)


def catalog_parameters(function: FunctionInfo) -> tuple[CatalogParameter, ...]:
    """The parameters of a function as the catalog has them; a default that is no bool is "…"."""
    placed = [parameter.name.value for parameter in function.positional]
    parameters: list[CatalogParameter] = []
    for parameter in function.parameters:
        name, default = parameter.name.value, parameter.default
        if parameter.star:
            continue
        constant: object = "…" if default is not None else None
        if isinstance(default, cst.Name):
            constant = _CONSTANTS.get(default.value, "…")
        position = placed.index(name) if name in placed else None
        parameters.append(CatalogParameter(name, position, constant, default is None))
    return tuple(parameters)
