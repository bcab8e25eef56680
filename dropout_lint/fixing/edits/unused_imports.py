"""Imports that a fix leaves without a use, and the edits that remove them.

As ruff and pyupgrade do it, and only where the file shows that nothing else could use the name: no
``__init__.py``, no name in a string or an example of a docstring, no comment on the import, no
other file that may have the name from here.
"""

from __future__ import annotations

import io
import re
import tokenize
from dataclasses import replace
from functools import cached_property

import libcst as cst

from dropout_lint.catalog import ModuleClass
from dropout_lint.diagnostics import Edit, Fix
from dropout_lint.fixing.edits.layout import has_comment, line_end, line_start, newline_at
from dropout_lint.fixing.library_names import REACHES_ALL_NAMES
from dropout_lint.semantics.facts.calling.nearby_files import NearbyFiles
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.names import Scope

_BEFORE_A_STATEMENT = frozenset(
    {tokenize.ENCODING, tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT,
     tokenize.COMMENT}
)  # fmt: skip
_EXAMPLE = re.compile(r">>>|\.\. testcode|```")
_TYPE_COMMENT = re.compile(r"#\s*type:")


class UnusedImports:
    """The imports of one file that its fixes may leave without a use."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._removals: dict[str, tuple[Edit, frozenset[int]] | None] = {}

    def without(self, fix: Fix, node: cst.BaseExpression) -> Fix:
        """A fix that takes the name of a called function away, and its import if nothing uses it.

        Of several fixes that do, the last one waits for the one before it: by then it is alone.
        """
        root = _root(node)
        if root is None:
            return fix
        if root.value not in self._removals:
            self._removals[root.value] = self._removal(root.value)
        removal = self._removals[root.value]
        tree, use = self._model.tree, self._model.tree.span(root)[0]
        if removal is None or use not in removal[1]:
            return fix
        edit, uses = removal
        if uses == {use}:
            return replace(fix, edits=(*fix.edits, edit))
        others = [self._called.get(other) for other in sorted(uses - {use})]
        before = others[-1]
        if use < max(uses) or before is None or None in others:
            return fix
        start, end = tree.outer_span(before)
        return replace(fix, edits=(*fix.edits, Edit(start, end, tree.text[start:end])))

    @cached_property
    def _called(self) -> dict[int, cst.BaseExpression]:
        """The names of functions that drop, where the file calls them, by their offsets."""
        called = [site.node.func for site in self._model.sites]
        roots = [(_root(func), func) for func in called]
        return {self._model.tree.span(root)[0]: func for root, func in roots if root is not None}

    def _removal(self, name: str) -> tuple[Edit, frozenset[int]] | None:
        """The edit that takes the import of a name out, and all uses of the name."""
        model = self._model
        path = model.path.replace("\\", "/") if model.path is not None else ""
        if path.rpartition("/")[2] in ("__init__.py", "__init__.pyi") or not model.tree.exact:
            return None
        bindings = model.names.module.bindings.get(name, [])
        if len(bindings) != 1 or bindings[0].kind != "import":
            return None
        if any(isinstance(site.row, ModuleClass) for site in model.sites):
            return None  # the fix of a module that is built anew may call the function
        found = self._imported(name)
        if found is None:
            return None
        if self._may_be_used_unseen(name) or (path and NearbyFiles(path).have_from(path, name)):
            return None
        return found, self._uses(name)

    def _uses(self, name: str) -> frozenset[int]:
        """Where the code of the file means the name of the module."""
        names = self._model.names
        return frozenset(
            self._model.tree.span(node)[0]
            for node, scope in self._read.get(name, ())
            if (found := names.lookup(name, scope)) is None or found[0] is names.module
        )

    @cached_property
    def _read(self) -> dict[str, list[tuple[cst.Name, Scope]]]:
        """The plain names of the file's expressions, each with its scope."""
        read: dict[str, list[tuple[cst.Name, Scope]]] = {}
        for node, scope in self._model.names.scope_at.items():
            if type(node) is cst.Name:
                read.setdefault(node.value, []).append((node, scope))
        return read

    def _imported(self, name: str) -> Edit | None:
        """The edit that removes the import of a name at the top of the file."""
        tree = self._model.tree
        for line in tree.module.body:
            if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
                continue
            statement = line.body[0]
            if not isinstance(statement, (cst.Import, cst.ImportFrom)):
                continue
            aliases = () if isinstance(statement.names, cst.ImportStar) else statement.names
            at = next((at for at, alias in enumerate(aliases) if _binds(alias, name)), None)
            if at is None or (isinstance(statement, cst.Import) and aliases[at].asname is None):
                continue
            start = line_start(tree.text, tree.span(statement)[0])
            end = line_end(tree.text, tree.span(statement)[1])
            if has_comment(tree.text[start:end]) or tree.text[start:end].rstrip().endswith("\\"):
                return None
            if len(aliases) == 1:
                after = end if end == len(tree.text) else end + len(newline_at(tree.text, end))
                return Edit(start, after, "")
            if at + 1 < len(aliases):
                ends = tree.span(aliases[at])[0], tree.span(aliases[at + 1])[0]
            else:
                ends = tree.span(aliases[at - 1])[1], tree.span(aliases[at])[1]
            return Edit(*ends, "")
        return None

    def _may_be_used_unseen(self, name: str) -> bool:
        """Whether a string, an example, a type comment or ``globals()`` may use a name."""
        if not REACHES_ALL_NAMES.isdisjoint(self._read):
            return True
        word = re.compile(rf"\b{re.escape(name)}\b")
        try:
            return any(
                word.search(text) and (pattern is None or pattern.search(text))
                for text, pattern in self._texts
            )
        except (tokenize.TokenError, SyntaxError):
            return True

    @cached_property
    def _texts(self) -> list[tuple[str, re.Pattern[str] | None]]:
        """The strings and comments; each with what it holds if it says something to a program."""
        texts: list[tuple[str, re.Pattern[str] | None]] = []
        before = tokenize.ENCODING
        text = self._model.tree.text.replace("\r\n", "\n").replace("\r", "\n")  # for tokenize
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                texts.append((token.string, _TYPE_COMMENT))
            elif token.type not in (tokenize.NAME, tokenize.OP):
                is_docstring = before in _BEFORE_A_STATEMENT
                texts.append((token.string, _EXAMPLE if is_docstring else None))
            before = token.type
        return texts


def _root(node: cst.CSTNode) -> cst.Name | None:
    """The first name of a dotted expression."""
    while isinstance(node, cst.Attribute):
        node = node.value
    return node if isinstance(node, cst.Name) else None


def _binds(alias: cst.ImportAlias, name: str) -> bool:
    bound = alias.asname.name if alias.asname is not None else alias.name
    return isinstance(bound, cst.Name) and bound.value == name
