"""Classes: may one of a file be an ``nn.Module``, as far as its bases say?"""

from __future__ import annotations

import re

from dropout_lint.files.code import Unclear, arguments, finds, last_before
from dropout_lint.screen.imports import Family, Imports
from dropout_lint.screen.known_names import PLAIN_BASES
from dropout_lint.semantics.project.known_bases import MODULE_BASES, is_module_base

_MODULE_NAMES = {name for names in MODULE_BASES.values() for name in names} | {"Module"}
_CLASS = re.compile(rb"class[ \t\f]+[\w\x80-\xff]+\s*(?=[\[(])")
_FORWARD = re.compile(rb"def[ \t\f]+forward(?!\w)")
_DOTTED = re.compile(rb"([\w\x80-\xff]+(?:\s*\.\s*[\w\x80-\xff]+)*)\s*(?:\[.*\])?", re.DOTALL)
_KEYWORD = re.compile(rb"\w+\s*=")


def may_have_module(code: bytes, imports: Imports, family: Family) -> bool:
    """Whether some class of a file's code may be an ``nn.Module``."""
    looks = _FORWARD.search(code) is not None or any(
        code[last_before(code, start)] == 46 for start in finds(code, b"training")
    )
    for match in _CLASS.finditer(code):
        try:
            bases = arguments(code, match.end())
        except Unclear:
            return True
        if code[match.end()] != 40 or any(
            _may_be_module(base, imports, family, looks)
            for base in bases
            if not _KEYWORD.match(base)
        ):
            return True
    return False


def _may_be_module(base: bytes, imports: Imports, family: Family, looks: bool) -> bool:
    dotted = _DOTTED.fullmatch(base)
    if dotted is None:
        return True
    root, *steps = "".join(dotted.group(1).decode("latin-1").split()).split(".")
    if root in imports.open or (imports.star and root not in imports.bound):
        return True
    meant = family.follow(imports.bound.get(root, ()), steps)
    return is_module(steps[-1] if steps else root, meant, family, looks)


def is_module(name: str, meant: set[str], family: Family, looks: bool) -> bool:
    """Whether a base class with a last name may be a module.

    ``meant`` are the public names that the imports give it, ``looks`` says whether the file has
    something that only modules have.
    """
    if looks and name not in PLAIN_BASES:
        return True
    named = name in _MODULE_NAMES or bool(family.catalog.module_bases)
    return named or any(map(is_module_base, meant))
