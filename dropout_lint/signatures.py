"""Signatures as text: the parameters of a callable, read from ``"pkg.name(a, b=1, *, c=None)"``."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class CatalogParameter:
    """A parameter of a catalog callable. ``position`` is None for keyword-only ones."""

    name: str
    position: int | None
    default: object
    required: bool


def parse_signature(signature: str) -> tuple[str, tuple[CatalogParameter, ...]]:
    """The name and the parameters of ``"pkg.name(a, b=1, *, c=None)"``.

    Raises ValueError when the text is not a signature.
    """
    name, bracket, rest = signature.strip().partition("(")
    try:
        if not bracket or not all(part.isidentifier() for part in name.split(".")):
            raise SyntaxError
        arguments = ast.parse(f"def f({rest}: ...").body[0].args  # type: ignore[attr-defined]
    except (SyntaxError, ValueError):
        raise ValueError(f"{signature!r} is not of the form 'package.name(x, p=0.5)'") from None
    positional = [*arguments.posonlyargs, *arguments.args]
    names = [argument.arg for argument in (*positional, *arguments.kwonlyargs)]
    if len(names) != len(set(names)):
        raise ValueError(f"{signature!r} names a parameter twice")
    defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
    parameters = [
        _parameter(argument.arg, index, default)
        for index, (argument, default) in enumerate(zip(positional, defaults, strict=True))
    ]
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        parameters.append(_parameter(argument.arg, None, default))
    return name, tuple(parameters)


def _parameter(name: str, position: int | None, default: ast.expr | None) -> CatalogParameter:
    if default is None:
        return CatalogParameter(name, position, None, True)
    try:
        return CatalogParameter(name, position, ast.literal_eval(default), False)
    except ValueError:
        raise ValueError(f"the default of {name!r} is not a literal") from None
