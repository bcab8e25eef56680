"""A rewritten call in a module made for it, so that its fix can be proved without a model.

The call keeps its function, its constant arguments and the form that the fix gave it. Its input
becomes a parameter of ``forward``; a rate that is no constant becomes an attribute.
"""

from __future__ import annotations

import ast
import copy
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dropout_lint.catalog import Catalog, CatalogFunction
from dropout_lint.diagnostics import Diagnostic, Edit, Fix
from dropout_lint.fixing.edits.apply import splice

_ATTENTION = "scaled_dot_product_attention"
_SHAPES = {"1d": (3, 4, 6), "2d": (3, 4, 5, 6), "3d": (2, 3, 4, 5, 6)}
_SHAPE = (5, 7)
_RATE = "self.rate"
_MODULE = """
class Pattern(torch.nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.rate = rate{attribute}

    def forward(self, {inputs}):
        return {call}
"""


def pattern(text: str, diagnostic: Diagnostic, fix: Fix, catalog: Catalog) -> dict[str, Any] | None:
    """The arguments of `prove_patterns` for one fix; None for a call that has no such module."""
    within = [e for e in fix.edits if diagnostic.start <= e.start and e.end <= diagnostic.end]
    shifted = [Edit(e.start - diagnostic.start, e.end - diagnostic.start, e.text) for e in within]
    snippet = text[diagnostic.start : diagnostic.end]
    before, after = _expression(snippet), _expression(splice(snippet, shifted))
    if not isinstance(before, ast.Call) or not isinstance(after, ast.Call) or not within:
        return None
    imports = _imports(text)
    function = catalog.function(_qualified(before.func, imports) or "")
    call = None if function is None else _CallArguments.of(before, function)
    if function is None or call is None or not function.name.startswith("torch."):
        return None
    attribute = _attribute(after, [e.text for e in fix.edits if e not in within])
    versions = [call.rewritten(before), call.rewritten(after)]
    made = None if attribute is None else call.constructed(attribute)
    known = {"torch", *imports, *call.inputs, "self.training", _RATE}
    if attribute is not None:
        known.add(ast.unparse(after.func))
    if any(not known.issuperset(_names(each)) for each in (*versions, *([made] if made else []))):
        return None
    header = "import torch\n" + "".join(f"{line}\n" for line in dict.fromkeys(imports.values()))
    return {
        "name": f"{ast.unparse(versions[0])} -> {ast.unparse(versions[1])}",
        "before": header + _source(versions[0], call, None, None),
        "after": header + _source(versions[1], call, attribute, made),
        "shape": list(
            _SHAPES.get(function.name[-2:], (2, 2, 5, 4) if call.is_attention else _SHAPE)
        ),
        "inputs": len(call.inputs),
        "has_rate": call.rate is not None and not isinstance(call.rate, ast.Constant),
    }


@dataclass(frozen=True)
class _CallArguments:
    """The arguments of a call before the fix that are inputs, and its rate."""

    inputs: dict[str, ast.expr]
    rate: ast.expr | None

    @property
    def is_attention(self) -> bool:
        return len(self.inputs) > 1

    @classmethod
    def of(cls, call: ast.Call, function: CatalogFunction) -> _CallArguments | None:
        given: dict[str, ast.expr] = {}
        for position, argument in enumerate(call.args):
            name = next((p.name for p in function.parameters if p.position == position), None)
            if name is None or isinstance(argument, ast.Starred):
                return None
            given[name] = argument
        for keyword in call.keywords:
            if keyword.arg is None:
                return None
            given[keyword.arg] = keyword.value
        first = [p.name for p in function.parameters][: 3 if function.tail == _ATTENTION else 1]
        if any(name not in given for name in first):
            return None
        rate = given.get(function.rate.name) if function.rate is not None else None
        return cls({f"x{number}": given[name] for number, name in enumerate(first)}, rate)

    def rewritten(self, call: ast.Call) -> ast.expr:
        """A call with its inputs and its rate replaced, wherever they occur in it."""
        names = {ast.dump(value): name for name, value in self.inputs.items()}
        if self.rate is not None and not isinstance(self.rate, ast.Constant):
            names[ast.dump(self.rate)] = _RATE
        replaced: ast.expr = _Replace(names).visit(copy.deepcopy(call))
        return replaced

    def constructed(self, module: ast.expr) -> ast.expr:
        names = {} if self.rate is None else {ast.dump(self.rate): _RATE}
        if isinstance(self.rate, ast.Constant):
            names = {}
        replaced: ast.expr = _Replace(names).visit(copy.deepcopy(module))
        return replaced


class _Replace(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit(self, node: ast.AST) -> Any:
        name = self._names.get(ast.dump(node)) if isinstance(node, ast.expr) else None
        if name is not None:
            return ast.parse(name, mode="eval").body
        if isinstance(node, ast.keyword) and node.arg in ("training", "train"):
            return ast.keyword(node.arg, _mode(node.value))  # a parameter of a function, too
        return self.generic_visit(node)


def _mode(value: ast.expr) -> ast.expr:
    if isinstance(value, ast.Constant):
        return value
    return ast.parse("self.training", mode="eval").body


def _attribute(call: ast.Call, texts: list[str]) -> ast.expr | None:
    """The module that a call of ``self.name`` uses, as the fix builds it."""
    for text in texts:
        for node in ast.walk(_statements(text)):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == ast.unparse(
                call.func
            ):
                return node.value
    return None


def _source(
    call: ast.expr, shape: _CallArguments, attribute: ast.expr | None, made: ast.expr | None
) -> str:
    name = ast.unparse(call.func) if isinstance(call, ast.Call) and attribute is not None else ""
    line = f"\n        {name} = {ast.unparse(made)}" if made is not None else ""
    inputs = ", ".join(shape.inputs)
    return _MODULE.format(attribute=line, inputs=inputs, call=ast.unparse(call))


def _expression(text: str) -> ast.expr | None:
    try:
        return ast.parse(f"({text}\n)", mode="eval").body
    except SyntaxError:
        return None


def _statements(text: str) -> ast.AST:
    try:
        return ast.parse(textwrap.dedent(text).strip())
    except SyntaxError:
        return ast.Module([], [])


def _imports(text: str) -> dict[str, str]:
    """The names that a file imports from torch, each with the statement that does it alone."""
    statements: dict[str, str] = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name.partition(".")[0] == "torch":
                    bound = name.asname or "torch"
                    statements[bound] = ast.unparse(ast.Import([name]))
        elif isinstance(node, ast.ImportFrom) and not node.level:
            if (node.module or "").partition(".")[0] == "torch":
                for name in node.names:
                    statements[name.asname or name.name] = ast.unparse(
                        ast.ImportFrom(node.module, [name], 0)
                    )
    return statements


def _qualified(node: ast.expr, imports: dict[str, str]) -> str | None:
    """The dotted name of a function that is reached through an import."""
    path = ast.unparse(node)
    first, dot, rest = path.partition(".")
    statement = imports.get(first)
    if statement is None:
        return None
    parsed = ast.parse(statement).body[0]
    assert isinstance(parsed, (ast.Import, ast.ImportFrom))
    name = parsed.names[0]
    if isinstance(parsed, ast.ImportFrom):
        return f"{parsed.module}.{name.name}{dot}{rest}"
    return f"{name.name}{dot}{rest}" if name.asname else path


def _names(node: ast.AST) -> Iterator[str]:
    """The names that an expression reads, and the attributes of `self`."""
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and ast.unparse(each.value) == "self":
            yield ast.unparse(each)
        elif isinstance(each, ast.Name) and each.id != "self":
            yield each.id
