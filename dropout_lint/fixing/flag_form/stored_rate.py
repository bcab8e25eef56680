"""The rate that a class stores for a call which passes something else as its rate."""

from __future__ import annotations

import libcst as cst

from dropout_lint.fixing.instances.nodes import innermost_function
from dropout_lint.fixing.instances.receiver import visible_self
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self, self_name
from dropout_lint.semantics.syntax.tree import walk
from dropout_lint.vocabulary.dropping import is_stored_rate


def stored_rate(model: SemanticModel, site: Site) -> str | None:
    """``self.dropout`` where the class stores one rate under such a name, or tests one here.

    None where there is none, or where it is not clear which.
    """
    own, owner = visible_self(model, site.function, site.node), site.function.owner
    if own is None or owner is None:
        return None
    rates = _rates(owner)
    tested = [name for name in _tested(model, site, own) if name in rates]
    names = tested if len(tested) == 1 else rates
    return f"{own}.{names[0]}" if len(names) == 1 else None


def _rates(owner: ClassInfo) -> list[str]:
    """The attributes that the constructors of a class set to what may be a rate."""
    found: dict[str, bool] = {}
    for info in owner.lineage:
        for name, writes in info.writes.items():
            if is_stored_rate(name):
                numbers = (isinstance(write.value, _MAY_BE_RATE) for write in writes)
                found[name] = found.get(name, True) and all(numbers)
    called = {
        node.func.attr.value
        for info in owner.lineage
        for method in info.methods.values()
        for node in walk(method.body)
        if isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and is_self(node.func.value, self_name(method))
    }
    return [name for name, is_rate in found.items() if is_rate and name not in called]


_MAY_BE_RATE = (cst.Name, cst.Attribute, cst.Subscript, cst.Float, cst.Integer)


def _tested(model: SemanticModel, site: Site, own: str) -> list[str]:
    """The attributes of self that the conditions around a call ask for."""
    function = innermost_function(model.tree, site.node)
    names: dict[str, None] = {}
    for above in model.tree.ancestors(site.node):
        if above is function:
            break
        if isinstance(above, (cst.If, cst.IfExp)):
            for node in walk(above.test):
                if isinstance(node, cst.Attribute) and is_self(node.value, own):
                    names[node.attr.value] = None
    return list(names)
