"""Lines of TorchScript: the interpreter has no Python frames, but its graphs know their source.

A scripted or traced module is walked once, in the order in which its nodes run, through the graphs
of the modules and functions that it calls. Each torch op found this way has the line of the user's
that it comes from. Of several nodes of one op the running one is found by its constant rate, then
by the order of the calls: exact for straight code and for loops, a guess behind an `if`.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch

_TORCH = os.path.dirname(torch.__file__) + os.sep
_SCRIPTED = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')
_TRACED = re.compile(r"^(?P<file>.+)\((?P<line>\d+)\): (?P<function>\S+)$", re.MULTILINE)
_FUNCTIONAL = "__torch__.torch.nn.functional."
_DEPTH = 40


@dataclass(frozen=True)
class ScriptedOp:
    """A torch op of a graph: the user's line, the module that runs there, and what is called."""

    op: str = ""
    rates: tuple[float, ...] = ()
    file: str | None = None
    line: int = 0
    function: str = ""
    path: str = ""
    module_type: str = ""
    called: str | None = None


class Scripts:
    """The nodes of the scripted modules that ran, and how many of each have run."""

    def __init__(self) -> None:
        self._nodes: dict[int, list[ScriptedOp]] = {}
        self._calls: Counter[tuple[int, str, float | None]] = Counter()

    def running(
        self, module: torch.jit.ScriptModule, op: str, p: float | None
    ) -> ScriptedOp | None:
        """The node of a module's graph that runs an op at the moment."""
        key = id(module)
        if key not in self._nodes:
            start = ScriptedOp(module_type=_type_name(module))
            self._nodes[key] = list(_of_module(module, "forward", start, _DEPTH))
        name = op.rpartition(".")[2]
        nodes = [node for node in self._nodes[key] if node.op == name]
        nodes = [n for n in nodes if p is None or not n.rates or p in n.rates] or nodes
        if not nodes:
            return None
        index = self._calls[key, name, p]
        self._calls[key, name, p] += 1
        return nodes[index % len(nodes)]


def _of_module(module: Any, method: str, at: ScriptedOp, depth: int) -> Iterator[ScriptedOp]:
    try:
        graph = module.graph if method == "forward" else getattr(module, method).graph
    except (AttributeError, RuntimeError):  # an interface, or a method that was never compiled
        return
    owner = next(graph.inputs(), None)
    owners = {owner.debugName(): (module, at.path)} if owner is not None else {}
    yield from _of_block(graph, owners, at, depth)


def _of_block(block: Any, owners: dict[str, tuple[Any, str]], at: ScriptedOp, depth: int) -> Any:
    if depth == 0:
        return
    for node in block.nodes():
        kind = node.kind()
        if kind == "prim::GetAttr":
            _follow(node, owners)
            continue
        if kind == "prim::Constant":
            continue
        here = _placed(node, at)
        if kind == "prim::CallMethod":
            held = next(iter(node.inputs())).debugName()
            if held in owners:
                module, path = owners[held]
                yield from _of_module(
                    module, node.s("name"), _inside(here, module, path), depth - 1
                )
        elif kind == "prim::CallFunction":
            yield from _of_function(node, here, depth)
        elif kind.startswith("aten::"):
            yield replace(here, op=kind[6:], rates=_rates(node) or at.rates)
        for inner in node.blocks():
            yield from _of_block(inner, owners, at, depth)


def _follow(node: Any, owners: dict[str, tuple[Any, str]]) -> None:
    """Remember which submodule a value of the graph is."""
    held = owners.get(next(iter(node.inputs())).debugName())
    submodule = getattr(held[0], node.s("name"), None) if held is not None else None
    if held is not None and isinstance(submodule, torch.jit.ScriptModule):
        path = f"{held[1]}.{node.s('name')}".lstrip(".")
        owners[next(iter(node.outputs())).debugName()] = (submodule, path)


def _of_function(node: Any, here: ScriptedOp, depth: int) -> Iterator[ScriptedOp]:
    name = next(iter(node.inputs())).type().annotation_str
    function = torch.jit._state._python_cu.find_function(name)
    if function is None:
        return
    called = here.called
    if called is None and name.startswith(_FUNCTIONAL):
        called = f"F.{name[len(_FUNCTIONAL) :]}"
    inner = replace(here, called=called, rates=_rates(node) or here.rates)
    yield from _of_block(function.graph, {}, inner, depth - 1)


def _inside(at: ScriptedOp, module: Any, path: str) -> ScriptedOp:
    """The node that a module's own nodes start from; a module of torch's is what is called."""
    name = _type_name(module)
    called = f"nn.{name}" if hasattr(torch.nn, name) else None
    return replace(at, path=path, module_type=name, called=called)


def _placed(node: Any, at: ScriptedOp) -> ScriptedOp:
    """The node of the user's line for a node of a graph, in the user's code or called from it."""
    text = node.sourceRange()
    traced = list(_TRACED.finditer(text))
    if not traced:
        match = _SCRIPTED.search(text)
        if match is None or match["file"].startswith(_TORCH):
            return at
        return replace(at, file=match["file"], line=int(match["line"]), called=None)
    called = None
    for frame in traced:
        if not frame["file"].startswith(_TORCH):
            file, line, function = frame["file"], int(frame["line"]), frame["function"]
            return replace(at, file=file, line=line, function=function, called=at.called or called)
        if frame["file"].endswith("functional.py"):
            called = f"F.{frame['function']}"
    return replace(at, called=at.called or called)


def _rates(node: Any) -> tuple[float, ...]:
    values = (value.toIValue() for value in node.inputs())
    return tuple(value for value in values if type(value) is float)


def _type_name(module: Any) -> str:
    return getattr(module, "original_name", type(module).__name__)
