"""The first stage: bytes. Is any name of the family used in a way that is not trivially fine?

Every occurrence of a name is looked at where it stands, without parsing: what surrounds it, and
whether its arguments end in ``training=….training`` and the like. Strings and comments look like
code here, which only makes the stage say "look closer" more often.
"""

from __future__ import annotations

import re

from dropout_lint.catalog import Catalog, Function
from dropout_lint.screen.containers import Containers
from dropout_lint.screen.scanning import (
    arguments,
    call_at,
    chain_start,
    closing,
    finds,
    identifiers,
    pick,
    statement_end,
    word_after,
    word_before,
)

# Substrings of which every name of the family has one; a few searches settle most files.
_STEMS = (b"ropout", b"rrelu", b"RReLU", b"ttention", b"flash_attn", b"drop_path", b"drop_block",
          b"stochastic_depth", b"mask_feature", b"add_random_edge", b"shuffle_node",
          b"TransformerEncoderLayer", b"TransformerDecoderLayer")  # fmt: skip

_CHAIN = rb"[A-Za-z_][\w.]*"
_FLAG = re.compile(_CHAIN + rb"\.training")
_SUSPECT_RATE = re.compile(rb"(?:\w+\s*=\s*)?(?:[\w.]*\btrain(?:ing)?|is_train(?:ing)?|True)")
_ZERO = rb"0(?:\.0*)?"
_OPERAND = rb"[\w.]+"
_GATED_RATE = re.compile(
    rb"(?:" + _OPERAND + rb"\s+if\s+" + _CHAIN + rb"\.training\s+else\s+" + _ZERO
    + rb"|" + _ZERO + rb"\s+if\s+not\s+" + _CHAIN + rb"\.training\s+else\s+" + _OPERAND
    + rb"|" + _ZERO + rb")"
)  # fmt: skip
_STICKY = re.compile(rb"self\.(\w+)(?:\s*:[^=\n]*)?\s*=\s*$")
_NUMBER_ZERO = re.compile(rb"0(?:\.0*)?(?![\w.])")
# What stands before a function that is taken as a value (and not just listed in a table).
_TAKEN = re.compile(
    rb"(?:[^=!<>]=|\bpartial\(|\b(?:return|else|or|and|yield)|getattr\([\w. ]*,\s*[\"'])"
    rb"[\s(]*[\w.]*$"
)
_BUILDERS = (b"__init__", b"__new__", b"__post_init__")


class Lexical:
    """The first stage for one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        rows = catalog.functions.values()
        self._functions: dict[bytes, list[Function]] = {}
        for row in rows:
            self._functions.setdefault(row.tail.encode(), []).append(row)
        self._modules = {name.rpartition(".")[2].encode() for name in catalog.modules}
        names = {*self._functions, *self._modules}
        extra = [name for name in names if not any(stem in name for stem in _STEMS)]
        self._stems = (*_STEMS, *extra)

    def may_matter(self, data: bytes) -> bool:
        """Whether a file's bytes hold anything that is not trivially fine."""
        if _binds_train(data) or _overrides_mode(data):
            return True
        stems = [stem for stem in self._stems if stem in data]
        if not stems:
            return False
        file = _File(data)
        calls = False
        for stem in stems:
            for start, end in identifiers(data, stem):
                name = data[start:end]
                is_function = name in self._functions
                if not is_function and name not in self._modules:
                    continue
                calls = calls or call_at(data, end) is not None
                hit = self._function_hit if is_function else self._module_hit
                if hit(file, start, end, name):
                    return True
        return _is_sticky(data) or (calls and self._hides_modules(data))

    # --- functions --------------------------------------------------------------------------

    def _function_hit(self, file: _File, start: int, end: int, name: bytes) -> bool:
        data = file.data
        chain = chain_start(data, start)
        if word_before(data, chain) in (b"def", b"class"):
            return False
        if file.in_import(start):
            return word_after(data, end) == b"as"
        parts = data[chain:end].split(b".")
        opening = call_at(data, end)
        if opening is None:
            return self._is_alias(file, parts, start, end)
        if len(parts) == 1 and not (file.star or name in file.imported):
            return False  # a parameter, a local function; an alias is seen where it is made
        if parts[0] == b"self" and len(parts) == 2:
            return False
        given = arguments(data, opening)
        if given is None:
            return True
        return not all(_is_fine(row, given) for row in self._functions[name])

    def _is_alias(self, file: _File, parts: list[bytes], start: int, end: int) -> bool:
        """Whether a name that is not called may be the function itself."""
        data = file.data
        after = data[end : end + 40].lstrip()
        if not (_TAKEN.search(data, max(0, start - 80), start) or after.startswith(b"if ")):
            return False  # an entry of a table, an argument, a keyword
        if after[:1] == b"=" and after[:2] != b"==":
            return False  # it is assigned to
        if len(parts) == 1:
            quoted = data[start - 1 : start] in (b'"', b"'")  # getattr(F, "dropout")
            return file.star or parts[0] in file.imported or quoted
        return parts[0] == b"" or len(parts) > 2 or file.is_module(parts[0])

    # --- modules ----------------------------------------------------------------------------

    def _module_hit(self, file: _File, start: int, end: int, name: bytes) -> bool:
        data = file.data
        chain = chain_start(data, start)
        if word_before(data, chain) in (b"def", b"class"):
            return False
        if file.in_import(start):
            return word_after(data, end) == b"as"
        opening = call_at(data, end)
        before = data[max(0, chain - 80) : chain].rstrip()
        if opening is None:  # `isinstance(m, nn.Dropout)` looks at it, `D = nn.Dropout` takes it
            after = data[end : end + 40].lstrip()
            taken = _TAKEN.search(data, max(0, start - 80), start)
            return taken is not None or after.startswith(b"if ")
        if file.builder_at(start):
            return False  # at most in a list: see `_hides_modules`
        close = closing(data, opening)
        if close is None or data[close + 1 : close + 40].lstrip()[:1] in (b"(", b"."):
            return True
        return not (before[-1:] in (b"(", b",") or before.endswith(b"return"))

    def _hides_modules(self, data: bytes) -> bool:
        """Whether modules that drop may be kept in a plain container on self."""
        classes = set(re.findall(rb"^[ \t]*class[ \t]+(\w+)[ \t]*\(", data, re.MULTILINE))
        if not classes or b"self." not in data:
            return False
        return Containers(data).hold(classes | self._modules | {b"Sequential", b"ModuleList"})


class _File:
    """A file's bytes with what is asked of them more than once."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._spans: list[tuple[int, int]] = []
        self.imported: set[bytes] = set()
        self.star = False
        for at in finds(data, b"import"):
            line = data.rfind(b"\n", 0, at) + 1
            if data[line:at].strip() not in (b"",) and not data[line:at].lstrip().startswith(
                b"from"
            ):
                continue
            end = statement_end(data, at)
            self._spans.append((line, end))
            names = data[at + 6 : end]
            self.star = self.star or b"*" in names
            self.imported.update(re.findall(rb"[A-Za-z_]\w*", names))

    def in_import(self, at: int) -> bool:
        return any(start <= at < end for start, end in self._spans)

    def is_module(self, root: bytes) -> bool:
        """Whether a name may be bound to an imported module: by import or by assignment."""
        if self.star or root in self.imported:
            return True
        for at in finds(self.data, root):
            after = self.data[at + len(root) : at + len(root) + 60]
            match = re.match(rb"\s*=\s*([A-Za-z_]\w*)[\w.]*\s*(?:#[^\n]*)?(?:\n|\r|$)", after)
            if match and match.group(1) in self.imported:
                return True
        return False

    def builder_at(self, at: int) -> bool:
        """Whether the nearest ``def`` above is a constructor."""
        found = self.data.rfind(b"def ", 0, at)
        return found >= 0 and self.data[found + 4 : found + 40].lstrip().startswith(_BUILDERS)


def _is_fine(row: Function, given: list[bytes]) -> bool:
    """Whether the arguments of a call are trivially those of a drop that follows the mode."""
    if any(argument.startswith(b"*") for argument in given):
        return True
    rate = pick(given, row.rate.name, row.rate.position) if row.rate else None
    if rate is not None and _SUSPECT_RATE.fullmatch(rate):
        return False
    if row.mode is None:
        return rate is None or bool(_GATED_RATE.fullmatch(_plain(rate)))
    flag = pick(given, row.mode.name, row.mode.position)
    if flag is None:
        return row.mode.default is not True
    return bool(_FLAG.fullmatch(flag))


def _plain(value: bytes) -> bytes:
    return value[1:-1].strip() if value[:1] == b"(" and value[-1:] == b")" else value


def _binds_train(data: bytes) -> bool:
    """``self.train`` that is not called: a method taken for a flag."""
    for token in (b".train", b".eval"):
        for at in finds(data, token):
            end = at + len(token)
            if data[end : end + 1] in (b"(", b"=", b".") or data[end : end + 1].isalnum():
                continue
            if data[end : end + 1] == b"_":
                continue
            after = data[end : end + 20].lstrip(b" \t")
            if after[:1] == b"(" or (after[:1] == b"=" and after[:2] != b"=="):
                continue
            return True
    return False


def _overrides_mode(data: bytes) -> bool:
    """``def train(self, mode)`` or ``def eval(self)``: with more parameters it is a loop."""
    for token, most in ((b"def train", 2), (b"def eval", 1)):
        for at in finds(data, token):
            opening = call_at(data, at + len(token))
            if opening is None or data[at - 1 : at] not in (b" ", b"\t"):
                continue
            parameters = arguments(data, opening)
            if parameters is None or len(parameters) <= most:
                return True
    return False


def _is_sticky(data: bytes) -> bool:
    """``self.dropout_p = 0`` somewhere but in a constructor, in a file that asks for the mode."""
    if b".training" not in data:
        return False
    for token in (b"= 0", b"=0", b"(0", b"else 0"):
        for at in finds(data, token):
            zero = at + len(token) - 1
            line = data.rfind(b"\n", 0, at) + 1
            head, sign, rest = data[line:zero].partition(b"=")
            if not sign or not _NUMBER_ZERO.match(data, zero):
                continue
            if token != b"else 0" and rest.strip(b" ("):
                continue
            target = _STICKY.search(head + sign)
            if target is None or not _may_be_rate(data, target.group(1)):
                continue
            found = data.rfind(b"def ", 0, at)
            if not data[found + 4 : found + 40].lstrip().startswith(_BUILDERS):
                return True
    return False


def _may_be_rate(data: bytes, name: bytes) -> bool:
    """Whether an attribute is a rate by its name, or is passed to some call."""
    passed = (b", self." + name, b"=self." + name, b"(self." + name)
    return (
        b"drop" in name.lower()
        or any(form in data for form in passed)
        or (re.search(rb"[,(]\s+(?:\w+\s*=\s*)?self\." + name, data) is not None)
    )
