"""The module that does what a call does: its class, rate and flags."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from dropout_lint.catalog import CatalogFunction
from dropout_lint.fixing.module_form.rates import rate_in_constructor
from dropout_lint.fixing.module_form.refusal import Answers, Refused
from dropout_lint.semantics.facts.sites import Site
from dropout_lint.semantics.interpreter.arguments import Argument
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo


@dataclass(frozen=True)
class Twin:
    """The module that replaces a call: class, rate and flags as source, attributes it needs."""

    name: str
    rate: str
    keyword: bool
    flags: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def tail(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def arguments(self) -> str:
        rate = f"p={self.rate}" if self.rate and self.keyword else self.rate
        return ", ".join(part for part in (rate, *self.flags) if part)


def twin_of(model: SemanticModel, site: Site, answers: Answers) -> Twin:
    """The twin of a site. Raises `Refused` where it has none."""
    row = site.row
    if isinstance(row, CatalogFunction):
        if row.twin is None:
            raise Refused(f"`{row.tail}` has no module twin")
        name = row.twin
    else:
        name = row.name
    if site.bound.open:
        raise Refused("the call passes `*args` or `**kwargs`")
    if any(argument.node not in site.node.args for argument in site.bound.arguments.values()):
        raise Refused("the call gets arguments through `functools.partial`")
    rate, keyword = "", False
    flags: list[str] = []
    needs: list[str] = []
    for key, argument in site.bound.arguments.items():
        if key in ("input", "training", "train", "self"):
            continue
        if row.rate is not None and key == row.rate.name:
            rate, needs = _rate(model, site.function, argument.node.value, answers)
            keyword = argument.node.keyword is not None
        else:
            flags.append(f"{key}={_literal(argument)}")
    flags = [flag for flag in flags if flag != "inplace=False"]
    return Twin(name, rate, keyword, tuple(flags), tuple(needs))


def _rate(
    model: SemanticModel, function: FunctionInfo, value: cst.BaseExpression, answers: Answers
) -> tuple[str, list[str]]:
    key = (function, model.tree.outer_code(value))
    return answers.get(key, lambda: rate_in_constructor(model, function, value))


def _literal(argument: Argument) -> str:
    value = argument.node.value
    if isinstance(value, (cst.Integer, cst.Float)) or (
        isinstance(value, cst.Name) and value.value in ("True", "False")
    ):
        return value.value
    raise Refused("an argument of the call is not a literal")
