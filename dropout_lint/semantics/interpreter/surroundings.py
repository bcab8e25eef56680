"""The questions of the interpreter about the file and the project around a function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dropout_lint.catalog import Catalog
from dropout_lint.semantics.budget import Steps
from dropout_lint.semantics.interpreter.guards import Guards
from dropout_lint.semantics.interpreter.run import Run
from dropout_lint.semantics.interpreter.values import Atom, Instance, Value
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.functions import FunctionInfo, Functions
from dropout_lint.semantics.syntax.names import Scope


@dataclass(frozen=True)
class BuiltModule:
    """The module that a call of a function of the project returns."""

    builder: FunctionInfo
    module: Instance


@dataclass(frozen=True)
class MadeFunction:
    """The function, or one of several, that a call of a function of the file returns."""

    maker: FunctionInfo
    value: Value


class Surroundings(Protocol):
    """What is asked while one function is run. `SemanticModel` answers, and a test's stand-in."""

    @property
    def catalog(self) -> Catalog: ...

    @property
    def steps(self) -> Steps:
        """The steps that are left for the file at hand."""

    @property
    def functions(self) -> Functions: ...

    def catalog_name(self, name: str) -> str:
        """The dotted name that the catalog has for an imported name, else the name itself."""

    def static(self, name: str, scope: Scope) -> Value:
        """The value of a name that is no local variable of the run."""

    def attribute(self, owner: ClassInfo, name: str, training: bool) -> Value:
        """The value of ``self.name`` if its class settles it, else an unknown `Attribute`."""

    def knows_mode(self, function: FunctionInfo) -> bool:
        """Whether a function may behave differently in the other mode, itself or by its calls."""

    def alone(self, function: FunctionInfo, training: bool) -> Run:
        """The run of a function in one mode with unknown arguments."""

    def built(self, callee: Atom, training: bool, caller: FunctionInfo) -> BuiltModule | None:
        """The module of the catalog that a function of the project, not the caller, builds."""

    def made(self, callee: Atom) -> MadeFunction | None:
        """The functions that a function of the file makes for its caller."""

    def guards_of_reads(self, owner: ClassInfo, name: str, training: bool) -> Guards | None:
        """The guards behind which the file reads ``self.name`` in a mode; None: it does not."""

    def zeros_where(self, owner: ClassInfo, name: str, holds: bool) -> frozenset[str]:
        """The attributes that are zero, or nothing, where ``self.name`` is true (or false)."""
