"""The fix to ``nn.Dropout``: the call becomes ``self.dropout(x)``, ``__init__`` builds the module.

Only where it provably changes nothing else; `Refused` says in one sentence why not. The twins draw
nothing when built, hold no state and draw the same numbers in train mode: 840 of 840 combinations
of function, dtype, rate and layout were bit-equal on torch 2.13.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import libcst as cst

from dropout_lint.catalog import Function
from dropout_lint.diagnostics import Edit, Fix, Safety
from dropout_lint.fixing.attributes import assigned, owner_of, touches_of
from dropout_lint.fixing.constructor import can_hold_modules, first_run, insertion
from dropout_lint.fixing.inheritance import family
from dropout_lint.fixing.layout import has_comment
from dropout_lint.fixing.naming import new_name
from dropout_lint.fixing.rates import rate_in_constructor
from dropout_lint.fixing.refused import Refused
from dropout_lint.fixing.to_flag import visible_self
from dropout_lint.semantics.calls import Argument, Site
from dropout_lint.semantics.classes import ClassInfo, Write
from dropout_lint.semantics.model import Model
from dropout_lint.semantics.names import Scope
from dropout_lint.semantics.tree import walk

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
        self._verdicts: dict[ClassInfo, Refused | None] = {}
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
        self._check(owner)
        construction = f"{_spelling(model, twin, owner)}({twin.arguments})"
        edits = _call_edits(model, site)
        name = _existing(model, owner, twin)
        if name is None:
            name, construction = self._plan(owner, twin, construction)
            edits.append(insertion(model, owner, name, construction, twin.needs))
        edits = [replace(e, text=e.text.replace(_PLACEHOLDER, f"{own}.{name}")) for e in edits]
        article = "a" if construction.startswith(("Dropout", "FeatureAlpha", "torch")) else "an"
        message = f"Use `{own}.{name}`, {article} `{construction}` built in `__init__`"
        return Fix(message, tuple(edits), Safety.SAFE, STYLE)

    def _check(self, owner: ClassInfo) -> None:
        if owner not in self._verdicts:
            try:
                can_hold_modules(self._model, owner)
                self._verdicts[owner] = None
            except Refused as refused:
                self._verdicts[owner] = refused
        verdict = self._verdicts[owner]
        if verdict is not None:
            raise verdict

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
    if any(argument.node not in site.node.args for argument in site.bound.arguments.values()):
        raise Refused("the call gets arguments through `functools.partial`")
    rate, keyword = "", False
    flags: list[str] = []
    needs: list[str] = []
    for key, argument in site.bound.arguments.items():
        if key in ("input", "training", "train", "self"):
            continue
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
        if not _is_only_called(model, site):
            raise Refused("the module is used in other ways than by being called")
        start, end = tree.outer_span(call)
        if has_comment(tree.text[start:end]):
            raise Refused("a comment stands inside the call")
        return [Edit(start, end, _PLACEHOLDER)]
    func_start, func_end = tree.outer_span(call.func)
    if has_comment(tree.text[func_start:func_end]):
        raise Refused("a comment stands inside the call")
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
    """An attribute that holds just this module from ``__init__`` on, and is only ever called."""
    kin = family(model, owner)
    for info in owner.lineage:
        for name, writes in info.writes.items():
            if (
                _builds(model, info, writes[0], twin)
                and len(touches_of(model, kin, name)) == 1
                and not any(name in other.scope.bindings for other in kin)
                and _is_only_applied(model, name)
            ):
                return name
    return None


def _is_only_applied(model: Model, name: str) -> bool:
    """Whether every mention of an attribute in the file assigns it, calls it or reads its rate."""
    for node in walk(model.tree.module):
        if not isinstance(node, cst.Attribute) or node.attr.value != name:
            continue
        parent = model.tree.parent(node)
        if isinstance(parent, cst.Call) and parent.func is node:
            continue
        if isinstance(parent, cst.Attribute) and parent.attr.value == "p":
            above = model.tree.parent(parent)
            if above is None or parent not in assigned(above):
                continue
        owner = owner_of(model, node.value)
        if not isinstance(parent, (cst.AssignTarget, cst.AnnAssign)) or owner is None:
            return False
    return True


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
    run = first_run(model, info, method)
    if run is not None and model.tree.span(run)[0] < built:
        return False
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
        if _means(model, code, twin, owner) and _is_there(model, code.partition(".")[0], owner):
            return code
    raise Refused("neither `nn` nor `torch` is surely imported in this file")


def _means(model: Model, code: str, twin: Twin, owner: ClassInfo) -> bool:
    """Whether an expression is the twin where ``__init__`` looks it up: in the module's scope."""
    init = owner.methods.get("__init__")
    scope: Scope | None = model.names.scopes[id(init)] if init is not None else owner.scope.parent
    assert scope is not None
    node = cst.parse_expression(code)
    if model.names.qualified(node, scope) != (twin.name,):
        return False
    found = model.names.lookup(code.partition(".")[0], scope)
    return found is None or found[0] is model.names.module


def _is_there(model: Model, name: str, owner: ClassInfo) -> bool:
    """Whether a name of the module surely has its meaning when an instance is built.

    It is imported whatever happens, before the class; or the class itself could not be made
    without it. Nobody takes it away again.
    """
    for node in walk(model.tree.module):
        if isinstance(node, cst.Del):
            if any(isinstance(part, cst.Name) and part.value == name for part in assigned(node)):
                return False
    bindings = model.names.module.bindings.get(name, [])
    start = model.tree.span(owner.node)[0]
    if all(b.certain and model.tree.span(b.node)[0] < start for b in bindings):
        return True
    init = owner.methods.get("__init__")
    surely: list[cst.CSTNode] = [arg.value for arg in owner.node.bases]
    if init is not None and isinstance(init.body, cst.IndentedBlock):
        surely += [s for s in init.body.body if isinstance(s, cst.SimpleStatementLine)]
    return any(
        isinstance(node, cst.Name) and node.value == name and id(node) in model.names.scope_at
        for part in surely
        for node in walk(part)
    )


def _is_only_called(model: Model, site: Site) -> bool:
    """Whether nothing but calls happens to a module that is built on the spot."""
    parent = model.tree.parent(site.node)
    if isinstance(parent, cst.Call):
        return parent.func is site.node
    if not isinstance(parent, cst.Assign) or len(parent.targets) != 1:
        return False
    target = parent.targets[0].target
    if not isinstance(target, cst.Name):
        return False
    for node in walk(site.unit.node.body):
        if isinstance(node, cst.Name) and node.value == target.value and node is not target:
            above = model.tree.parent(node)
            called = isinstance(above, cst.Call) and above.func is node
            other = id(node) not in model.names.scope_at  # an attribute of that name
            if not (called or other or isinstance(above, cst.AssignTarget)):
                return False
    return True
