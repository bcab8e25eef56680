"""Options of a module's own ``forward`` that let it drop by default, and that nobody turns off.

``forward(x, resample=True)``: `eval()` does not reach a parameter, so somebody has to pass it. A
call that may do so is looked for in the file and in the files of its project; tests do not count.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from dropout_lint.semantics.facts.calling.nearby_files import NearbyFiles
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.imported_functions import Callee
from dropout_lint.semantics.sites.project_calls import ModeArguments
from dropout_lint.semantics.sites.site import Reached
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.readable import readable_text
from dropout_lint.vocabulary.modes import OTHER_OPTION_WORDS, speaks_of_mode
from dropout_lint.vocabulary.words import words

_MOST_READ = 40
_BOOLS = {"True": True, "False": False}
_ENTRIES = ("forward", "__call__")


@dataclass(frozen=True)
class ModeOption:
    """A parameter of ``forward`` with its default, and a drop that it lets run by default."""

    function: FunctionInfo
    parameter: cst.Param
    default: bool
    drop: Reached


def mode_options(model: SemanticModel) -> Iterator[ModeOption]:
    """The options of a file's modules by which they drop unless told otherwise."""
    if not (model.sites or model.drawn_sites):
        return
    for function in model.functions:
        if function.in_module and function.name in _ENTRIES:
            for parameter in function.parameters:
                option = _option(model, function, parameter)
                if option is not None and not _is_passed(model, option):
                    yield option


def _option(
    model: SemanticModel, function: FunctionInfo, parameter: cst.Param
) -> ModeOption | None:
    name, default = parameter.name.value, _bool(parameter.default)
    if default is None or words(name) & OTHER_OPTION_WORDS:
        return None
    callee, given = Callee(model, function), ModeArguments({})
    by_default = model.project_calls.reached(callee, given)
    if not by_default:
        return None
    otherwise = model.project_calls.reached(callee, given.with_flag(name, not default))
    found_anyway = {site.call or site.node for site in model.sites if site.always_active(False)}
    decided = {drop for drop in by_default - otherwise if drop.call not in found_anyway}
    if not decided:
        return None
    return ModeOption(function, parameter, default, min(decided, key=lambda drop: drop.order))


def _bool(node: cst.BaseExpression | None) -> bool | None:
    return _BOOLS.get(node.value) if isinstance(node, cst.Name) else None


def _is_passed(model: SemanticModel, option: ModeOption) -> bool:
    """Whether a call in the file or its project may pass the option."""
    passing = _Passing(option)
    if passing.in_text(model.tree.text, own=True):
        return True
    if model.path is None:
        return False
    nearby = NearbyFiles(model.path)
    paths = nearby.naming(passing.name) | nearby.using(passing.owner, [])
    return len(paths) > _MOST_READ or any(map(passing.in_file, nearby.nearest_first(paths)))


class _Passing:
    """Tells whether calls may pass one option to an instance of its class."""

    def __init__(self, option: ModeOption) -> None:
        assert option.function.owner is not None
        self.owner = option.function.owner.name
        self.name = option.parameter.name.value
        self._default = option.default
        names = [parameter.name.value for parameter in option.function.positional]
        self._at = names.index(self.name) if self.name in names else None

    def in_file(self, path: str) -> bool:
        """Whether a call in another file may; if that cannot be read, one may."""
        text = readable_text(path)
        return text is None or self.in_text(text, own=False)

    def in_text(self, text: str, *, own: bool) -> bool:
        """Whether a call in the text of a file may. ``own``: of the file with the class."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                nodes = list(ast.walk(ast.parse(text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return True
        known = {name for node in nodes for name in _functions(node)} - {*_ENTRIES}
        instances = {name for node in nodes for name in self._instances(node)}
        for node in nodes:
            if isinstance(node, ast.Call) and not {_root(node.func), _tail(node.func)} & known:
                if self._in_call(node, own, _tail(node.func) in instances):
                    return True
        return False

    def _in_call(self, call: ast.Call, own: bool, of_instance: bool) -> bool:
        for keyword in call.keywords:
            if keyword.arg == self.name:
                return getattr(keyword.value, "value", None) is not self._default
            if keyword.arg is None and own and _root(call.func) == "self":
                return True
        at = self._at
        if at is None or at >= len(call.args) or not (own or of_instance):
            return False
        argument = call.args[at]
        said = argument.value if isinstance(argument, ast.Constant) else _tail(argument)
        if isinstance(said, bool):
            return said is not self._default
        return isinstance(said, str) and (said == self.name or speaks_of_mode(said))

    def _instances(self, node: ast.AST) -> Iterator[str]:
        """The names that get an instance of the class."""
        if isinstance(node, ast.Assign) and any(
            isinstance(below, ast.Call) and _tail(below.func) == self.owner
            for below in ast.walk(node.value)
        ):
            for target in node.targets:
                yield from (_tail(each) for each in ast.walk(target))


def _functions(node: ast.AST) -> Iterator[str]:
    """The functions and classes that a node defines, or the names that it imports."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from ((each.asname or each.name).partition(".")[0] for each in node.names)


def _tail(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return _tail(node)
