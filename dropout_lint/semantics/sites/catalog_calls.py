"""Calls of the catalog in the runs of a file's functions, as call sites."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import libcst as cst

from dropout_lint.catalog import CatalogFunction, ModuleClass
from dropout_lint.semantics.interpreter.arguments import Bound, bind
from dropout_lint.semantics.interpreter.run import Called, Run
from dropout_lint.semantics.interpreter.values import Atom, Instance, Local, Ref
from dropout_lint.semantics.sites.imported_functions import FileModel
from dropout_lint.semantics.sites.site import Drop, Site, location

# By call, name of the row and element of a container: a call may mean one of several functions.
Sites: TypeAlias = "dict[tuple[cst.Call, str, cst.CSTNode | None], Site]"


def sites_of(model: FileModel, *runs: Run) -> Sites:
    """The calls of the catalog in some runs."""
    sites: Sites = {}
    add_sites(sites, model, *runs)
    return sites


def add_sites(sites: Sites, model: FileModel, *runs: Run) -> None:
    """Add the calls of the catalog in some runs to those that are known."""
    for run in runs:
        for called in run.calls:
            site = _site(model, run, called)
            if site is not None:
                key = (site.node, site.row.name, site.entry)
                known = sites.get(key)
                sites[key] = known.joined(site) if known is not None else site


def _site(model: FileModel, run: Run, called: Called) -> Site | None:
    """One execution of a call, if it is one of the catalog."""
    callee = called.callee
    if isinstance(callee, Ref):
        function = model.catalog.function(callee.name)
        if function is None:
            return None
        bound = bind(function.parameters, called.arguments)
        drop = Drop(bound.value(function.mode), bound.value(function.rate), called.guards)
        alike = not called.sole and _all_take_mode(model, function, run, called)
        site = Site(
            called.node,
            function,
            run.function,
            bound,
            sole=called.sole and called.entry is None,
            alike=alike and called.entry is None,
            entry=called.entry,
        )
    elif isinstance(callee, Instance) and isinstance(callee.node, cst.Call):
        row = model.catalog.module(callee.name)
        if row is None:
            return None
        bound, maker = Bound({}, True), ""
        construction = run.first_call_at(callee.node)
        if construction is not None:
            builder = model.imported.callee(construction.callee)
            if builder is not None:  # a function of the project builds it, with a rate of its own
                row = ModuleClass(row.name, (), None, row.functional)
                maker = location(builder.function.node, builder.model, model)
            bound = bind(row.parameters, construction.arguments)
        drop = Drop(callee.flag, bound.value(row.rate), called.guards)
        site = Site(
            callee.node, row, run.function, bound, called.node, sole=called.sole, maker=maker
        )
    else:
        return None
    if run.training:
        return replace(site, in_train=(drop,))
    return replace(site, in_eval=(drop,))


def _all_take_mode(model: FileModel, row: CatalogFunction, run: Run, called: Called) -> bool:
    """Whether all that a call may mean has the mode of a row as a parameter that defaults to on."""
    callees = [each.callee for each in run.calls if each.node is called.node]
    if called.node in run.inlined or len(set(callees)) < 2:  # something else may be called too
        return False
    return all(_takes_mode(model, row, callee) for callee in callees)


def _takes_mode(model: FileModel, row: CatalogFunction, callee: Atom) -> bool:
    if row.mode is None:
        return False
    if isinstance(callee, Ref):
        other = model.catalog.function(callee.name)
        return (
            other is not None
            and other.on_by_default
            and other.mode is not None
            and (other.mode.name == row.mode.name)
        )
    found = model.imported.callee(callee) if isinstance(callee, Local) else None
    return found is not None and any(
        parameter.name.value == row.mode.name
        and isinstance(parameter.default, cst.Name)
        and parameter.default.value == "True"
        for parameter in found.function.parameters
    )
