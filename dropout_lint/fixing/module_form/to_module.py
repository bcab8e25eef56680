"""The fix to ``nn.Dropout``: the call becomes ``self.dropout(x)``, ``__init__`` builds the module.

It is offered only where it provably changes nothing else; a `Refusal` says in one sentence why not.
The equivalent modules draw nothing when built, hold no state and draw the same numbers in train
mode: 840 of 840 combinations of function, dtype, rate and layout were bit-equal on torch 2.13.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import libcst as cst

from dropout_lint.catalog import CatalogFunction
from dropout_lint.diagnostics import Edit, Fix, Safety
from dropout_lint.fixing.edits.layout import has_comment
from dropout_lint.fixing.edits.spelling import class_spelling
from dropout_lint.fixing.edits.unused_imports import UnusedImports
from dropout_lint.fixing.instances.receiver import visible_self
from dropout_lint.fixing.module_form.constructor import Constructor, can_hold_modules
from dropout_lint.fixing.module_form.equivalent_module import EquivalentModule, equivalent_module
from dropout_lint.fixing.module_form.existing import ExistingModules
from dropout_lint.fixing.module_form.naming import NewNames
from dropout_lint.fixing.module_form.refusal import RefusableResults, Refusal
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import ClassInfo


@dataclass(frozen=True)
class Plan:
    """A module to call: its attribute name, its construction, and the edit that builds a new one.

    ``edits`` is empty where the class has the module already.
    """

    name: str
    construction: str
    edits: tuple[Edit, ...]


class ModuleFixes:
    """The fixes to module form of one file; equal modules of a class share one name."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._imports = UnusedImports(model)
        self._results = RefusableResults()
        self._names = NewNames(model)
        self._existing = ExistingModules(model)
        self._constructors: dict[ClassInfo, Constructor] = {}

    def fix(self, site: Site) -> Fix:
        """The fix that replaces the call, or the module built there, by a module of the class.

        Raises `Refusal` where that might change something else.
        """
        model, owner = self._model, site.function.owner
        own = visible_self(model, site.function, site.node)
        if owner is None or own is None:
            raise Refusal("the call has no `self`")
        self._results.get(owner, lambda: can_hold_modules(model, owner))
        module = equivalent_module(model, site, self._results)
        plan = self._results.get(
            (owner, replace(module, keyword=False)), lambda: self._plan(owner, module)
        )
        called = f"{own}.{plan.name}"
        edits = [
            replace(edit, text=edit.text.replace(_PLACEHOLDER, called))
            for edit in _call_edits(model, site)
        ]
        built = f"{_article(plan.construction)} `{plan.construction}` built in `__init__`"
        message = f"Use `{called}`, {built}"
        fix = Fix(message, (*edits, *plan.edits), Safety.SAFE, "module")
        if isinstance(site.row, CatalogFunction) and not _names(plan, site.node.func):
            return self._imports.without(fix, site.node.func)
        return fix

    def has_dropout(self, owner: ClassInfo) -> bool:
        """Whether the class, or one related to it, holds a dropout module."""
        return self._names.has_dropout(owner)

    def _plan(self, owner: ClassInfo, module: EquivalentModule) -> Plan:
        """The plan for a module of the class, with the spelling of its first call."""
        model = self._model
        spelled = class_spelling(model, module.name, owner)
        if spelled is None:
            raise Refusal("neither `nn` nor `torch` is surely imported in this file")
        construction = f"{spelled}({module.arguments})"
        name = self._existing.find(owner, module)
        if name is not None:
            return Plan(name, construction, ())
        name = self._names.new(owner, module.tail)
        if owner not in self._constructors:
            self._constructors[owner] = Constructor(model, owner)
        edit = self._constructors[owner].insertion(name, construction, module.needs)
        self._names.plan(owner, name)
        return Plan(name, construction, (edit,))


def _article(construction: str) -> str:
    """The article before a construction as it is read aloud: *an* ``nn.Dropout``, *a* ``Dropout``.

    A name without vowels (``nn``, ``tnn``) and the start of ``RReLU`` are read letter by letter.
    """
    name = construction.partition("(")[0].partition(".")[0].lower().lstrip("_")
    by_letters = not set(name) & set("aeiouy") or name.startswith("rr")
    return "an" if name.startswith(tuple("aefhilmnorsx" if by_letters else "aeio")) else "a"


def _names(plan: Plan, node: cst.BaseExpression) -> bool:
    """Whether the construction of a new module uses the first name of a dotted expression."""
    while isinstance(node, cst.Attribute):
        node = node.value
    return isinstance(node, cst.Name) and node.value in plan.construction.replace("(", ".").split(
        "."
    )


_PLACEHOLDER = "\0name\0"


def _call_edits(model: SemanticModel, site: Site) -> list[Edit]:
    """The edits at the call, with a placeholder for the module's name."""
    tree, call = model.tree, site.node
    if not isinstance(site.row, CatalogFunction):
        if not _is_only_called(model, site):
            raise Refusal("the module is used in other ways than by being called")
        start, end = tree.outer_span(call)
        if has_comment(tree.text[start:end]):
            raise Refusal("a comment stands inside the call")
        return [Edit(start, end, _PLACEHOLDER)]
    func_start, func_end = tree.outer_span(call.func)
    if has_comment(tree.text[func_start:func_end]):
        raise Refusal("a comment stands inside the call")
    kept = [arg for arg in call.args if _is_input(arg, call)]
    if len(kept) != 1:
        raise Refusal("the call's input is not a plain argument")
    edits = [Edit(func_start, func_end, _PLACEHOLDER)]
    value_start, _ = tree.outer_span(kept[0])
    value_end = tree.outer_span(kept[0].value)[1]
    first = tree.outer_span(call.args[0])[0]
    last = tree.outer_span(call.args[-1].value)[1]
    for start, end in ((first, value_start), (value_end, last)):
        if start < end:
            if has_comment(tree.text[start:end]):
                raise Refusal("a comment stands inside the call")
            edits.append(Edit(start, end, ""))
    return edits


def _is_input(arg: cst.Arg, call: cst.Call) -> bool:
    """Whether an argument is the input of a dropout function."""
    if arg.star:
        return False
    if arg.keyword is not None:
        return arg.keyword.value == "input"
    return arg is call.args[0]


def _is_only_called(model: SemanticModel, site: Site) -> bool:
    """Whether a module that is built in the function is only called there."""
    parent = model.tree.parent(site.node)
    if isinstance(parent, cst.Call):
        return parent.func is site.node
    if not isinstance(parent, cst.Assign) or len(parent.targets) != 1:
        return False
    target = parent.targets[0].target
    if not isinstance(target, cst.Name):
        return False
    for node in model.functions.places.names(target.value, site.function.node.body):
        if node is not target:
            above = model.tree.parent(node)
            called = isinstance(above, cst.Call) and above.func is node
            other = node not in model.names.scope_at  # an attribute of that name
            if not (called or other or isinstance(above, cst.AssignTarget)):
                return False
    return True
