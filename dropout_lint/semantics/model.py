"""A file's meaning: the facts that rules ask for.

`Model` ties the pieces together: names, classes and units are found once; the units that matter
are run in both modes; the calls met on the way become `Site`s.
"""

from __future__ import annotations

import builtins
from functools import cached_property

import libcst as cst

from dropout_lint.catalog import Catalog
from dropout_lint.semantics.apply import Evaluator
from dropout_lint.semantics.calls import Bound, Drop, Site, bind
from dropout_lint.semantics.classes import (
    BUILDING_METHODS,
    Classes,
    ClassInfo,
    Write,
    is_self,
)
from dropout_lint.semantics.modes import (
    FREE,
    NONE,
    UNKNOWN,
    Attribute,
    Const,
    Gates,
    Instance,
    Local,
    Method,
    Parameter,
    Partial,
    Ref,
    SelfObject,
    Value,
    both,
    weakest,
)
from dropout_lint.semantics.names import Binding, Names, Scope
from dropout_lint.semantics.project import Project
from dropout_lint.semantics.run import Called, Run, unit_arguments
from dropout_lint.semantics.tree import Tree, walk
from dropout_lint.semantics.units import Unit, Units

Entry = tuple[dict[str, Value], Gates | None]


class Model:
    """What a file means, as far as this program asks.

    ``path`` is where the file lies, for the imports of its own project; None: nowhere.
    Raises what `Tree` raises when the text cannot be parsed.
    """

    def __init__(self, text: str, catalog: Catalog, path: str | None = None) -> None:
        self.catalog = catalog
        self.project = Project(path, catalog)
        self.tree = Tree(text)
        self.names = Names(self.tree, self.project)
        self.classes = Classes(self.tree, self.names, catalog.module_bases)
        self.units = Units(self.tree, self.names, self.classes)
        self._runs: dict[tuple[int, bool], Run] = {}
        self._running: set[tuple[int, bool]] = set()
        self._returned: dict[tuple[int, bool], Value] = {}
        self._static: dict[tuple[str, int], Value] = {}
        self._attributes: dict[tuple[int, str, bool], Value] = {}

    # --- what rules ask ---------------------------------------------------------------------

    @cached_property
    def sites(self) -> list[Site]:
        """Every call of the catalog in a unit, with what it does in each mode, in source order."""
        found: dict[tuple[int, str], Site] = {}
        for unit in self.units:
            if id(unit.node) in self._interesting:
                for training in (True, False):
                    run = self.run(unit, training)
                    for called in run.calls:
                        self._add_site(found, run, called)
        return sorted(found.values(), key=lambda site: self.tree.span(site.node))

    def run(self, unit: Unit, training: bool) -> Run:
        """The unit's execution in one mode, entered as the file's own callers enter it."""
        key = (id(unit.node), training)
        if key not in self._runs:
            self._running.add(key)
            entry, gates = self._entry(unit, training)
            self._running.discard(key)
            self._runs[key] = Run(self, unit, training, entry, gates).execute()
        return self._runs[key]

    def reads_training(self, unit: Unit) -> bool:
        """Whether a unit mentions ``….training``."""
        return id(unit.node) in self._reads_training

    # --- what the interpreter asks ----------------------------------------------------------

    def static(self, name: str, scope: Scope) -> Value:
        """What a name stands for that is not a local of the run."""
        found = self.names.lookup(name, scope)
        if found is None:
            starred = self.names.from_star(name, scope)
            if starred:
                return Value.of(Ref(starred))
            return Value.of(Ref(f"builtins.{name}")) if hasattr(builtins, name) else UNKNOWN
        where, bindings = found
        key = (name, id(where))
        if key not in self._static:
            self._static[key] = UNKNOWN  # for a name that is defined by itself
            values = [self._bound(binding, where) for binding in bindings]
            known = [value for value in values if value != NONE]
            self._static[key] = Value.join(known or values)
        return self._static[key]

    def attribute(self, owner: ClassInfo, name: str, training: bool) -> Value:
        """What ``self.name`` is worth where the class settles it, else an unknown `Attribute`."""
        key = (id(owner), name, training)
        if key not in self._attributes:
            unknown = Value.of(Attribute(f"self.{name}"))
            self._attributes[key] = unknown
            self._attributes[key] = self._settled(owner, name, training) or unknown
        return self._attributes[key]

    def returned(self, unit: Unit, training: bool) -> Value:
        """What a unit returns, its parameters left symbolic."""
        key = (id(unit.node), training)
        if key not in self._returned:
            self._returned[key] = UNKNOWN
            if id(unit.node) in self._reads_training:
                run = Run(self, unit, training, {}, FREE).execute()
                self._returned[key] = run.returned
        return self._returned[key]

    @cached_property
    def nodes(self) -> dict[int, cst.CSTNode]:
        """Every node by its id."""
        return {id(node): node for node in walk(self.tree.module)}

    # --- names and attributes ---------------------------------------------------------------

    def _bound(self, binding: Binding, where: Scope) -> Value:
        node = binding.node
        if binding.kind == "import":
            return Value.of(Ref(self.project.family(binding.qualified)))
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            return Value.of(Local(node.name.value, id(node)))
        if isinstance(node, cst.Param):
            return Value.of(Parameter(node.name.value))
        if binding.value is not None:
            return Evaluator(self, where, True, None, None).eval(binding.value)
        return UNKNOWN

    def _settled(self, owner: ClassInfo, name: str, training: bool) -> Value | None:
        """The constants or catalog functions that a class keeps in an attribute, if only those."""
        writes = owner.find_writes(name)
        if not writes or len(writes) > 3:
            return None
        values = []
        for write in writes:
            value = self._written(owner, write, training)
            if value is None:
                return None
            values.append(value)
        joined = Value.join([value for value in values if value != NONE] or values)
        settled = all(isinstance(atom, (Const, Ref, Partial)) for atom in joined.atoms)
        return joined if settled else None

    def _written(self, owner: ClassInfo, write: Write, training: bool) -> Value | None:
        if write.value is None:
            return None
        unit = self.units.by_node.get(id(write.method)) if write.method is not None else None
        if unit is None:
            return Evaluator(self, owner.scope, training, owner, None).eval(write.value)
        evaluator = Evaluator(self, unit.scope, training, owner, unit.self_name)
        if unit.self_name is not None:
            evaluator.state.env[unit.self_name] = Value.of(SelfObject())
        value = evaluator.eval(write.value)
        # What is set while the model runs is no constant.
        return value if unit.name in BUILDING_METHODS else None

    # --- which units matter -----------------------------------------------------------------

    @cached_property
    def _interesting(self) -> set[int]:
        """The units that mention something of the catalog, under whatever name."""
        found: set[int] = set()
        for node, scope in self.names.mentions:
            unit = self.units.of_scope(scope)
            if unit is None or id(unit.node) in found:
                continue
            if self._is_kept(node, unit) or self._is_of_catalog(node, scope):
                found.add(id(unit.node))
        return found

    def _is_kept(self, node: cst.CSTNode, unit: Unit) -> bool:
        """Whether ``self.name(…)`` or ``self.F.name(…)`` calls what the class keeps on self."""
        parent = self.tree.parent(node)
        if unit.owner is None or not (isinstance(parent, cst.Call) and parent.func is node):
            return False
        rest: list[str] = []
        while isinstance(node, cst.Attribute) and not is_self(node.value, unit.self_name):
            rest.insert(0, node.attr.value)
            node = node.value
        if not isinstance(node, cst.Attribute):
            return False
        for atom in self.attribute(unit.owner, node.attr.value, True).atoms:
            if isinstance(atom, Partial) and not rest:
                return True
            if isinstance(atom, Ref) and self.catalog.function(".".join((atom.name, *rest))):
                return True
        return False

    def _is_of_catalog(self, node: cst.CSTNode, scope: Scope) -> bool:
        for name in self.names.qualified(node, scope):
            if self.catalog.function(name) or self.catalog.module(name):
                return True
        if isinstance(node, cst.Name):  # `drop = partial(F.dropout, p=0.3)` at module level
            found = self.names.lookup(node.value, scope)
            if found is not None and not found[0].is_function:
                for binding in found[1]:
                    if isinstance(binding.value, (cst.Call, cst.IfExp, cst.Lambda)):
                        return any(
                            isinstance(atom, (Partial, Ref, Instance))
                            for atom in self.static(node.value, scope).atoms
                        )
        return False

    @cached_property
    def _reads_training(self) -> set[int]:
        found: set[int] = set()
        for node, scope in self.names.mentions:
            if isinstance(node, cst.Attribute) and node.attr.value == "training":
                unit = self.units.of_scope(scope)
                if unit is not None:
                    found.add(id(unit.node))
        return found

    # --- entering a unit --------------------------------------------------------------------

    def _entry(self, unit: Unit, training: bool) -> Entry:
        """Parameter values and gates with which the callers in this file enter the unit."""
        own = unit.runs_in(training)
        users = self.units.users(unit)
        if own is None or unit.is_entry or not users:
            return self._defaults(unit), own
        met: list[tuple[dict[str, Value] | None, Gates]] = []
        for user, resolvable in users.items():
            if not resolvable or (id(user.node), training) in self._running:
                met.append((None, FREE))
                continue
            for called in self.run(user, training).calls:
                if self._calls(called, unit):
                    given = unit_arguments(unit, called.arguments) if called.arguments else None
                    met.append((given, called.gates))
        gates = weakest(*(gates for _, gates in met))
        if gates is None:  # every call stands where this mode does not come
            return {}, None
        entry: dict[str, Value] = {}
        for parameter in unit.parameters:
            values = [
                self._given(unit, parameter, given).behind(own_gates - gates)
                for given, own_gates in met
            ]
            entry[parameter.name.value] = Value.join(values)
        return entry, both(own, gates)

    @staticmethod
    def _defaults(unit: Unit) -> dict[str, Value]:
        """Rates that a method has of itself when its callers, elsewhere, pass none."""
        found = {}
        for parameter in unit.parameters if unit.in_module else ():
            default = parameter.default
            if isinstance(default, cst.Float) and default.evaluated_value > 0:
                name = parameter.name.value
                known = (Value.of(Parameter(name)), Value.of(Const(default.evaluated_value)))
                found[name] = Value.join(known)
        return found

    def _given(self, unit: Unit, parameter: cst.Param, given: dict[str, Value] | None) -> Value:
        name = parameter.name.value
        if given is None:
            return Value.of(Parameter(name))
        if name in given:
            return given[name]
        if parameter.default is not None and unit.scope.parent is not None:
            return Evaluator(self, unit.scope.parent, True, None, None).eval(parameter.default)
        return Value.of(Parameter(name))

    @staticmethod
    def _calls(called: Called, unit: Unit) -> bool:
        if isinstance(called.callee, Local):
            return called.callee.node == id(unit.node)
        if isinstance(called.callee, Method):
            return unit.owner is not None and called.callee.name == unit.name
        return False

    # --- sites ------------------------------------------------------------------------------

    def _add_site(self, found: dict[tuple[int, str], Site], run: Run, called: Called) -> None:
        callee = called.callee
        if isinstance(callee, Ref):
            row = self.catalog.function(callee.name)
            if row is None:
                return
            key = (id(called.node), row.name)
            bound = bind(row.parameters, called.arguments)
            site = found.setdefault(key, Site(called.node, row, run.unit, bound))
            drop = Drop(bound.value(row.mode), bound.value(row.rate), called.gates)
        elif isinstance(callee, Instance):
            built = self.catalog.module(callee.name)
            node = self.nodes[callee.node]
            if built is None or not called.sole or not isinstance(node, cst.Call):
                return
            key = (callee.node, built.name)
            made = next((c for c in run.calls if c.node is node), None)
            bound = bind(built.parameters, made.arguments) if made is not None else Bound({}, True)
            site = found.setdefault(key, Site(node, built, run.unit, bound, called.node))
            drop = Drop(callee.flag, bound.value(built.rate), called.gates)
        else:
            return
        (site.in_train if run.training else site.in_eval).append(drop)


__all__ = ["Model"]
