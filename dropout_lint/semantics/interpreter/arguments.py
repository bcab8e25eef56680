"""Arguments of calls, bound to the parameters of what is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

import libcst as cst

from dropout_lint.semantics.interpreter.operators import opaque
from dropout_lint.semantics.interpreter.state import as_data
from dropout_lint.semantics.interpreter.values import (
    UNKNOWN,
    Atom,
    Items,
    Opaque,
    Parameter,
    Partial,
    Value,
)
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import parameters_of, placed_parameters
from dropout_lint.signatures import CatalogParameter

# The values of a function's parameters in a call, by name.
ArgumentValues = dict[str, Value]


@dataclass(frozen=True)
class Argument:
    """One argument of a call: its node and its value."""

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


def bind(parameters: Sequence[CatalogParameter], arguments: Iterable[Argument]) -> Bound:
    """Bind the arguments of a call to parameters of the catalog, as Python would."""
    by_position = {p.position: p.name for p in parameters if p.position is not None}
    named, starred = _by_name(by_position, arguments)
    return Bound(named, bool(starred))


def function_arguments(function: FunctionInfo, arguments: Iterable[Argument]) -> ArgumentValues:
    """The values of a function's parameters in a call, without those that the call leaves out."""
    named, starred = _by_name(_positions(function.positional), arguments)
    values = {name: as_data(argument.value) for name, argument in named.items()}
    stars = [argument.value for argument in starred]
    for parameter in function.parameters if stars else ():  # it may be among the starred ones
        name = parameter.name.value
        values.setdefault(name, opaque(Value.of(Parameter(name)), *stars))
    return values


def nested_function_arguments(
    node: cst.FunctionDef | cst.Lambda, defaults: ArgumentValues, arguments: Sequence[Argument]
) -> ArgumentValues:
    """The values of a nested function's parameters in a call, up to the first starred argument."""
    plain = list(takewhile(lambda argument: not argument.node.star, arguments))
    values = dict(defaults) if len(plain) == len(arguments) else {}
    named, _ = _by_name(_positions(placed_parameters(node)), plain)
    names = {parameter.name.value for parameter in parameters_of(node)}
    for name, argument in named.items():
        if name in names:
            values[name] = as_data(argument.value)
    return values


def with_arguments(value: Value, function: FunctionInfo, arguments: Iterable[Argument]) -> Value:
    """A value that a function made, with its parameters replaced by the arguments of a call."""
    if not any(isinstance(a, (Parameter, Items, Partial, Opaque)) for a in value.atoms):
        return value
    return _substituted(value, function_arguments(function, arguments))


def _substituted(value: Value, given: ArgumentValues) -> Value:
    return Value.join(
        _substituted_atom(atom, given).behind(guards) for atom, guards in value.alternatives
    )


def _substituted_atom(atom: Atom, given: ArgumentValues) -> Value:
    if isinstance(atom, Parameter):
        return given.get(atom.name, UNKNOWN)
    if isinstance(atom, Items):
        items = tuple(_substituted(item, given) for item in atom.items)
        return Value.of(Items(items, atom.keys))
    if isinstance(atom, Partial):
        held = tuple((arg, _substituted(value, given)) for arg, value in atom.held)
        function = _substituted(atom.function, given)
        return Value.of(Partial(function, atom.node, held, atom.listed))
    if isinstance(atom, Opaque) and atom.mentions:
        own = {g for g in atom.mentions if g.kind == "caller" and g.name in given}
        return opaque(Value.of(Opaque(atom.mentions - own)), *(given[g.name] for g in own))
    return Value.of(atom)


def _positions(parameters: Iterable[cst.Param]) -> dict[int, str]:
    return {place: parameter.name.value for place, parameter in enumerate(parameters)}


def _by_name(
    by_position: Mapping[int, str], arguments: Iterable[Argument]
) -> tuple[dict[str, Argument], list[Argument]]:
    """The arguments by the names of their parameters, and the starred ones.

    Behind a star the position of an argument is not known.
    """
    named: dict[str, Argument] = {}
    starred: list[Argument] = []
    position = 0
    for argument in arguments:
        if argument.node.star:
            starred.append(argument)
        elif argument.node.keyword is not None:
            named[argument.node.keyword.value] = argument
        elif not starred:
            if position in by_position:
                named[by_position[position]] = argument
            position += 1
    return named, starred
