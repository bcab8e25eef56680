"""Drops whose result outlives the call: weights that are overwritten, and caches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from dropout_lint.semantics.facts.effects.built_layers import holds_dropout
from dropout_lint.semantics.interpreter.guards import FREE
from dropout_lint.semantics.interpreter.values import Const
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import children, tail_of, walk

# Decorators that keep what a method returned the first time.
_CACHES = frozenset({"cached_property", "lru_cache", "cache"})


@dataclass(frozen=True, eq=False)
class Stored:
    """A drop that is kept: the node to speak of, what it is kept in, and whether it is a weight."""

    node: cst.CSTNode
    target: str
    function: FunctionInfo
    is_weight: bool


def stored_drops(model: SemanticModel) -> Iterator[Stored]:
    """The drops of a file that are written back to a weight, or kept where one was missing."""
    for function in model.functions:
        if not function.in_module or function.builds or model.functions.serves_building(function):
            continue
        drops = _drops(model, function)
        if not drops:
            continue
        if _is_cached(function):
            yield from (Stored(node, function.name, function, False) for node in drops)
            continue
        yield from _overwritten(model, function, drops)
        yield from _cached(model, function, drops)


def _drops(model: SemanticModel, function: FunctionInfo) -> list[cst.Call]:
    """The calls of a method that drop in train mode, whatever else decides."""
    sites: dict[cst.CSTNode, Site] = {site.node: site for site in model.sites}
    found: list[cst.Call] = []
    owner = function.owner
    for node in walk(function.node.body):
        if not isinstance(node, cst.Call):
            continue
        site = sites.get(node)
        if site is not None and site.active(True) == FREE:
            found.append(node)
        elif isinstance(node.func, cst.Attribute) and owner is not None:
            writes = owner.find_writes(node.func.attr.value)
            if is_self(node.func.value, function.self_name) and writes:
                if all(holds_dropout(model, write) for write in writes):
                    found.append(node)
    return found


# --- weights ------------------------------------------------------------------------------------


def _overwritten(
    model: SemanticModel, function: FunctionInfo, drops: list[cst.Call]
) -> Iterator[Stored]:
    """``w.data = F.dropout(w.data)``: what is dropped once is lost."""
    for drop in drops:
        source = _input(model, drop)
        if source is None:
            continue
        target = _weight_written(model, drop) or _changed_in_place(model, drop)
        if target is None or _plain(target) != _plain(source):
            continue
        if not _is_restored(model, function, target, drop):
            above = model.tree.ancestors(drop)
            kinds = (cst.Assign, cst.Expr)
            statement = next((a for a in above if isinstance(a, kinds)), drop)
            yield Stored(statement, target, function, True)


def _input(model: SemanticModel, drop: cst.Call) -> str | None:
    """What a call drops from, as it is written."""
    given = [arg.value for arg in drop.args if arg.keyword is None and not arg.star]
    given += [arg.value for arg in drop.args if arg.keyword and arg.keyword.value == "input"]
    return model.tree.code(given[0]) if given else None


def _weight_written(model: SemanticModel, drop: cst.Call) -> str | None:
    """The weight that a drop is written to; None if it goes elsewhere."""
    below: cst.CSTNode = drop
    in_parameter = False
    for above in model.tree.ancestors(drop):
        if isinstance(above, cst.Call) and isinstance(below, cst.Arg):
            name = tail_of(above.func)
            if name == "Parameter":
                in_parameter = True
            elif name == "copy_" and isinstance(above.func, cst.Attribute):
                return model.tree.code(above.func.value)
            elif name == "setattr" and in_parameter and len(above.args) == 3:
                owner, attribute = (model.tree.code(arg.value) for arg in above.args[:2])
                return f"getattr({owner}, {attribute})"
            else:
                return None
        elif isinstance(above, cst.Assign):
            target = above.targets[0].target
            is_data = isinstance(target, cst.Attribute) and target.attr.value == "data"
            return model.tree.code(target) if is_data or in_parameter else None
        elif not isinstance(above, cst.Arg):
            return None
        below = above
    return None


def _changed_in_place(model: SemanticModel, drop: cst.Call) -> str | None:
    """``F.dropout(w.data, inplace=True)``."""
    source = _input(model, drop)
    site = next((site for site in model.sites if site.node is drop), None)
    if site is None or source is None or not source.endswith(".data"):
        return None
    inplace = site.bound.value(next((p for p in site.row.parameters if p.name == "inplace"), None))
    is_inplace = inplace is not None and inplace.only == Const(True)
    return source if is_inplace or tail_of(drop.func).endswith("_") else None


def _plain(code: str) -> str:
    """The weight itself, without ``.data`` and the like."""
    code = "".join(code.split())
    for end in (".data", ".detach()", ".clone()"):
        code = code.removesuffix(end)
    return code


def _is_restored(model: SemanticModel, function: FunctionInfo, target: str, drop: cst.Call) -> bool:
    """Whether the same method writes something else to the weight, or copies it before."""
    plain = _plain(target)
    for node in walk(function.node.body):
        if isinstance(node, cst.Assign) and not any(n is drop for n in walk(node)):
            written = [_plain(model.tree.code(t.target)) for t in node.targets]
            value = "".join(model.tree.code(node.value).split())
            if plain in written or (plain in value and "clone()" in value):
                return True
        if isinstance(node, cst.Call) and tail_of(node.func) in ("copy_", "load_state_dict"):
            if not any(n is drop for n in walk(node)) and isinstance(node.func, cst.Attribute):
                if tail_of(node.func) != "copy_" or (
                    _plain(model.tree.code(node.func.value)) == plain
                ):
                    return True
    return False


# --- caches -------------------------------------------------------------------------------------


def _is_cached(function: FunctionInfo) -> bool:
    decorators = [d.decorator for d in function.node.decorators]
    names = [tail_of(d.func if isinstance(d, cst.Call) else d) for d in decorators]
    return any(name in _CACHES for name in names)


def _cached(
    model: SemanticModel, function: FunctionInfo, drops: list[cst.Call]
) -> Iterator[Stored]:
    """``if self.table is None: self.table = self.dropout(…)``: one mask for ever."""
    made = _names_made(function, drops)
    for node in walk(function.node.body):
        if not isinstance(node, cst.Assign):
            continue
        shown = list(walk(node.value))
        if not any(
            part in drops or (isinstance(part, cst.Name) and part.value in made) for part in shown
        ):
            continue
        for target in node.targets:
            name = _kept_in(target.target, function)
            if name is not None and _is_asked_for(model, function, node, name):
                if not _is_cleared(model, function, name):
                    yield Stored(node, name, function, False)
                break


def _names_made(function: FunctionInfo, drops: list[cst.Call]) -> set[str]:
    """The names that are assigned what a drop returned."""
    return {
        target.target.value
        for node in walk(function.node.body)
        if isinstance(node, cst.Assign) and any(part in drops for part in walk(node.value))
        for target in node.targets
        if isinstance(target.target, cst.Name)
    }


def _kept_in(target: cst.BaseExpression, function: FunctionInfo) -> str | None:
    """The attribute that is assigned to, or of which an item is."""
    if isinstance(target, cst.Subscript):
        target = target.value
    if isinstance(target, cst.Attribute) and is_self(target.value, function.self_name):
        return target.attr.value
    return None


def _is_asked_for(
    model: SemanticModel, function: FunctionInfo, node: cst.CSTNode, name: str
) -> bool:
    """Whether an assignment runs only where the attribute has no value yet."""
    below = node
    for above in model.tree.ancestors(node):
        if isinstance(above, cst.If) and below is above.body:
            if model.mentions_mode(above.test):
                return False
            if _speaks_of(above.test, name, is_missing=True):
                return True
        if isinstance(above, cst.IndentedBlock):
            for line in children(above):
                if line is below:
                    break
                if isinstance(line, cst.If) and _speaks_of(line.test, name, is_missing=False):
                    if any(isinstance(part, cst.Return) for part in walk(line.body)):
                        return True
        if above is function.node:
            break
        below = above
    return False


def _speaks_of(test: cst.BaseExpression, name: str, *, is_missing: bool) -> bool:
    """Whether a condition asks if an attribute is missing, or if it is there."""
    named = any(
        (isinstance(node, cst.Attribute) and node.attr.value == name)
        or (isinstance(node, cst.SimpleString) and node.raw_value == name)
        for node in walk(test)
    )
    if not named:
        return False
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return is_missing
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        operator = test.comparisons[0].operator
        asks_none = isinstance(test.comparisons[0].comparator, cst.Name)
        if isinstance(operator, (cst.Is, cst.Equal)) and asks_none:
            return is_missing
        if isinstance(operator, (cst.IsNot, cst.NotEqual)) and asks_none:
            return not is_missing
        if isinstance(operator, cst.NotIn):
            return is_missing
        return isinstance(operator, cst.In) and not is_missing
    return not is_missing and isinstance(test, (cst.Attribute, cst.Call))


def _is_cleared(model: SemanticModel, function: FunctionInfo, name: str) -> bool:
    """Whether something else in the file sets or empties the attribute."""
    for node in walk(model.tree.module):
        is_call = isinstance(node, cst.Call) and tail_of(node.func) in ("clear", "pop", "delattr")
        if isinstance(node, cst.Del) or is_call:
            if name in model.tree.code(node):
                return True
        if not isinstance(node, (cst.AssignTarget, cst.AnnAssign)):
            continue
        if isinstance(node.target, cst.Attribute) and node.target.attr.value == name:
            above = (model.functions.by_node.get(a) for a in model.tree.ancestors(node)
                     if isinstance(a, cst.FunctionDef))  # fmt: skip
            inside = next(above, None)
            if inside is None or inside is function or inside.name == "__init__":
                continue
            if not (is_self(node.target.value, inside.self_name) and _is_strange(function, inside)):
                return True
    return False


def _is_strange(function: FunctionInfo, other: FunctionInfo) -> bool:
    """Whether two methods belong to classes that have nothing to do with each other."""
    one, two = function.owner, other.owner
    if one is None or two is None:
        return True
    return two not in (*one.lineage, *one.derived) and one not in two.lineage
