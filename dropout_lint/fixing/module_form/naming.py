"""Names for new modules: free on every instance of the related classes, in the file's style."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from itertools import chain

import libcst as cst

from dropout_lint.fixing.instances.attributes import AttributeUses
from dropout_lint.fixing.instances.inheritance import related_classes
from dropout_lint.fixing.library_names import MODULE_ATTRIBUTES, NAMES_ATTRIBUTE
from dropout_lint.fixing.module_form.far_bases import names_of_far_bases
from dropout_lint.fixing.module_form.refusal import Refusal
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo, self_name
from dropout_lint.semantics.syntax.tree import walk
from dropout_lint.vocabulary.dropping import LAYER_ATTRIBUTES

_MOST_NUMBER = 1000


class NewNames:
    """Free attribute names for the new modules of one file, in its own style."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._planned: dict[ClassInfo, set[str]] = {}
        self._taken: dict[frozenset[ClassInfo], set[str]] = {}
        self._tried: dict[tuple[ClassInfo, str], int] = {}

    def plan(self, owner: ClassInfo, name: str) -> None:
        """Take a name."""
        self._planned.setdefault(owner, set()).add(name)

    def has_dropout(self, owner: ClassInfo) -> bool:
        """Whether the class, or one related to it, holds a dropout module."""
        return any(self._present.get(info) for info in related_classes(self._model, owner))

    def new(self, owner: ClassInfo, tail: str) -> str:
        """A free attribute name for a new module of the class ``tail``."""
        model = self._model
        stem = {"Dropout": "dropout", "RReLU": "rrelu"}.get(tail) or "".join(
            "_" + char.lower() if char.isupper() and index else char.lower()
            for index, char in enumerate(tail)
        )
        if tail == "Dropout" and self._usual in LAYER_ATTRIBUTES:
            stem = self._usual
        related = related_classes(model, owner)
        taken, uses = self._names_on_self(related), AttributeUses.of(model)
        elsewhere = uses.names_on(None)
        own = {name for info in related for name in self._present.get(info, ())}
        if (stem in taken or stem in elsewhere) and stem not in own:
            stem += "_layer"  # the attribute holds something else, usually the rate
        computed = [w for info in related for w in uses.computed_on(info)]
        planned = [self._planned[info] for info in related & self._planned.keys()]
        first = self._tried.get((owner, stem), 1)  # those before it are not free
        for number in range(first, _MOST_NUMBER):
            name = f"{stem}{number}" if number > 1 else stem
            if name in taken or name in elsewhere:
                continue
            if not any(name in some for some in planned):
                if not any(write.may_be(name) for write in computed):
                    self._tried[owner, stem] = number
                    return name
        self._tried[owner, stem] = _MOST_NUMBER
        raise Refusal("the class sets attributes under computed names")

    @cached_property
    def _present(self) -> dict[ClassInfo, list[str]]:
        """The names of the attributes that hold dropout modules, by class."""
        model = self._model
        names: dict[ClassInfo, list[str]] = {}
        for info in model.classes:
            for name, writes in info.writes.items():
                for write in writes:
                    if isinstance(write.value, cst.Call) and write.method is not None:
                        scope = model.names.scopes[write.method]
                        for called in model.names.qualified(write.value.func, scope):
                            if model.catalog.module(called):
                                names.setdefault(info, []).append(name)
        return names

    @cached_property
    def _usual(self) -> str:
        """What most of the dropout modules of the file are called, without numbers."""
        names = chain.from_iterable(self._present.values())
        stems = (name.rstrip("0123456789_") for name in names)
        return next((stem for stem, _ in Counter(stems).most_common(1)), "")

    def _names_on_self(self, related: frozenset[ClassInfo]) -> set[str]:
        """Every attribute name that the related classes have or use on self."""
        if related not in self._taken:
            self._taken[related] = self._find_names_on_self(related)
        return self._taken[related]

    def _find_names_on_self(self, related: frozenset[ClassInfo]) -> set[str]:
        uses = AttributeUses.of(self._model)
        taken = set(MODULE_ATTRIBUTES)
        for info in related:
            taken |= info.methods.keys() | info.writes.keys() | info.scope.bindings.keys()
            taken |= uses.names_on(info)
            taken.update(names_of_far_bases(self._model, info))
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
        return taken
