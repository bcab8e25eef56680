"""Units: the functions of a file as they are analysed, and who calls whom.

A unit is a method or a module-level function; functions nested in it belong to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import libcst as cst

from dropout_lint.semantics.classes import (
    BUILDING_METHODS,
    Classes,
    ClassInfo,
    is_self,
    self_name,
)
from dropout_lint.semantics.modes import FREE, Gate, Gates, words
from dropout_lint.semantics.names import Names, Scope, parameters_of
from dropout_lint.semantics.tree import Tree

_TRAIN_STEPS = frozenset(
    """training_step train_step training_step_end training_epoch_end""".split()
)
_EVAL_STEPS = frozenset(
    """validation_step test_step predict_step validation_epoch_end test_epoch_end
    validation_step_end test_step_end eval_step val_step""".split()
)


@dataclass(eq=False)
class Unit:
    """A function to be analysed, and the class it belongs to, if any."""

    node: cst.FunctionDef
    scope: Scope
    owner: ClassInfo | None

    @property
    def name(self) -> str:
        return self.node.name.value

    @property
    def qualname(self) -> str:
        return self.scope.qualname

    @cached_property
    def self_name(self) -> str | None:
        return self_name(self.node) if self.owner is not None else None

    @property
    def in_module(self) -> bool:
        """Whether it is a method with a ``self`` that is an ``nn.Module``."""
        return self.owner is not None and self.owner.is_module and self.self_name is not None

    @cached_property
    def is_property(self) -> bool:
        return any(
            isinstance(d.decorator, cst.Name)
            and d.decorator.value in ("property", "cached_property")
            for d in self.node.decorators
        )

    @cached_property
    def parameters(self) -> list[cst.Param]:
        """All parameters but ``self``."""
        found = parameters_of(self.node)
        return [p for p in found if p.name.value != self.self_name]

    @property
    def builds(self) -> bool:
        """Whether it belongs to the making of the module (then the module is in train mode)."""
        return self.self_name is not None and self.name in BUILDING_METHODS

    @property
    def is_entry(self) -> bool:
        """Whether it is entered from outside the file whatever the file itself does."""
        return self.name in ("forward", "__call__") or self.is_property

    @property
    def positional(self) -> list[cst.Param]:
        params = self.node.params
        found = [*params.posonly_params, *params.params]
        return found[1:] if self.self_name is not None else found

    def runs_in(self, training: bool) -> Gates | None:
        """Under which gates the unit as such runs in a mode, as its name has it.

        Constructors and Lightning's step methods belong to one mode; ``train_epoch``, ``fit`` and
        the like leave it to their caller.
        """
        if self.owner is None or self.self_name is None:
            return FREE
        if self.builds or self.name in _TRAIN_STEPS:
            return FREE if training else None
        if self.name in _EVAL_STEPS:
            return None if training else FREE
        if words(self.name) & {"train", "training", "pretrain", "pretraining", "fit"}:
            return frozenset({Gate("flag", f"{self.name}()")})
        return FREE


@dataclass(eq=False)
class Units:
    """All units of a file, where each expression belongs, and the calls between them by name."""

    tree: Tree
    names: Names
    classes: Classes
    by_node: dict[int, Unit] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for scope in self.names.scopes.values():
            if not isinstance(scope.node, cst.FunctionDef):
                continue
            parent = scope.parent
            assert parent is not None
            if parent.is_class:
                owner = self.classes.by_node[id(parent.node)]
                self.by_node[id(scope.node)] = Unit(scope.node, scope, owner)
            elif parent.parent is None:
                self.by_node[id(scope.node)] = Unit(scope.node, scope, None)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self.by_node.values())

    def around(self, node: cst.CSTNode) -> Unit | None:
        """The unit a node belongs to; None for module- and class-level code."""
        for above in self.tree.ancestors(node):
            unit = self.by_node.get(id(above))
            if unit is not None:
                return unit
        return None

    def of_method(self, owner: ClassInfo, name: str) -> Unit | None:
        """The method ``name`` as an instance of ``owner`` has it, if this file defines it."""
        node = owner.find_method(name)
        return self.by_node.get(id(node)) if node is not None else None

    @cached_property
    def _uses(self) -> dict[str, dict[Unit, bool]]:
        """By function name: the units that use it, and whether their runs see every use."""
        defined = {unit.name for unit in self}
        uses: dict[str, dict[Unit, bool]] = defaultdict(dict)
        for node, scope in self.names.mentions:
            used = node.attr.value if isinstance(node, cst.Attribute) else node.value
            if used not in defined:
                continue
            unit = self.of_scope(scope)
            if unit is not None:
                uses[used][unit] = uses[used].get(unit, True) and self._is_seen(node, unit)
        return uses

    def _is_seen(self, node: cst.Name | cst.Attribute, unit: Unit) -> bool:
        """Whether a run of ``unit`` sees this use as a call (or as a function handed over)."""
        if isinstance(node, cst.Attribute) and not is_self(node.value, unit.self_name):
            return False
        parent = self.tree.parent(node)
        return (isinstance(parent, cst.Call) and parent.func is node) or isinstance(parent, cst.Arg)

    def of_scope(self, scope: Scope | None) -> Unit | None:
        while scope is not None:
            unit = self.by_node.get(id(scope.node))
            if unit is not None:
                return unit
            scope = scope.parent
        return None

    def users(self, unit: Unit) -> dict[Unit, bool]:
        """The units of this file that use ``unit``, and whether their runs see every use."""
        return {
            user: seen for user, seen in self._uses.get(unit.name, {}).items() if user is not unit
        }
