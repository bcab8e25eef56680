"""The first stage: bytes. Is anything of the family used in a way that is not plainly fine?

A few searches for words settle most files. In the others every mention of a name of the family has
to have one of a few forms that are known to be fine; whatever looks different goes to the second
stage. So a layout that nobody thought of costs time and loses nothing.
"""

from __future__ import annotations

import re
from bisect import bisect
from functools import cache, cached_property
from typing import TYPE_CHECKING

from dropout_lint.catalog import Catalog, CatalogFunction
from dropout_lint.files.code import (
    Unclear,
    arguments,
    chain_before,
    closing,
    code_of,
    first_from,
    identifiers,
    last_before,
    statement_end,
)
from dropout_lint.python_names import CONSTRUCTORS
from dropout_lint.screen.arguments import read_arguments
from dropout_lint.screen.bases import may_have_module
from dropout_lint.screen.imports import Family, family_of, without_imports
from dropout_lint.screen.known_names import DROP_WORDS, STEMS, as_bytes
from dropout_lint.screen.text.draws import calls_matter, may_draw
from dropout_lint.screen.text.drivers import may_drive
from dropout_lint.screen.text.flags import Flags
from dropout_lint.screen.text.methods import (
    MODES,
    may_speak,
    names_method,
    overrides_mode,
    replaces_mode,
    takes_method,
)
from dropout_lint.screen.text.places import Places
from dropout_lint.screen.text.statements import attributes_put, is_statement, throws_away
from dropout_lint.vocabulary.dropping import FUNCTION_NAMES, speaks_of_dropping

if TYPE_CHECKING:
    from dropout_lint.screen.text.mentions import Mentions

_FLAG = re.compile(rb"\w+\s*\.\s*training")
_ZERO = rb"0(?:\.0*)?"
_GATED_RATE = re.compile(
    rb"\(?\s*(?:[\w.]+\s+if\s+\w+\.training\s+else\s+" + _ZERO
    + rb"|" + _ZERO + rb"\s+if\s+not\s+\w+\.training\s+else\s+[\w.]+"
    + rb"|" + _ZERO + rb")\s*\)?"
)  # fmt: skip
_PASSED_FLAG = re.compile(rb"(?:train|training|eval|True)\s*[,)]")
_DEF = re.compile(rb"def[ \t\f]+(\w+)")
_TO_ATTRIBUTE = re.compile(rb"\s*\w+\.\w+\s*(?::[^=\n]*)?=[^=\n]")
_CONSTRUCTORS = as_bytes(CONSTRUCTORS)
_PUT = re.compile(rb"[\s)]*(?::[^=\n]*)?[-+*/%&|^@<>]*=(?!=)")
_ANY_ZERO = re.compile(rb"(?<![\w.])\.?0[0_.xXoObB]*(?:[eE][-+]?[0-9_]+)?(?![\w.])")
_NAMES = re.compile(rb"[A-Za-z_]\w*")
# `F = lazy_import("torch.nn.functional")`: the name stands in a string.
_IMPORTS_BY_CALL = re.compile(rb"import(?:(?!import)\w)*\s*\(\s*[\"']torch[.\"']")


class Lexical:
    """The first stage for one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._family = family_of(catalog)
        names = {name.encode() for name in self._family.tails}
        words = catalog.words
        extra = [word for word in words if not any(stem in word for stem in STEMS)]
        # A function of the project that drops may have any name with `drop_` in it.
        self._words = {
            stem: (stem,) if stem == b"drop_" else tuple(word for word in words if stem in word)
            for stem in (*STEMS, *extra)
        }
        self._names = names
        self._kept = names | {step.encode() for step in self._family.steps}

    def may_matter(self, data: bytes) -> bool:
        """Whether a file's bytes hold anything that is not plainly fine."""
        stems = [stem for stem in self._words if stem in data]
        drives = b"torch" in data  # it may hold code that builds, trains and evaluates models
        has_class = b"class" in data
        modes = [word for word in MODES if word in data] if drives or has_class else []
        is_named = any(word in data for stem in stems for word in self._words[stem])
        draws = may_draw(data)
        if drives and may_drive(data):
            return True
        if not (is_named or draws or (modes and (may_speak(data) or _may_set_rate(data)))):
            return False
        if _IMPORTS_BY_CALL.search(data):
            return True
        try:
            code = code_of(data, self._kept)
            if modes and drives and names_method(code):
                return True
            if modes and has_class and (takes_method(code) or overrides_mode(code)):
                return True
            file = _File(code, self._family, self._names)
            if draws and calls_matter(file.code, file.flags.sets_flag):
                return True
            return file.may_matter(stems) or (
                bool(modes) and replaces_mode(code) and file.has_module
            )
        except Unclear:
            return True


def _may_set_rate(data: bytes) -> bool:
    """Whether an attribute named after dropping may be set in one of the modes."""
    return b"training" in data and any(stem in data for stem in DROP_WORDS)


@cache
def lexical(catalog: Catalog) -> Lexical:
    """The screen of a catalog, one for the whole run."""
    return Lexical(catalog)


class _File:
    """The code of one file with what is asked of it more than once."""

    def __init__(self, code: bytes, family: Family, names: set[bytes]) -> None:
        self.family = family
        self.names = names
        self.code, self.imports = without_imports(code, family)
        self.rates: set[bytes] = set()
        self.layers: set[bytes] = set()  # attributes that hold modules of the family
        self.flags = Flags(self.code, names)

    @cached_property
    def has_module(self) -> bool:
        return may_have_module(self.code, self.imports, self.family)

    @cached_property
    def mentions(self) -> Mentions:
        from dropout_lint.screen.text.mentions import Mentions  # few files get here, often none

        return Mentions(self.code, self.imports, self.family)

    @cached_property
    def _places(self) -> Places:
        return Places(self.code)

    def may_matter(self, stems: list[bytes]) -> bool:
        if self.imports.renamed or self._calls_project_function():
            return True
        drops: list[int] = []
        mentioned = False
        for stem in stems:
            for start, end in identifiers(self.code, stem):
                if self.code[start:end] not in self.names:
                    continue
                if not mentioned and self.code.count(b"(") != self.code.count(b")"):
                    return True  # no Python, and somebody should say so
                mentioned = True
                for name in self.mentions.meant(start, end):
                    drops.append(start)
                    row = self.family.catalog.functions.get(name)
                    if row is not None:
                        if not self._is_fine(row, start, end):
                            return True
                    elif not self._is_kept(start, end):
                        return True
        if not self.has_module:
            return False
        if self._sets_rate_to_zero() or throws_away(self.code, self.layers):
            return True
        layers = {name.encode("latin-1") for name in self.imports.layers}
        if not drops and not layers:
            return False
        from dropout_lint.screen.text.containers import Containers

        return Containers(self.code, self.family.builders | layers, drops).hide_modules()

    # --- functions --------------------------------------------------------------------------

    def _is_fine(self, row: CatalogFunction, start: int, end: int) -> bool:
        """Whether a mention of a function is a call that plainly follows the mode."""
        code = self.code
        while code[end : end + 1] in (b" ", b"\t"):
            end += 1
        if code[end : end + 1] != b"(":
            start, _ = chain_before(code, start)
            return self._places.is_listed(start, end) or (
                not self.has_module
                and (self._places.is_in_table(start) or _PASSED_FLAG.search(code) is None)
            )
        if is_statement(code, chain_before(code, start)[0], closing(code, end) + 1):
            return False
        given = read_arguments(arguments(code, end))
        rate = given.get(row.rate.name, row.rate.position) if row.rate else None
        if rate is not None and (b"train" in rate or rate == b"True"):
            return (
                bool(row.mode is None and _GATED_RATE.fullmatch(rate)) and not self.flags.sets_flag
            )
        if rate is not None:
            self.rates.update(_NAMES.findall(rate)[-1:])
            if any(self.flags.gets_mode(name) for name in _NAMES.findall(rate)[-1:]):
                return False
        if row.mode is None:
            if rate is None:
                return not given.is_unclear and (
                    given.is_open or not (row.rate and row.rate.default)
                )
            return bool(_GATED_RATE.fullmatch(rate)) and not self.flags.sets_flag
        flag = given.get(row.mode.name, row.mode.position)
        if flag is None:
            is_off = row.mode.default is False and self.has_module
            return not given.is_unclear and (
                given.is_open or not (row.mode.default is True or is_off)
            )
        if not self.has_module:  # functions of other files may lead here, and the flag is theirs
            return not self.flags.may_be_constant(flag)
        return bool(_FLAG.fullmatch(flag)) and not self.flags.sets_flag

    def _calls_project_function(self) -> bool:
        """Whether a function of another file is called that may drop."""
        if not (self.imports.drops or self.imports.open or self.imports.star):
            return False
        code, imports = self.code, self.imports
        for stem in {name.encode("latin-1") for name in (*FUNCTION_NAMES, *imports.drops)}:
            for start, end in identifiers(code, stem):
                at = first_from(code, end)
                if code[at : at + 1] != b"(":
                    continue
                name = code[start:end].decode("latin-1")
                _, parts = chain_before(code, start)
                root = parts[0].decode("latin-1") if parts else ""
                if not parts and name in imports.drops:
                    return True
                if speaks_of_dropping(name) and name.encode() not in self.names:
                    if root in imports.open or (imports.star and root != "self"):
                        return True
        return False

    # --- modules ----------------------------------------------------------------------------

    def _is_kept(self, start: int, end: int) -> bool:
        """Whether a mention of a module class builds a module that is kept as it should be."""
        code = self.code
        opening = first_from(code, end)
        start, _ = chain_before(code, start)
        if not self.has_module and self._places.is_outside(start):
            return True
        if code[opening : opening + 1] != b"(":
            places = self._places
            return places.is_listed(start, end) or places.is_class_listed(start, end)
        after = first_from(code, closing(code, opening) + 1)
        if code[after : after + 1] in (b"(", b"."):
            return False
        above = bisect(self._def_starts, start) - 1
        if above < 0 or self._defs[above].group(1) not in _CONSTRUCTORS:
            return False
        if self._column(start) <= self._column(self._def_starts[above]):
            return False
        self.layers.update(attributes_put(code, self._def_starts[above], start))
        line = code.rfind(b"\n", 0, start) + 1
        if _TO_ATTRIBUTE.match(code, line, start):
            return b"lambda" not in code[line : statement_end(code, line)]
        below = self._defs[above + 1] if above + 1 < len(self._defs) else None
        if below is not None and self._column(below.start()) > self._column(
            self._def_starts[above]
        ):
            return False
        return (
            b"lambda" not in code[self._def_starts[above] : below.start() if below else len(code)]
        )

    @cached_property
    def _defs(self) -> list[re.Match[bytes]]:
        return [*_DEF.finditer(self.code)]

    @cached_property
    def _def_starts(self) -> list[int]:
        return [match.start() for match in self._defs]

    def _column(self, at: int) -> int:
        """How far the line of an offset is indented; a tab is as much as a blank or eight."""
        line = self.code.rfind(b"\n", 0, at) + 1
        return first_from(self.code, line) - line

    # --- rates ------------------------------------------------------------------------------

    def _sets_rate_to_zero(self) -> bool:
        """``self.dropout_p = 0`` somewhere but in a constructor."""
        code = self.code
        if b"training" not in code:
            return False
        return any(
            name in self.rates or b"drop" in name.lower()
            for stem in (*DROP_WORDS, *self.rates)
            for start, end in identifiers(code, stem)
            for name in (code[start:end],)
            if self._becomes_zero(start, end)
        )

    def _becomes_zero(self, start: int, end: int) -> bool:
        """Whether an attribute is set to something with a zero in it, not in a constructor."""
        code = self.code
        put = _PUT.match(code, end)
        dot = last_before(code, start)
        if put is None or dot < 0 or code[dot] != 46:
            return False
        above = bisect(self._def_starts, start) - 1
        if above < 0 or self._defs[above].group(1) in _CONSTRUCTORS:
            return False
        return _ANY_ZERO.search(code, put.end(), statement_end(code, put.end())) is not None
