"""Randomness declared to be intended: by a marker comment, a decorator or the configuration."""

from __future__ import annotations

import dataclasses
import fnmatch
import linecache
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch

from dropout_lint.linting.suppressions import intent_marker
from dropout_lint.verify.report.eval_report import Cause, RandomOp
from dropout_lint.verify.watching.call_text import last_row

ATTRIBUTE = "__dropout_lint_eval_random__"
_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


def eval_random(reason: str) -> Callable[[_Decorated], _Decorated]:
    """Declare that a module class, or a function that builds a model, is random in eval on purpose.

    The verifier lists its draws with the reason, still demands that they repeat with the seed, and
    says so if nothing is drawn.

    Raises:
        ValueError: without a reason.
    """
    if not isinstance(reason, str) or not reason.strip():
        raise ValueError('give a reason, as in @eval_random("Monte Carlo dropout")')

    def mark(decorated: _Decorated) -> _Decorated:
        setattr(decorated, ATTRIBUTE, reason)
        return decorated

    return mark


@dataclass
class Declarations:
    """The declarations for a model, and which of them were used.

    ``patterns`` come from the configuration: a module path, ``file.py:line`` or ``*`` → reason.
    """

    patterns: Mapping[str, str] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls, model: torch.nn.Module, source: object, patterns: Mapping[str, str]
    ) -> Declarations:
        """The declarations on a model's classes, and on what built it."""
        modules = {
            path: getattr(module, ATTRIBUTE)
            for path, module in model.named_modules()
            if hasattr(type(module), ATTRIBUTE)
        }
        if not isinstance(source, torch.nn.Module) and hasattr(source, ATTRIBUTE):
            modules[""] = getattr(source, ATTRIBUTE)
        return cls(patterns, modules)

    def mark(self, site: RandomOp) -> RandomOp:
        """The site with its source line, and with the reason if it is declared."""
        return dataclasses.replace(quoted(site), declared=self._reason(site))

    def unused(self) -> tuple[str, ...]:
        """The declarations of what never drew."""
        known = [*self.patterns, *(f"@eval_random on {_shown(path)}" for path in self.modules)]
        return tuple(name for name in known if name not in self._used)

    def _reason(self, site: RandomOp) -> str | None:
        where = site.where
        if site.cause in (Cause.STATE, Cause.KERNEL, Cause.OUTSIDE):
            return None  # no seed makes these repeat
        if where.file is not None:
            reason = intent_marker(_lines_beside(where.file, where.line))
            if reason is not None:
                return reason
        for pattern, reason in self.patterns.items():
            place = f"{where.file}:{where.line}"
            if fnmatch.fnmatch(where.module, pattern) or fnmatch.fnmatch(place, f"*{pattern}"):
                self._used.add(pattern)
                return reason
        for path, reason in self.modules.items():
            if path in ("", where.module) or where.module.startswith(f"{path}."):
                self._used.add(f"@eval_random on {_shown(path)}")
                return reason
        return None


def quoted(site: RandomOp) -> RandomOp:
    """The site with its source line."""
    where = site.where
    source = linecache.getline(where.file, where.line).strip() if where.file else ""
    return dataclasses.replace(site, source=source)


def _lines_beside(file: str, line: int) -> Iterable[str]:
    """The lines of the call and, if it is a comment of its own, the one above."""
    yield linecache.getline(file, line)
    if any("dropout-lint" in text for text in linecache.getlines(file)):
        yield from (
            linecache.getline(file, row) for row in range(line + 1, last_row(file, line) + 1)
        )
    above = linecache.getline(file, line - 1)
    if above.lstrip().startswith("#"):
        yield above


def _shown(path: str) -> str:
    return path or "the model"
