"""What is said of a file that the screen dismissed: it is no Python, or its imports are missing."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator

from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import AnalysisError, parse

_DROPS = re.compile(
    rb"(?<![\w.])(F|nn|torch)\.(?:\w+\.)*(?:feature_)?(?:alpha_)?dropout[123]?d?\s*\("
)
_IMPORTED = re.compile(rb"\bimport\b([^\n]*)")


def check_readable(source: Source) -> None:
    """Raise AnalysisError if a text is no Python, as a syntax error or as JSON from stdin."""
    parse(source)
    if source.path is None and source.text.lstrip().startswith(("{", "[")):
        kind = _kind_of_json(source.text)
        if kind is not None:
            raise AnalysisError(f"{source.name}: is {kind}, not Python; give its code as Python")


def _kind_of_json(text: str) -> str | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and "cells" in value:
        return "a notebook"
    # `[1, 2]` is both.
    return "JSON" if isinstance(value, dict) and value else None


def hint_on_imports(data: bytes, name: str) -> str | None:
    """A sentence about a module whose dropout is called by names that nothing in the file binds.

    Such is a snippet that was cut out of its file.
    """
    if b"Module" not in data or b"dropout" not in data:
        return None
    called = {match[1] for match in _DROPS.finditer(data)}
    imported = b"\n".join(_IMPORTED.findall(data))
    if all(_may_bind(data, imported, word) for word in called):
        return None
    try:
        tree = parse(Source.decode(data, name))
    except AnalysisError:
        return None
    unbound = _called_in_modules(tree) - set(_bindings(tree))
    if not unbound:
        return None
    names = " and ".join(f"`{word}`" for word in sorted(unbound))
    verb = "is" if len(unbound) == 1 else "are"
    return (
        f"{name}: {names} {verb} never imported here, so it is not known what is called; "
        "add the imports"
    )


def _may_bind(data: bytes, imported: bytes, word: bytes) -> bool:
    """Whether a line looks as if it bound a name; ``imported`` is what stands behind ``import``.

    Each pattern takes time in proportion to the text.
    """
    name = rb"(?<![\w.])%s\b[ \t\r]*(?:$|[=,;#])" % word
    places = ((name, imported), (rb"\bas[ \t]+" + name, data), (rb"^[ \t]*" + name, data))
    return any(re.search(pattern, text, re.MULTILINE) for pattern, text in places)


def _called_in_modules(tree: ast.Module) -> set[str]:
    """What the dotted names of dropout that classes of modules call begin with."""
    modules = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(map(_is_module, node.bases))
    )
    calls = (node for module in modules for node in ast.walk(module) if isinstance(node, ast.Call))
    drops = (_DROPS.match(f"{ast.unparse(call.func)}(".encode()) for call in calls)
    return {drop[1].decode() for drop in drops if drop is not None}


def _is_module(base: ast.expr) -> bool:
    return isinstance(base, ast.Attribute) and base.attr == "Module"


def _bindings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.alias):
            # A star may bind any name.
            yield from ("F", "nn", "torch") if node.name == "*" else ()
            yield (node.asname or node.name).split(".")[0]
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
