"""The second stage: is there anything in the syntax tree that is not plainly fine?

As in the first stage, every mention of a member of the family has to have one of a few forms that
are known to be fine. Here scopes and expressions can be told apart, so there are more of them.
"""

from __future__ import annotations

import ast
from functools import cached_property

from dropout_lint.catalog import Catalog, CatalogFunction, ModuleClass
from dropout_lint.python_names import CONSTRUCTORS
from dropout_lint.screen.bases import is_module
from dropout_lint.screen.imports import family_of
from dropout_lint.screen.tree.aliases import Collected, Mention
from dropout_lint.screen.tree.collect import (
    FUNCTIONS,
    Around,
    Def,
    parameters_of,
    tail_of,
)
from dropout_lint.screen.tree.containers import Keeping
from dropout_lint.screen.tree.expressions import FLAGS, Expressions, Given
from dropout_lint.screen.tree.overrides import is_override
from dropout_lint.vocabulary.dropping import speaks_of_dropping
from dropout_lint.vocabulary.methods import is_general
from dropout_lint.vocabulary.modes import FLAG_PARAMETERS, speaks_of_mode

_HANDED_ON = frozenset({"Sequential", "append", "add_module", "ModuleList", "insert", "extend"})
_DEPTH = 5


def may_matter(tree: ast.Module, catalog: Catalog) -> bool:
    """Whether a file's syntax tree holds anything that is not plainly fine."""
    return _Screen(tree, catalog).run()


class _Screen:
    def __init__(self, tree: ast.Module, catalog: Catalog) -> None:
        self.catalog = catalog
        self.file = Collected(tree, family_of(catalog))
        self.values = Expressions(self.file)
        self.rates: set[str] = set()
        self._asked: list[Def] = []

    def run(self) -> bool:
        if any(self._matters(mention) for mention in self.file.mentions):
            return True
        if any(self._calls_imported(*use) for use in self.file.chains):
            return True
        if not self.has_module:
            return False
        if any(is_override(method, around) for method, around in self.file.methods):
            return True
        if any(self._takes_method(*met) for met in self.file.attributes):
            return True
        if any(self._sets_rate_to_zero(*met) for met in self.file.stores):
            return True
        matters = self.file.mentions or self.file.imports.layers
        return bool(matters) and Keeping(self.file).hides_modules()

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
            if _is_listed(mention):
                return False
            return self.has_module or self._is_called_with_flag(mention.node)
        given = Given(call)
        rate = given.get(row.rate.name, row.rate.position) if row.rate else None
        if rate is not None and self.values.may_be_flag(rate, mention.around, _DEPTH):
            return True
        if rate is not None:
            self.rates.add(tail_of(rate))
        if self.values.is_guarded(call, mention.around):
            return False
        if not self.has_module and not _may_be_helper(mention.around):
            return False
        if row.mode is None:
            if rate is None:
                return bool(row.rate and row.rate.default) or given.is_unclear
            return not self.values.follows(rate, mention.around, _DEPTH)
        flag = given.get(row.mode.name, row.mode.position)
        if flag is None:
            return given.is_unclear or (row.mode.default is True and not given.is_open)
        if not self.has_module:
            return False
        return not (
            self.values.follows(flag, mention.around, _DEPTH)
            or self.values.is_given(flag, mention.around)
        )

    def _is_called_with_flag(self, node: ast.expr) -> bool:
        """Whether what stands for a function is called with the mode as an argument."""
        names = self.file.standing_for(set(self.file.receivers(node)))
        return any(
            tail_of(call.func) in names
            and any(
                tail_of(below) in FLAGS or (isinstance(below, ast.Constant) and below.value is True)
                for argument in (*call.args, *(keyword.value for keyword in call.keywords))
                for below in ast.walk(argument)
            )
            for call, _ in self.file.calls
        )

    def _module(self, mention: Mention, row: ModuleClass) -> bool:
        """Whether a module class is used in a way that is not plainly fine."""
        if _is_listed(mention):
            return False
        if not self.has_module and not _may_be_helper(mention.around):
            return False
        call = mention.parent
        if row.functional is None and isinstance(call, (ast.Call, ast.keyword, ast.ClassDef)):
            return False  # only what keeps it in a container matters, see `Keeping`
        if not isinstance(call, ast.Call) or call.func is not mention.node:
            return not (_is_asked_about(mention) or isinstance(call, (ast.List, ast.Tuple)))
        return self._is_loose(call, self.file.parents[call], mention.around)

    def _is_loose(self, call: ast.Call, parent: ast.AST, around: Around) -> bool:
        """Whether a module is built where its mode may not be followed."""
        outer = around.outer
        if outer is None or isinstance(around.inner, ast.Lambda):
            return True
        if isinstance(parent, ast.Attribute) or (
            isinstance(parent, ast.Call) and parent.func is call
        ):
            return True
        if outer.name in CONSTRUCTORS:
            kept = isinstance(parent, (ast.Assign, ast.AnnAssign)) and not _targets_name(parent)
            return not kept and _has_closure(outer)
        if "forward" in outer.name or outer.name == "__call__" or around.inner is not outer:
            return True
        if any(self._is_loose_use(*use, outer) for use in self.file.uses(outer.name)):
            return True  # what it builds may be called at once
        if isinstance(parent, (ast.Return, ast.keyword)):
            return False
        while isinstance(parent, (ast.List, ast.Tuple)) or _is_ordered(parent):
            parent = self.file.parents[parent]
            if isinstance(parent, ast.Return):
                return False
        return not (isinstance(parent, ast.Call) and tail_of(parent.func) in _HANDED_ON)

    def _is_loose_use(self, node: ast.expr, parent: ast.AST, around: Around, maker: Def) -> bool:
        """Whether a function that builds a module is used where its mode may not be followed."""
        if around.outer is None or around.outer is maker or maker in self._asked:
            return False
        if "forward" in around.outer.name:
            return True
        if not isinstance(parent, ast.Call) or parent.func is not node:
            return False
        self._asked.append(maker)
        loose = self._is_loose(parent, self.file.parents[parent], around)
        self._asked.pop()
        return loose

    def _calls_imported(self, node: ast.expr, parent: ast.AST, around: Around) -> bool:
        """Whether a function of another file is called that may drop."""
        if around.outer is None or not isinstance(parent, ast.Call) or parent.func is not node:
            return False
        if around.outer.name in CONSTRUCTORS and around.inner is around.outer:
            return False
        if isinstance(node, ast.Name) and node.id in self.file.imports.drops:
            return True
        return speaks_of_dropping(tail_of(node)) and self.file.is_open(node)

    # --- train() and eval() -----------------------------------------------------------------

    def _takes_method(self, node: ast.Attribute, parent: ast.AST, around: Around) -> bool:
        """``if self.train:``."""
        if node.attr not in ("train", "eval") or not isinstance(node.value, ast.Name):
            return False
        return around.cls is not None and not (isinstance(parent, ast.Call) and parent.func is node)

    # --- rates ------------------------------------------------------------------------------

    def _sets_rate_to_zero(self, node: ast.Attribute, parent: ast.AST, around: Around) -> bool:
        """``self.dropout_p = 0`` somewhere but in a constructor."""
        if around.outer is None or around.outer.name in CONSTRUCTORS:
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


def _may_be_helper(around: Around) -> bool:
    """Whether code is in a function to which the modules of other files may leave the mode."""
    outer = around.outer
    return (
        outer is not None
        and not is_general(outer.name)
        and all(
            name in FLAG_PARAMETERS or not speaks_of_mode(name) for name, _ in parameters_of(outer)
        )
    )


def _is_listed(mention: Mention) -> bool:
    """``f is F.dropout``, ``{F.dropout: …}``: asked about and not used."""
    parent = mention.parent
    return isinstance(parent, (ast.Compare, ast.Set)) or (
        isinstance(parent, ast.Dict) and mention.node in parent.keys
    )


def _is_asked_about(mention: Mention) -> bool:
    """``isinstance(m, nn.Dropout)``."""
    parent = mention.parent
    return isinstance(parent, ast.Call) and tail_of(parent.func) in ("isinstance", "issubclass")


def _is_ordered(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and tail_of(node.func) == "OrderedDict"


def _targets_name(statement: ast.Assign | ast.AnnAssign) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return not all(isinstance(target, ast.Attribute) for target in targets)


def _has_closure(function: Def) -> bool:
    return any(
        node is not function and isinstance(node, (ast.Lambda, *FUNCTIONS))
        for node in ast.walk(function)
    )
