"""Fixes that gate a call where it stands: a mode argument, a rate that follows the mode."""

from __future__ import annotations

import libcst as cst

from dropout_lint.catalog import Function
from dropout_lint.diagnostics import Edit, Fix, Safety
from dropout_lint.fixing.layout import add_argument, needs_parentheses, used_in_place
from dropout_lint.semantics.calls import Site
from dropout_lint.semantics.classes import ClassInfo
from dropout_lint.semantics.model import Model
from dropout_lint.semantics.names import Scope
from dropout_lint.semantics.units import Unit

STYLE = "flag"


def add_flag(model: Model, site: Site) -> Fix | None:
    """Give the call its missing mode argument."""
    row, own = site.row, visible_self(model, site.unit, site.node)
    if own is None or not isinstance(row, Function) or row.mode is None:
        return None
    argument = f"{row.mode.name}={own}.training"
    edits = add_argument(model.tree, site.node, argument)
    return Fix(f"Add `{argument}`", edits, safety_of(model, site), STYLE)


def set_flag(model: Model, site: Site) -> Fix | None:
    """Replace the mode argument that the call has. Never safe: it may be meant."""
    flag, own = site.flag, visible_self(model, site.unit, site.node)
    if own is None or flag is None or flag.node not in site.node.args:
        return None
    start, end = model.tree.outer_span(flag.node.value)
    edit = Edit(start, end, f"{own}.training")
    return Fix(f"Pass `{own}.training`", (edit,), Safety.UNSAFE, STYLE)


def rename_rate(model: Model, site: Site) -> Fix | None:
    """Pass the argument that sits in the rate's place as the mode. Never safe: the rate changes."""
    row, rate = site.row, site.rate
    if not isinstance(row, Function) or row.mode is None or site.flag is not None or rate is None:
        return None
    if rate.node not in site.node.args:
        return None
    edit = Edit(
        model.tree.outer_span(rate.node)[0],
        model.tree.outer_span(rate.node.value)[0],
        f"{row.mode.name}=",
    )
    message = f"Pass it as `{row.mode.name}`"
    return Fix(message, (edit,), Safety.UNSAFE, STYLE)


def gate_rate(model: Model, site: Site) -> Fix | None:
    """Make the rate argument 0.0 outside train mode."""
    rate, own = site.rate, visible_self(model, site.unit, site.node)
    if own is None or rate is None or rate.node not in site.node.args:
        return None
    value = rate.node.value
    start, end = model.tree.outer_span(value)
    head, tail = ("(", ")") if needs_parentheses(value) else ("", "")
    edits = [Edit(end, end, f"{tail} if {own}.training else 0.0")]
    if head:
        edits.insert(0, Edit(start, start, head))
    code = model.tree.outer_code(value)
    shown = code if code.isprintable() else "…"  # a message has one line
    message = f"Pass `{head}{shown}{tail} if {own}.training else 0.0`"
    return Fix(message, tuple(edits), safety_of(model, site), STYLE)


def set_mode(model: Model, site: Site) -> Fix | None:
    """Put a module that is built on the spot into the mode of the class at hand."""
    own = visible_self(model, site.unit, site.node)
    if own is None:
        return None
    end = model.tree.outer_span(site.node)[1]
    edit = Edit(end, end, f".train({own}.training)")
    return Fix(f"Add `.train({own}.training)`", (edit,), safety_of(model, site), STYLE)


def safety_of(model: Model, site: Site) -> Safety:
    """Whether gating the site leaves train mode as it is and eval mode well."""
    if site.active(True) is None or not model.tree.exact:
        return Safety.UNSAFE
    if site.unit.builds:  # a lambda on self: after a deep copy it still asks the old module
        return Safety.UNSAFE
    changed = used_in_place(
        model.tree, site.call or site.node, site.unit.node, in_place_attributes(site.unit.owner)
    )
    drops_here = not isinstance(site.row, Function) or site.row.mode is not None
    return Safety.UNSAFE if changed and drops_here else Safety.SAFE


def in_place_attributes(owner: ClassInfo | None) -> frozenset[str]:
    """Attributes of a class whose modules change their input, such as ``nn.ReLU(inplace=True)``."""
    if owner is None:
        return frozenset()
    return frozenset(
        name
        for info in owner.lineage
        for name, writes in info.writes.items()
        if any(write.value is not None and _begins_in_place(write.value) for write in writes)
    )


def _begins_in_place(node: cst.CSTNode) -> bool:
    """Whether a module changes its own input: in a Sequential the first one decides."""
    if not isinstance(node, cst.Call):
        return False
    if isinstance(node.func, (cst.Name, cst.Attribute)):
        tail = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
        if tail.value == "Sequential":
            return bool(node.args) and _begins_in_place(node.args[0].value)
    return any(_is_in_place(arg) for arg in node.args)


def _is_in_place(arg: cst.Arg) -> bool:
    off = isinstance(arg.value, cst.Name) and arg.value.value == "False"
    return arg.keyword is not None and arg.keyword.value == "inplace" and not off


def visible_self(model: Model, unit: Unit, node: cst.CSTNode) -> str | None:
    """The name under which the unit's instance can be reached at a node, if it can."""
    own = unit.self_name
    if own is None:
        return None
    scope: Scope | None = next(
        (
            model.names.scopes[id(a)]
            for a in model.tree.ancestors(node)
            if id(a) in model.names.scopes
        ),
        None,
    )
    found = model.names.lookup(own, scope) if scope is not None else None
    if found is None or found[0] is not unit.scope or found[1][-1].kind != "parameter":
        return None
    return own
