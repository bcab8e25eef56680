"""Fixes that guard a call where it stands: a mode argument, a rate that follows the mode."""

from __future__ import annotations

import libcst as cst

from dropout_lint.catalog import CatalogFunction, ModuleClass
from dropout_lint.diagnostics import Edit, Fix, Safety
from dropout_lint.fixing.edits.layout import add_argument, needs_parentheses
from dropout_lint.fixing.edits.spelling import function_spelling
from dropout_lint.fixing.module_form.attributes import Index
from dropout_lint.fixing.module_form.inheritance import family
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import walk

STYLE = "flag"


def add_flag(model: SemanticModel, site: Site) -> Fix | None:
    """Give the call its missing mode argument."""
    row, own = site.row, visible_self(model, site.function, site.node)
    if own is None or not isinstance(row, CatalogFunction) or row.mode is None:
        return None
    argument = f"{row.mode.name}={mode_for(row, own)}"
    edits = add_argument(model.tree, site.node, argument)
    return Fix(f"Add `{argument}`", edits, Safety.SAFE, STYLE)


def set_flag(model: SemanticModel, site: Site) -> Fix | None:
    """Replace the mode argument that the call has. Never safe: it may be meant."""
    flag, own = site.flag, visible_self(model, site.function, site.node)
    if own is None or flag is None or flag.node not in site.node.args:
        return None
    mode = mode_for(site.row, own)
    start, end = model.tree.outer_span(flag.node.value)
    return Fix(f"Pass `{mode}`", (Edit(start, end, mode),), Safety.UNSAFE, STYLE)


def mode_for(row: CatalogFunction | ModuleClass, own: str) -> str:
    """The mode of a module as the mode parameter of a row wants it."""
    inverted = isinstance(row, CatalogFunction) and row.inverted
    return f"not {own}.training" if inverted else f"{own}.training"


def rename_rate(model: SemanticModel, site: Site) -> Fix | None:
    """Pass the argument that sits in the rate's place as the mode. Never safe: the rate changes."""
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
    edit = Edit(
        model.tree.outer_span(rate.node)[0],
        model.tree.outer_span(rate.node.value)[0],
        f"{row.mode.name}=",
    )
    message = f"Pass it as `{row.mode.name}`"
    return Fix(message, (edit,), Safety.UNSAFE, STYLE)


def guard_rate(model: SemanticModel, site: Site) -> Fix | None:
    """Make the rate argument 0.0 outside train mode."""
    rate, own = site.rate, visible_self(model, site.function, site.node)
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
    return Fix(message, tuple(edits), Safety.SAFE, STYLE)


def set_mode(model: SemanticModel, site: Site) -> Fix | None:
    """Put a module that is built on the spot into the mode of the class at hand."""
    own = visible_self(model, site.function, site.node)
    if own is None or _has_its_mode_set(model, site):
        return None
    function = _as_function(model, site, own)
    if function is not None:
        return function
    end = model.tree.outer_span(site.node)[1]
    edit = Edit(end, end, f".train({own}.training)")
    return Fix(f"Add `.train({own}.training)`", (edit,), Safety.SAFE, STYLE)


def _as_function(model: SemanticModel, site: Site, own: str) -> Fix | None:
    """``nn.Dropout(p)(x)`` as ``F.dropout(x, p, …)``, where the file has an ``F`` to say it with.

    The input has to be a name: the rate is evaluated after it from then on.
    """
    row, call = site.row, model.tree.parent(site.node)
    if not isinstance(row, ModuleClass) or row.functional is None or row.rate is None:
        return None
    if not isinstance(call, cst.Call) or call.func is not site.node or len(call.args) != 1:
        return None
    given, rates = call.args[0], site.node.args
    if given.keyword is not None or given.star or not isinstance(given.value, cst.Name):
        return None
    if len(rates) > 1 or any(not _is_rate(argument, row.rate.name) for argument in rates):
        return None
    start, end = model.tree.span(call)
    spelled = function_spelling(model, row.functional, site.function, call)
    if spelled is None or len(model.tree.text[start:end].splitlines()) > 1:
        return None  # the layout of several lines is the author's
    head = "" if not rates or rates[0].keyword is None else f"{row.rate.name}="
    shown = [given.value.value, *(head + model.tree.outer_code(a.value) for a in rates)]
    code = f"{spelled}({', '.join(shown)}, training={own}.training)"
    return Fix(f"Use `{spelled}`", (Edit(start, end, code),), Safety.SAFE, STYLE)


def _is_rate(argument: cst.Arg, name: str) -> bool:
    named = argument.keyword is None or argument.keyword.value == name
    binds = any(isinstance(node, cst.NamedExpr) for node in walk(argument))
    return named and not argument.star and not binds


def _has_its_mode_set(model: SemanticModel, site: Site) -> bool:
    """Whether the module, or the `nn.Sequential` around it, is told a mode after it is built."""
    node: cst.CSTNode = site.node
    while (parent := model.tree.parent(node)) is not None:
        if isinstance(parent, cst.Attribute) and parent.attr.value in ("train", "eval"):
            return True
        if not isinstance(parent, (cst.Attribute, cst.Call, cst.Arg, cst.Assign, cst.AnnAssign)):
            return False
        if isinstance(parent, (cst.Assign, cst.AnnAssign)):
            targets = parent.targets if isinstance(parent, cst.Assign) else [parent]
            names = {t.target.value for t in targets if isinstance(t.target, cst.Name)}
            return any(
                isinstance(use, cst.Attribute)
                and use.attr.value in ("train", "eval")
                and isinstance(use.value, cst.Name)
                and use.value.value in names
                for use in walk(site.function.node.body)
            )
        node = parent
    return False


def visible_self(model: SemanticModel, function: FunctionInfo, node: cst.CSTNode) -> str | None:
    """The name under which the function's instance can be reached at a node, if it can."""
    own = function.self_name
    if own is None:
        return None
    scope: Scope | None = next(
        (model.names.scopes[a] for a in model.tree.ancestors(node) if a in model.names.scopes),
        None,
    )
    found = model.names.lookup(own, scope) if scope is not None else None
    if found is None or found[0] is not function.scope or found[1][-1].kind != "parameter":
        return None
    deleted = Index.of(model).deletions(own)
    if any(model.functions.around(part) is function for part in deleted):
        return None
    return own if own == "self" or _is_an_instance(model, function) else None


def _is_an_instance(model: SemanticModel, function: FunctionInfo) -> bool:
    """Whether the file hands an instance to a first parameter that is not even called self."""
    owner = function.owner
    if owner is None or function.name in owner.writes:  # drop = staticmethod(drop)
        return False
    kin = family(model, owner)
    for node, scope in model.names.mentions:
        if not isinstance(node, cst.Attribute) or node.attr.value != function.name:
            continue
        if model.classes.resolve(node.value, scope) not in kin:
            continue
        call, caller = model.tree.parent(node), model.functions.of_scope(scope)
        if not isinstance(call, cst.Call) or call.func is not node or not call.args:
            return False
        if caller is None or not is_self(call.args[0].value, caller.self_name):
            return False
    return True
