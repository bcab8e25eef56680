"""The models in a module of the user's: the one that a target names, or all with the convention.

The convention: ``build()``, or classes that can be built without arguments, and example inputs.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from torch import nn

from dropout_lint.verify.targets.target_specs import EXAMPLES, Target, TargetError

_FACTORY = "build"
_LIGHTNING = ("lightning.", "pytorch_lightning.")


@dataclass(frozen=True)
class LoadedModel:
    """A model that a target names, in an imported module.

    ``source`` is what `verify_eval` takes: an instance, or a function that builds one without
    arguments. ``definition`` is the class, function or instance that the target names.
    """

    name: str
    source: nn.Module | Callable[[], nn.Module]
    definition: Any
    namespace: ModuleType

    @property
    def line(self) -> int:
        """The line of the class or function, 1 where that is not known."""
        try:
            return max(1, inspect.getsourcelines(inspect.unwrap(self.definition))[1])
        except (OSError, TypeError):
            return 1


def models(target: Target, namespace: ModuleType, init: Any = None) -> list[LoadedModel]:
    """The models that a target names; ``init`` are constructor arguments (a list or a dict).

    Raises TargetError if there are none.
    """
    if target.name is not None:
        return [_named(target, namespace, init)]
    if init is not None:
        raise TargetError(
            f"{target.spec}: --init needs to know what it is for; "
            f"name a class or function as in {target.spec}:Name"
        )
    loaded = [_model(name, value, namespace, None) for name, value in _conventional(namespace)]
    if not loaded:
        raise TargetError(
            f"{target.spec}: no model in it can be built as it is; define build() and "
            f"example_inputs(), or name a class or function as in {target.spec}:Name"
        )
    return loaded


def _conventional(namespace: ModuleType) -> Iterator[tuple[str, Any]]:
    """``build()`` of a file, and its own classes that can be built and have inputs, by name."""
    build = getattr(namespace, _FACTORY, None)
    if callable(build) and not _needed(build):
        yield _FACTORY, build
    shared = build is None and any(hasattr(namespace, name) for name in EXAMPLES)
    for name, value in list(vars(namespace).items()):
        if not _is_module_class(value) or value.__module__ != namespace.__name__:
            continue
        has_inputs = any(_own(value, name) for name in EXAMPLES)
        if (has_inputs or shared) and not inspect.isabstract(value) and not _needed(value):
            yield name, value


def _own(cls: type, name: str) -> bool:
    """Whether a user's class gives a value to a name (Lightning's base gives it None)."""
    return getattr(cls, name, None) is not None and any(
        name in vars(base) and not base.__module__.startswith(_LIGHTNING) for base in cls.__mro__
    )


def _named(target: Target, namespace: ModuleType, init: Any) -> LoadedModel:
    assert target.name is not None
    value: Any = namespace
    for part in target.name.split("."):
        try:
            value = getattr(value, part)
        except AttributeError:
            raise TargetError(f"{target.spec}: {_no_such_name(value, part)}") from None
    problem = _unfit(value, init)
    if problem is not None:
        raise TargetError(f"{target.spec}: {problem}")
    return _model(target.name, value, namespace, init)


def _no_such_name(holder: Any, name: str) -> str:
    names = [other for other, value in vars(holder).items() if _may_build(value)]
    close = difflib.get_close_matches(name, names, 1)
    if close:
        return f"there is no {name} in it; did you mean {close[0]}?"
    models = ", ".join(names[:8]) or "nothing that builds a model"
    return f"there is no {name} in it; it has {models}"


def _may_build(value: Any) -> bool:
    return _is_module_class(value) or inspect.isfunction(value)


def _is_module_class(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, nn.Module)


def _unfit(value: Any, init: Any) -> str | None:
    """Why a value is neither a model nor builds one; None if it does."""
    if isinstance(value, nn.Module):
        return None if init is None else "is a model already; leave --init out"
    if not callable(value):
        kind = type(value).__name__
        return f"is a value of type {kind}; name an nn.Module class or a function that builds one"
    if isinstance(value, type) and not issubclass(value, nn.Module):
        return "is a class, but not an nn.Module; name a model class, or a function that builds one"
    if inspect.isabstract(value):
        names = ", ".join(sorted(value.__abstractmethods__))
        return f"is abstract ({names}); name a subclass"
    if init is None and (needed := _needed(value)):
        named = ", ".join(f'"{name}": …' for name in needed)
        return (
            f"needs {' and '.join(needed)} to be built; give them as in --init '{{{named}}}', "
            "or name a function that builds it"
        )
    return None


def _needed(value: Any) -> list[str]:
    """The arguments without which a class or function cannot be called."""
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return []
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p.name for p in parameters if p.default is p.empty and p.kind not in optional]


def _model(name: str, value: Any, namespace: ModuleType, init: Any) -> LoadedModel:
    if isinstance(value, nn.Module):
        return LoadedModel(name, value, type(value), namespace)
    if init is None:
        return LoadedModel(name, value, value, namespace)

    def build() -> nn.Module:
        model: nn.Module = value(**init) if isinstance(init, dict) else value(*init)
        return model

    if not isinstance(value, type):  # the mark of `eval_random` on the function
        build.__dict__.update(vars(value))
    build.__name__ = name
    return LoadedModel(name, build, value, namespace)
