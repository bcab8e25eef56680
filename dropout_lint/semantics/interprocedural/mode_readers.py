"""Functions that read the mode, themselves or through the functions that they call."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

import libcst as cst

from dropout_lint.semantics.syntax.functions import FunctionInfo, Functions
from dropout_lint.semantics.syntax.tree import walk


class ModeReaders:
    """The functions of one file that read the mode."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def reads_training(self, function: FunctionInfo) -> bool:
        """Whether a function mentions ``….training``."""
        return function in self._reading

    def knows_mode(self, function: FunctionInfo) -> bool:
        """Whether a function may behave differently in the other mode, itself or through others."""
        return function in self._knowing

    def mentions_mode(self, node: cst.CSTNode) -> bool:
        """Whether an expression mentions ``….training`` or a function that knows the mode."""
        for below in walk(node):
            if isinstance(below, cst.Attribute):
                name = below.attr.value
            elif isinstance(below, cst.Name):
                name = below.value
            else:
                continue
            if name == "training" or name in self._knowing_names:
                return True
        return False

    def that_mention(self, attributes: Collection[str]) -> list[FunctionInfo]:
        """The functions that mention an attribute of one of these names."""
        return self._functions.mentioning(
            lambda node, _: isinstance(node, cst.Attribute) and node.attr.value in attributes
        )

    @cached_property
    def _reading(self) -> set[FunctionInfo]:
        return set(self.that_mention({"training"}))

    @cached_property
    def _knowing(self) -> set[FunctionInfo]:
        """The functions that read the mode or what ``train()`` sets, and those that use them."""
        reading = self.that_mention({"training"})
        for function in self._functions:
            if function.is_mode_override and function.owner is not None:
                set_there = {
                    name
                    for name, writes in function.owner.writes.items()
                    if any(write.method is function.node for write in writes)
                }
                reading += self.that_mention(set_there)
        return self._functions.with_callers(reading)

    @cached_property
    def _knowing_names(self) -> set[str]:
        return {function.name for function in self._knowing}
