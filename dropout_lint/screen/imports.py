"""What the imports of a file bind, as far as they lead to the dropout family."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import cache

from dropout_lint.catalog import ALIASES, STAR_EXPORTS, Catalog, canonical
from dropout_lint.files.code import finds
from dropout_lint.semantics.project.known_bases import OTHER_FRAMEWORKS
from dropout_lint.vocabulary.dropping import is_called_layer, speaks_of_dropping

_FROM = re.compile(rb"from(?=[\s.])\s*([\w.\s]+)$")


class Family:
    """The names of one catalog, and the dotted paths that lead to them."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        members = [*catalog.functions, *catalog.modules]
        # "a.b.c." and "a.b.c_" stand for what begins so: only the folders of it are paths.
        ways = [*members, *(prefix + "*" for prefix in ALIASES), *ALIASES, *STAR_EXPORTS]
        self.paths = {way[:at] for way in ways for at, char in enumerate(way) if char == "."}
        self.paths.update(STAR_EXPORTS)
        self.steps = {step for path in self.paths for step in path.split(".")}
        self.tails = {name.rpartition(".")[2] for name in members}

        self.tops = {way.partition(".")[0] for way in ways}
        self.builders = {name.rpartition(".")[2].encode() for name in catalog.modules}
        self._public: dict[str, str] = {}

    def public(self, name: str) -> str:
        if name not in self._public:
            self._public[name] = canonical(name)
        return self._public[name]

    def is_member(self, name: str) -> bool:
        return name in self.catalog.functions or name in self.catalog.modules

    def called(self, tail: str) -> tuple[str, ...]:
        """The members with a last name."""
        members = (*self.catalog.functions, *self.catalog.modules)
        return tuple(name for name in members if name.rpartition(".")[2] == tail)

    def follow(self, bases: Iterable[str], steps: Iterable[str]) -> set[str]:
        """The public names of ``base.step.step``."""
        names = {*bases}
        for step in steps:
            names = {self.public(f"{name}.{step}") for name in names}
        return names


@cache
def family_of(catalog: Catalog) -> Family:
    return Family(catalog)


class Imports:
    """The names that a file's imports bind to a member of the family or to a path to one.

    ``renamed`` says that a member has another name here. ``inner`` holds those that are not bound
    at the top of the file, perhaps in a class. ``open`` are names from modules that may be of the
    same project and hand on what they import themselves, ``star`` whether any name may be.
    """

    def __init__(self, family: Family) -> None:
        self._family = family
        self.bound: dict[str, set[str]] = {}
        self.inner: set[str] = set()
        self.open: set[str] = set()
        self.star = False
        self.renamed = False
        # Names of functions of the project that may drop.
        self.drops: set[str] = set()
        # Classes of the project whose instances may drop.
        self.layers: set[str] = set()
        # The last names that open names had where they come from, if the family has them.
        self.tails: dict[str, str] = {}

    def add(self, name: str, qualified: str, inner: bool) -> None:
        if _may_be_local(qualified):
            self.open.add(name)
            tail = qualified.rpartition(".")[2]
            if speaks_of_dropping(tail):
                self.drops.add(name)
            if is_called_layer(tail):
                self.layers.add(name)
            if tail in self._family.tails and name != tail:
                self.renamed = True
                self.tails[name] = tail
        if qualified.partition(".")[0] not in self._family.tops:
            return
        full = self._family.public(qualified)
        member = self._family.is_member(full)
        if not member and not self._family.paths & {qualified, full}:
            return
        self.bound.setdefault(name, set()).add(full)
        self.renamed = self.renamed or (member and name not in self._family.tails)
        if inner:
            self.inner.add(name)

    def add_star(self, module: str, inner: bool) -> None:
        self.star = self.star or _may_be_local(module)
        for name in STAR_EXPORTS.get(module, ()):
            self.add(name, f"{module}.{name}", inner)


def _may_be_local(module: str) -> bool:
    """Whether a module may be one of the project's, whatever its name says."""
    top = module.partition(".")[0]
    return top not in sys.stdlib_module_names and top not in ("torch", *OTHER_FRAMEWORKS)


def without_imports(code: bytes, family: Family) -> tuple[bytes, Imports]:
    """The code without its import statements, and what they bind."""
    imports = Imports(family)
    rest: list[bytes] = []
    done = 0
    for at in finds(code, b"import"):
        if at < done or code[at + 6 : at + 7].isalnum() or code[at + 6 : at + 7] == b"_":
            continue
        line = code.rfind(b"\n", 0, at) + 1
        line = max(code.rfind(b";", line, at), code.rfind(b":", line, at), line - 1) + 1
        head = code[line:at].strip()
        source = _FROM.match(head)
        if head and source is None:
            continue
        end = _end(code, at + 6)
        inner = code[line - 1 : line] not in (b"\n", b"") or code[line : line + 1] in (b" ", b"\t")
        named = code[at + 6 : end].strip(b" \t\n\f()").decode("latin-1")
        module = b"".join(source.group(1).split()).decode("latin-1") if source else None
        _read(imports, module, named, inner)
        rest.append(code[done:line])
        done = end
    rest.append(code[done:])
    return b"".join(rest), imports


def _end(code: bytes, at: int) -> int:
    """Where the names of an import end."""
    ends = [code.find(b"\n", at), code.find(b";", at)]
    end = min((e for e in ends if e >= 0), default=len(code))
    if code[at:end].lstrip(b" \t\f").startswith(b"("):
        bracket = code.find(b")", at)
        return len(code) if bracket < 0 else bracket + 1
    return end


def _read(imports: Imports, module: str | None, named: str, inner: bool) -> None:
    for item in named.split(","):
        words = item.split()
        if not words:
            continue
        name = "".join(words) if "as" not in words else "".join(words[: words.index("as")])
        alias = words[-1] if "as" in words else None
        if module is None:
            top = name.partition(".")[0]
            imports.add(alias or top, name if alias else top, inner)
        elif name == "*":
            imports.add_star(module, inner)
        else:
            imports.add(alias or name, f"{module}.{name}", inner)
