"""The oracle of eval mode: a model whose flagged dropout is replaced by `clone()` as it runs.

Not by p = 0: with dropout off, a fixed call returns the input itself, and code that works in place
on the result then changes that input. Compared with a clone, such a fix is refuted.

In inference mode torch's ops arrive whole, so a dispatch mode answers them. Where a model refuses
inference mode, or draws in a library's function that has a switch, the function is answered.
"""

from __future__ import annotations

import contextlib
import inspect
import linecache
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, wraps
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from dropout_lint.catalog import builtin
from dropout_lint.verify.report.eval_report import Where
from dropout_lint.verify.running import values
from dropout_lint.verify.watching.op_draws import op_draw
from dropout_lint.verify.watching.place import ModulePaths, locate

Key = tuple[str, str, str, bool]
_RATES = ("dropout_p", "dropout")
_MODES = ("train", "training")
_LAYERS = ("lstm", "gru", "rnn_tanh", "rnn_relu")


def key(where: Where) -> Key:
    """The key of a place in both versions of a file: module, function and text of the line.

    An unregistered module has another key than its owner on the same line.
    """
    text = linecache.getline(where.file, where.line).strip() if where.file else ""
    return where.module, where.function, text, where.registered


@contextlib.contextmanager
def stilled(
    model: torch.nn.Module, keep: Callable[[Where], bool], whole: bool, places: list[Where]
) -> Iterator[None]:
    """Answer dropout that is on with a clone of its input; the places are added to ``places``.

    ``keep`` says which places still draw. ``whole`` says whether torch's ops arrive whole, that is
    whether the model runs in inference mode. To observe a run without changing it, keep all places.
    """
    modules = ModulePaths(model)

    def answers() -> bool:
        where = locate(modules).where
        if keep(where):
            return False
        places.append(where)
        return True

    mode = _OpAnswers(answers) if whole else _FunctionAnswers(answers)
    with _library_functions(answers), mode:
        yield


class _OpAnswers(TorchDispatchMode):
    def __init__(self, answers: Callable[[], bool]) -> None:
        super().__init__()
        self._answers = answers

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        draw = op_draw(func, args, kwargs)
        if draw is None or not (draw.active and draw.is_dropout) or not self._answers():
            return func(*args, **kwargs)
        order = [argument.name for argument in func._schema.arguments]
        return _off(func, order, args, kwargs)


class _FunctionAnswers(TorchFunctionMode):
    def __init__(self, answers: Callable[[], bool]) -> None:
        super().__init__()
        self._answers = answers

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        order = _parameters(func)
        if order is None or not _is_on(order, args, kwargs) or not self._answers():
            return func(*args, **kwargs)
        return _off(func, list(order), args, kwargs)


@cache
def _parameters(func: Any) -> dict[str, Any] | None:
    """The parameters of a dropout function with their defaults, None for other functions."""
    name = getattr(func, "__name__", "").rstrip("_")
    if not ("dropout" in name or name in ("rrelu", *_LAYERS) or "attention" in name):
        return None
    try:
        defaults = {p.name: p.default for p in inspect.signature(func).parameters.values()}
    except (TypeError, ValueError):  # torch's builtins have their names in a schema only
        packet = getattr(torch.ops.aten, getattr(func, "__name__", ""), None)
        overloads: list[str] = packet.overloads() if packet is not None else []
        if not overloads:
            return None
        schema = getattr(packet, "input" if "input" in overloads else overloads[0])._schema
        defaults = {argument.name: argument.default_value for argument in schema.arguments}
    return defaults if any(switch in defaults for switch in (*_RATES, *_MODES)) else None


def _is_on(parameters: Mapping[str, Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    given = {**parameters, **dict(zip(parameters, args, strict=False)), **kwargs}
    rate = next((given[name] for name in (*_RATES, "p") if name in given), None)
    mode = next((given[name] for name in _MODES if name in given), True)
    return mode is not False and (rate is None or rate > 0)


def _off(func: Any, order: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """The result of a dropout function with dropout off, sharing no memory with its input.

    In-place functions do share it.
    """
    for name, value in (*((rate, 0.0) for rate in _RATES), *((mode, False) for mode in _MODES)):
        if name in order:
            args, kwargs = _with(order, name, value, args, kwargs)
            break
    result = func(*args, **kwargs)
    in_place = getattr(func, "__name__", str(func)).split(".")[0].endswith("_")
    given = dict(zip(order, args, strict=False)) | dict(kwargs)
    return result if in_place or given.get("inplace") else _unshared(result, (args, kwargs))


def _with(
    order: Sequence[str], name: str, value: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    at = order.index(name)
    if at < len(args):
        return (*args[:at], value, *args[at + 1 :]), dict(kwargs)
    return tuple(args), {**kwargs, name: value}


def _unshared(result: Any, given: Any) -> Any:
    """A result in which tensors that were given are replaced by clones."""
    if isinstance(result, torch.Tensor):
        known = {id(tensor) for tensor in values.tensors(given)}
        pointers = {_pointer(tensor) for tensor in values.tensors(given)} - {None}
        shared = id(result) in known or _pointer(result) in pointers
        return result.clone() if shared else result
    if type(result) in (list, tuple):
        return type(result)(_unshared(item, given) for item in result)
    return result


def _pointer(tensor: torch.Tensor) -> int | None:
    try:
        return tensor.untyped_storage().data_ptr() or None
    except (NotImplementedError, RuntimeError):
        return None


@contextlib.contextmanager
def _library_functions(answers: Callable[[], bool]) -> Iterator[None]:
    """Answer the functions of other libraries that have a switch (torch_geometric, torchvision …).

    Their draws arrive decomposed in every mode. So wherever a loaded module holds such a function,
    it is replaced by one that can be switched off.
    """
    changed: list[tuple[dict[str, Any], str, Any]] = []
    modes = _loaded_functions()
    if not modes:
        yield
        return
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", None)
        if not isinstance(names, dict):
            continue
        for name, value in list(names.items()):
            if callable(value) and id(value) in modes:
                changed.append((names, name, value))
                names[name] = _switched(value, modes[id(value)], answers)
    try:
        yield
    finally:
        for names, name, value in changed:
            names[name] = value


def _loaded_functions() -> dict[int, str]:
    """The switchable functions of loaded libraries: the mode parameter by identity."""
    modes: dict[int, str] = {}
    for row in builtin().functions.values():
        module = sys.modules.get(row.name.rpartition(".")[0])
        if row.mode is None or row.name.startswith("torch.") or module is None:
            continue
        value = getattr(module, row.tail, None)
        if callable(value):
            modes[id(value)] = row.mode.name
    return modes


def _switched(function: Any, mode: str, answers: Callable[[], bool]) -> Any:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return function

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        if not given.arguments.get(mode) or not answers():
            return function(*args, **kwargs)
        given.arguments[mode] = False
        return _unshared(function(*given.args, **given.kwargs), (args, kwargs))

    return call
