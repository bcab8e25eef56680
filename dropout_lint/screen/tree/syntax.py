"""The second stage: is there anything in the syntax tree that is not plainly fine?

As in the first stage, every mention of a member of the family has to have one of a few forms that
are known to be fine. Here scopes and expressions can be told apart, so there are more of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from dropout_lint.catalog import Catalog, CatalogFunction, ModuleClass
from dropout_lint.python_names import CONSTRUCTORS
from dropout_lint.screen.arguments import CallArguments
from dropout_lint.screen.bases import is_module
from dropout_lint.screen.imports import family_of
from dropout_lint.screen.known_names import MODE_METHODS, PASSING_ON
from dropout_lint.screen.tree.aliases import Mention, ResolvedFile
from dropout_lint.screen.tree.collect import (
    FUNCTIONS,
    Def,
    Enclosing,
    tail_of,
)
from dropout_lint.screen.tree.containers import KeptContainers
from dropout_lint.screen.tree.draws import Draws
from dropout_lint.screen.tree.drivers import may_drive
from dropout_lint.screen.tree.expressions import ModeValues, arguments_of
from dropout_lint.vocabulary.dropping import speaks_of_dropping

_DEPTH = 5


def may_matter(tree: ast.Module, catalog: Catalog) -> bool:
    """Whether a file's syntax tree holds anything that is not plainly fine."""
    return _Screen(tree, catalog).run()


class _Screen:
    def __init__(self, tree: ast.Module, catalog: Catalog) -> None:
        self.catalog = catalog
        self.file = ResolvedFile(tree, family_of(catalog))
        self.values = ModeValues(self.file)
        self.rates: set[str] = set()
        self.layers: set[str] = set()  # attributes that hold modules of the family

    def run(self) -> bool:
        if any(self._matters(mention) for mention in self.file.mentions):
            return True
        if any(self._calls_project_function(*use) for use in self.file.chains):
            return True
        if any(_names_method(*use) for use in self.file.attributes) or may_drive(self.file):
            return True
        if Draws(self.file, self.values).matter():
            return True
        if not self.has_module:
            return False
        if any(self._is_override(method, scope) for method, scope in self.file.methods):
            return True
        if any(self._tells(call, scope) for call, scope in self.file.calls):
            return True
        if any(self._hides_or_sets(*use) for use in self.file.stores):
            return True
        if any(self._takes_method(*use) for use in self.file.attributes):
            return True
        if any(self._sets_rate_to_zero(*use) for use in self.file.stores):
            return True
        if any(self._is_thrown_away(call) for call, _ in self.file.calls):
            return True
        matters = self.file.mentions or self.file.imports.layers
        return bool(matters) and KeptContainers(self.file).hides_modules()

    @cached_property
    def has_module(self) -> bool:
        """Whether some class may be an ``nn.Module``."""
        file = self.file
        looks = any(method.name == "forward" for method, _ in file.methods) or any(
            node.attr == "training" for node, _, _ in file.attributes
        )
        for cls in file.classes:
            for base in cls.bases:
                if isinstance(base, ast.Subscript):
                    base = base.value
                name = tail_of(base)
                if not name or file.is_open(base):
                    return True
                if is_module(name, file.names_of(base), file.family, looks):
                    return True
        return False

    # --- mentions ---------------------------------------------------------------------------

    def _matters(self, mention: Mention) -> bool:
        return any(
            self._function(mention, row)
            if (row := self.catalog.functions.get(name)) is not None
            else self._module(mention, self.catalog.modules[name])
            for name in mention.members
        )

    def _function(self, mention: Mention, row: CatalogFunction) -> bool:
        """Whether a function is used in a way that is not plainly fine."""
        call = mention.parent
        if not isinstance(call, ast.Call) or call.func is not mention.node:
            return True
        if isinstance(self.file.parents[call], ast.Expr):
            return True
        given = arguments_of(call)
        rate = given.get(row.rate.name, row.rate.position) if row.rate else None
        if rate is not None and self.values.may_be_flag(rate):
            return True
        if rate is not None:
            self.rates.add(tail_of(rate))
        if self._is_off(given, row, mention.scope):
            return True
        if self.values.is_guarded(call, mention.scope):
            return False
        if row.mode is None:
            if rate is None:
                return bool(row.rate and row.rate.default) or given.is_unclear
            return not self.values.follows(rate, mention.scope, _DEPTH)
        flag = given.get(row.mode.name, row.mode.position)
        if flag is None:
            return given.is_unclear or (row.mode.default is True and not given.is_open)
        if not self.has_module:
            return self.values.may_be_constant(flag, mention.scope)
        return not (
            self.values.follows(flag, mention.scope, _DEPTH)
            or self.values.is_set_from_outside(flag, mention.scope)
        )

    def _is_off(
        self, given: CallArguments[ast.expr], row: CatalogFunction, scope: Enclosing
    ) -> bool:
        """Whether a call of a module's method may be off in train mode, too."""
        if row.mode is None or not self.has_module:
            return False
        flag = given.get(row.mode.name, row.mode.position)
        if flag is None:
            return row.mode.default is False and not given.is_open
        return self.values.may_be_false(flag, scope)

    def _module(self, mention: Mention, row: ModuleClass) -> bool:
        """Whether a module class is used in a way that is not plainly fine."""
        call = mention.parent
        if row.functional is None and isinstance(call, (ast.Call, ast.keyword, ast.ClassDef)):
            # Else only what keeps it in a container matters, see `KeptContainers`.
            return self._is_called_where_built(call, mention)
        if not isinstance(call, ast.Call) or call.func is not mention.node:
            return not (_is_asked_about(mention) or isinstance(call, (ast.List, ast.Tuple)))
        return self._may_miss_mode(call, self.file.parents[call], mention.scope)

    def _is_called_where_built(self, call: ast.AST, mention: Mention) -> bool:
        """Whether a module is built by a call, and its function calls it."""
        if not isinstance(call, ast.Call) or call.func is not mention.node:
            return False
        parent = self.file.parents[call]
        if isinstance(parent, ast.Attribute):
            return True
        if isinstance(parent, ast.Call):
            return parent.func is call
        while isinstance(parent, (ast.IfExp, ast.BoolOp)):
            parent = self.file.parents[parent]
        if not isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
            return False
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        return any(
            isinstance(use, ast.Call) and use.func is node
            for name in names
            for node, use, _ in self.file.uses(name)
        )

    def _may_miss_mode(self, call: ast.Call, parent: ast.AST, scope: Enclosing) -> bool:
        """Whether the mode of the model may not reach a module that is built here."""
        outer = scope.outer
        if outer is None or isinstance(scope.inner, ast.Lambda):
            return True
        if isinstance(parent, ast.Attribute) or (
            isinstance(parent, ast.Call) and parent.func is call
        ):
            return True
        if outer.name in CONSTRUCTORS:
            self.layers.update(self._attributes_given(call))
            kept = isinstance(parent, (ast.Assign, ast.AnnAssign)) and not _targets_name(parent)
            return not kept and _has_closure(outer)
        if "forward" in outer.name or outer.name == "__call__" or scope.inner is not outer:
            return True
        if outer.name in self.file.used:
            return True  # what it builds may be called at once
        if isinstance(parent, (ast.Return, ast.keyword)):
            return False
        while isinstance(parent, (ast.List, ast.Tuple)):
            parent = self.file.parents[parent]
            if isinstance(parent, ast.Return):
                return False
        return not (isinstance(parent, ast.Call) and tail_of(parent.func) in PASSING_ON)

    def _attributes_given(self, at: ast.AST) -> Iterator[str]:
        """The attributes that the statement around a call assigns to."""
        while isinstance(at, ast.expr):
            at = self.file.parents[at]
        if isinstance(at, (ast.Assign, ast.AnnAssign)):
            targets = at.targets if isinstance(at, ast.Assign) else [at.target]
            yield from (target.attr for target in targets if isinstance(target, ast.Attribute))

    def _is_thrown_away(self, call: ast.Call) -> bool:
        """``self.drop(x)`` as a statement."""
        is_layer = isinstance(call.func, ast.Attribute) and call.func.attr in self.layers
        return is_layer and isinstance(self.file.parents[call], ast.Expr)

    def _calls_project_function(self, node: ast.expr, parent: ast.AST, scope: Enclosing) -> bool:
        """Whether a function of another file is called that may drop."""
        if scope.outer is None or not isinstance(parent, ast.Call) or parent.func is not node:
            return False
        if scope.outer.name in CONSTRUCTORS and scope.inner is scope.outer:
            return False
        if isinstance(node, ast.Name) and node.id in self.file.imports.drops:
            return True
        return speaks_of_dropping(tail_of(node)) and self.file.is_open(node)

    # --- train() and eval() -----------------------------------------------------------------

    def _takes_method(self, node: ast.Attribute, parent: ast.AST, scope: Enclosing) -> bool:
        """``if self.train:``."""
        if node.attr not in MODE_METHODS or not isinstance(node.value, ast.Name):
            return False
        return scope.cls is not None and not (isinstance(parent, ast.Call) and parent.func is node)

    def _is_override(self, method: Def, scope: Enclosing) -> bool:
        """Whether a method overrides ``train`` or ``eval``."""
        if method.name not in MODE_METHODS or not (scope.cls and scope.cls.bases):
            return False
        if any(tail_of(d).endswith(("classmethod", "staticmethod")) for d in method.decorator_list):
            return False
        return _is_called_alike(method) or self._is_in_module(scope)

    def _tells(self, call: ast.Call, scope: Enclosing) -> bool:
        """``x.train()`` or ``self.eval()`` in a method of a module that is no override."""
        func = call.func
        if not isinstance(func, ast.Attribute) or not self._runs(scope):
            return False
        if func.attr == "eval":
            return isinstance(func.value, (ast.Name, ast.Call)) and not call.args
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        return func.attr == "train" and (not given or _is_true(given[0]))

    def _hides_or_sets(self, node: ast.Attribute, parent: ast.AST, scope: Enclosing) -> bool:
        """``self.train = …`` in a module, or ``x.training = True`` while it runs."""
        if node.attr in MODE_METHODS:
            return isinstance(node.value, ast.Name) and self._is_in_module(scope)
        value = getattr(parent, "value", None)
        return node.attr == "training" and self._runs(scope) and _is_true(value)

    def _runs(self, scope: Enclosing) -> bool:
        """Whether a method of a module is around, and no constructor and no override."""
        if scope.outer is None or scope.outer.name in (*CONSTRUCTORS, *MODE_METHODS):
            return False
        return self._is_in_module(scope)

    def _is_in_module(self, scope: Enclosing) -> bool:
        """Whether a class around may be an ``nn.Module`` by its bases."""
        return any(self._may_be_module(cls, _DEPTH) for cls in scope.classes())

    def _may_be_module(self, cls: ast.ClassDef, depth: int) -> bool:
        for base in cls.bases:
            if isinstance(base, ast.Subscript):
                base = base.value
            name = tail_of(base)
            local = [c for c in self.file.classes if c.name == name and c is not cls]
            if not name or not depth or self.file.is_open(base):
                return True
            if any(self._may_be_module(c, depth - 1) for c in local):
                return True
            if is_module(name, self.file.names_of(base), self.file.family, False):
                return True
        # What it is mixed into may be a module.
        return not cls.bases and any(
            tail_of(base) == cls.name for other in self.file.classes for base in other.bases
        )

    # --- rates ------------------------------------------------------------------------------

    def _sets_rate_to_zero(self, node: ast.Attribute, parent: ast.AST, scope: Enclosing) -> bool:
        """``self.dropout_p = 0`` somewhere but in a constructor."""
        if scope.outer is None or scope.outer.name in CONSTRUCTORS:
            return False
        if "drop" not in node.attr.lower() and node.attr not in self.rates:
            return False
        at: ast.AST = node
        while isinstance(at, ast.expr):
            at = self.file.parents[at]
        value = getattr(at, "value", None)
        return isinstance(value, ast.AST) and any(
            isinstance(below, ast.Constant)
            and isinstance(below.value, (int, float))
            and not below.value
            for below in ast.walk(value)
        )


def _is_called_alike(method: Def) -> bool:
    """Whether a method may be called as nn.Module's ``train`` or ``eval`` is."""
    if method.args.kwonlyargs:
        return False
    placed = len([*method.args.posonlyargs, *method.args.args])
    if method.args.vararg or method.args.kwarg:
        return placed == 1
    return placed == 1 or (placed == 2 and method.name == "train")


def _is_true(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _names_method(node: ast.Attribute, parent: ast.AST, scope: Enclosing) -> bool:
    """``model.eval`` as a whole statement."""
    return isinstance(parent, ast.Expr) and node.attr in MODE_METHODS


def _is_asked_about(mention: Mention) -> bool:
    """``isinstance(m, nn.Dropout)``."""
    parent = mention.parent
    return isinstance(parent, ast.Call) and tail_of(parent.func) in ("isinstance", "issubclass")


def _targets_name(statement: ast.Assign | ast.AnnAssign) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return not all(isinstance(target, ast.Attribute) for target in targets)


def _has_closure(function: Def) -> bool:
    return any(
        node is not function and isinstance(node, (ast.Lambda, *FUNCTIONS))
        for node in ast.walk(function)
    )
