"""The fix to ``nn.Dropout``: the call becomes ``self.dropout(x)``, ``__init__`` builds the module.

Only where it provably changes nothing else; `Refused` says in one sentence why not. The twins draw
nothing when built, hold no state and draw the same numbers in train mode: 840 of 840 combinations
of function, dtype, rate and layout were bit-equal on torch 2.13.
"""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from dropout_lint.catalog import CatalogFunction
from dropout_lint.diagnostics import Edit, Fix, Safety
from dropout_lint.fixing.edits.layout import has_comment
from dropout_lint.fixing.edits.spelling import spelling
from dropout_lint.fixing.flag_form.to_flag import visible_self
from dropout_lint.fixing.module_form.constructor import can_hold_modules, insertion
from dropout_lint.fixing.module_form.existing import existing
from dropout_lint.fixing.module_form.inheritance import family
from dropout_lint.fixing.module_form.module_twin import Twin, twin_of
from dropout_lint.fixing.module_form.naming import new_name
from dropout_lint.fixing.module_form.refusal import Answers, Refused
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.tree import walk

STYLE = "module"


class Modules:
    """The fixes to module form of one file; equal modules of a class share one name."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._answers = Answers()
        self._names: dict[tuple[ClassInfo, Twin], str] = {}

    def fix(self, site: Site) -> Fix:
        """Replace the call, or the module built on the spot, by a module of the class.

        Raises `Refused` where that might change something else.
        """
        model, owner = self._model, site.function.owner
        own = visible_self(model, site.function, site.node)
        if owner is None or own is None:
            raise Refused("the call has no `self`")
        self._answers.get(owner, lambda: can_hold_modules(model, owner))
        twin = twin_of(model, site, self._answers)
        plan = self._answers.get(
            (owner, replace(twin, keyword=False)), lambda: self._plan(owner, twin)
        )
        edits = _call_edits(model, site)
        edits = [replace(e, text=e.text.replace(_PLACEHOLDER, f"{own}.{plan[0]}")) for e in edits]
        name, construction, added = plan
        article = "a" if construction.startswith(("Dropout", "FeatureAlpha", "torch")) else "an"
        message = f"Use `{own}.{name}`, {article} `{construction}` built in `__init__`"
        return Fix(message, (*edits, *added), Safety.SAFE, STYLE)

    def _plan(self, owner: ClassInfo, twin: Twin) -> tuple[str, str, tuple[Edit, ...]]:
        """Name and construction of the module, and the edit that builds it if it is a new one.

        The first call's spelling is kept.
        """
        model = self._model
        construction = f"{spelling(model, twin.name, owner)}({twin.arguments})"
        name = existing(model, owner, twin)
        if name is not None:
            return name, construction, ()
        kin = family(model, owner)
        taken = [name for (other, _), name in self._names.items() if other in kin]
        name = new_name(model, owner, twin.tail, _habits(model), taken)
        edit = insertion(model, owner, name, construction, twin.needs)
        self._names[owner, twin] = name
        return name, construction, (edit,)


_PLACEHOLDER = "\0name\0"


def _call_edits(model: SemanticModel, site: Site) -> list[Edit]:
    """Edits at the call, with a placeholder for the module's name."""
    tree, call = model.tree, site.node
    if not isinstance(site.row, CatalogFunction):
        if not _is_only_called(model, site):
            raise Refused("the module is used in other ways than by being called")
        start, end = tree.outer_span(call)
        if has_comment(tree.text[start:end]):
            raise Refused("a comment stands inside the call")
        return [Edit(start, end, _PLACEHOLDER)]
    func_start, func_end = tree.outer_span(call.func)
    if has_comment(tree.text[func_start:func_end]):
        raise Refused("a comment stands inside the call")
    kept = [arg for arg in call.args if _is_input(arg, call)]
    if len(kept) != 1:
        raise Refused("the call's input is not a plain argument")
    edits = [Edit(func_start, func_end, _PLACEHOLDER)]
    value_start, _ = tree.outer_span(kept[0])
    value_end = tree.outer_span(kept[0].value)[1]
    first = tree.outer_span(call.args[0])[0]
    last = tree.outer_span(call.args[-1].value)[1]
    for start, end in ((first, value_start), (value_end, last)):
        if start < end:
            if has_comment(tree.text[start:end]):
                raise Refused("a comment stands inside the call")
            edits.append(Edit(start, end, ""))
    return edits


def _is_input(arg: cst.Arg, call: cst.Call) -> bool:
    if arg.star:
        return False
    if arg.keyword is not None:
        return arg.keyword.value == "input"
    return arg is call.args[0]


def _habits(model: SemanticModel) -> list[str]:
    """The attribute names of the dropout modules that the file has."""
    found = []
    for info in model.classes:
        for name, writes in info.writes.items():
            for write in writes:
                if isinstance(write.value, cst.Call) and write.method is not None:
                    scope = model.names.scopes[write.method]
                    for called in model.names.qualified(write.value.func, scope):
                        if model.catalog.module(called):
                            found.append(name)
    return found


def _is_only_called(model: SemanticModel, site: Site) -> bool:
    """Whether nothing but calls happens to a module that is built on the spot."""
    parent = model.tree.parent(site.node)
    if isinstance(parent, cst.Call):
        return parent.func is site.node
    if not isinstance(parent, cst.Assign) or len(parent.targets) != 1:
        return False
    target = parent.targets[0].target
    if not isinstance(target, cst.Name):
        return False
    for node in walk(site.function.node.body):
        if isinstance(node, cst.Name) and node.value == target.value and node is not target:
            above = model.tree.parent(node)
            called = isinstance(above, cst.Call) and above.func is node
            other = node not in model.names.scope_at  # an attribute of that name
            if not (called or other or isinstance(above, cst.AssignTarget)):
                return False
    return True
