"""What a name of a script stands for as a model: where it is built, and of what."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from dropout_lint.semantics.driving.known_layers import (
    CONTAINERS,
    WRAPPERS,
    depends_on_mode,
    may_drop,
)
from dropout_lint.semantics.driving.places import (
    Place,
    handed_on,
    parts_of,
    passed,
    returned,
    unwrapped,
)
from dropout_lint.semantics.model import SemanticModel, model_of
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.names import Scope, parameters_of
from dropout_lint.semantics.syntax.tree import tail_of, walk

_DROPPING = ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d")
_MAX_DEPTH = 5
_MAX_FILES = 6


class Builds:
    """Where the models of one script are built, in this and other files of the project."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._files: dict[str, SemanticModel | None] = {}
        self._classes: dict[ClassInfo, bool] = {}

    def depends_on_mode(self, place: Place, depth: int = 0) -> bool:
        """Whether an expression surely builds a model that depends on the mode."""
        node = unwrapped(place.node)
        if depth > _MAX_DEPTH or not isinstance(node, cst.Call):
            return False
        model, scope = place.model, place.scope
        names = model.names.qualified(node.func, scope)
        if len(names) == 1 and names[0].startswith(("torch.", "torchvision.")):
            if names[0] in CONTAINERS | WRAPPERS:
                parts = (n for arg in node.args for n in walk(arg.value) if isinstance(n, cst.Call))
                return any(self.depends_on_mode(Place(model, n, scope), depth + 1) for n in parts)
            return depends_on_mode(names[0], node)
        owner = self.class_of(place)
        if owner is not None:
            return self._class_depends(*owner, depth)
        function = self._function(model, node, scope)
        if function is None:
            return False
        results = [*returned(*function)]
        return bool(results) and all(
            any(self.depends_on_mode(built, depth + 1) for built in self.built(result))
            for result in results
        )

    def is_read(self, place: Place, depth: int = 0) -> bool:
        """Whether an expression builds something of torch, or of which all parts were seen."""
        model, call = place.model, unwrapped(place.node)
        if depth > _MAX_DEPTH or not isinstance(call, cst.Call):
            return False
        names = model.names.qualified(call.func, place.scope)
        if names and all(n.startswith("torch.") and ".hub." not in n for n in names):
            parts = [(arg.value, place.scope) for arg in call.args]
        else:
            found = self.class_of(place)
            if found is None or not found[1].is_surely_module or found[1].imported:
                return False
            model, owner = found
            parts = [*parts_of(model, owner)]
        return all(
            self.is_read(Place(model, node, scope), depth + 1)
            for part, scope in parts
            for node in walk(part)
            if isinstance(node, cst.Call)
        )

    def class_of(self, place: Place) -> tuple[SemanticModel, ClassInfo] | None:
        """The class of the project that an expression builds an instance of."""
        node, model = unwrapped(place.node), place.model
        if not isinstance(node, cst.Call):
            return None
        local = model.classes.resolve(node.func, place.scope)
        if local is not None:
            return model, local
        names = model.names.qualified(node.func, place.scope)
        definition = model.project.definition(names[0]) if len(names) == 1 else None
        if definition is None or definition.meaning.kind != "class":
            return None
        other = self.file(definition.module.file)
        if other is None:
            return None
        found = [c for c in other.classes if c.qualname == definition.meaning.name]
        return (other, found[0]) if len(found) == 1 else None

    def built(self, place: Place, depth: int = 0) -> Iterator[Place]:
        """The calls that build what an expression stands for, as far as they are known."""
        model, node, scope = place.model, unwrapped(place.node), place.scope
        if depth > _MAX_DEPTH:
            return
        if isinstance(node, cst.Call):
            names = model.names.qualified(node.func, scope)
            if len(names) == 1 and names[0] in WRAPPERS and node.args:
                yield from self.built(Place(model, node.args[0].value, scope), depth + 1)
            else:
                yield Place(model, node, scope)
        elif isinstance(node, cst.Name):
            bound = model.names.lookup(node.value, scope)
            for binding in bound[0].bindings[node.value] if bound is not None else ():
                assert bound is not None
                if binding.kind == "value" and binding.value is not None:
                    if node.value not in _names_in(unwrapped(binding.value)):
                        yield from self.built(Place(model, binding.value, bound[0]), depth + 1)
                elif binding.kind == "parameter":
                    yield from self._passed(model, bound[0], node.value, depth + 1)
        elif isinstance(node, cst.Attribute):
            function = model.functions.of_scope(scope)
            owner = function.owner if function is not None else None
            if owner is not None and function is not None and isinstance(node.value, cst.Name):
                if node.value.value == function.self_name:
                    yield from self._kept(model, owner, node.attr.value, depth + 1)

    def _kept(
        self, model: SemanticModel, owner: ClassInfo, name: str, depth: int
    ) -> Iterator[Place]:
        """What the writes to an attribute of self build."""
        for write in owner.find_writes(name):
            function = model.functions.by_node.get(write.method) if write.method else None
            if write.value is not None and function is not None:
                yield from self.built(Place(model, write.value, function.scope), depth)

    def _passed(self, model: SemanticModel, scope: Scope, name: str, depth: int) -> Iterator[Place]:
        """What the calls in the file pass for a parameter."""
        function = model.functions.by_node.get(scope.node)
        if function is None or depth > _MAX_DEPTH:
            return
        owner = function.owner if function.name == "__init__" else None
        called = owner.name if owner is not None else function.name
        is_called = False
        for node, at in model.names.scope_at.items():
            if isinstance(node, cst.Call) and tail_of(node.func) == called:
                if self._means(model, node, at, function, owner):
                    is_called = True
                    given = passed(function, node).get(name)
                    if given is not None:
                        yield from self.built(Place(model, given, at), depth)
        if not is_called:  # it is taken to get what is called so where it is handed on
            for at in handed_on(model, function):
                if at is not scope:
                    yield from self.built(Place(model, cst.Name(name), at), depth)

    def _means(
        self,
        model: SemanticModel,
        node: cst.Call,
        scope: Scope,
        function: FunctionInfo,
        owner: ClassInfo | None,
    ) -> bool:
        if owner is not None:
            return model.classes.resolve(node.func, scope) is owner
        found = self._function(model, node, scope)
        return found is not None and found[1] is function

    def _function(
        self, model: SemanticModel, call: cst.Call, scope: Scope
    ) -> tuple[SemanticModel, FunctionInfo] | None:
        """The function of the project that a call means."""
        if isinstance(call.func, cst.Name):
            bound = model.names.lookup(call.func.value, scope)
            nodes = [b.node for b in bound[1]] if bound is not None else []
            if bound is not None and [b.kind for b in bound[1]] == ["parameter"]:
                # A function that is given is taken for the one of the file that is called so.
                nodes = [b.node for b in model.names.module.bindings.get(call.func.value, ())]
            if len(nodes) == 1 and nodes[0] in model.functions.by_node:
                return model, model.functions.by_node[nodes[0]]
        own = model.functions.of_scope(scope)
        if own is not None and own.owner is not None and isinstance(call.func, cst.Attribute):
            if isinstance(call.func.value, cst.Name) and call.func.value.value == own.self_name:
                method = model.functions.of_method(own.owner, call.func.attr.value)
                return (model, method) if method is not None else None
        names = model.names.qualified(call.func, scope)
        found = model.project.function(names[0]) if len(names) == 1 else None
        other = self.file(found[0]) if found is not None else None
        function = other.function(found[1]) if other is not None and found is not None else None
        return (other, function) if other is not None and function is not None else None

    function_of = _function

    def file(self, path: str | None) -> SemanticModel | None:
        """Another file of the project with its meaning, of the few that one file may ask for."""
        if path is None:
            return None
        if path not in self._files:
            if len(self._files) >= _MAX_FILES:
                return None
            self._files[path] = model_of(path, self._model.catalog, 1)
        return self._files[path]

    def _class_depends(self, model: SemanticModel, owner: ClassInfo, depth: int) -> bool:
        """Whether a class has layers that depend on the mode, its own or of its bases."""
        if owner not in self._classes:
            self._classes[owner] = False  # for classes that build each other
            self._classes[owner] = any(
                self._body_depends(model, cls, depth) for cls in owner.lineage
            ) or any(self._base_depends(model, name, depth) for name in owner.foreign_bases)
        return self._classes[owner]

    def _base_depends(self, model: SemanticModel, name: str | None, depth: int) -> bool:
        definition = model.project.definition(name) if name is not None else None
        if definition is None or definition.meaning.kind != "class" or depth > _MAX_DEPTH:
            return False
        other = self.file(definition.module.file)
        found = other.classes if other is not None else ()
        return any(
            self._class_depends(other, cls, depth + 1)
            for cls in found
            if other is not None and cls.qualname == definition.meaning.name
        )

    def _body_depends(self, model: SemanticModel, owner: ClassInfo, depth: int) -> bool:
        for name, method in owner.methods.items():
            function = model.functions.by_node[method]
            for node in walk(method.body):
                if not isinstance(node, cst.Call):
                    continue
                place = Place(model, node, model.names.scope_at.get(node, function.scope))
                if name == "forward" and _follows_mode(place):
                    return True
                if not _is_rate_zero(node, function) and self.depends_on_mode(place, depth + 1):
                    return True
        return False


def _names_in(node: cst.CSTNode) -> set[str]:
    return {n.value for n in walk(node) if isinstance(n, cst.Name)}


def _follows_mode(place: Place) -> bool:
    """Whether a call of a dropout function is told the mode of the module."""
    names = place.model.names.qualified(_call(place).func, place.scope)
    if not any(place.model.catalog.function(name) for name in names):
        return False
    return any(tail_of(arg.value) == "training" for arg in _call(place).args)


def _call(place: Place) -> cst.Call:
    assert isinstance(place.node, cst.Call)
    return place.node


def _is_rate_zero(call: cst.Call, function: FunctionInfo) -> bool:
    """Whether some argument is a parameter of the constructor that is zero if nobody gives it."""
    defaults = {p.name.value: p.default for p in parameters_of(function.node) if p.default}
    return any(
        isinstance(arg.value, cst.Name)
        and arg.value.value in defaults
        and _is_no_rate(defaults[arg.value.value])
        and ("drop" in arg.value.value or tail_of(call.func).endswith(_DROPPING))
        for arg in call.args
    )


def _is_no_rate(node: cst.BaseExpression | None) -> bool:
    return node is not None and not may_drop(node)
