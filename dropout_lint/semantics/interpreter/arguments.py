"""Arguments of calls, bound to the parameters of what is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from dropout_lint.catalog import CatalogParameter
from dropout_lint.semantics.interpreter.values import Value


@dataclass(frozen=True)
class Argument:
    """One argument of a call: its node and what it is worth."""

    node: cst.Arg
    value: Value


@dataclass(frozen=True)
class Bound:
    """The arguments of a call by parameter name.

    ``open`` says that ``*args`` or ``**kwargs`` may hold what is missing.
    """

    arguments: dict[str, Argument]
    open: bool = False

    def get(self, parameter: CatalogParameter | None) -> Argument | None:
        return self.arguments.get(parameter.name) if parameter is not None else None

    def value(self, parameter: CatalogParameter | None) -> Value | None:
        argument = self.get(parameter)
        return argument.value if argument is not None else None


def bind(parameters: Sequence[CatalogParameter], arguments: Sequence[Argument]) -> Bound:
    """Bind the arguments of a call to parameters, as Python would."""
    by_position = {p.position: p.name for p in parameters if p.position is not None}
    bound: dict[str, Argument] = {}
    is_open = False
    position = 0
    for argument in arguments:
        node = argument.node
        if node.star:
            is_open = True
        elif node.keyword is not None:
            bound[node.keyword.value] = argument
        else:
            # Behind a star nobody knows the position.
            if not is_open and position in by_position:
                bound[by_position[position]] = argument
            position += 1
    return Bound(bound, is_open)
