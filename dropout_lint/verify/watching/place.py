"""From a running op to the user's line: a walk outwards over the Python frames."""

from __future__ import annotations

import dataclasses
import itertools
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch

from dropout_lint.verify.report.eval_report import Where
from dropout_lint.verify.watching.scripted import ScriptedOp, Scripts

_TORCH = os.path.dirname(torch.__file__) + os.sep
_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_FUNCTIONAL = os.path.join(_TORCH, "nn", "functional.py")


class ModulePaths:
    """The modules of a model by identity, with their paths as in `named_modules()`."""

    def __init__(self, model: torch.nn.Module) -> None:
        self.model = model
        self.scripts = Scripts()
        self._paths: dict[int, str] = {}
        self._twins: dict[int, str] = {}

    def _refresh(self) -> None:
        self._paths, self._twins = {}, {}
        for path, module in self.model.named_modules():
            self._paths[id(module)] = path = clean(path)
            self._twins[id(_shared(module))] = path

    def path(self, module: torch.nn.Module) -> str | None:
        """The path of a module, None if it is not registered, also not since the last look.

        A shallow copy, as `nn.DataParallel` makes for each device, has the path of its original.
        """
        path = self._known(module)
        if path is None:
            self._refresh()
            path = self._known(module)
        return path

    def _known(self, module: torch.nn.Module) -> str | None:
        path = self._paths.get(id(module))
        return self._twins.get(id(_shared(module))) if path is None else path


def _shared(module: torch.nn.Module) -> Any:
    """An object that a module shares with its shallow copies, and with nothing else."""
    return module.__dict__.get("_forward_hooks", module)


@dataclass(frozen=True)
class Place:
    """The place of an op, and the function or module of torch's that was called there."""

    where: Where
    called: str | None
    rate: float | None


def locate(modules: ModulePaths, op: str = "", p: float | None = None) -> Place:
    """The place of the op that runs: the nearest frame outside torch and outside the verifier.

    ``op`` and ``p`` distinguish the nodes of TorchScript, which has no frames.
    """
    called: str | None = None
    rate: float | None = None
    user_frame: FrameType | None = None
    owner: torch.nn.Module | None = None
    for frame in _frames():
        name = frame.f_code.co_filename
        if user_frame is None and name.startswith(_TORCH):
            if owner is None:
                called = _called(frame, name) or called
                rate = _rate(frame, name) if rate is None else rate
        elif user_frame is None:
            user_frame = frame
        if owner is None:
            owner = _module(frame)
        if user_frame is not None and owner is not None:
            break
        if isinstance(owner, torch.jit.ScriptModule):
            node = modules.scripts.running(owner, op, p)
            if node is not None:
                return _in_script(node, owner, modules, frame)
    return Place(_where(user_frame, owner, modules), called, rate)


def stack() -> Iterator[tuple[str, int]]:
    """File and line of the user's calls that are running, the innermost first."""
    for frame in _frames():
        if not frame.f_code.co_filename.startswith(_TORCH):
            yield frame.f_code.co_filename, _first_line_of_call(frame)


def _in_script(
    node: ScriptedOp, owner: torch.nn.Module, modules: ModulePaths, frame: FrameType | None
) -> Place:
    """The place of a node of TorchScript, run by a module that Python code calls."""
    path = modules.path(owner)
    if path is None:
        module = _last_known(frame, modules)
    else:
        module = ".".join(part for part in (path, node.path) if part)
    registered = path is not None
    where = Where(node.file, node.line, node.function, module, node.module_type, registered)
    return Place(where, node.called, None)


def place_of(frame: FrameType, line: int, modules: ModulePaths) -> Where:
    """The place of a line in a frame."""
    inner: FrameType | None = frame
    owner: torch.nn.Module | None = None
    while inner is not None and owner is None:
        owner, inner = _module(inner), inner.f_back
    return dataclasses.replace(_where(frame, owner, modules), line=line)


def is_foreign(filename: str) -> bool:
    """Whether a file is torch's or the verifier's, not the user's."""
    return filename.startswith((_TORCH, _OURS, "<frozen"))


def _frames() -> Iterator[FrameType]:
    """The frames from the op outwards, up to the one that started the run."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_OURS):
        frame = frame.f_back  # the dispatch mode's own frames
    while frame is not None and not frame.f_code.co_filename.startswith(_OURS):
        yield frame
        frame = frame.f_back


def _where(frame: FrameType | None, owner: torch.nn.Module | None, modules: ModulePaths) -> Where:
    path = modules.path(owner) if owner is not None else ""
    kind = type(owner).__name__ if owner is not None else ""
    function, file, line = "", None, 0
    if frame is not None:
        code = frame.f_code
        function = getattr(code, "co_qualname", code.co_name)
        file, line = code.co_filename, _first_line_of_call(frame)
    if path is None and owner is not None:
        return Where(file, line, function, _last_known(frame, modules), kind, False)
    return Where(file, line, function, path or "", kind, True)


def _first_line_of_call(frame: FrameType) -> int:
    """The line on which the running call begins, where the linter reports it."""
    positions = getattr(frame.f_code, "co_positions", None)
    if positions is not None and frame.f_lasti >= 0:
        for position in itertools.islice(positions(), frame.f_lasti // 2, None):
            return position[0] or frame.f_lineno
    return frame.f_lineno


def _last_known(frame: FrameType | None, modules: ModulePaths) -> str:
    """The path of the nearest registered module outside an unregistered one."""
    while frame is not None and not frame.f_code.co_filename.startswith(_OURS):
        module = _module(frame)
        if module is not None and (path := modules.path(module)) is not None:
            return path
        frame = frame.f_back
    return ""


def _module(frame: FrameType) -> torch.nn.Module | None:
    """The module whose method a frame runs: its first argument."""
    code = frame.f_code
    if not code.co_argcount:
        return None
    first = code.co_varnames[0]
    value = frame.f_locals.get(first)
    return value if isinstance(value, torch.nn.Module) else None


def _called(frame: FrameType, filename: str) -> str | None:
    """The user's name for what a frame of torch's runs, None if it is an inner one."""
    name = frame.f_code.co_name
    if name.startswith("_"):
        return None
    if filename == _FUNCTIONAL:
        return f"F.{name}"
    module = _module(frame)
    if module is not None and name == "forward":
        kinds = (kind for kind in type(module).__mro__ if kind.__module__.startswith("torch.nn"))
        return f"nn.{next(kinds, torch.nn.Module).__name__}"
    return None


def _rate(frame: FrameType, filename: str) -> float | None:
    """The rate that a function of torch's was called with."""
    if filename != _FUNCTIONAL:
        return None
    for name in ("p", "dropout_p"):
        value: Any = frame.f_locals.get(name)
        if isinstance(value, float):
            return value
    return None


def clean(path: str) -> str:
    """A path without the wrappers of `torch.compile`."""
    return ".".join(part for part in path.split(".") if part != "_orig_mod")
