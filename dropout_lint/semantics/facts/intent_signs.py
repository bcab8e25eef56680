"""Signs of intent that are too weak to decide alone: names, folders, comments, other code.

A flag that is written True needs one of them, a flag that is missing two. One that names Monte
Carlo dropout itself counts twice.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import libcst as cst

from dropout_lint.semantics.facts.effects.built_layers import holds_dropout
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.project.modules import root_of
from dropout_lint.semantics.syntax.classes import is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import children, tail_of, walk
from dropout_lint.vocabulary.intent import (
    DENIAL,
    INTENT_ACT,
    INTENT_COMMENT,
    INTENT_TERMS,
    INTENT_TIME,
    RANDOMNESS,
    SIGN_WORDS,
    names_dropout_at_inference,
)
from dropout_lint.vocabulary.words import words

ENOUGH = 2
_COMMENT = re.compile(INTENT_COMMENT, re.IGNORECASE)
_TIME = re.compile(INTENT_TIME, re.IGNORECASE)
_ACT = re.compile(INTENT_ACT, re.IGNORECASE)
_DENIAL = re.compile(DENIAL, re.IGNORECASE)
_TERMS = re.compile(INTENT_TERMS, re.IGNORECASE)
_RANDOMNESS = re.compile(RANDOMNESS, re.IGNORECASE)


@dataclass(frozen=True)
class Sign:
    """A sign of intent in a few words, and how much it counts."""

    reason: str
    weight: int


def declares(comment: str) -> bool:
    """Whether a comment says by itself that randomness in eval mode is wanted."""
    match = _COMMENT.search(comment)
    if match is None and _ACT.search(comment):
        match = _TIME.search(comment)
    return match is not None and not _DENIAL.search(comment.replace(match.group(), ""))


def signs(
    model: SemanticModel,
    node: cst.CSTNode,
    function: FunctionInfo | None,
    comments: Sequence[str],
    group: Sequence[str],
    in_name: Callable[[str], bool],
) -> Iterator[Sign]:
    """The signs for a call, the nearest first.

    ``comments`` are beside it, ``group`` above the lines that it stands among.
    """
    for part in function.qualname.split(".") if function is not None else ():
        if words(part) & SIGN_WORDS:
            yield Sign(f"the name `{part}` says so", 1)
    for kind, name in _names_around(model, node):
        if in_name(name):
            yield Sign(f"the {kind} `{name}` says so", 1 + names_dropout_at_inference(name))
    for comment in (*comments, *group):
        text = comment.strip("# ")
        if comment in group and declares(comment) and _RANDOMNESS.search(comment):
            yield Sign(f"the comment above says so: {text}", ENOUGH)
        elif _TERMS.search(comment) and not _DENIAL.search(comment):
            yield Sign(f"the comment says so: {text}", 1)
    for place, name in _places(model):
        if in_name(name) or words(name) & SIGN_WORDS:
            is_file = place == "module's" and names_dropout_at_inference(name)
            yield Sign(f"the {place} name `{name}` says so", 1 + is_file)
            break  # a folder and a file of one name say one thing
    text = _docstring_of_file(model)
    if _TERMS.search(text) and _RANDOMNESS.search(text):
        yield Sign("the docstring of the file says so", 1)
    for above in model.tree.ancestors(node):
        if isinstance(above, (cst.FunctionDef, cst.ClassDef)):
            text = docstring(above)
            if _TERMS.search(text) and not _DENIAL.search(text):
                yield Sign(f"the docstring of `{above.name.value}` says so", 1)
    switch = _switches_dropout_on(model)
    if switch is not None:
        yield Sign(f"`{switch}` switches dropout on for eval mode", 1)


def _names_around(model: SemanticModel, node: cst.CSTNode) -> Iterator[tuple[str, str]]:
    """The names that get the result of a call, and those that its rate is made of."""
    for above in model.tree.ancestors(node):
        if isinstance(above, (cst.Assign, cst.AnnAssign)):
            targets = above.targets if isinstance(above, cst.Assign) else [above]
            for target in targets:
                for part in walk(target.target):
                    if isinstance(part, cst.Name):
                        yield "name", part.value
            break
        if isinstance(above, cst.BaseStatement):
            break
    for site in model.sites:
        if site.node is node and site.rate is not None:
            for part in walk(site.rate.node.value):
                if isinstance(part, cst.Name) and part.value != "self":
                    yield "rate's name", part.value


def _places(model: SemanticModel) -> Iterator[tuple[str, str]]:
    """The names of a file, its packages and the folders of its project, the nearest first."""
    here = model.project.here
    modules = here.name.split(".") if here is not None else []
    for part in reversed(modules):
        yield "module's", part
    if model.path is None:
        return
    folder = os.path.dirname(os.path.abspath(model.path))
    root = root_of(folder)
    while True:
        if (name := os.path.basename(folder)) not in modules:
            yield "folder's", name
        if folder == root or os.path.dirname(folder) == folder:
            break
        folder = os.path.dirname(folder)


def docstring(node: cst.FunctionDef | cst.ClassDef | cst.Module) -> str:
    """The docstring as written, with line breaks folded."""
    body = children(node) if isinstance(node, cst.Module) else children(node.body)
    for statement in body:
        if isinstance(statement, cst.SimpleStatementLine):
            first = statement.body[0]
            if isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString):
                return " ".join(first.value.raw_value.split())
        if isinstance(statement, cst.BaseStatement):
            break
    return ""


def _docstring_of_file(model: SemanticModel) -> str:
    return docstring(model.tree.module)


_SWITCHES: WeakKeyDictionary[SemanticModel, str | None] = WeakKeyDictionary()


def _switches_dropout_on(model: SemanticModel) -> str | None:
    """A function that puts dropout layers back in train mode: ``eval`` of a class, a helper.

    ``for m in net.modules(): if type(m) is nn.Dropout: m.train()``. A ``forward`` that does so is
    no helper.
    """
    if model not in _SWITCHES:
        _SWITCHES[model] = _find_switch(model)
    return _SWITCHES[model]


def _find_switch(model: SemanticModel) -> str | None:
    for function in model.functions:
        if function.is_entry:
            continue
        for node in walk(function.node.body):
            if isinstance(node, cst.Call) and tail_of(node.func) == "train" and not node.args:
                if isinstance(node.func, cst.Attribute) and _is_dropout(
                    model, function, node.func.value
                ):
                    return function.qualname
    return None


def _is_dropout(model: SemanticModel, function: FunctionInfo, node: cst.BaseExpression) -> bool:
    """Whether an object that is put in train mode is a dropout layer."""
    if isinstance(node, cst.Attribute) and is_self(node.value, function.self_name):
        writes = function.owner.find_writes(node.attr.value) if function.owner else []
        return bool(writes) and all(holds_dropout(model, write) for write in writes)
    if not isinstance(node, cst.Name):
        return False
    for above in model.tree.ancestors(node):
        if isinstance(above, cst.If):
            test = model.tree.code(above.test)
            if "ropout" in test and node.value in test:
                return True
    return False
