"""Fixes at the call site itself: a mode argument, a rate that follows the mode, ``.train(…)``."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import libcst as cst

from dropout_lint.catalog import CatalogFunction, ModuleClass
from dropout_lint.diagnostics import Edit, Fix, Safety
from dropout_lint.fixing.edits.layout import add_argument, needs_parentheses
from dropout_lint.fixing.flag_form.stored_rate import stored_rate
from dropout_lint.fixing.flag_form.to_function import as_function
from dropout_lint.fixing.instances.receiver import visible_self
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import walk

_MODE_SET: WeakKeyDictionary[FunctionInfo, frozenset[str]] = WeakKeyDictionary()


def add_flag(model: SemanticModel, site: Site) -> Fix | None:
    """The fix that gives the call its missing mode argument."""
    row, own = site.row, visible_self(model, site.function, site.node)
    if own is None or not isinstance(row, CatalogFunction) or row.mode is None:
        return None
    argument = f"{row.mode.name}={mode_for(row, f'{own}.training')}"
    edits = add_argument(model.tree, site.node, argument)
    return Fix(f"Add `{argument}`", edits, Safety.SAFE, "flag")


def set_flag(model: SemanticModel, site: Site) -> Fix | None:
    """The fix that replaces the mode argument of the call. Never safe: it may be intended."""
    flag, own = site.flag, visible_self(model, site.function, site.node)
    if own is None or flag is None or flag.node not in site.node.args:
        return None
    mode = mode_for(site.row, f"{own}.training")
    start, end = model.tree.outer_span(flag.node.value)
    return Fix(f"Pass `{mode}`", (Edit(start, end, mode),), Safety.UNSAFE, "flag")


def mode_for(row: CatalogFunction | ModuleClass, mode: str) -> str:
    """The argument for the mode parameter of a row: the mode, or its inversion."""
    inverted = isinstance(row, CatalogFunction) and row.inverted
    return f"not {mode}" if inverted else mode


def rename_rate(model: SemanticModel, site: Site) -> Fix | None:
    """The fix that passes the rate argument as the mode. Never safe: the rate changes."""
    row, rate = site.row, site.rate
    if (
        not isinstance(row, CatalogFunction)
        or row.mode is None
        or site.flag is not None
        or rate is None
    ):
        return None
    if rate.node not in site.node.args:
        return None
    start = model.tree.outer_span(rate.node)[0]
    stored = stored_rate(model, site)
    if stored is None:
        edit = Edit(start, model.tree.outer_span(rate.node.value)[0], f"{row.mode.name}=")
        return Fix(f"Pass it as `{row.mode.name}`", (edit,), Safety.UNSAFE, "flag")
    at = model.tree.outer_span(rate.node.value)[0]
    edits = [Edit(at, at, f"{stored}, {row.mode.name}=")]
    message = f"Pass it as `{row.mode.name}`, and `{stored}` as the rate"
    return Fix(message, tuple(edits), Safety.UNSAFE, "flag")


def guard_rate(model: SemanticModel, site: Site) -> Fix | None:
    """The fix that makes the rate argument 0.0 in eval mode."""
    rate, own = site.rate, visible_self(model, site.function, site.node)
    if own is None or rate is None or rate.node not in site.node.args:
        return None
    value = rate.node.value
    code = model.tree.outer_code(value)
    shown = code if code.isprintable() else "…"  # a message has one line
    if needs_parentheses(value):
        shown = f"({shown})"
    edits = guarded_rate(model, value, f"{own}.training")
    return Fix(f"Pass `{shown} if {own}.training else 0.0`", edits, Safety.SAFE, "flag")


def guarded_rate(model: SemanticModel, rate: cst.BaseExpression, mode: str) -> tuple[Edit, ...]:
    """The edits that make a rate 0.0 where the mode is False."""
    start, end = model.tree.outer_span(rate)
    if needs_parentheses(rate):
        return (Edit(start, start, "("), Edit(end, end, f") if {mode} else 0.0"))
    return (Edit(end, end, f" if {mode} else 0.0"),)


def set_mode(model: SemanticModel, site: Site) -> Fix | None:
    """The fix that puts a module built at its call into the mode of the class around it."""
    own = visible_self(model, site.function, site.node)
    if own is None or _has_its_mode_set(model, site):
        return None
    function = as_function(model, site, own)
    if function is not None:
        return function
    end = model.tree.outer_span(site.node)[1]
    edit = Edit(end, end, f".train({own}.training)")
    return Fix(f"Add `.train({own}.training)`", (edit,), Safety.SAFE, "flag")


def _has_its_mode_set(model: SemanticModel, site: Site) -> bool:
    """Whether ``train()`` or ``eval()`` of the module, or of its container, is called later."""
    node: cst.CSTNode = site.node
    while (parent := model.tree.parent(node)) is not None:
        if isinstance(parent, cst.Attribute) and parent.attr.value in ("train", "eval"):
            return True
        if not isinstance(parent, (cst.Attribute, cst.Call, cst.Arg, cst.Assign, cst.AnnAssign)):
            return False
        if isinstance(parent, (cst.Assign, cst.AnnAssign)):
            targets = parent.targets if isinstance(parent, cst.Assign) else [parent]
            names = {t.target.value for t in targets if isinstance(t.target, cst.Name)}
            return not names.isdisjoint(_names_with_mode_set(site.function))
        node = parent
    return False


def _names_with_mode_set(function: FunctionInfo) -> frozenset[str]:
    """The names whose ``train`` or ``eval`` a function mentions."""
    if function not in _MODE_SET:
        _MODE_SET[function] = frozenset(
            use.value.value
            for use in walk(function.node.body)
            if isinstance(use, cst.Attribute)
            and use.attr.value in ("train", "eval")
            and isinstance(use.value, cst.Name)
        )
    return _MODE_SET[function]
