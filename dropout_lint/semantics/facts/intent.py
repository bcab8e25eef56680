"""Intent: evidence in the code that randomness in eval mode is wanted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from dropout_lint.catalog import canonical
from dropout_lint.semantics.facts.intent_signs import ENOUGH, declares, docstring, signs
from dropout_lint.semantics.facts.views import draws_views_only, is_one_of_two_views
from dropout_lint.semantics.interpreter.values import Const
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import children
from dropout_lint.vocabulary.dropping import speaks_of_dropout
from dropout_lint.vocabulary.intent import (
    INTENT_DOCSTRING,
    INTENT_NAMES,
    RANDOMNESS,
    REPLACED_FLAG,
    TEST_NAMES,
    speaks_of_wanted_randomness,
)

_DOCSTRING = re.compile(INTENT_DOCSTRING, re.IGNORECASE)
_RANDOMNESS = re.compile(RANDOMNESS, re.IGNORECASE)
_REPLACED_FLAG = re.compile(REPLACED_FLAG)
_TEST = re.compile(TEST_NAMES)


@dataclass(frozen=True)
class Intent:
    """Finds evidence of intent; ``names`` are the known words and the configuration's."""

    names: tuple[str, ...] = INTENT_NAMES

    def evidence(
        self,
        model: SemanticModel,
        node: cst.CSTNode,
        function: FunctionInfo | None,
        comments: Sequence[str],
        group: Sequence[str] = (),
    ) -> str | None:
        """The reason why randomness at a node is wanted, in a few words; None if there is none.

        ``comments`` are those beside the node: on its lines and directly above. ``group`` are
        those above the lines that it stands among.
        """
        for part in function.qualname.split(".") if function is not None else ():
            if self.in_name(part):
                return f"the name `{part}` says so"
        for comment in comments:
            if declares(comment):
                return f"the comment says so: {comment.strip('# ')}"
        if function is not None and is_one_of_two_views(model, node):
            return "the same input is drawn from twice, into two numbered views"
        is_told = has_literal_true_flag(model, node)
        if is_told:
            reason = self._reason_for_true(model, node, function, comments)
            if reason is not None:
                return reason
        if function is not None and draws_views_only(model, function):
            return "what calls it in eval mode makes several numbered views of one input"
        test = test_around(model, node)
        if test is not None:
            return f"it is made inside the test `{test}`"
        caller = self._intended_caller(model, function) if function is not None else None
        if caller is not None:
            return f"only `{caller.qualname}` calls it in eval mode, and its name says so"
        for above in model.tree.ancestors(node):
            if isinstance(above, (cst.FunctionDef, cst.ClassDef)):
                if self.in_name(above.name.value):
                    return f"the name `{above.name.value}` says so"
                text = docstring(above)
                if text and _DOCSTRING.search(text) and _RANDOMNESS.search(text):
                    return f"the docstring of `{above.name.value}` says so"
        found: dict[str, int] = {}
        for sign in signs(model, node, function, comments, group, self.in_name):
            found[sign.reason] = sign.weight
            if sum(found.values()) >= (1 if is_told else ENOUGH):
                return "; ".join(found)
        return None

    def _reason_for_true(
        self,
        model: SemanticModel,
        node: cst.CSTNode,
        function: FunctionInfo | None,
        comments: Sequence[str],
    ) -> str | None:
        """The reason why a flag is True on purpose; of a missing flag it would say little."""
        if function is not None and function.owner is not None:
            derived = any(is_dropout_layer(model, base) for base in function.owner.roots)
            if derived or (
                speaks_of_dropout(function.owner.name) and only_returns(model, node, function)
            ):
                return f"`{function.owner.name}` is a dropout layer of its own, told to stay on"
        if any(_REPLACED_FLAG.fullmatch(comment) for comment in comments):
            return "the comment keeps the flag that `True` took the place of"
        return None

    def _intended_caller(self, model: SemanticModel, function: FunctionInfo) -> FunctionInfo | None:
        """A caller in eval mode, if the names of all of them say that randomness is wanted."""
        if function.is_entry:
            return None
        callers = [caller for caller, _ in model.callers(function, False)]
        wanted = all(any(map(self.in_name, c.qualname.split("."))) for c in callers)
        return callers[0] if callers and wanted else None

    def in_name(self, name: str) -> bool:
        """Whether a class or function name speaks of wanted randomness."""
        return speaks_of_wanted_randomness(name, self.names)


def test_around(model: SemanticModel, node: cst.CSTNode) -> str | None:
    """The test in which the class of a node is made, to try an operator: a function or a class."""
    classes = 0
    for above in model.tree.ancestors(node):
        if isinstance(above, (cst.FunctionDef, cst.ClassDef)):
            if classes and _TEST.match(above.name.value):
                return above.name.value
            classes += isinstance(above, cst.ClassDef)
    return None


def has_literal_true_flag(model: SemanticModel, node: cst.CSTNode) -> bool:
    """Whether a node is a call of the catalog whose flag is True, here or by a name."""
    flags = [site.flag for site in model.sites_at(node)]
    return any(flag and set(flag.value.atoms) == {Const(True)} for flag in flags)


def is_dropout_layer(model: SemanticModel, base: str | None) -> bool:
    """Whether a class is one of torch's dropout layers, or what they all derive from."""
    if base is None:
        return False
    row = model.catalog.module(base)
    return canonical(base) == "torch.nn._DropoutNd" or (
        row is not None and row.functional is not None
    )


def only_returns(model: SemanticModel, node: cst.CSTNode, function: FunctionInfo) -> bool:
    """Whether a method does nothing but return what a call computes from a parameter."""
    statements = len(list(children(function.node.body))) - bool(docstring(function.node))
    if statements != 1 or not isinstance(model.tree.parent(node), cst.Return):
        return False
    first = node.args[0].value if isinstance(node, cst.Call) and node.args else None
    given = {parameter.name.value for parameter in function.parameters}
    return isinstance(first, cst.Name) and first.value in given
