"""What is wrong with an override of ``train`` or ``eval``: each fault with its consequence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import libcst as cst

from dropout_lint.semantics.facts.overrides.children import (
    asks_for_mode,
    depends_on_mode,
    dropping_children,
    is_built,
    may_drop,
)
from dropout_lint.semantics.facts.overrides.modes import OWN, untouched
from dropout_lint.semantics.facts.overrides.outcomes import Outcome, Outcomes, is_surely
from dropout_lint.semantics.interpreter.values import UNKNOWN, Const, Value
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.project.known_bases import is_module_base
from dropout_lint.semantics.syntax.classes import ClassInfo, is_self
from dropout_lint.semantics.syntax.functions import FunctionInfo
from dropout_lint.semantics.syntax.tree import children, walk
from dropout_lint.vocabulary.modes import MODE_PARAMETERS

EVAL = "`eval()`"


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
    reaches = _reaches_train(model, owner)
    outcome = outcomes.in_eval
    if outcome.type_error:
        if reaches and not _is_foreign(owner):
            yield Fault(Kind.TYPE_ERROR, _why_type_error(function), f"{EVAL} raises TypeError")
        elif not reaches:  # `eval()` is overridden too, and goes another way
            yield from _faults_without_mode(model, outcomes)
        return
    if outcome.raises:
        return
    if not _is_switch(outcomes):
        if reaches and not _is_foreign(owner):
            yield _runs_loop(function)
        return
    overridden = _eval_of(model, owner) is not None
    yield from _mode_faults(model, outcomes, outcome, f"a parent's {EVAL}" if overridden else EVAL)
    default = outcomes.by_default
    if not default.type_error and is_surely(default.own, False):
        if is_surely(outcomes.in_train.own, True):
            what = "is not told to train by default"
            yield Fault(Kind.NEVER_TRAINS, what, "`train()` leaves it in eval mode")
    if any(_returns_none(each) for each in (outcome, outcomes.in_train)):
        yield _returns_nothing("`train()`" if overridden else EVAL)


def _faults_without_mode(model: SemanticModel, outcomes: Outcomes) -> Iterator[Fault]:
    """What is wrong with a ``train(self)`` beside an ``eval(self)`` that does not call it."""
    outcome = outcomes.by_default
    if outcome.type_error or outcome.tells_nobody or outcome.raises:
        return
    if depends_on_mode(model, outcomes.owner) and outcome.own == untouched(OWN):
        yield Fault(Kind.MODE, "does not set the mode", "`train()` leaves dropout as it was")
    if _returns_none(outcome):
        yield _returns_nothing("`train()`")


def _returns_nothing(call: str) -> Fault:
    return Fault(Kind.RETURNS_NONE, "does not return `self`", f"{call} returns None")


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
    return Fault(Kind.TRAINS, "is a training loop", f"{EVAL} starts to train{given}")


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


def _eval_of(model: SemanticModel, owner: ClassInfo) -> FunctionInfo | None:
    """The class's own ``eval``, if this file defines one."""
    return model.functions.of_method(owner, "eval")


def _reaches_train(model: SemanticModel, owner: ClassInfo) -> bool:
    """Whether ``eval()`` of an instance calls its ``train(False)``."""
    function = _eval_of(model, owner)
    if function is None:
        return not any("eval" in base.outline.methods for base in owner.imported)
    return Outcomes(model, function).in_eval.type_error and not function.parameters


# --- eval ---------------------------------------------------------------------------------------


def _eval_faults(model: SemanticModel, outcomes: Outcomes) -> Iterator[Fault]:
    outcome = outcomes.in_eval
    if outcome.raises:
        return
    yield from _mode_faults(model, outcomes, outcome, EVAL)
    work = _work_of_eval(model, outcomes)
    if work:
        names = " and ".join(f"`{name}`" for name in work)
        what = f"sets {names}, which `train(False)` does not"
        yield Fault(Kind.NOT_CALLED, what, f"a parent's {EVAL} never calls it")
    if _returns_none(outcome):
        yield _returns_nothing(EVAL)


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


def _mode_faults(
    model: SemanticModel, outcomes: Outcomes, outcome: Outcome, call: str
) -> Iterator[Fault]:
    """What is wrong with the modes that the override leaves where ``call`` reaches it."""
    owner = outcomes.owner
    depends = depends_on_mode(model, owner)
    left = outcome.own
    if depends and left != untouched(OWN) and is_surely(left, True):
        yield Fault(Kind.MODE, "does not pass the mode on", _left_on(call))
        return
    forced = [
        name for name in _told(outcome) if outcome.puts(name, True) and may_drop(model, owner, name)
    ]
    forced = [name for name in forced if is_built(owner, name)] or forced
    if forced and outcomes.function.name == "train":
        what = f"puts {_listed(forced)} into train mode in either case"
        yield Fault(Kind.CHILDREN, what, _left_on(call, forced), declarable=True)
        return
    if not depends:
        return
    dropping = dropping_children(model, owner)
    behind = [name for name in dropping if outcome.leaves(name)]
    if left == untouched(OWN):
        told = outcomes.function.name == "train" and is_surely(outcomes.in_train.own, True)
        what = "does not pass eval mode on" if told else "does not set the mode"
        if (behind or asks_for_mode(model, owner)) and (not told or outcome.tells_nobody):
            yield Fault(Kind.MODE, what, _left_on(call, behind))
        return
    if behind:
        what = f"does not pass the mode on to {_listed(behind)}"
        yield Fault(Kind.CHILDREN, what, _left_on(call, behind))
        return
    plain, options = outcomes.with_default_options
    if options and plain.tells_nobody and not plain.raises:
        what = f"sets the mode only under {_listed(options)}, which is off by default"
        yield Fault(Kind.OPTION, what, _left_on(call, dropping))


def _left_on(call: str, names: Sequence[str] = ()) -> str:
    return f"{call} leaves {_listed(names)} training" if names else f"{call} leaves dropout on"


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


def _listed(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)
