"""The questions about the file that arise where the runs of its functions are combined."""

from __future__ import annotations

from typing import Protocol

import libcst as cst

from dropout_lint.semantics.interpreter.run import Run
from dropout_lint.semantics.interpreter.surroundings import Surroundings
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.hand_drawn.masks import Masks


class FileSurroundings(Surroundings, Protocol):
    """What is asked besides the questions of the interpreter. `SemanticModel` answers."""

    @property
    def masks(self) -> Masks: ...

    def run(self, function: FunctionInfo, training: bool) -> Run:
        """The run of a function in one mode, with the arguments of its callers in the file."""

    def mentions_mode(self, node: cst.CSTNode) -> bool:
        """Whether an expression mentions ``….training`` or a function that knows the mode."""

    def is_project_function(self, name: str) -> bool:
        """Whether a dotted name is that of a function of another file that may drop."""
