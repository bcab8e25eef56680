"""The modules that an expression may be, by the calls that build them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import libcst as cst

from dropout_lint.fixing.hazards.container_items import Growth, growths_by_path, iterated, part_of
from dropout_lint.fixing.instances.inheritance import is_base_or_subclass
from dropout_lint.fixing.instances.nodes import assigned, path_of
from dropout_lint.fixing.library_names import MODULE_CONTAINERS, MODULE_WRAPPERS, RETURNS_SELF
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Binding, Scope
from dropout_lint.semantics.syntax.tree import tail_of

_MAX_DEPTH = 8


class Construction(NamedTuple):
    """A call that builds a module, and the scope it is in."""

    call: cst.Call
    scope: Scope


class Stored(NamedTuple):
    """A value that a name or attribute is set to; ``looped``: it gets each element in turn."""

    value: cst.BaseExpression
    scope: Scope
    looped: bool = False


class Item(NamedTuple):
    """An element of a container, None if not known, and the blocks that decide about it.

    ``blocks`` are the suites of loops and branches around the statement that adds it.
    """

    value: cst.BaseExpression | None
    scope: Scope
    blocks: tuple[cst.CSTNode, ...] = ()


def torch_name(model: SemanticModel, call: cst.Call, scope: Scope, within: str = "torch.") -> str:
    """The last name of a call's callee if that is torch's; empty for any other."""
    for name in model.names.qualified(call.func, scope):
        if name.startswith(within):
            return name.rpartition(".")[2]
    return ""


class BuiltModules:
    """The modules that expressions of a file may be, by the calls that build them."""

    def __init__(self, model: SemanticModel) -> None:
        self.model = model

    def forward(self, construction: Construction) -> FunctionInfo | None:
        """The ``forward`` of the class of the file that a call builds an instance of."""
        info = self.model.classes.resolve(construction.call.func, construction.scope)
        return self.model.functions.of_method(info, "forward") if info is not None else None

    def built(
        self, node: cst.BaseExpression, scope: Scope, depth: int = 0
    ) -> Iterator[Construction | None]:
        """The constructions behind ``self.act``, ``self.acts[1]``, a local, a loop variable.

        None stands for a module that is not known.
        """
        if depth > _MAX_DEPTH:
            yield None
        elif isinstance(node, cst.Call):
            inner = self._wrapped(node, scope)
            if inner is None:
                yield Construction(node, scope)
            else:
                yield from self.built(inner, scope, depth + 1)
        elif isinstance(node, cst.IfExp):
            yield from self.built(node.body, scope, depth + 1)
            yield from self.built(node.orelse, scope, depth + 1)
        elif isinstance(node, cst.BooleanOperation):
            yield from self.built(node.left, scope, depth + 1)
            yield from self.built(node.right, scope, depth + 1)
        elif isinstance(node, cst.Subscript):
            yield from self._elements_of(node.value, scope, depth)
        elif isinstance(node, (cst.Name, cst.Attribute)):
            known = False
            for stored in self._values(node, scope):
                known = True
                if stored is None:
                    yield None
                elif stored.looped:
                    yield from self._elements_of(stored.value, stored.scope, depth)
                elif not _is_none(stored.value):
                    yield from self.built(stored.value, stored.scope, depth + 1)
            if not known:
                yield None
        else:
            yield None

    def items(self, container: Construction) -> Iterator[Item]:
        """The elements of a container of torch.nn, in order, as far as the file shows."""
        call, scope = container
        for arg in call.args:
            value: cst.BaseExpression = arg.value
            if isinstance(value, cst.Call) and tail_of(value.func) in ("OrderedDict", "dict"):
                for inner in value.args:  # nn.Sequential(OrderedDict(act=…)), OrderedDict([…])
                    if inner.keyword is not None:
                        yield Item(inner.value, scope)
                    else:
                        yield from self._listed(inner.value, scope)
            elif arg.star or self._is_list(value, scope):
                yield from self._listed(value, scope)
            else:
                yield Item(value, scope)
        for path, function in self._names_of(call, scope):
            yield from self._grown(path, function, scope)

    def _wrapped(self, call: cst.Call, scope: Scope) -> cst.BaseExpression | None:
        """The module in ``weight_norm(nn.Conv1d(…))`` and ``nn.Linear(…).to(device)``."""
        func = call.func
        if isinstance(func, cst.Attribute) and func.attr.value in RETURNS_SELF:
            if isinstance(func.value, cst.Call):
                return func.value
        if call.args and torch_name(self.model, call, scope, "torch.nn.utils.") in MODULE_WRAPPERS:
            return call.args[0].value
        return None

    def _elements_of(
        self, node: cst.BaseExpression, scope: Scope, depth: int
    ) -> Iterator[Construction | None]:
        """The modules that a container may hold, whatever their order."""
        node = iterated(node)
        if self._is_list(node, scope):
            yield from self._all(self._listed(node, scope), depth)
            return
        for container in self.built(node, scope, depth + 1):
            if container is None or not self._is_container(container):
                yield None
            else:
                yield from self._all(self.items(container), depth)

    def _all(self, items: Iterator[Item], depth: int) -> Iterator[Construction | None]:
        known = False
        for item in items:
            known = True
            if item.value is None:
                yield None
            else:
                yield from self.built(item.value, item.scope, depth + 1)
        if not known:
            yield None

    def _is_container(self, construction: Construction) -> bool:
        name = torch_name(self.model, *construction, within="torch.nn.")
        return name in MODULE_CONTAINERS

    def _values(self, node: cst.Name | cst.Attribute, scope: Scope) -> Iterator[Stored | None]:
        """The values that a name or an attribute of self is set to; None for one not known."""
        names = self.model.names
        if isinstance(node, cst.Name):
            found = names.lookup(node.value, scope)
            for binding in found[1] if found is not None else ():
                assert found is not None
                if isinstance(self._statement_of(binding), cst.AugAssign):
                    continue  # it grows
                yield self._bound(node.value, binding, found[0])
            return
        function = self.model.functions.of_scope(scope)
        owner = function.owner if function is not None else None
        if function is None or owner is None or not is_self(node.value, function.self_name):
            return
        for info in self.model.classes:
            if is_base_or_subclass(info, owner):
                for write in info.writes.get(node.attr.value, ()):
                    value, target = write.value, write.target
                    at = names.scopes[write.method] if write.method else info.scope
                    if isinstance(target, cst.Call) and target.args:  # add_module("act", …)
                        value = target.args[-1].value
                    elif isinstance(self.model.tree.parent(target), cst.AugAssign):
                        continue
                    yield Stored(value, at) if value is not None else None

    def _statement_of(self, binding: Binding) -> cst.CSTNode | None:
        node = binding.node
        return node if isinstance(node, cst.AugAssign) else self.model.tree.parent(node)

    def _bound(self, name: str, binding: Binding, scope: Scope) -> Stored | None:
        if binding.value is not None:
            return Stored(binding.value, scope)
        loop = binding.node
        while loop is not None and not isinstance(loop, (cst.For, cst.CompFor)):
            if isinstance(loop, (cst.BaseStatement, cst.BaseSmallStatement)):
                return None
            loop = self.model.tree.parent(loop)  # type: ignore[assignment]
        if not isinstance(loop, (cst.For, cst.CompFor)):
            return None
        over = part_of(loop.target, loop.iter, name)
        return Stored(over, scope, looped=True) if over is not None else None

    # --- containers -------------------------------------------------------------------------

    def _is_list(self, node: cst.BaseExpression, scope: Scope) -> bool:
        """Whether an expression is a plain list, or a name of one."""
        if isinstance(node, (cst.List, cst.Tuple, cst.ListComp, cst.GeneratorExp, cst.Dict)):
            return True
        if isinstance(node, cst.BinaryOperation):
            return self._is_list(node.left, scope) or self._is_list(node.right, scope)
        if isinstance(node, (cst.Name, cst.Attribute)):
            return any(
                stored is not None
                and not stored.looped
                and isinstance(stored.value, (cst.List, cst.Tuple, cst.ListComp, cst.Dict))
                for stored in self._values(node, scope)
            )
        return False

    def _listed(self, node: cst.BaseExpression, scope: Scope, depth: int = 0) -> Iterator[Item]:
        """The elements of a plain list, in order."""
        if depth > _MAX_DEPTH:
            yield Item(None, scope)
        elif isinstance(node, (cst.ListComp, cst.GeneratorExp)):
            yield Item(node.elt, self.model.names.scopes.get(node, scope), (node,))
        elif isinstance(node, (cst.List, cst.Tuple, cst.Dict)):
            for element in node.elements:
                value: cst.BaseExpression = element.value
                if isinstance(element, (cst.StarredElement, cst.StarredDictElement)):
                    yield from self._listed(value, scope, depth + 1)
                    continue
                if isinstance(value, cst.Tuple) and len(value.elements) == 2:  # ("name", module)
                    value = value.elements[1].value
                yield Item(value, scope)
        elif isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
            yield from self._listed(node.left, scope, depth + 1)
            yield from self._listed(node.right, scope, depth + 1)
        elif isinstance(node, (cst.Name, cst.Attribute)) and self._is_list(node, scope):
            for stored in self._values(node, scope):
                if stored is None or stored.looped:
                    yield Item(None, scope)
                else:
                    yield from self._listed(stored.value, stored.scope, depth + 1)
            path = path_of(node)
            yield from self._grown(path, self.model.functions.of_scope(scope), scope)
        elif isinstance(node, (cst.Name, cst.Attribute)):
            for built in self.built(node, scope, depth + 1):
                if built is None:
                    yield Item(None, scope)
                elif self._is_container(built):
                    yield from self.items(built)
                else:
                    yield Item(None, scope)
        else:
            yield Item(None, scope)

    @cached_property
    def _growths(self) -> dict[str, list[Growth]]:
        return growths_by_path(self.model)

    def _grown(self, path: str, function: FunctionInfo | None, scope: Scope) -> Iterator[Item]:
        """What statements of the file add to a container under a name."""
        for growth in self._growths.get(path, ()):
            there = self.model.functions.around(growth.node)
            mine = there is function
            if "." in path and function is not None and there is not None:
                mine = is_base_or_subclass(there.owner, function.owner)
            if not mine or there is None:
                continue
            at = self.model.names.scope_at.get(growth.node, there.scope)
            for value in growth.values:
                if not growth.spread:
                    yield Item(value, at, growth.blocks)
                    continue
                for item in self._listed(value, at):
                    yield Item(item.value, item.scope, (*growth.blocks, *item.blocks))

    def _names_of(self, call: cst.Call, scope: Scope) -> Iterator[tuple[str, FunctionInfo | None]]:
        """The names that the statement of a construction gives to what it builds."""
        node: cst.CSTNode | None = call
        while node is not None and not isinstance(node, (cst.Assign, cst.AnnAssign, cst.BaseSuite)):
            node = self.model.tree.parent(node)
        targets = node.targets if isinstance(node, cst.Assign) else [node]
        for part in targets:
            for target in assigned(part) if part is not None else ():
                yield path_of(target), self.model.functions.of_scope(scope)


def _is_none(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"
