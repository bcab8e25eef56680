"""A model from a stream of numbers: the files of its package, and how to build it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

from support.layouts import gaps

from . import calls, shapes, statements
from .grammar import Choice, Expander, seeded
from .shapes import IMPORTS, Imports, Shape

TABLES = {**calls.TABLES, **statements.TABLES, **shapes.TABLES}
PACKAGE, MAIN = "pkg", "net"
INPUT_SHAPE = (4, 8)

_NAME = re.compile(r"@(F|nn|torch)\.(\w+)")
# Comments that speak to the linter belong to a row: such files are not broken into other ones.
_SPEAKS = re.compile(r"#.*(?:noqa|dropout-lint|MC)")


@dataclass(frozen=True)
class Model:
    """A package ``pkg`` of which ``net`` holds ``entry``: a class or function that builds a model
    for one input of `INPUT_SHAPE`. ``files`` are the texts by name; ``forms`` what they are made
    of, as ``table.name``."""

    files: dict[str, str]
    entry: str
    forms: Counter[str]

    @property
    def source(self) -> str:
        return "\n".join(f"# --- {name}\n{text}" for name, text in self.files.items() if text)


def model_of(seed: int) -> Model:
    return build(seeded(seed))


def build(choice: Choice) -> Model:
    """The model that a stream of numbers stands for."""
    made = Expander(TABLES, choice)
    made.self_name = made.expand("own")
    imports = made.pick("imports")
    assert isinstance(imports, Imports)
    body = "\n".join(made.statement("statement") for _ in range(int(made.expand("count"))))
    init = "\n".join(made.parts.init)
    shape = made.pick("shape", lambda form: isinstance(form, Shape) and _fits(form, init))
    assert isinstance(shape, Shape)
    name = made.expand("name")
    blocks = {
        "%init": init,
        "%body": body,
        "%attribute": "\n".join(made.parts.attribute),
        "%method": "\n".join(made.parts.method),
    }
    head = made.expand("head")
    helpers = "\n\n".join(made.parts.helper)
    constants = "\n".join(made.parts.imports)
    result = "x" if shape.tensor_only else made.expand("result")
    text = _with_blocks(shape.text.replace("RESULT", result), blocks)
    main = f"{constants}\n\n\n{helpers}\n\n\n{text}"
    files = {f"{MAIN}.py": head + _spelled(main, imports)}
    for other, template in shape.files.items():
        uses_torch = "@" in template
        files[other] = _spelled(template, IMPORTS[0]) if uses_torch else template
    files.update(imports.files)
    if len(files) > 1:
        files.setdefault("__init__.py", "")
    entry = name if shape.entry == "NAME" else shape.entry
    style = _Style.of(made)
    files = {
        key: style.applied(_tidy(value.replace("$self", made.self_name).replace("NAME", name)))
        for key, value in files.items()
    }
    return Model(files, entry, made.used)


def _fits(shape: Shape, init: str) -> bool:
    if "any" in shape.unfit:
        return not init
    return not any(word in init for word in shape.unfit)


def _with_blocks(template: str, blocks: dict[str, str]) -> str:
    lines = []
    for line in template.split("\n"):
        block = blocks.get(line.strip())
        margin = line[: len(line) - len(line.lstrip())]
        if block is None:
            lines.append(line)
        elif block:
            lines += [margin + each if each else each for each in block.split("\n")]
    return "\n".join(lines)


def _spelled(text: str, imports: Imports) -> str:
    """The text with torch's names as the imports give them, and the imports before it."""
    singly = "{F}" in imports.text
    used: dict[str, list[str]] = {"F": [], "nn": [], "torch": []}

    def spell(found: re.Match[str]) -> str:
        module, name = found[1], found[2]
        if name not in used[module]:
            used[module].append(name)
        alias = imports.alias if module == "F" else ""
        return getattr(imports, module) + alias + name

    text = _NAME.sub(spell, text)
    if not singly:
        return imports.text + text
    alias = imports.alias
    renamed = [f"{name} as {alias}{name}" if alias else name for name in used["F"]]
    functions = f"from torch.nn.functional import {', '.join(renamed)}\n" if renamed else ""
    head = imports.text.replace("{nn}", ", ".join(used["nn"] or ["Module"])).replace(
        "{F}", functions
    )
    return head + text


def _tidy(text: str) -> str:
    return re.sub(r"\n{4,}", "\n\n\n", text).strip("\n") + "\n" if text.strip() else ""


@dataclass(frozen=True)
class _Style:
    """How a text is laid out."""

    made: Expander
    ends: str
    indent: str
    mark: str
    tail: str
    space: str

    @classmethod
    def of(cls, made: Expander) -> _Style:
        return cls(made, *(made.pick(t).text for t in ("ends", "indent", "mark", "tail", "space")))

    def applied(self, text: str) -> str:
        if not text:
            return text
        if self.space and not _SPEAKS.search(text):
            text = self._spaced(text)
        if self.indent != "    ":
            text = "\n".join(map(self._indented, text.split("\n")))
        text = text.rstrip("\n") + self.tail
        return self.mark + text.replace("\n", self.ends)

    def _spaced(self, text: str) -> str:
        """The text with white space in some of its gaps."""
        for offset, in_brackets in reversed([*gaps(text)]):
            if self.made.pick("gap").text:
                more = self.space if in_brackets else " "
                text = text[:offset] + more + text[offset:]
        return text

    def _indented(self, line: str) -> str:
        inner = line.lstrip(" ")
        return self.indent * ((len(line) - len(inner)) // 4) + inner


def smaller(model: Model, files: dict[str, str]) -> Model:
    """The model with other texts of its files."""
    return replace(model, files={**model.files, **files})
