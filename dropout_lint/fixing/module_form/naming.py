"""Names for new modules: free on every instance of the related classes, in the file's style."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from weakref import WeakKeyDictionary

import libcst as cst

from dropout_lint.fixing.instances.attributes import attribute_writes
from dropout_lint.fixing.instances.inheritance import related_classes
from dropout_lint.fixing.library_names import MODULE_ATTRIBUTES, NAMES_ATTRIBUTE
from dropout_lint.fixing.module_form.far_bases import names_of_far_bases
from dropout_lint.fixing.module_form.refusal import Refusal
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, self_name
from dropout_lint.semantics.syntax.tree import walk
from dropout_lint.vocabulary.dropping import LAYER_ATTRIBUTES

_TAKEN: WeakKeyDictionary[ClassInfo, set[str]] = WeakKeyDictionary()


def new_name(
    model: SemanticModel,
    owner: ClassInfo,
    tail: str,
    present: Collection[tuple[ClassInfo, str]],
    planned: Collection[str],
) -> str:
    """A free attribute name for a new module of the class ``tail``.

    ``present`` are the attributes of the file's dropout modules, which it follows, with their
    classes. ``planned`` are the names of other new modules.
    """
    related = related_classes(model, owner)
    stem = {"Dropout": "dropout", "RReLU": "rrelu"}.get(tail) or "".join(
        "_" + char.lower() if char.isupper() and index else char.lower()
        for index, char in enumerate(tail)
    )
    usual = Counter(name.rstrip("0123456789_") for _, name in present).most_common(1)
    if tail == "Dropout" and usual and usual[0][0] in LAYER_ATTRIBUTES:
        stem = usual[0][0]
    taken = _names_on_self(model, owner)
    own = {name for info, name in present if info in related}
    if stem in taken and stem not in own:  # the attribute holds something else, usually the rate
        stem += "_layer"
    names = (stem, *(f"{stem}{number}" for number in range(2, 1000)))
    computed = [w for w in attribute_writes(model) if w.name is None and w.owner in related]
    for name in names:
        if name not in taken and name not in planned and not any(w.may_be(name) for w in computed):
            return name
    raise Refusal("the class sets attributes under computed names")


def _names_on_self(model: SemanticModel, owner: ClassInfo) -> set[str]:
    """Every attribute name that the related classes have or use on self."""
    if owner not in _TAKEN:
        _TAKEN[owner] = _find_names_on_self(model, owner)
    return _TAKEN[owner]


def _find_names_on_self(model: SemanticModel, owner: ClassInfo) -> set[str]:
    related = related_classes(model, owner)
    taken = set(MODULE_ATTRIBUTES)
    for info in related:
        taken.update(names_of_far_bases(model, info))
        taken |= info.methods.keys() | info.writes.keys() | info.scope.bindings.keys()
        own = {self_name(method) for method in info.methods.values()}
        for node in walk(info.node.body):
            if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name):
                if node.value.value in own:
                    taken.add(node.attr.value)
            elif isinstance(node, cst.Call) and isinstance(node.func, cst.Name):
                if node.func.value in NAMES_ATTRIBUTE:
                    taken |= {
                        str(arg.value.evaluated_value)
                        for arg in node.args
                        if isinstance(arg.value, cst.SimpleString)
                    }
    for write in attribute_writes(model):
        if write.name is not None and (write.owner is None or write.owner in related):
            taken.add(write.name)
    return taken
