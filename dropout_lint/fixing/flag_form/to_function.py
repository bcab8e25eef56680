"""The fix from a module that is built at its call to the function it stands for.

``nn.Dropout(p)(x)`` becomes ``F.dropout(x, p, training=self.training)``.
"""

from __future__ import annotations

import libcst as cst

from dropout_lint.catalog import ModuleClass
from dropout_lint.diagnostics import Edit, Fix, Safety
from dropout_lint.fixing.edits.layout import add_argument, has_comment
from dropout_lint.fixing.edits.spelling import function_spelling
from dropout_lint.fixing.instances.attributes import writes_to
from dropout_lint.fixing.instances.inheritance import related_classes
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.tree import walk


def as_function(model: SemanticModel, site: Site, own: str) -> Fix | None:
    """The fix to a call of the function; None where it is not the same or cannot be named."""
    row, call, tree = site.row, model.tree.parent(site.node), model.tree
    if not isinstance(row, ModuleClass) or row.functional is None or row.rate is None:
        return None
    if not isinstance(call, cst.Call) or call.func is not site.node or len(call.args) != 1:
        return None
    given = call.args[0]
    if given.keyword is not None or given.star:
        return None
    settings = _settings(model, site, row.rate.name)
    if settings is None or not all(_is_settled(model, site, a.value, given) for a in settings):
        return None
    start, end = tree.outer_span(site.node)
    spelled = function_spelling(model, row.functional, site.function, call)
    if spelled is None or has_comment(tree.text[start:end]):
        return None
    shown = [tree.code(argument) for argument in settings[:1]]
    shown.append(f"training={own}.training")
    shown += [f"inplace={tree.code(argument.value)}" for argument in settings[1:]]
    edits = (
        *spelled.edits,
        Edit(start, end, spelled.code),
        *add_argument(tree, call, ", ".join(text.rstrip().rstrip(",") for text in shown)),
    )
    return Fix(f"Use `{spelled.code}`", edits, Safety.SAFE, "flag")


def _settings(model: SemanticModel, site: Site, rate: str) -> list[cst.Arg] | None:
    """The arguments of the construction, the rate first; None with others than it and inplace."""
    arguments = list(site.node.args)
    names = [rate, "inplace"]
    for at, argument in enumerate(arguments):
        if argument.star or at >= len(names):
            return None
        if argument.keyword is not None and argument.keyword.value != names[at]:
            return None
    if len(arguments) > 1 and model.tree.code(arguments[1].value) not in ("True", "False"):
        return None
    return arguments


def _is_settled(
    model: SemanticModel, site: Site, value: cst.BaseExpression, given: cst.Arg
) -> bool:
    """Whether an argument is the same after the input is evaluated, which then comes first."""
    if any(isinstance(node, cst.NamedExpr) for node in walk(value)):
        return False
    if isinstance(given.value, cst.Name) or isinstance(value, (cst.Integer, cst.Float)):
        return True
    if any(isinstance(node, (cst.NamedExpr, cst.Await, cst.Yield)) for node in walk(given)):
        return False
    if isinstance(value, cst.Name):
        return True
    owner = site.function.owner
    if not isinstance(value, cst.Attribute) or owner is None:
        return False
    if not is_self(value.value, site.function.self_name):
        return False
    writes = writes_to(model, related_classes(model, owner), value.attr.value)
    return all(write.in_constructor for write in writes)
