"""The fix to ``nn.Dropout``: the call becomes ``self.dropout(x)``, ``__init__`` builds the module.

Only where it provably changes nothing else; `Refused` says in one sentence why not. The twins draw
nothing when built, hold no state and draw the same numbers in train mode: 840 of 840 combinations
of function, dtype, rate and layout were bit-equal on torch 2.13.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import libcst as cst

from dropout_lint.catalog import Function
from dropout_lint.diagnostics import Edit, Fix
from dropout_lint.fixing.constructor import (
    Refused,
    can_hold_modules,
    family,
    insertion,
    new_name,
)
from dropout_lint.fixing.layout import has_comment
from dropout_lint.fixing.rates import rate_in_constructor
from dropout_lint.fixing.to_flag import safety_of, visible_self
from dropout_lint.semantics.calls import Argument, Site
from dropout_lint.semantics.classes import ClassInfo, Write
from dropout_lint.semantics.model import Model
from dropout_lint.semantics.names import Scope

STYLE = "module"


@dataclass(frozen=True)
class Twin:
    """The module that replaces a call: class, rate and flags as source, attributes it needs."""

    name: str
    rate: str
    keyword: bool
    flags: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def tail(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def arguments(self) -> str:
        rate = f"p={self.rate}" if self.rate and self.keyword else self.rate
        return ", ".join(part for part in (rate, *self.flags) if part)


class Modules:
    """The fixes to module form of one file; equal modules of a class share one name."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._planned: dict[tuple[ClassInfo, Twin], tuple[str, str]] = {}

    def fix(self, site: Site) -> Fix:
        """Replace the call, or the module built on the spot, by a module of the class.

        Raises `Refused` where that might change something else.
        """
        model, owner = self._model, site.unit.owner
        own = visible_self(model, site.unit, site.node)
        if owner is None or own is None:
            raise Refused("the call has no `self`")
        twin = _twin(model, site)
        can_hold_modules(model, owner)
        construction = f"{_spelling(model, twin, owner)}({twin.arguments})"
        edits = _call_edits(model, site)
        name = _existing(model, owner, twin)
        if name is None:
            name, construction = self._plan(owner, twin, construction)
            edits.append(insertion(model, owner, name, construction, twin.needs))
        edits = [replace(e, text=e.text.replace(_PLACEHOLDER, f"{own}.{name}")) for e in edits]
        article = "a" if construction.startswith(("Dropout", "FeatureAlpha", "torch")) else "an"
        message = f"Use `{own}.{name}`, {article} `{construction}` built in `__init__`"
        return Fix(message, tuple(edits), safety_of(model, site), STYLE)

    def _plan(self, owner: ClassInfo, twin: Twin, construction: str) -> tuple[str, str]:
        """The name of the new module and how it is built; the first call's spelling is kept."""
        key = (owner, replace(twin, keyword=False))
        if key not in self._planned:
            kin = family(self._model, owner)
            names = [name for (other, _), (name, _) in self._planned.items() if other in kin]
            habits = _habits(self._model)
            name = new_name(self._model, owner, twin.tail, habits, names)
            self._planned[key] = (name, construction)
        return self._planned[key]


_PLACEHOLDER = "\0name\0"


def _twin(model: Model, site: Site) -> Twin:
    row = site.row
    if isinstance(row, Function):
        if row.twin is None:
            raise Refused(f"`{row.tail}` has no module twin")
        name = row.twin
    else:
        name = row.name
    if site.bound.open:
        raise Refused("the call passes `*args` or `**kwargs`")
    rate, keyword = "", False
    flags: list[str] = []
    needs: list[str] = []
    for key, argument in site.bound.arguments.items():
        if key in ("input", "training", "train", "self"):
            continue
        if argument.node not in site.node.args:
            raise Refused("the call gets arguments through `functools.partial`")
        if row.rate is not None and key == row.rate.name:
            rate, needs = rate_in_constructor(model, site.unit, argument.node.value)
            keyword = argument.node.keyword is not None
        else:
            flags.append(f"{key}={_literal(argument)}")
    flags = [flag for flag in flags if flag != "inplace=False"]
    return Twin(name, rate, keyword, tuple(flags), tuple(needs))


def _literal(argument: Argument) -> str:
    value = argument.node.value
    if isinstance(value, (cst.Integer, cst.Float)) or (
        isinstance(value, cst.Name) and value.value in ("True", "False")
    ):
        return value.value
    raise Refused("an argument of the call is not a literal")


def _call_edits(model: Model, site: Site) -> list[Edit]:
    """Edits at the call, with a placeholder for the module's name."""
    tree, call = model.tree, site.node
    if not isinstance(site.row, Function):
        start, end = tree.outer_span(call)
        if has_comment(tree.text[start:end]):
            raise Refused("a comment stands inside the call")
        return [Edit(start, end, _PLACEHOLDER)]
    func_start, func_end = tree.outer_span(call.func)
    kept = [arg for arg in call.args if _is_input(arg, call)]
    if len(kept) != 1:
        raise Refused("the call's input is not a plain argument")
    edits = [Edit(func_start, func_end, _PLACEHOLDER)]
    value_start, _ = tree.outer_span(kept[0])
    value_end = tree.outer_span(kept[0].value)[1]
    first = tree.outer_span(call.args[0])[0]
    last = tree.outer_span(call.args[-1].value)[1]
    for start, end in ((first, value_start), (value_end, last)):
        if start < end:
            if has_comment(tree.text[start:end]):
                raise Refused("a comment stands inside the call")
            edits.append(Edit(start, end, ""))
    return edits


def _is_input(arg: cst.Arg, call: cst.Call) -> bool:
    if arg.star:
        return False
    if arg.keyword is not None:
        return arg.keyword.value == "input"
    return arg is call.args[0]


def _existing(model: Model, owner: ClassInfo, twin: Twin) -> str | None:
    """An attribute that already holds just this module, built once and unconditionally."""
    for info in owner.lineage:
        for name, writes in info.writes.items():
            if len(owner.find_writes(name)) == 1 and _builds(model, info, writes[0], twin):
                return name
    return None


def _builds(model: Model, info: ClassInfo, write: Write, twin: Twin) -> bool:
    value, method = write.value, write.method
    if not isinstance(value, cst.Call) or method is None or method.name.value != "__init__":
        return False
    statement = model.tree.parent(model.tree.parent(write.target) or method)
    line = model.tree.parent(statement) if statement is not None else None
    if line is None or model.tree.parent(line) is not method.body:
        return False
    scope = model.names.scopes[id(method)]
    if model.names.qualified(value.func, scope) != (twin.name,):
        return False
    given = [model.tree.outer_code(arg.value) for arg in value.args]
    plain = all(arg.keyword is None or arg.keyword.value == "p" for arg in value.args)
    if not plain or twin.flags or given != ([twin.rate] if twin.rate else []):
        return False
    built = model.tree.span(value)[0]
    return all(
        model.tree.span(other.target)[0] < built
        for need in twin.needs
        for other in info.writes.get(need, ())
    )


def _habits(model: Model) -> list[str]:
    """The attribute names of the dropout modules that the file has."""
    found = []
    for info in model.classes:
        for name, writes in info.writes.items():
            for write in writes:
                if isinstance(write.value, cst.Call) and write.method is not None:
                    scope = model.names.scopes[id(write.method)]
                    for called in model.names.qualified(write.value.func, scope):
                        if model.catalog.module(called):
                            found.append(name)
    return found


def _spelling(model: Model, twin: Twin, owner: ClassInfo) -> str:
    """How the file would name the twin: ``nn.Dropout``, ``torch.nn.Dropout``, ``Dropout``."""
    init = owner.methods.get("__init__")
    scope: Scope = model.names.scopes[id(init)] if init is not None else model.names.module
    tail = twin.tail
    candidates: list[str] = []
    for name, bindings in model.names.module.bindings.items():
        for binding in bindings:
            if binding.kind != "import":
                continue
            if binding.qualified == "torch.nn":
                candidates.append(f"{name}.{tail}")
            elif binding.qualified == "torch":
                candidates.append(f"{name}.nn.{tail}")
            elif model.names.qualified(cst.Name(name), model.names.module) == (twin.name,):
                candidates.insert(0, name)
    if any(star in ("torch.nn", "torch.nn.modules") for star in model.names.module.stars):
        candidates.append(tail)
    candidates.sort(key=lambda code: code.count("."))
    for code in candidates:
        node = cst.parse_expression(code)
        if model.names.qualified(node, scope) == (twin.name,):
            return code
    raise Refused("neither `nn` nor `torch` is imported in this file")
