"""What a rule is, and how rules are found.

A rule is one file in this package with one subclass of `Rule`. Code, name, default, severity,
prefilter, documentation and examples live there and nowhere else; `all_rules` finds it by itself.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
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


class Named(Enum):
    """What a prefilter may name instead of words.

    ``SCREENED`` is the screen of the dropout family, ``CATALOG`` the words of the catalog, to which
    the configuration adds.
    """

    SCREENED = "screened"
    CATALOG = "catalog"


SCREENED = Named.SCREENED
CATALOG = Named.CATALOG
# A file can hold a finding only if it contains at least one word of every group.
Prefilter = Sequence[Sequence[bytes | Named]] | Named


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
    """A rule's report: the node, what to say about it, and the ways to cure it, best first.

    ``declarable`` says that the code can declare it intentional where the rule's others cannot be.
    """

    node: cst.CSTNode
    message: str
    function: FunctionInfo | None
    fixes: tuple[Fix, ...] = ()
    declarable: bool = False


class Rule(ABC):
    """One rule. The docstring, with the headings of `HEADINGS`, is its documentation."""

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    default: ClassVar[bool] = True
    # Which files the rule need not see; by default it sees all of them. A rule may declare SCREENED
    # if the two stages of the screen over-approximate its findings: they dismiss a file in which
    # every use of the dropout family plainly follows the mode. `tests/screen` checks it.
    # Written as `prefilter = SCREENED` above the examples, it is known without importing the rule.
    prefilter: ClassVar[Prefilter] = ()
    # Whether names, comments and docstrings can declare its findings intentional (the marker can).
    respects_intent: ClassVar[bool] = True
    # Whether its bug shows in train mode: what should drop does not, or not to any effect.
    shows_in_training: ClassVar[bool] = False
    # Whether all of its findings show as randomness in eval mode.
    shows_in_eval: ClassVar[bool] = True
    # Whether its bug shows in gradients only, which the verifier does not compare.
    shows_in_gradients: ClassVar[bool] = False
    # Whether a finding may show in the functions that its statement calls.
    shows_in_callees: ClassVar[bool] = False
    # Whether a finding may show at another line of its function.
    shows_at_other_lines: ClassVar[bool] = False
    # Whether a finding is a statement about the text: something else may make up for the bug.
    is_about_text: ClassVar[bool] = False
    # Whether it is about the mode in which callers run a model: its fixtures are scripts, and
    # running a model by itself shows nothing of it.
    about_callers: ClassVar[bool] = False
    # Whether its fix registers modules, whose parameters `state_dict` then has in addition.
    registers_modules: ClassVar[bool] = False
    # Whether its fix may lie where only eval mode comes.
    fixes_eval_only: ClassVar[bool] = False
    # Whether a fix of the rule may leave its finding, so that each is tried before it is offered.
    tries_fixes: ClassVar[bool] = False
    # The numbered obligations of a proof that its fix is there to change, with the reason.
    waived_obligations: ClassVar[Mapping[int, str]] = {}
    VALID: ClassVar[Sequence[str]]
    INVALID: ClassVar[Sequence[Invalid]]

    @abstractmethod
    def check(self, model: SemanticModel, fixer: Fixer) -> Iterator[Finding]:
        """The rule's findings in a file."""

    @classmethod
    def is_screened(cls) -> bool:
        """Whether the screen covers the rule: what it dismisses holds no finding."""
        return cls.prefilter is SCREENED

    @classmethod
    def passes_prefilter(cls, data: bytes, catalog: Catalog) -> bool:
        """Whether a file has a word of every group of a rule that is not screened."""
        assert not isinstance(cls.prefilter, Named)
        return all(any(word in data for word in _words(group, catalog)) for group in cls.prefilter)

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


def _words(group: Sequence[bytes | Named], catalog: Catalog) -> Iterator[bytes]:
    for word in group:
        if isinstance(word, bytes):
            yield word
        else:
            yield from catalog.words


def all_rules() -> tuple[type[Rule], ...]:
    """Every rule of the package, and what a caller has added, by code."""
    _import_rules(tuple(dropout_lint.rules.__path__))
    return loaded_rules()


@cache
def _import_rules(folders: tuple[str, ...]) -> None:
    for module in pkgutil.iter_modules(folders):
        importlib.import_module(f"dropout_lint.rules.{module.name}")


def loaded_rules() -> tuple[type[Rule], ...]:
    """The rules that are imported, by code."""
    return tuple(sorted(Rule.__subclasses__(), key=lambda rule: rule.code))


def rules_named(codes: Collection[str]) -> tuple[type[Rule], ...]:
    """The rules with one of the codes."""
    return tuple(rule for rule in all_rules() if rule.code in codes) if codes else ()
