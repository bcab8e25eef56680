"""The fix for helper functions: a ``training`` parameter, handed down from ``self.training``."""

from __future__ import annotations

import libcst as cst

from dropout_lint.catalog import Function
from dropout_lint.diagnostics import Edit, Fix, Safety
from dropout_lint.fixing.layout import add_argument
from dropout_lint.fixing.to_flag import STYLE, visible_self
from dropout_lint.semantics.calls import Site
from dropout_lint.semantics.model import Model
from dropout_lint.semantics.units import Unit

_NAME = "training"


def thread_mode(model: Model, site: Site) -> Fix | None:
    """Add a parameter to the function, pass it to the drop, and pass the mode at every call.

    The default stays True, so that callers elsewhere are not changed. Never safe for that reason.
    """
    row, unit = site.row, site.unit
    if not isinstance(row, Function) or row.mode is None or _NAME in unit.scope.bindings:
        return None
    params = unit.node.params
    plain = isinstance(params.star_arg, cst.MaybeSentinel) and params.star_kwarg is None
    if not plain or not params.params or unit.owner is not None:
        return None
    if model.names.scope_at.get(id(site.node)) is not unit.scope:
        return None
    end = _end_of(model, params.params[-1])
    annotated = params.params[-1].annotation is not None
    parameter = f"{_NAME}: bool = True" if annotated else f"{_NAME}=True"
    edits = [Edit(end, end, f", {parameter}")]
    edits += add_argument(model.tree, site.node, f"{row.mode.name}={_NAME}")
    calls = _calls(model, unit)
    if not calls:
        return None
    for call in calls:
        user = model.units.around(call)
        own = visible_self(model, user, call) if user is not None else None
        if user is None or own is None or not user.in_module or any(a.star for a in call.args):
            return None
        edits += add_argument(model.tree, call, f"{_NAME}={own}.training")
    message = f"Give `{unit.name}()` a `{_NAME}` parameter and pass `self.training`"
    return Fix(message, tuple(edits), Safety.UNSAFE, STYLE)


def _end_of(model: Model, parameter: cst.Param) -> int:
    """Where a parameter ends, its annotation and default included."""
    last: cst.CSTNode = parameter.name
    if parameter.default is not None:
        last = parameter.default
    elif parameter.annotation is not None:
        last = parameter.annotation.annotation
    return model.tree.outer_span(last)[1]


def _calls(model: Model, unit: Unit) -> list[cst.Call] | None:
    """Every use of the function in the file, if all of them are plain calls."""
    found: list[cst.Call] = []
    for node, scope in model.names.mentions:
        if not isinstance(node, cst.Name) or node.value != unit.name:
            continue
        bound = model.names.lookup(node.value, scope)
        if bound is None or not any(b.node is unit.node for b in bound[1]):
            continue
        parent = model.tree.parent(node)
        if not isinstance(parent, cst.Call) or parent.func is not node:
            return None
        found.append(parent)
    return found
