"""What a script does with models, in order: forward and backward passes, and calls of the mode.

A function that is called is read in the place of the call, so that `evaluate(model)` is the
`eval()` in it. Who is meant is a `Key`: the local name, global name or attribute of self that a
model is first known by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import libcst as cst

from dropout_lint.semantics.driving.around import (
    ends,
    has_plain_decorators,
    is_end,
    is_no_grad,
    is_one_turn,
    runs_without_grad,
)
from dropout_lint.semantics.driving.builds import Builds
from dropout_lint.semantics.driving.places import SAME_MODULE, Place, passed
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import assigned, chain_of, children, dotted_name, tail_of
from dropout_lint.vocabulary.driving import (
    leaves_modes_alone,
    speaks_of_evaluating,
    speaks_of_setting_modes,
)

# The scope or class that a model is known in, and its path there.
Key: TypeAlias = "tuple[object, ...]"
# `unsure` stands for something that may put a model into train mode; without a key: any model.
Kind: TypeAlias = Literal["forward", "backward", "train", "eval", "unsure", "end"]
Loop: TypeAlias = "cst.For | cst.While"

_NESTED = (cst.FunctionDef, cst.ClassDef, cst.Lambda)
_MAX_DEPTH = 4
_MAX_EVENTS = 3000
# How many calls of functions are read for one function, those in them included.
_MAX_CALLS = 500
# Functions of Python and torch that do nothing to the mode of what they are given.
_READERS = frozenset("print len id type isinstance hasattr getattr callable next iter zip".split())


@dataclass(frozen=True, eq=False)
class Event:
    """Something that happens to a model.

    ``node`` is where, in the function that is read; ``loops`` are the loops around, outermost
    first, of called functions too; ``direct`` says that it stands there itself; ``once`` that an
    ``if`` on one turn of the loop, or the end of it, goes with it.
    """

    kind: Kind
    key: Key | None
    node: cst.CSTNode
    loops: tuple[cst.CSTNode, ...]
    direct: bool
    once: bool


@dataclass
class _Frame:
    """One function that is being read: where, with what, and for which place of the first one."""

    model: SemanticModel
    scope: Scope
    keys: Mapping[str, Key | None]  # of its parameters
    own: Key | None  # of self
    at: cst.CSTNode | None = None
    outer_loops: tuple[cst.CSTNode, ...] = ()
    depth: int = 0
    loops: list[cst.CSTNode] = field(default_factory=list)
    once: bool = False
    no_grad: bool = False


class Events:
    """The events of the functions of one file."""

    def __init__(self, model: SemanticModel, builds: Builds) -> None:
        self._model = model
        self._builds = builds
        self._found: list[Event] = []
        self._calls_left = 0
        self._leaving: dict[cst.CSTNode, set[cst.CSTNode]] = {}

    def of(self, scope: Scope) -> list[Event]:
        """What the code of a function, or of the top level, does."""
        self._found = []
        self._calls_left = _MAX_CALLS
        function = self._model.functions.of_scope(scope)
        own = (function.owner,) if function is not None and function.owner is not None else None
        frame = _Frame(self._model, scope, {}, own)
        body = scope.node.body if isinstance(scope.node, cst.FunctionDef) else scope.node
        self._read(frame, body)
        return self._found

    # --- statements --------------------------------------------------------------------------

    def _read(self, frame: _Frame, node: cst.CSTNode) -> None:
        if isinstance(node, _NESTED) or len(self._found) > _MAX_EVENTS:
            return
        if isinstance(node, (cst.For, cst.While)):
            self._read(frame, node.iter if isinstance(node, cst.For) else node.test)
            frame.loops.append(node)
            self._read(frame, node.body)
            frame.loops.pop()
            if node.orelse is not None:
                self._read(frame, node.orelse)
        elif isinstance(node, cst.If):
            self._read(frame, node.test)
            before = frame.once
            frame.once = before or is_one_turn(node.test) or ends(node.body)
            self._read(frame, node.body)
            frame.once = before
            if node.orelse is not None:
                self._read(frame, node.orelse)
        elif isinstance(node, cst.With):
            before = frame.no_grad
            for item in node.items:
                self._read(frame, item.item)
                frame.no_grad = frame.no_grad or is_no_grad(item.item)
            self._read(frame, node.body)
            frame.no_grad = before
        elif isinstance(node, (cst.Assign, cst.AnnAssign)):
            for child in reversed(children(node)):
                self._read(frame, child)
            self._store(frame, node)
        else:
            for child in children(node):
                self._read(frame, child)
            if isinstance(node, cst.Call):
                self._call(frame, node)

    def _store(self, frame: _Frame, node: cst.Assign | cst.AnnAssign) -> None:
        """``model.training = …``."""
        for target in assigned(node):
            if isinstance(target, cst.Attribute) and target.attr.value == "training":
                self._add(frame, "unsure", self._key(frame, target.value), node)

    # --- calls -------------------------------------------------------------------------------

    def _call(self, frame: _Frame, node: cst.Call) -> None:
        func = node.func
        if isinstance(func, cst.Attribute):
            name = func.attr.value
            if name in ("train", "eval") and self._sets_mode(frame, node, func):
                return
            if name == "backward":
                self._add(frame, "backward", None, node)
                return
        if self._inlined(frame, node):
            return
        self._forward(frame, node)
        if not self._is_harmless(frame, node):
            for arg in node.args:
                key = self._key(frame, arg.value)
                if key is not None:
                    self._add(frame, "unsure", key, node)

    def _sets_mode(self, frame: _Frame, node: cst.Call, func: cst.Attribute) -> bool:
        """Note ``model.train()``, ``model.eval()`` or ``model.train(flag)``."""
        off = func.attr.value == "eval" and not node.args
        on = func.attr.value == "train" and len(node.args) <= 1
        if not (on or off):
            return False
        if node.args:
            value = node.args[0].value
            off = tail_of(value) == "False"
        base = func.value
        if isinstance(base, cst.Call) and isinstance(base.func, cst.Attribute):
            base = base.func.value if base.func.attr.value in SAME_MODULE else base
        key = self._key(frame, base)
        if key is None and off:
            return True
        if _is_of_several(frame, base):
            key = None
        self._add(frame, "eval" if off else "train", key, node)
        return True

    def _forward(self, frame: _Frame, node: cst.Call) -> None:
        """Note a call of a model or of a method that may run it."""
        if frame.no_grad:
            return
        key = self._key(frame, node.func)
        if isinstance(node.func, cst.Attribute):
            name = node.func.attr.value
            base = self._key(frame, node.func.value)
            if name in SAME_MODULE or name in _KEEPING:
                return
            if base is not None:
                kind: Kind = "unsure" if speaks_of_setting_modes(name) else "forward"
                self._add(frame, kind, base, node)
        if key is not None:
            self._add(frame, "forward", key, node)

    def _is_harmless(self, frame: _Frame, node: cst.Call) -> bool:
        """Whether a call that is not read surely leaves the modes of its arguments."""
        tail = tail_of(node.func)
        if tail in _READERS or leaves_modes_alone(tail):
            return True
        names = frame.model.names.qualified(node.func, frame.scope)
        return bool(names) and all(name.partition(".")[0] == "torch" for name in names)

    # --- called functions --------------------------------------------------------------------

    def _inlined(self, frame: _Frame, node: cst.Call) -> bool:
        """Read the function that a call means, if it is one of the project."""
        own = self._own_method(frame, node)
        if own is None and not isinstance(node.func, cst.Name):
            if not speaks_of_evaluating(tail_of(node.func)):
                return False
        names = frame.model.names.qualified(node.func, frame.scope)
        if names and not speaks_of_evaluating(names[0].rpartition(".")[2]):
            return False
        found = self._builds.function_of(frame.model, node, frame.scope)
        if found is None:
            if own is not None:  # of a base in another file
                self._add(frame, "unsure", None, node)
                return True
            return False
        model, function = found
        given = passed(function, node)
        keys = {p.name.value: None for p in function.parameters}
        bound = {**keys, **{name: self._key(frame, value) for name, value in given.items()}}
        starred = any(arg.star for arg in node.args)
        self._calls_left -= 1
        too_far = frame.depth >= _MAX_DEPTH or self._calls_left < 0
        if too_far or starred or not has_plain_decorators(function):
            self._add(frame, "unsure", None, node)
            return True
        inner = _Frame(
            model,
            function.scope,
            bound,
            frame.own if function.self_name is not None else None,
            frame.at or node,
            (*frame.outer_loops, *frame.loops),
            frame.depth + 1,
            once=frame.once or self._is_followed_by_end(frame, node),
            no_grad=frame.no_grad or runs_without_grad(function),
        )
        self._read(inner, function.node.body)
        return True

    def _own_method(self, frame: _Frame, node: cst.Call) -> str | None:
        """The name of the method of self that is called."""
        function = frame.model.functions.of_scope(frame.scope)
        func = node.func
        if function is None or function.self_name is None or not isinstance(func, cst.Attribute):
            return None
        is_own = isinstance(func.value, cst.Name) and func.value.value == function.self_name
        is_super = isinstance(func.value, cst.Call) and tail_of(func.value.func) == "super"
        if not (is_own or is_super):
            return None
        owner = function.owner
        if is_own and owner is not None and not owner.find_method(func.attr.value):
            if owner.find_writes(func.attr.value):
                return None  # a module that it keeps
        return func.attr.value

    # --- who is meant ------------------------------------------------------------------------

    def _key(self, frame: _Frame, node: cst.CSTNode, depth: int = 0) -> Key | None:
        """The model that a dotted expression stands for."""
        path = dotted_name(node)
        if not path or depth > _MAX_DEPTH:
            return None
        first, *rest = path.split(".")
        rest = [part for part in rest if part != "module"]  # of DataParallel
        root = self._root(frame, chain_of(node)[-1], first, depth)
        return (*root, *rest) if root is not None else None

    def _root(self, frame: _Frame, node: cst.CSTNode, name: str, depth: int) -> Key | None:
        bound = frame.model.names.lookup(name, frame.scope)
        if bound is None:
            return None
        function = frame.model.functions.of_scope(frame.scope)
        if function is not None and name == function.self_name and bound[0] is function.scope:
            return frame.own
        if bound[0] is frame.scope and name in frame.keys:
            return frame.keys[name]
        bindings = bound[0].bindings[name]
        if any(binding.kind in ("import", "class", "function") for binding in bindings):
            return None
        if len(bindings) == 1 and bindings[0].value is not None and bound[0] is frame.scope:
            value = bindings[0].value
            if isinstance(value, (cst.Attribute, cst.Name)):  # `model = self.model`
                return self._key(frame, value, depth + 1)
        return (bound[0], name)

    def _add(self, frame: _Frame, kind: Kind, key: Key | None, node: cst.CSTNode) -> None:
        loops = (*frame.outer_loops, *frame.loops)
        at = frame.at or node
        once = frame.once or self._is_followed_by_end(frame, node)
        self._found.append(Event(kind, key, at, loops, frame.at is None, once))

    def _is_followed_by_end(self, frame: _Frame, node: cst.CSTNode) -> bool:
        """Whether the statements behind something leave the loop around it, as it stands."""
        if frame.at is not None and not frame.loops:
            return False
        inner: cst.CSTNode = node
        for above in frame.model.tree.ancestors(node):
            if isinstance(above, (cst.IndentedBlock, cst.SimpleStatementSuite, cst.Module)):
                if isinstance(inner, cst.BaseStatement) and inner in self._before_end(above):
                    return True
            if isinstance(above, (cst.For, cst.While, cst.FunctionDef)):
                return False
            inner = above
        return False

    def _before_end(self, block: cst.BaseSuite | cst.Module) -> set[cst.CSTNode]:
        """The statements of a block behind which one leaves it."""
        if block not in self._leaving:
            ends = [at for at, statement in enumerate(block.body) if is_end(statement)]
            self._leaving[block] = set(block.body[: ends[-1]] if ends else ())
        return self._leaving[block]


# Methods of a module that run nothing.
_KEEPING = frozenset(
    """parameters named_parameters state_dict load_state_dict zero_grad children named_children
    modules named_modules buffers named_buffers apply register_forward_hook train eval""".split()
)


def _is_of_several(frame: _Frame, node: cst.CSTNode) -> bool:
    """Whether a name goes over several models: ``for net in (G, D): net.train()``."""
    name = chain_of(node)[-1]
    bound = frame.model.names.lookup(tail_of(name), frame.scope)
    for binding in bound[1] if bound is not None else ():
        above = frame.model.tree.parent(binding.node)
        while isinstance(above, (cst.Element, cst.Tuple, cst.List)):
            above = frame.model.tree.parent(above)
        if isinstance(above, (cst.For, cst.CompFor)):
            return True
    return False


__all__ = ["Event", "Events", "Key", "Place"]
