"""What is wrong with an override of ``train`` or ``eval``: each fault with its consequence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import libcst as cst

from dropout_lint.semantics.facts.overrides.children import depends_on_mode, dropping_children
from dropout_lint.semantics.facts.overrides.modes import untouched
from dropout_lint.semantics.facts.overrides.outcomes import Outcome, Outcomes, is_surely
from dropout_lint.semantics.interpreter.values import UNKNOWN, Const, Value
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.project.known_bases import is_module_base
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import children, walk
from dropout_lint.vocabulary.modes import MODE_PARAMETERS


class Kind(IntEnum):
    """The kinds of faults, worst first."""

    TYPE_ERROR = 0
    TRAINS = 1
    MODE = 2
    CHILDREN = 3
    OPTION = 4
    NOT_CALLED = 5
    NEVER_TRAINS = 6
    RETURNS_NONE = 7


@dataclass(frozen=True)
class Fault:
    """``what`` an override does, and what follows; ``declarable``: it may be what is wanted."""

    kind: Kind
    what: str
    consequence: str
    declarable: bool = False


def faults(model: SemanticModel, function: FunctionInfo) -> list[Fault]:
    """The faults of a method ``train`` or ``eval``, worst first."""
    owner = function.owner
    if owner is None or not _overrides(function) or _is_placeholder(function):
        return []
    outcomes = Outcomes(model, function)
    if not (owner.has_module_base or owner.is_mixin):
        if not outcomes.in_eval.asks_base:
            return []
    found = _train_faults if function.name == "train" else _eval_faults
    return sorted(found(model, outcomes), key=lambda fault: fault.kind)


def _overrides(function: FunctionInfo) -> bool:
    """Whether the method stands in the place of nn.Module's."""
    node = function.node
    if not function.in_module or function.name not in ("train", "eval"):
        return False
    if node.asynchronous is not None or function.is_property:
        return False
    return not any(isinstance(below, cst.Yield) for below in walk(node.body))


def _is_placeholder(function: FunctionInfo) -> bool:
    """Whether subclasses are to define the method, or it locks the mode: ``return self``."""
    if any("abstract" in _code(d.decorator) for d in function.node.decorators):
        return True
    statements = [
        statement
        for line in children(function.node.body)
        for statement in (line.body if isinstance(line, cst.SimpleStatementLine) else [line])
    ]
    texts = (cst.BaseString, cst.Ellipsis)
    rest = [
        s
        for s in statements
        if not (isinstance(s, cst.Pass) or (isinstance(s, cst.Expr) and isinstance(s.value, texts)))
    ]
    if not rest:
        return not function.is_mode_override
    returned = [s.value for s in rest if isinstance(s, cst.Return)]
    return len(returned) == len(rest) and not any(
        value is None or isinstance(value, cst.Call) or is_self(value, "None") for value in returned
    )


# --- train --------------------------------------------------------------------------------------


def _train_faults(model: SemanticModel, outcomes: Outcomes) -> Iterator[Fault]:
    function, owner = outcomes.function, outcomes.owner
    outcome = outcomes.in_eval
    if outcome.type_error:
        if _is_foreign(owner):
            return
        if _reaches_train(model, owner):
            yield Fault(Kind.TYPE_ERROR, _why_type_error(function), "`eval()` raises TypeError")
            return
        outcome = outcomes.by_default  # `eval()` is overridden too, and goes another way
        if outcome.type_error or not _toggles(outcome):
            return
    elif outcome.raises:
        return
    elif not _is_switch(outcomes):
        if not _is_foreign(owner) and _reaches_train(model, owner):
            yield _runs_loop(function)
        return
    yield from _mode_faults(model, outcomes, outcome)
    default = outcomes.by_default
    if not default.type_error and is_surely(default.own, False):
        if is_surely(outcomes.in_train.own, True):
            what = "is not told to train by default"
            yield Fault(Kind.NEVER_TRAINS, what, "`train()` leaves it in eval mode")
    if any(_returns_none(each) for each in (outcome, outcomes.in_train)):
        yield Fault(Kind.RETURNS_NONE, "does not return `self`", "`eval()` returns None")


def _is_switch(outcomes: Outcomes) -> bool:
    """Whether ``train`` takes a mode, and is no training loop."""
    function = outcomes.function
    first = function.positional[0] if function.positional else None
    default = first.default if first is not None else None
    if isinstance(default, cst.Name) and default.value in ("True", "False"):
        return True
    if first is not None and first.name.value in MODE_PARAMETERS:
        return True
    if any(is_surely(mode, False) for mode in outcomes.in_eval.modes.values()):
        return True
    if not any(isinstance(n, (cst.Call, cst.For, cst.While)) for n in walk(function.node.body)):
        return True
    # `set_modes(self, m)`: the one parameter may be a mode all the same.
    is_one = len(function.parameters) == 1 and first is not None and default is None
    return is_one and outcomes.in_eval.own == UNKNOWN


def _runs_loop(function: FunctionInfo) -> Fault:
    first = function.positional[0].name.value if function.positional else ""
    given = f", with `{first}` False" if first else ""
    return Fault(Kind.TRAINS, "is a training loop", f"`eval()` starts to train{given}")


def _why_type_error(function: FunctionInfo) -> str:
    if not function.positional:
        return "takes no mode"
    return "takes more than a mode"


def _is_foreign(owner: ClassInfo) -> bool:
    """Whether the class is no nn.Module for sure, or has its ``train`` from a base that is."""
    if not owner.has_module_base:
        return True
    if any("train" in base.outline.loops for base in owner.imported):
        return True
    above = [info.methods.get("train") for info in owner.lineage[1:]]
    return any(method is not None for method in above)


def _reaches_train(model: SemanticModel, owner: ClassInfo) -> bool:
    """Whether ``eval()`` of an instance calls its ``train(False)``."""
    function = model.functions.of_method(owner, "eval")
    if function is None:
        return not any("eval" in base.outline.methods for base in owner.imported)
    outcome = Outcomes(model, function).in_eval
    return outcome.type_error and bool(not function.parameters)


def _toggles(outcome: Outcome) -> bool:
    """Whether an override tells anybody anything."""
    return not outcome.tells_nobody


# --- eval ---------------------------------------------------------------------------------------


def _eval_faults(model: SemanticModel, outcomes: Outcomes) -> Iterator[Fault]:
    outcome = outcomes.in_eval
    if outcome.raises:
        return
    yield from _mode_faults(model, outcomes, outcome)
    work = _work_of_eval(model, outcomes)
    if work:
        names = " and ".join(f"`{name}`" for name in work)
        what = f"sets {names}, which `train(False)` does not"
        yield Fault(Kind.NOT_CALLED, what, "a parent's `eval()` never calls it")
    if _returns_none(outcome):
        yield Fault(Kind.RETURNS_NONE, "does not return `self`", "`eval()` returns None")


def _work_of_eval(model: SemanticModel, outcomes: Outcomes) -> list[str]:
    """The attributes of a layer that ``eval()`` sets and ``train(False)`` does not."""
    owner = outcomes.owner
    if not _is_layer(model, owner) or any("train" in b.outline.methods for b in owner.imported):
        return []
    written = _written(outcomes.in_eval)
    train = model.functions.of_method(owner, "train")
    if train is not None:
        there = Outcomes(model, train).in_eval
        if there.raises:
            return []
        others = _written(there)
        written = {name: v for name, v in written.items() if others.get(name) != v}
    return list(written)


def _written(outcome: Outcome) -> dict[str, Value]:
    """The attributes that an override surely sets to constants."""
    return {
        name.removeprefix("self."): value
        for name, value in outcome.attributes.items()
        if not name.endswith(".training") and any(isinstance(atom, Const) for atom in value.atoms)
    }


def _is_layer(model: SemanticModel, owner: ClassInfo) -> bool:
    """Whether instances of the class are parts of models: it derives from a layer of torch."""
    containers = ("Module", "Sequential", "ModuleList", "ModuleDict")
    if any(
        base is not None
        and base.startswith("torch.nn.")
        and is_module_base(base)
        and base.rpartition(".")[2] not in containers
        for base in owner.roots
    ):
        return True
    users = model.classes.naming.get(owner, set())
    return any(info.is_module and owner not in info.lineage for info in users)


# --- both ---------------------------------------------------------------------------------------


def _mode_faults(model: SemanticModel, outcomes: Outcomes, outcome: Outcome) -> Iterator[Fault]:
    """What is wrong with the modes that the override leaves."""
    owner = outcomes.owner
    depends = depends_on_mode(model, owner)
    left = outcome.own
    if depends and is_surely(left, True) and left != untouched("self.training"):
        yield Fault(Kind.MODE, "does not pass the mode on", "`eval()` leaves dropout on")
        return
    forced = [name for name in _told(outcome) if outcome.puts(name, True)]
    if forced and outcomes.function.name == "train":
        names = _listed(forced)
        what = f"puts {names} into train mode in either case"
        yield Fault(Kind.CHILDREN, what, f"`eval()` leaves {names} training", declarable=True)
        return
    if not depends:
        return
    if left == untouched("self.training"):
        behind = [name for name in dropping_children(model, owner) if outcome.leaves(name)]
        told = outcomes.function.name == "train" and is_surely(outcomes.in_train.own, True)
        what = "does not pass eval mode on" if told else "does not set the mode"
        effect = (
            f"`eval()` leaves {_listed(behind)} training"
            if behind
            else "`eval()` leaves dropout on"
        )
        if not told or outcome.tells_nobody:
            yield Fault(Kind.MODE, what, effect)
        return
    behind = [name for name in dropping_children(model, owner) if outcome.leaves(name)]
    if behind:
        names = _listed(behind)
        what = f"does not pass the mode on to {names}"
        yield Fault(Kind.CHILDREN, what, f"`eval()` leaves {names} training")
        return
    plain, options = outcomes.with_default_options
    if options and plain.tells_nobody and not plain.raises:
        names = _listed(options)
        what = f"sets the mode only under {names}, which is off by default"
        yield Fault(Kind.OPTION, what, _left_on(dropping_children(model, owner)))


def _left_on(names: list[str]) -> str:
    return f"`eval()` leaves {_listed(names)} training" if names else "`eval()` leaves dropout on"


def _told(outcome: Outcome) -> list[str]:
    """The children that the override speaks of by name."""
    names = [
        name.removeprefix("self.").removesuffix(".training")
        for name in outcome.attributes
        if name.endswith(".training") and name != "self.training"
    ]
    return [name for name in names if name != "*"]


def _returns_none(outcome: Outcome) -> bool:
    return not outcome.raises and any(atom == Const(None) for atom in outcome.returned.atoms)


def _listed(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)
