"""The reasons why a fix is unsafe: why a guard at a site might change train mode, or fail."""

from __future__ import annotations

from dataclasses import replace
from weakref import WeakKeyDictionary

import libcst as cst

from dropout_lint.catalog import CatalogFunction
from dropout_lint.diagnostics import Fix, Safety
from dropout_lint.fixing.hazards.in_place import InPlace
from dropout_lint.fixing.hazards.kept_rates import kept_share
from dropout_lint.fixing.instances.attributes import AttributeUses
from dropout_lint.fixing.instances.inheritance import constructor_calls, related_classes
from dropout_lint.fixing.instances.nodes import assigned
from dropout_lint.fixing.library_names import MODULE_METHODS
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self, self_name
from dropout_lint.semantics.syntax.names import placed_parameters
from dropout_lint.semantics.syntax.tree import walk
from dropout_lint.vocabulary.modes import SURE_MODE_PARAMETERS


class UnsafeReasons:
    """The reasons why fixes of one file are unsafe."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self.in_place = InPlace(model)
        self._in_place = {model: self.in_place}
        self._reasons: dict[Site, str | None] = {}

    def checked(self, site: Site, fix: Fix) -> Fix:
        """The fix as it is, or as an unsafe one with the reason."""
        if site not in self._reasons:
            self._reasons[site] = self._reason(site)
        reason = self._reasons[site]
        if reason is None:
            return fix
        return replace(fix, message=f"{fix.message} (unsafe: {reason})", safety=Safety.UNSAFE)

    def _reason(self, site: Site) -> str | None:
        """The reason against a guard at the site; None if it surely leaves train mode as it is."""
        model, owner = self._model, site.function.owner
        if not model.tree.exact:
            return "the layout of the file is not certain"
        if site.active(True) is None:
            return "it does not drop in train mode today"
        if site.function.builds:  # a lambda on self: its copy still reads the old module's mode
            return "it is kept by the constructor"
        if site.function.is_put:
            return "what it is put on may be no module"
        if owner is None:
            return "it has no module"
        if not owner.has_module_base and not _acts_as_module(model, owner):
            return f"`{owner.name}` may be no module"
        if has_own_mode(model, owner):
            return "`self.training` does not follow `train()`"
        if isinstance(site.row, CatalogFunction) and site.row.doubt is not None:
            return site.row.doubt
        kept = kept_share(model, site)
        if kept is not None:
            return kept
        for inner in site.through:
            assert isinstance(inner.model, SemanticModel)
            in_place = self._in_place.setdefault(inner.model, InPlace(inner.model))
            if in_place.changes(inner.call, inner.function):
                return f"`{inner.function.name}` changes the result in place"
        if self.is_changed_in_place(site):
            return "the result is changed in place, in eval mode the input with it"
        return None

    def is_changed_in_place(self, site: Site) -> bool:
        """Whether the result of a drop, in eval mode its input, may be changed in place."""
        drops_here = not isinstance(site.row, CatalogFunction) or site.row.mode is not None
        return drops_here and self.in_place.changes(site.call or site.node, site.function)


def _acts_as_module(model: SemanticModel, owner: ClassInfo) -> bool:
    """Whether a class with an unknown base does what only modules do."""
    if any(info.reads_training for info in owner.lineage):
        return True
    for info in owner.lineage:
        if info not in _USING:
            _USING[info] = any(map(_uses_module_methods, info.methods.values()))
        if _USING[info]:
            return True
        init = info.methods.get("__init__")
        if init is not None and any(constructor_calls(init)):
            stored = [write.value for writes in info.writes.values() for write in writes]
            if any(_is_module(model, value, init) for value in stored):
                return True
    return False


# Whether a class uses methods of modules on self.
_USING: WeakKeyDictionary[ClassInfo, bool] = WeakKeyDictionary()


def _uses_module_methods(method: cst.FunctionDef) -> bool:
    own = self_name(method)
    return any(
        isinstance(node, cst.Attribute)
        and is_self(node.value, own)
        and node.attr.value in MODULE_METHODS
        for node in walk(method.body)
    )


def _is_module(
    model: SemanticModel, value: cst.BaseExpression | None, init: cst.FunctionDef
) -> bool:
    if not isinstance(value, cst.Call):
        return False
    names = model.names.qualified(value.func, model.names.scopes[init])
    return any(n.startswith("torch.nn.") and n.rpartition(".")[2][:1].isupper() for n in names)


def has_own_mode(model: SemanticModel, owner: ClassInfo) -> bool:
    """Whether the related classes set ``self.training`` otherwise than nn.Module does."""
    related = related_classes(model, owner)
    for info in related:
        if "training" in info.methods or "training" in info.scope.bindings:
            return True
        train = info.methods.get("train")
        if train is not None and not _passes_mode_on(train):
            return True
    return any(
        write.owner in related and not _is_in_train(write.function)
        for write in AttributeUses.of(model).named("training")
    )


def _is_in_train(function: cst.CSTNode | None) -> bool:
    """Whether a function is an override of ``train()`` or ``eval()``."""
    return isinstance(function, cst.FunctionDef) and function.name.value in ("train", "eval")


def _passes_mode_on(method: cst.FunctionDef) -> bool:
    """Whether an override of ``train(mode)`` always sets the mode that it gets."""
    rest = placed_parameters(method)[1:]
    if not rest or len(rest) > 1 or not _is_flag(rest[0]):
        return True  # a training loop: nn.Module's own `eval()` cannot even call it
    mode, own = rest[0].name.value, self_name(method)
    if not isinstance(method.body, cst.IndentedBlock):
        return False
    if any(is_self(target, mode) for node in walk(method.body) for target in assigned(node)):
        return False
    return any(
        _sets_mode(statement, mode, own)
        for line in method.body.body
        if isinstance(line, cst.SimpleStatementLine)
        for statement in line.body
    )


def _is_flag(parameter: cst.Param) -> bool:
    """Whether a parameter is a mode."""
    default = parameter.default
    boolean = isinstance(default, cst.Name) and default.value in ("True", "False")
    return boolean or parameter.name.value in SURE_MODE_PARAMETERS


def _sets_mode(statement: cst.CSTNode, mode: str, own: str | None) -> bool:
    """Whether a statement is ``self.training = mode`` or ``super().train(mode)``."""
    if isinstance(statement, cst.Assign) and is_self(statement.value, mode):
        targets = [t.target for t in statement.targets if isinstance(t.target, cst.Attribute)]
        if any(t.attr.value == "training" and is_self(t.value, own) for t in targets):
            return True
    call = getattr(statement, "value", None)
    return (
        isinstance(call, cst.Call)
        and isinstance(call.func, cst.Attribute)
        and call.func.attr.value == "train"
        and not is_self(call.func.value, own)
        and any(is_self(arg.value, mode) for arg in call.args)
        and (isinstance(call.func.value, cst.Call) or is_self(call.args[0].value, own))
    )
