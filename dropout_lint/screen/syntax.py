"""The second stage: is there anything in the syntax tree that is not plainly fine?

As in the first stage, every mention of a member of the family has to have one of a few forms that
are known to be fine. Here scopes and expressions can be told apart, so there are more of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from dropout_lint.catalog import Catalog, Function
from dropout_lint.screen.collect import (
    FUNCTIONS,
    Around,
    Collected,
    Def,
    Mention,
    Use,
    parameters_of,
    tail_of,
)
from dropout_lint.screen.imports import family_of
from dropout_lint.screen.keeping import Keeping
from dropout_lint.semantics.frameworks import MODULE_BASES, is_module_base

_FLAGS = frozenset({"training", "train", "is_training", "is_train", "eval"})
BUILDERS = frozenset({"__init__", "__new__", "__post_init__"})
_HANDED_ON = frozenset({"Sequential", "append", "add_module", "ModuleList", "insert", "extend"})
_DEPTH = 5
MODULE_NAMES = {name for names in MODULE_BASES.values() for name in names} | {"Module"}


def may_matter(tree: ast.Module, catalog: Catalog) -> bool:
    """Whether a file's syntax tree holds anything that is not plainly fine."""
    return _Screen(tree, catalog).run()


class _Screen:
    def __init__(self, tree: ast.Module, catalog: Catalog) -> None:
        self.catalog = catalog
        self.file = Collected(tree, family_of(catalog))
        self.rates: set[str] = set()

    def run(self) -> bool:
        if any(self._matters(mention) for mention in self.file.mentions):
            return True
        if not self.has_module:
            return False
        if any(self._is_override(method, around) for method, around in self.file.methods):
            return True
        if any(self._takes_method(*met) for met in self.file.attributes):
            return True
        if any(self._sets_rate_to_zero(*met) for met in self.file.stores):
            return True
        return bool(self.file.mentions) and Keeping(self.file, self._makers).hides_modules()

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
                if looks and name not in ("object", "Exception"):
                    return True
                if name in MODULE_NAMES or any(map(is_module_base, file.names_of(base))):
                    return True
                if file.may_be_of_project(base):
                    return True
                if not name or self.catalog.module_bases:
                    return True
        return False

    # --- mentions ---------------------------------------------------------------------------

    def _matters(self, mention: Mention) -> bool:
        return any(
            self._function(mention, row)
            if (row := self.catalog.functions.get(name)) is not None
            else self._module(mention)
            for name in mention.members
        )

    def _function(self, mention: Mention, row: Function) -> bool:
        """Whether a function is used in a way that is not plainly fine."""
        call = mention.parent
        if not isinstance(call, ast.Call) or call.func is not mention.node:
            if _is_listed(mention):
                return False
            return self.has_module or self._is_called_with_flag(mention.node)
        given = _Given(call)
        rate = given.get(row.rate.name, row.rate.position) if row.rate else None
        if rate is not None and self._may_be_flag(rate, mention.around, _DEPTH):
            return True
        if rate is not None:
            self.rates.add(tail_of(rate))
        if not self.has_module or self._is_guarded(call, mention.around):
            return False
        if row.mode is None:
            if rate is None:
                return bool(row.rate and row.rate.default) or given.is_unclear
            return not self._follows(rate, mention.around, _DEPTH)
        flag = given.get(row.mode.name, row.mode.position)
        if flag is None:
            return given.is_unclear or (row.mode.default is True and not given.is_open)
        return not self._follows(flag, mention.around, _DEPTH)

    def _is_called_with_flag(self, node: ast.expr) -> bool:
        """Whether what stands for a function is called with the mode as an argument."""
        names = self.file.standing_for(set(self.file.receivers(node)))
        return any(
            isinstance(call, ast.Call)
            and tail_of(call.func) in names
            and any(
                tail_of(below) in _FLAGS
                or (isinstance(below, ast.Constant) and below.value is True)
                for argument in (*call.args, *(keyword.value for keyword in call.keywords))
                for below in ast.walk(argument)
            )
            for call in self.file.parents
        )

    def _module(self, mention: Mention) -> bool:
        """Whether a module class is used in a way that is not plainly fine."""
        if not self.has_module or _is_listed(mention):
            return False
        call = mention.parent
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
        if outer.name in BUILDERS:
            kept = isinstance(parent, (ast.Assign, ast.AnnAssign)) and not _targets_name(parent)
            return not kept and _has_closure(outer)
        if "forward" in outer.name or outer.name == "__call__" or around.inner is not outer:
            return True
        if any(
            "forward" in use[2].outer.name for use in self.file.uses(outer.name) if use[2].outer
        ):
            return True  # what it builds may be called at once
        if isinstance(parent, (ast.Return, ast.keyword)):
            return False
        if isinstance(parent, (ast.List, ast.Tuple)):
            parent = self.file.parents[parent]
            if isinstance(parent, ast.Return):
                return False
        return not (isinstance(parent, ast.Call) and tail_of(parent.func) in _HANDED_ON)

    @cached_property
    def _makers(self) -> set[str]:
        """The functions that build modules of the family for others."""
        return {
            mention.around.outer.name
            for mention in self.file.mentions
            if mention.around.outer is not None and mention.around.outer.name not in BUILDERS
        }

    # --- expressions ------------------------------------------------------------------------

    def _follows(self, node: ast.expr, around: Around, depth: int) -> bool:
        """Whether a flag or rate is plainly off in eval mode, or up to a caller elsewhere."""
        if isinstance(node, ast.Constant):
            return not node.value
        if _is_mode(node):
            return not self.sets_flag
        if isinstance(node, ast.IfExp):
            on, off = node.body, node.orelse
            test = node.test
            if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
                test, off = test.operand, on
            return self._follows(test, around, 0) and self._follows(off, around, 0)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            return any(self._follows(value, around, 0) for value in node.values)
        if isinstance(node, ast.Name) and depth:
            values = self._values(node.id, around)
            if values is None:
                return self._is_callers(node.id, around, depth)
            return all(self._follows(value, around, depth - 1) for value in values)
        return False

    def _values(self, name: str, around: Around) -> list[ast.expr] | None:
        """All that a local variable is plainly assigned; None if it is none."""
        function = around.inner
        if function is None or isinstance(function, ast.Lambda):
            return None
        values: list[ast.expr] = []
        stores = 0
        for node in ast.walk(function):
            if (
                isinstance(node, ast.Name)
                and node.id == name
                and not isinstance(node.ctx, ast.Load)
            ):
                stores += 1
                parent = self.file.parents[node]
                plain = isinstance(parent, ast.Assign) and len(parent.targets) == 1
                if plain or (isinstance(parent, ast.AnnAssign) and parent.value is not None):
                    values.append(parent.value)  # type: ignore[attr-defined]
            elif isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names:
                stores += 1
        if not stores or any(name == parameter for parameter, _ in parameters_of(function)):
            return None
        return values if len(values) == stores else [ast.Constant(value=True)]

    def _is_callers(self, name: str, around: Around, depth: int) -> bool:
        """Whether it is a parameter that is left to callers elsewhere, or is fine in all calls."""
        function = around.inner
        if function is None or isinstance(function, ast.Lambda) or function is not around.outer:
            return False
        parameters = parameters_of(function)
        if any(
            d is not None and (not isinstance(d, ast.Constant) or d.value) for _, d in parameters
        ):
            return False
        names = [parameter for parameter, _ in parameters]
        if name not in names or any(
            isinstance(below, ast.Name) and below.id == name and not isinstance(below.ctx, ast.Load)
            for below in ast.walk(function)
        ):
            return False
        if function.name not in self.file.used:
            return True
        if around.cls is not None or function.args.vararg or function.args.kwarg:
            return False
        position = names.index(name)
        return depth > 0 and all(
            self._gives_fine(use, name, position, depth) for use in self.file.uses(function.name)
        )

    def _gives_fine(self, use: Use, name: str, position: int, depth: int) -> bool:
        """Whether a use of a function is a call that hands something plainly fine over."""
        node, call, around = use
        if (
            not isinstance(node, ast.Name)
            or not isinstance(call, ast.Call)
            or call.func is not node
        ):
            return False
        given = _Given(call)
        value = given.get(name, position)
        if given.is_open or value is None or self._may_be_flag(value, around, depth):
            # What follows the mode is fine as a flag, and as a rate it is a finding of its own.
            return not given.is_open and value is not None and name in _FLAGS and _is_mode(value)
        return self._follows(value, around, depth - 1)

    def _is_guarded(self, node: ast.AST, around: Around) -> bool:
        """Whether something runs under ``if self.training:`` only."""
        while node is not around.inner and not isinstance(node, (ast.Module, ast.ClassDef)):
            below, node = node, self.file.parents[node]
            if (isinstance(node, ast.If) and below in node.body) or (
                isinstance(node, ast.IfExp) and below is node.body
            ):
                if self._follows(node.test, around, 0):
                    return True
            elif isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
                return False
        return False

    def _may_be_flag(self, node: ast.expr, around: Around, depth: int) -> bool:
        """Whether a rate may be the mode itself."""
        if isinstance(node, ast.Constant):
            return node.value is True
        if isinstance(node, (ast.IfExp, ast.BoolOp)):
            parts = [node.body, node.orelse] if isinstance(node, ast.IfExp) else node.values
            return any(self._may_be_flag(part, around, depth) for part in parts)
        if isinstance(node, (ast.Name, ast.Attribute)):
            name = tail_of(node)
            if name in _FLAGS:
                return True
            return name in self._named_flags
        return isinstance(node, (ast.UnaryOp, ast.Compare, ast.NamedExpr)) and any(
            tail_of(below) in _FLAGS for below in ast.walk(node)
        )

    @cached_property
    def _named_flags(self) -> set[str]:
        """What is set to the mode, or gets it as an argument: names that may stand for it."""
        found: set[str] = set()
        for node, _, _ in self.file.attributes:
            if node.attr in _FLAGS:
                found.update(self._names_given(node))
        return found

    def _names_given(self, at: ast.AST) -> Iterator[str]:
        """The names that come to stand for the value of an expression."""
        below: ast.AST
        while isinstance(at, (ast.expr, ast.keyword)):
            below, at = at, self.file.parents[at]
            if isinstance(at, ast.BinOp) or (isinstance(at, ast.IfExp) and at.test is below):
                return
            if isinstance(at, ast.NamedExpr):
                yield tail_of(at.target)
            if isinstance(at, ast.Call) and tail_of(at.func) != "bool":
                if tail_of(at.func) not in self.file.family.tails:
                    yield from self.file.receiving(at, below)
                return
        if isinstance(at, (ast.Assign, ast.AnnAssign)):
            for node in ast.walk(at):
                if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Store):
                    yield tail_of(node)
        elif isinstance(at, ast.Return):
            while not isinstance(at, (*FUNCTIONS, ast.Module)):
                at = self.file.parents[at]
            if not isinstance(at, ast.Module):
                yield at.name

    @cached_property
    def sets_flag(self) -> bool:
        """Whether ``training`` is set somewhere, or is something else than nn.Module's."""
        if any(node.attr == "training" for node, _, _ in self.file.stores):
            return True
        return any(method.name == "training" for method, _ in self.file.methods) or any(
            isinstance(node, ast.Name)
            and node.id == "training"
            and not isinstance(node.ctx, ast.Load)
            for cls in self.file.classes
            for statement in cls.body
            if isinstance(statement, (ast.Assign, ast.AnnAssign))
            for node in ast.walk(statement)
        )

    # --- train() and eval() -----------------------------------------------------------------

    def _is_override(self, method: Def, around: Around) -> bool:
        """Whether a method overrides ``train`` or ``eval`` in another than the usual way."""
        if method.name not in ("train", "eval") or not (around.cls and around.cls.bases):
            return False
        parameters = [name for name, _ in parameters_of(method)]
        if method.args.kwonlyargs or method.args.vararg or method.args.kwarg:
            return False
        if len(parameters) != (2 if method.name == "train" else 1):
            return method.name == "train" and len(parameters) == 1
        return not _hands_mode_on(method, parameters)

    def _takes_method(self, node: ast.Attribute, parent: ast.AST, around: Around) -> bool:
        """``if self.train:``."""
        if node.attr not in ("train", "eval") or not isinstance(node.value, ast.Name):
            return False
        return around.cls is not None and not (isinstance(parent, ast.Call) and parent.func is node)

    # --- rates ------------------------------------------------------------------------------

    def _sets_rate_to_zero(self, node: ast.Attribute, parent: ast.AST, around: Around) -> bool:
        """``self.dropout_p = 0`` somewhere but in a constructor."""
        if around.outer is None or around.outer.name in BUILDERS:
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


class _Given:
    """The arguments of one call.

    ``is_open`` says that a star may hold what is missing, ``is_unclear`` that the star is no plain
    name, whose content somebody might look up.
    """

    def __init__(self, call: ast.Call) -> None:
        stars = [arg.value for arg in call.args if isinstance(arg, ast.Starred)]
        stars += [keyword.value for keyword in call.keywords if keyword.arg is None]
        self.is_open = bool(stars)
        self.is_unclear = any(not isinstance(star, ast.Name) for star in stars)
        self.named = {k.arg: k.value for k in call.keywords if k.arg is not None}
        self.placed: list[ast.expr] = []
        for argument in call.args:
            if isinstance(argument, ast.Starred):
                break
            self.placed.append(argument)

    def get(self, name: str, position: int | None) -> ast.expr | None:
        if name in self.named or position is None or position >= len(self.placed):
            return self.named.get(name)
        return self.placed[position]


def _is_mode(node: ast.AST) -> bool:
    """``self.training``."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "training"
        and isinstance(node.value, ast.Name)
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


def _targets_name(statement: ast.Assign | ast.AnnAssign) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return not all(isinstance(target, ast.Attribute) for target in targets)


def _has_closure(function: Def) -> bool:
    return any(
        node is not function and isinstance(node, (ast.Lambda, *FUNCTIONS))
        for node in ast.walk(function)
    )


def _hands_mode_on(method: Def, parameters: list[str]) -> bool:
    """``super().train(mode)`` or ``self.training = mode`` for sure, and a ``return`` at the end."""
    own, mode = parameters[0], parameters[1:]
    last = method.body[-1]
    if not isinstance(last, ast.Return) or last.value is None:
        return False
    stores: list[str] = []
    for node in ast.walk(method):
        if isinstance(node, ast.Return) and node is not last:
            return False
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            stores.append(node.id)
    if set(stores) & set(parameters):
        return False
    if _is_super_call(last.value, method.name, mode) or _is_train_false(
        last.value, own, method.name
    ):
        return True
    for statement in method.body:
        result = _sets_mode(statement, method.name, own, mode)
        if result is not None:
            return tail_of(last.value) in (own, result) and stores.count(result) <= 1
    return False


def _sets_mode(statement: ast.stmt, name: str, own: str, mode: list[str]) -> str | None:
    """The name of what a statement that sets the mode leaves behind: the module itself."""
    if isinstance(statement, ast.Expr):
        return own if _is_super_call(statement.value, name, mode) else None
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Name):
        return target.id if _is_super_call(value, name, mode) else None
    is_flag = (
        _is_mode(target) and isinstance(target, ast.Attribute) and tail_of(target.value) == own
    )
    return own if is_flag and mode and tail_of(value) == mode[0] else None


def _is_train_false(node: ast.expr, own: str, name: str) -> bool:
    """``self.train(False)``, which is what ``eval()`` is."""
    return (
        name == "eval"
        and isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "train"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == own
        and [isinstance(a, ast.Constant) and a.value for a in node.args] == [False]
    )


def _is_super_call(node: ast.expr, name: str, mode: list[str]) -> bool:
    """``super().train(mode)``, ``super().eval()``."""
    if not isinstance(node, ast.Call) or tail_of(node.func) != name:
        return False
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    if not isinstance(receiver, ast.Call) or tail_of(receiver.func) != "super":
        return False
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return [tail_of(argument) for argument in given] == mode
