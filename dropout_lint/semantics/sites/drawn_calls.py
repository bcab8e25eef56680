"""Masks that a function draws by hand, as call sites.

Such a site has a row of its own, without parameters. A mask that is drawn and not used drops
nothing, so the conditions around its use count as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import libcst as cst

from dropout_lint.catalog import CatalogFunction
from dropout_lint.semantics.interpreter.arguments import ArgumentValues, Bound
from dropout_lint.semantics.interpreter.evaluator import Evaluator
from dropout_lint.semantics.interpreter.guards import FREE, Guards, both, weakest
from dropout_lint.semantics.interpreter.run import Run
from dropout_lint.semantics.interpreter.values import Parameter, SelfObject, Value
from dropout_lint.semantics.sites.imported_functions import FileModel
from dropout_lint.semantics.sites.site import Drop, Site
from dropout_lint.semantics.syntax.names import parameters_of

_ROW = CatalogFunction("a mask drawn by hand", (), None, None)


def drawn_sites(model: FileModel, *runs: tuple[Run, ArgumentValues]) -> Iterable[Site]:
    """The draws of masks that drop from a function's input, in runs of it with their arguments."""
    sites: dict[cst.Call, Site] = {}
    for run, given in runs:
        draws = model.masks.of(run.function)
        conditions = _Conditions(model, run, given) if draws else None
        for called in run.calls if conditions is not None else ():
            uses = draws.get(called.node)
            if uses is None or conditions is None:
                continue
            guards = both(called.guards, weakest(*map(conditions.around, uses)))
            if guards is not None:
                site = Site(called.node, _ROW, run.function, Bound({}), sole=called.sole)
                drop = (Drop(None, None, guards),)
                site = replace(site, in_train=drop) if run.training else replace(site, in_eval=drop)
                known = sites.get(called.node)
                sites[called.node] = known.joined(site) if known is not None else site
    return sites.values()


class _Conditions:
    """The conditions around the nodes of a function, by the values of its parameters."""

    def __init__(self, model: FileModel, run: Run, given: ArgumentValues) -> None:
        self._tree = model.tree
        self._function = function = run.function
        self._evaluator = Evaluator(
            model,
            function.scope,
            training=run.training,
            owner=function.owner,
            self_name=function.self_name,
        )
        env = self._evaluator.state.env
        for parameter in parameters_of(function.node):
            name = parameter.name.value
            env[name] = given.get(name) or Value.of(Parameter(name))
        if function.self_name is not None:
            env[function.self_name] = Value.of(SelfObject())

    def around(self, node: cst.CSTNode) -> Guards | None:
        """The guards in front of a node; None if it is not reached."""
        guards: Guards | None = FREE
        for test, holds in self._conditions(node):
            cond = self._evaluator.cond(test)
            guards = both(guards, cond.when_true if holds else cond.when_false)
        return guards

    def _conditions(self, node: cst.CSTNode) -> Iterator[tuple[cst.BaseExpression, bool]]:
        """The conditions that have to hold, or not to hold, where a node runs."""
        below = node
        for above in self._tree.ancestors(node):
            if above is self._function.node:
                return
            if isinstance(above, (cst.If, cst.IfExp)) and below is not above.test:
                yield above.test, below is above.body
            elif isinstance(above, cst.IndentedBlock):
                for statement in above.body:
                    if statement is below:
                        break
                    if isinstance(statement, cst.If) and _leaves(statement.body):
                        yield statement.test, False
            below = above


def _leaves(body: cst.BaseSuite) -> bool:
    """Whether a branch ends with ``return``."""
    last = body.body[-1]
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    return isinstance(last, cst.Return)
