"""The grammar's machinery: weighted tables of templates, expanded by a stream of integers."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

# How deep tables may lead into each other before each takes its first, simplest form.
_DEPTH = 7
_PLACE = re.compile(r"\$(\w+)")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

# Gives a number below the one it is given: `random.Random(seed).randrange`, or hypothesis' draws.
# Smaller numbers give simpler models, since each table begins with its simplest form.
Choice = Callable[[int], int]


def seeded(seed: int) -> Choice:
    return random.Random(seed).randrange


@dataclass(frozen=True)
class Form:
    """One way to write something, with what it needs elsewhere.

    In all texts ``$self`` is the first parameter of methods, ``$n`` something that is new with each
    use of a form, ``$name`` an entry of the table of that name, and ``@F.dropout`` a name of torch,
    spelled as the file's imports allow. The last letter of ``$n`` is no digit: numbered names mean
    something to the linter.
    """

    name: str
    text: str = ""
    weight: int = 2
    before: str = ""  # statements before the one it is a part of
    init: str = ""  # statements of __init__
    attribute: str = ""  # at class level
    method: str = ""  # a method of the class
    helper: str = ""  # at module level, before the class
    imports: str = ""  # at the top of the file
    in_methods: bool = False  # of no use in functions outside of the class

    @property
    def needs_self(self) -> bool:
        parts = (self.text, self.before, self.init, self.attribute, self.method)
        return any("$self" in part for part in parts) or bool(
            self.init or self.method or self.in_methods
        )


Table = Sequence[Form]


@dataclass
class Parts:
    """What an expansion needs around it; equal lines are kept once."""

    init: list[str] = field(default_factory=list)
    attribute: list[str] = field(default_factory=list)
    method: list[str] = field(default_factory=list)
    helper: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)

    def add(self, kind: str, text: str) -> None:
        known = getattr(self, kind)
        if text not in known:
            known.append(text)


@dataclass
class Expander:
    """Expands tables; ``used`` counts the forms by ``table.name``."""

    tables: Mapping[str, Table]
    choice: Choice
    self_name: str = "self"
    parts: Parts = field(default_factory=Parts)
    used: Counter[str] = field(default_factory=Counter)
    _depth: int = 0
    _count: int = 0
    _free: bool = False
    _before: list[str] = field(default_factory=list)

    def pick(self, table: str, fits: Callable[[Form], bool] = lambda form: True) -> Form:
        """A form of a table, by weight, among those that fit here."""
        forms = [f for f in self.tables[table] if fits(f) and not (self._free and f.needs_self)]
        if not forms:
            raise LookupError(f"no form of {table} fits")
        number = 0 if self._depth > _DEPTH else self.choice(sum(form.weight for form in forms))
        for form in forms:
            number -= form.weight
            if number < 0:
                break
        self.used[f"{table}.{form.name}"] += 1
        return form

    def statement(self, table: str) -> str:
        """Statements of a table, after those that their parts need before them."""
        outer, self._before = self._before, []
        text = self.expand(table)
        lines, self._before = self._before, outer
        return "\n".join([*dict.fromkeys(lines), text])

    def expand(self, table: str) -> str:
        return self.filled(self.pick(table))

    def filled(self, form: Form) -> str:
        """The text of a form; what it needs elsewhere goes there."""
        self._depth += 1
        new = self._new()
        if form.helper:
            self._elsewhere("helper", form.helper, new, free=True)
        for kind in ("init", "attribute", "imports"):
            if template := getattr(form, kind):
                self.parts.add(kind, self._text(template, new))
        if form.method:
            self._elsewhere("method", form.method, new, free=False)
        if form.before:
            self._before.append(self._text(form.before, new))
        text = self._text(form.text, new)
        self._depth -= 1
        return text

    def _elsewhere(self, kind: str, template: str, new: str, free: bool) -> None:
        """A function of its own: what has to come before its statements goes into its body."""
        outer, self._before = self._before, []
        was, self._free = self._free, free
        text = self._text(template, new)
        lines, self._before, self._free = self._before, outer, was
        head, line, body = text.partition(re.search(r"def .*:\n", text).group())  # type: ignore[union-attr]
        self.parts.add(kind, head + line + "".join(indented(x) + "\n" for x in lines) + body)

    def _text(self, template: str, new: str) -> str:
        def value(name: str) -> str:
            if name == "n":
                return new
            if name == "self":
                return self.self_name
            if name.startswith("statement"):
                return self.statement(name)
            return self.expand(name)

        return "\n".join(_with_values(line, value) for line in template.split("\n"))

    def _new(self) -> str:
        self._count += 1
        number, found = self._count, ""
        while number:
            number, rest = divmod(number - 1, len(_LETTERS))
            found = _LETTERS[rest] + found
        return found


def _with_values(line: str, value: Callable[[str], str]) -> str:
    """A line with its places filled in; further lines are indented as the line is."""
    margin = line[: len(line) - len(line.lstrip())]
    return _PLACE.sub(lambda place: value(place[1]).replace("\n", "\n" + margin), line)


def indented(text: str, levels: int = 1) -> str:
    margin = "    " * levels
    return "\n".join(margin + line if line else line for line in text.split("\n"))
