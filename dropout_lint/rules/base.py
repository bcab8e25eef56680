"""What a rule is, and how rules are found.

A rule is one file in this package with one subclass of `Rule`. Code, name, default, severity,
documentation and examples live there and nowhere else; `all_rules` finds it by itself.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar

import dropout_lint.rules
from dropout_lint.diagnostics import Fix, Severity

if TYPE_CHECKING:
    import libcst as cst

    from dropout_lint.catalog import Catalog
    from dropout_lint.fixing.fixer import Fixer
    from dropout_lint.semantics.model import SemanticModel
    from dropout_lint.semantics.syntax.functions import FunctionInfo

HEADINGS = (
    "What it does",
    "Why is this bad?",
    "Example",
    "Use instead",
    "Fix safety",
    "When it is intentional",
    "References",
)


@dataclass(frozen=True)
class Invalid:
    """Code on which a rule must report, and what each way of fixing must make of it.

    ``fixed`` is the result of ``--fix`` with the default style, ``flag`` with
    ``--fix-style flag`` (left out: the same), ``unsafe`` with ``--unsafe-fixes`` (left out: the
    same as ``fixed``). None stands for "unchanged". ``count`` is the number of reports.
    """

    code: str
    fixed: str | None = None
    flag: str | None = None
    unsafe: str | None = None
    count: int = 1


@dataclass(frozen=True)
class Finding:
    """A rule's report: the node, what to say about it, and the ways to cure it, best first."""

    node: cst.CSTNode
    message: str
    function: FunctionInfo | None
    fixes: tuple[Fix, ...] = ()


class Rule(ABC):
    """One rule. The docstring, with the headings of `HEADINGS`, is its documentation."""

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    default: ClassVar[bool] = True
    # Whether names, comments and docstrings can declare its findings intentional (the marker can).
    respects_intent: ClassVar[bool] = True
    # Whether its bug shows in train mode: what should drop does not, or not to any effect.
    shows_in_training: ClassVar[bool] = False
    VALID: ClassVar[Sequence[str]]
    INVALID: ClassVar[Sequence[Invalid]]

    @abstractmethod
    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        """The rule's findings in a file."""

    @classmethod
    def words(cls, catalog: Catalog) -> Sequence[Sequence[bytes]]:
        """For a rule that is off by default: groups of which every file with a finding has a word.

        The screen knows the other rules only, and is passed by for such a file where it is on.
        """
        return ()

    @classmethod
    def documentation(cls) -> str:
        """The docstring, dedented: a summary line, then the headed sections, in Markdown."""
        return inspect.cleandoc(cls.__doc__ or "")

    @classmethod
    def summary(cls) -> str:
        return cls.documentation().partition("\n")[0]

    @classmethod
    def sections(cls) -> dict[str, str]:
        """The documentation by heading."""
        parts = re.split(r"^## (.+)\n", cls.documentation(), flags=re.MULTILINE)
        return {title: text.strip() for title, text in zip(parts[1::2], parts[2::2], strict=True)}

    @classmethod
    def fixable(cls) -> str:
        """``always``, ``sometimes`` or ``never``; derived from the examples, so it cannot lie."""
        fixed = [bool(e.fixed or e.flag or e.unsafe) for e in cls.INVALID]
        return "always" if all(fixed) else "sometimes" if any(fixed) else "never"


@cache
def all_rules() -> tuple[type[Rule], ...]:
    """Every rule of the package, by code."""
    for module in pkgutil.iter_modules(dropout_lint.rules.__path__):
        importlib.import_module(f"dropout_lint.rules.{module.name}")
    return tuple(sorted(Rule.__subclasses__(), key=lambda rule: rule.code))
