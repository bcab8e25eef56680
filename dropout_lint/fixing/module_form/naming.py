"""Names for new modules: free on every object that may be the class's, in the file's manner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

import libcst as cst

from dropout_lint.fixing.module_form.attributes import targets_in
from dropout_lint.fixing.module_form.inheritance import family
from dropout_lint.fixing.module_form.refusal import Refused
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, self_name
from dropout_lint.semantics.syntax.tree import walk

# Attributes of torch.nn.Module (torch 2.13) that a new name could meet.
_TAKEN = frozenset({"training", "T_destination", "call_super_init", "dump_patches"})


def new_name(
    model: SemanticModel, owner: ClassInfo, twin: str, habits: list[str], planned: Collection[str]
) -> str:
    """A free attribute name for a module, in the file's own manner.

    ``planned`` are the names given to other new modules of the file.
    """
    stem = {"Dropout": "dropout", "RReLU": "rrelu"}.get(twin) or "".join(
        "_" + char.lower() if char.isupper() and index else char.lower()
        for index, char in enumerate(twin)
    )
    usual = Counter(name.rstrip("0123456789_") for name in habits).most_common(1)
    if twin == "Dropout" and usual and usual[0][0] in ("drop", "do", "dp", "dropout_layer"):
        stem = usual[0][0]
    taken = _names_on_self(model, owner)
    if stem in taken and stem not in habits:  # it holds something else, as a rule the rate
        stem += "_layer"
    names = (stem, *(f"{stem}{number}" for number in range(2, 1000)))
    kin = family(model, owner)
    computed = [t for t in targets_in(model) if t.name is None and t.owner in kin]
    for name in names:
        if name not in taken and name not in planned and not any(t.may_be(name) for t in computed):
            return name
    raise Refused("the class sets attributes under computed names")


def _names_on_self(model: SemanticModel, owner: ClassInfo) -> set[str]:
    """Every attribute name that the class and its kin in the file have or use on self."""
    kin = family(model, owner)
    taken = set(_TAKEN)
    for info in kin:
        taken |= info.methods.keys() | info.writes.keys() | info.scope.bindings.keys()
        own = {self_name(method) for method in info.methods.values()}
        for node in walk(info.node.body):
            if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name):
                if node.value.value in own:
                    taken.add(node.attr.value)
            elif isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
                if node.func.value in ("getattr", "hasattr", "setattr", "delattr"):
                    taken |= {
                        str(arg.value.evaluated_value)
                        for arg in node.args
                        if isinstance(arg.value, cst.SimpleString)
                    }
    for target in targets_in(model):
        if target.name is not None and (target.owner is None or target.owner in kin):
            taken.add(target.name)
    return taken
