"""The vocabulary: its lists are in form, and no other room keeps one of its own."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import dropout_lint

PACKAGE = Path(dropout_lint.__file__).parent
FILES = sorted((PACKAGE / "vocabulary").glob("*.py"))

# Names that are compared as they are written, not by their lower-case words.
WRITTEN = {"LAYER_NAMES"}

# Lists of five or more lower-case words outside the vocabulary: all are facts.
FACTS = {
    "fixing/hazards/guarded.py _APPLIES": "methods of torch.Tensor",
    "fixing/library_names.py": "names of Python, torch and its libraries",
    "semantics/facts/tensor_functions.py": "functions and methods of torch, numpy and random",
    "semantics/syntax/hand_drawn/tensor_calls.py": "functions of torch, numpy and random",
    "semantics/project/known_bases.py": "packages, and the base classes in them",
    "semantics/facts/effects/unset_rates.py _COMPUTED": "functions and methods of Python",
    "semantics/facts/attribute_uses.py _FINDERS": "attributes of nn.Module and special methods",
    "screen/text/containers.py _OPERATORS": "keywords of Python",
    "screen/known_names.py STEMS": "what the names in the catalog have in common",
    "screen/tree/collect.py _SKIPPED": "fields of the nodes of Python's ast",
    "semantics/facts/draws.py WORDS": "what the names of the samplers of torch have in common",
    "screen/known_names.py EXPORTERS": "functions of torch",
    "semantics/driving/places.py SAME_MODULE": "methods of torch.nn.Module",
    "semantics/driving/events.py _KEEPING": "methods of torch.nn.Module",
    "semantics/driving/around.py _PLAIN_DECORATORS": "decorators of Python and torch",
    "semantics/driving/events.py _READERS": "functions of Python",
    "semantics/driving/exports.py _HARMLESS": "attributes of torch.nn.Module",
    "semantics/driving/exports.py _READERS": "functions of Python",
    "semantics/driving/known_layers.py _VISION": "what torchvision calls its models",
    "semantics/driving/receivers.py _METHODS": "methods of torch.nn.Module",
    "semantics/interpreter/simple_statements.py _TAKING": "methods of dict and list",
    "semantics/interpreter/evaluator.py _MUTATORS": "methods of list, set and dict",
    "semantics/interpreter/expressions.py _METADATA": "attributes of torch.Tensor",
    "semantics/syntax/class_body.py REGISTERS": "methods of torch.nn.Module",
}


def word_lists() -> Iterator[tuple[Path, str, ast.Assign]]:
    for path in FILES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                if not node.targets[0].id.startswith("_"):
                    yield path, node.targets[0].id, node


LISTS = [pytest.param(path, node, id=name) for path, name, node in word_lists()]


def written(node: ast.AST) -> list[str]:
    """The words of a literal: of its strings, or of the text that is split."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        text = node.func.value
        if node.func.attr == "split" and isinstance(text, ast.Constant):
            return str(text.value).split()
    items: list[ast.expr | None] = []
    if isinstance(node, (ast.Set, ast.Tuple, ast.List)):
        items = [*node.elts]
    if isinstance(node, ast.Dict):
        items = [*node.keys]
    values = [item.value for item in items if isinstance(item, ast.Constant)]
    texts = [value.decode() if isinstance(value, bytes) else value for value in values]
    return [text for text in texts if isinstance(text, str)]


@pytest.mark.parametrize(("path", "node"), LISTS)
def test_no_word_is_there_twice(path: Path, node: ast.Assign) -> None:
    words = [word for below in ast.walk(node) for word in written(below)]
    assert sorted(words) == sorted(set(words))


@pytest.mark.parametrize(("path", "node"), LISTS)
def test_words_are_in_lower_case(path: Path, node: ast.Assign) -> None:
    words = [word for below in ast.walk(node) for word in written(below)]
    assert ast.unparse(node.targets[0]) in WRITTEN or all(word == word.lower() for word in words)


@pytest.mark.parametrize(("path", "node"), LISTS)
def test_each_list_says_its_reason_its_origin_and_what_it_decides(
    path: Path, node: ast.Assign
) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()[: node.lineno - 1]
    comment: list[str] = []
    while lines and lines[-1].startswith("# "):
        comment.insert(0, lines.pop())
    pattern = (
        r"# (?!Origin|Measured).{20,}?\n# Origin: .+\n# Measured: (\d.*|nothing changes|not yet)\."
    )
    assert re.fullmatch(pattern, "\n".join(comment), re.DOTALL)


def test_modes_are_listed_once() -> None:
    modes = importlib.import_module("dropout_lint.vocabulary.modes")
    assert modes.TRAIN_EVAL_WORDS < modes.MODE_WORDS
    assert modes.SURE_MODE_PARAMETERS < modes.MODE_PARAMETERS


def lists_elsewhere() -> Iterator[str]:
    """The lists of five or more lower-case words in the rooms that judge names."""
    for room in ("semantics", "fixing", "rules", "screen"):
        for path in sorted((PACKAGE / room).rglob("*.py")):
            for statement in ast.parse(path.read_text(encoding="utf-8")).body:
                for node in nodes_below(statement):
                    words = [word for word in written(node) if re.fullmatch(r"[a-z_]+", word)]
                    if len(words) >= 5:
                        yield f"{path.relative_to(PACKAGE).as_posix()} {name_of(statement)}"


def nodes_below(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it, but for types (``Literal["a", "b"]``) and ``__slots__``."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
        return
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__slots__":
        return
    yield node
    for below in ast.iter_child_nodes(node):
        yield from nodes_below(below)


def name_of(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Assign):
        return ast.unparse(statement.targets[0])
    if isinstance(statement, ast.AnnAssign):
        return ast.unparse(statement.target)
    return str(getattr(statement, "name", ""))


def test_no_other_room_keeps_a_list_about_names() -> None:
    found = set(lists_elsewhere())
    strange = {one for one in found if one not in FACTS and one.partition(" ")[0] not in FACTS}
    assert not strange
    used = found | {one.partition(" ")[0] for one in found}
    assert not FACTS.keys() - used, "these are gone: take them off the list of facts"
