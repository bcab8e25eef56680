"""One function as it is analysed.

A function is a method or a module-level function; functions nested in it belong to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from dropout_lint.semantics.syntax.class_body import BUILDING_METHODS
from dropout_lint.semantics.syntax.classes import ClassInfo, self_name
from dropout_lint.semantics.syntax.names import Scope, parameters_of, placed_parameters
from dropout_lint.semantics.syntax.tree import walk
from dropout_lint.vocabulary.modes import MODE_PARAMETERS


@dataclass(eq=False)
class FunctionInfo:
    """A function to be analysed, and the class it belongs to, if any.

    ``is_put`` says that it has no class, but is put on one: ``Block.forward = forward``.
    """

    node: cst.FunctionDef
    scope: Scope
    owner: ClassInfo | None
    runs_later: bool = False  # named like a constructor, and called while the module runs
    is_put: bool = False

    @property
    def name(self) -> str:
        return self.node.name.value

    @property
    def qualname(self) -> str:
        return self.scope.qualname

    @cached_property
    def self_name(self) -> str | None:
        return self_name(self.node) if self.owner is not None or self.is_put else None

    @property
    def in_module(self) -> bool:
        """Whether it is a method with a ``self`` that is an ``nn.Module``."""
        if self.is_put:
            return True
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
        """All parameters but ``self`` and ``cls``."""
        implicit = (self.self_name, self.class_name)
        return [p for p in parameters_of(self.node) if p.name.value not in implicit]

    @property
    def builds(self) -> bool:
        """Whether it serves the construction of the module, which is in train mode then."""
        by_name = self.name in BUILDING_METHODS and not self.runs_later
        return self.self_name is not None and by_name

    @cached_property
    def mode_parameter(self) -> str | None:
        """The parameter that is the mode, of an override of ``nn.Module.train``."""
        return self.positional[0].name.value if len(self.positional) == 1 else None

    @cached_property
    def is_mode_override(self) -> bool:
        """Whether it overrides ``nn.Module.train(mode)`` or ``eval()``, and is no training loop."""
        if not self.is_named_as_override or (self.name == "train") != bool(self.positional):
            return False
        default = self.positional[0].default if self.positional else None
        is_bool = isinstance(default, cst.Name) and default.value in ("True", "False")
        return not self.positional or is_bool or self.mode_parameter in MODE_PARAMETERS

    @cached_property
    def is_named_as_override(self) -> bool:
        """Whether it is a module's ``train`` or ``eval`` that can be called as nn.Module's."""
        if not self.in_module or self.name not in ("train", "eval"):
            return False
        least = 1 if self.name == "train" else 0
        return len(self.parameters) == len(self.positional) <= least or self._passes_all_on

    @cached_property
    def _passes_all_on(self) -> bool:
        """Whether it only takes ``*args`` and ``**kwargs``, and passes them to ``super()``."""
        stars = {parameter.name.value: parameter.star for parameter in self.parameters}
        return bool(stars) and any(
            isinstance(call, cst.Call)
            and isinstance(call.func, cst.Attribute)
            and call.func.attr.value == self.name
            and isinstance(call.func.value, cst.Call)
            and isinstance(call.func.value.func, cst.Name)
            and call.func.value.func.value == "super"
            and stars == {a.value.value: a.star for a in call.args if isinstance(a.value, cst.Name)}
            for call in walk(self.node.body)
        )

    @property
    def is_entry(self) -> bool:
        """Whether it is entered from outside the file whatever the file itself does."""
        return self.name in ("forward", "__call__") or self.is_property or self.is_put

    @property
    def positional(self) -> list[cst.Param]:
        """The parameters with a position but ``self`` and ``cls``."""
        is_bound = self.self_name is not None or self.class_name is not None
        return placed_parameters(self.node)[1 if is_bound else 0 :]

    @cached_property
    def class_name(self) -> str | None:
        """The name of a class method's class parameter."""
        decorators = [decorator.decorator for decorator in self.node.decorators]
        if not any(isinstance(d, cst.Name) and d.value == "classmethod" for d in decorators):
            return None
        first = placed_parameters(self.node)[:1]
        return first[0].name.value if first else None
