"""The equivalent module of a call: its class, rate and flags.

The catalog, and the configuration of users, call its class the ``twin`` of a function.
"""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from dropout_lint.catalog import CatalogFunction
from dropout_lint.fixing.library_names import NOT_SETTINGS
from dropout_lint.fixing.module_form.rates import ConstructorRate, rate_in_constructor
from dropout_lint.fixing.module_form.refusal import RefusableResults, Refusal
from dropout_lint.semantics.interpreter.arguments import Argument
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.functions import FunctionInfo


@dataclass(frozen=True)
class EquivalentModule:
    """The module that replaces a call.

    ``name`` is its dotted class. ``rate`` and ``flags`` are source; ``keyword`` says that the rate
    is passed by keyword. ``needs`` are the attributes that must be set before it is built.
    """

    name: str
    rate: str
    keyword: bool
    flags: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def tail(self) -> str:
        """The class name without its module."""
        return self.name.rpartition(".")[2]

    @property
    def arguments(self) -> str:
        """The arguments of its construction."""
        rate = f"p={self.rate}" if self.rate and self.keyword else self.rate
        return ", ".join(part for part in (rate, *self.flags) if part)


def equivalent_module(
    model: SemanticModel, site: Site, results: RefusableResults
) -> EquivalentModule:
    """The equivalent module of a site. Raises `Refusal` where there is none."""
    row = site.row
    if isinstance(row, CatalogFunction):
        if row.twin is None:
            raise Refusal(f"`{row.tail}` has no equivalent module")
        name = row.twin
    else:
        name = row.name
    if site.bound.open:
        raise Refusal("the call passes `*args` or `**kwargs`")
    if any(argument.node not in site.node.args for argument in site.bound.arguments.values()):
        raise Refusal("the call gets arguments through `functools.partial`")
    rate, keyword = ConstructorRate(""), False
    flags: list[str] = []
    for key, argument in site.bound.arguments.items():
        if key in NOT_SETTINGS:
            continue
        if row.rate is not None and key == row.rate.name:
            rate = _rate(model, site.function, argument.node.value, results)
            keyword = argument.node.keyword is not None
        else:
            flags.append(f"{key}={_literal(argument)}")
    flags = [flag for flag in flags if flag != "inplace=False"]
    return EquivalentModule(name, rate.code, keyword, tuple(flags), rate.needs)


def _rate(
    model: SemanticModel,
    function: FunctionInfo,
    value: cst.BaseExpression,
    results: RefusableResults,
) -> ConstructorRate:
    key = (function, model.tree.outer_code(value))
    return results.get(key, lambda: rate_in_constructor(model, function, value))


def _literal(argument: Argument) -> str:
    value = argument.node.value
    if isinstance(value, (cst.Integer, cst.Float)) or (
        isinstance(value, cst.Name) and value.value in ("True", "False")
    ):
        return value.value
    raise Refusal("an argument of the call is not a literal")
