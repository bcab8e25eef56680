"""The fix for helper functions: a ``training`` parameter that gets ``self.training``.

The functions between the module and the drop all get the parameter, and every call of them in the
file passes the mode on. The default is True, so callers in other files behave as before. That is
why the fix is never safe.
"""

from __future__ import annotations

import libcst as cst

from dropout_lint.catalog import ModuleClass
from dropout_lint.diagnostics import Edit, Fix, Safety
from dropout_lint.fixing.edits.layout import add_argument
from dropout_lint.fixing.flag_form.to_flag import guarded_rate, mode_for
from dropout_lint.fixing.instances.nodes import scope_around
from dropout_lint.fixing.instances.receiver import visible_self
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.vocabulary.modes import speaks_of_mode

_NAME = "training"


def thread_mode(model: SemanticModel, site: Site) -> Fix | None:
    """The fix that passes the mode to a drop through every function of the file that calls it."""
    guard = _guard(model, site)
    if guard is None or not _is_visible(model, site.node, site.function):
        return None
    functions = [site.function]
    edits = [*guard]
    for function in functions:  # grows by the functions that call one
        if not _knows_mode(function):
            parameter = _new_parameter(model, function)
            if parameter is None:
                return None
            edits.append(parameter)
            calls = _calls(model, function)
            if not calls:
                return None
            for call in calls:
                caller = model.functions.around(call)
                mode = _mode_at(model, call, caller)
                if mode is None or caller is None or any(arg.star for arg in call.args):
                    return None
                edits += add_argument(model.tree, call, f"{_NAME}={mode}")
                if mode == _NAME and caller not in functions:
                    functions.append(caller)
    message = f"Give `{site.function.name}()` a `{_NAME}` parameter and pass `self.training`"
    return Fix(message, tuple(edits), Safety.UNSAFE, "flag")


def _guard(model: SemanticModel, site: Site) -> tuple[Edit, ...] | None:
    """The edits that make the drop follow the parameter; None if there are none."""
    row, tree = site.row, model.tree
    end = tree.outer_span(site.node)[1]
    if isinstance(row, ModuleClass):
        return (Edit(end, end, f".train({_NAME})"),)
    flag = site.flag
    if flag is not None:
        if flag.node not in site.node.args:
            return None
        start, end = tree.outer_span(flag.node.value)
        return (Edit(start, end, mode_for(row, _NAME)),)
    if row.mode is not None:
        return add_argument(tree, site.node, f"{row.mode.name}={mode_for(row, _NAME)}")
    rate = site.rate
    if rate is None or rate.node not in site.node.args:
        return None
    return guarded_rate(model, rate.node.value, _NAME)


def _knows_mode(function: FunctionInfo) -> bool:
    """Whether a function has the parameter already."""
    return any(parameter.name.value == _NAME for parameter in function.parameters)


def _new_parameter(model: SemanticModel, function: FunctionInfo) -> Edit | None:
    """The edit that gives a function the parameter; None without a plain list of parameters."""
    params = function.node.params
    plain = isinstance(params.star_arg, cst.MaybeSentinel) and params.star_kwarg is None
    plain = plain and not any(speaks_of_mode(p.name.value) for p in function.parameters)
    if not plain or not params.params or function.self_name is not None:
        return None
    last = params.params[-1]
    end = _end_of(model, last)
    annotated = last.annotation is not None
    return Edit(end, end, f", {_NAME}: bool = True" if annotated else f", {_NAME}=True")


def _mode_at(model: SemanticModel, call: cst.Call, caller: FunctionInfo | None) -> str | None:
    """The expression for the mode at a call of a function; None if none is visible there."""
    if caller is None:
        return None
    own = visible_self(model, caller, call)
    if caller.in_module and own is not None:
        return f"{own}.{_NAME}"
    if caller.self_name is None and _is_visible(model, call, caller):
        return _NAME
    return None


def _is_visible(model: SemanticModel, node: cst.CSTNode, function: FunctionInfo) -> bool:
    """Whether the name means the function's parameter at a node, existing or added."""
    scope = scope_around(model, node)
    while scope is not None and scope is not function.scope:
        if _NAME in scope.bindings or _NAME in scope.outer_names:
            return False
        scope = scope.parent
    bindings = function.scope.bindings.get(_NAME, [])
    return scope is not None and all(binding.kind == "parameter" for binding in bindings)


def _end_of(model: SemanticModel, parameter: cst.Param) -> int:
    """The offset at which a parameter ends, after its annotation and default."""
    last: cst.CSTNode = parameter.name
    if parameter.default is not None:
        last = parameter.default
    elif parameter.annotation is not None:
        last = parameter.annotation.annotation
    return model.tree.outer_span(last)[1]


def _calls(model: SemanticModel, function: FunctionInfo) -> list[cst.Call] | None:
    """The calls of the function in the file; None if it is used in any other way."""
    calls: list[cst.Call] = []
    if model.functions.overrides(function):
        return None
    for node, scope in model.names.mentions_of(function.name):
        caller = model.functions.of_scope(scope)
        means = (
            model.functions.means(function, caller, node, scope) if caller is not None else False
        )
        if means is None:
            continue
        if not means:
            return None
        parent = model.tree.parent(node)
        if not isinstance(parent, cst.Call) or parent.func is not node:
            return None
        calls.append(parent)
    return calls
