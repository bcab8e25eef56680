"""A file's meaning: the facts that rules ask for.

`SemanticModel` ties the pieces together: names, classes and functions are found once; the
functions that matter are run in both modes; the calls on the way become `Site`s.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache

import libcst as cst

from dropout_lint.catalog import Catalog
from dropout_lint.semantics.interpreter.attributes import Attributes, is_switch
from dropout_lint.semantics.interpreter.builders import Builders
from dropout_lint.semantics.interpreter.calls import Evaluator
from dropout_lint.semantics.interpreter.entry import CallingContexts
from dropout_lint.semantics.interpreter.run import Run
from dropout_lint.semantics.interpreter.values import (
    FREE,
    NONE,
    UNKNOWN,
    Attribute,
    Guards,
    Instance,
    Local,
    Parameter,
    Partial,
    Ref,
    Value,
)
from dropout_lint.semantics.project.modules import FileVersion, version_of
from dropout_lint.semantics.project.project import Project
from dropout_lint.semantics.sites.catalog_calls import Sites, add_sites
from dropout_lint.semantics.sites.imported_functions import ImportedFunctions
from dropout_lint.semantics.sites.project_calls import ProjectCalls
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import (
    Classes,
    ClassInfo,
    is_self,
)
from dropout_lint.semantics.syntax.functions import FunctionInfo, Functions
from dropout_lint.semantics.syntax.names import Binding, Names, Scope, imported_by
from dropout_lint.semantics.syntax.readable import readable_text
from dropout_lint.semantics.syntax.tree import Tree, Unreadable, walk
from dropout_lint.vocabulary import speaks_of_mode


class SemanticModel:
    """What a file means, as far as this program asks.

    ``path`` is where the file lies, for the imports of its own project; None: nowhere. ``depth``
    says by how many steps another file asked for this one.
    Raises what `Tree` raises when the text cannot be parsed.
    """

    def __init__(
        self, text: str, catalog: Catalog, path: str | None = None, depth: int = 0
    ) -> None:
        self.catalog = catalog
        self.path = path
        self.project = Project(path, catalog)
        self.tree = Tree(text)
        self.names = Names(self.tree, self.project)
        self.classes = Classes(self.names, catalog.module_bases)
        self.functions = Functions(self.tree, self.names, self.classes)
        self.contexts = CallingContexts(self)
        self.imported = ImportedFunctions(self, depth, model_of)
        self.project_calls = ProjectCalls(self)
        self.builders = Builders(self)
        self._attributes = Attributes(self)
        self._runs: dict[tuple[cst.CSTNode, bool], Run] = {}
        self._alone: dict[tuple[cst.CSTNode, bool], Run] = {}
        self._static: dict[tuple[str, Scope], Value] = {}

    # --- what rules ask ---------------------------------------------------------------------

    @cached_property
    def sites(self) -> list[Site]:
        """The calls of the catalog, with what each does in each mode, in source order."""
        sites: Sites = {}
        for function in self.functions:
            if function.node in self._interesting:
                train_run, eval_run = self.run(function, True), self.run(function, False)
                add_sites(sites, self, train_run, eval_run)
                for site in self.project_calls.sites(train_run, eval_run):
                    sites[site.node, site.row.name] = site
        if len(sites) < 2:
            return list(sites.values())
        return sorted(sites.values(), key=lambda site: self.tree.order[site.node])

    def function(self, name: str) -> FunctionInfo | None:
        """The function that a name of the file, or one of a class (``Ops.drop``), stands for."""
        scope = self.names.scopes[self.tree.module]
        first, *rest = name.split(".")
        atom = self.static(first, scope).only
        for part in rest:
            if atom is not None:
                atom = Evaluator(self, scope, True, None, None).attribute_of(atom, part).only
        return self.functions.by_node.get(atom.node) if isinstance(atom, Local) else None

    def run(self, function: FunctionInfo, training: bool) -> Run:
        """The function's execution in one mode, entered as the file's own callers enter it."""
        key = (function.node, training)
        if key not in self._runs:
            other = None if training else self.run(function, True)
            entry, guards = self.contexts.of(function, training)
            self._runs[key] = self.execute(function, training, entry, guards, other)
        return self._runs[key]

    def execute(
        self,
        function: FunctionInfo,
        training: bool,
        entry: Mapping[str, Value],
        guards: Guards | None,
        other: Run | None = None,
    ) -> Run:
        """A run of the function with these arguments, behind these guards.

        ``other`` is the run in train mode, for one in eval mode.
        """
        return Run(self, function, training, entry, guards, other).execute()

    def functions_naming(self, wanted: Callable[[str], bool]) -> list[FunctionInfo]:
        """The functions that mention something imported of which the dotted name is wanted."""
        found: dict[FunctionInfo, None] = {}
        for node, scope in self.names.mentions:
            if any(map(wanted, self.names.qualified(node, scope))):
                function = self.functions.of_scope(scope)
                if function is not None:
                    found[function] = None
        return list(found)

    def reads_training(self, function: FunctionInfo) -> bool:
        """Whether a function mentions ``….training``."""
        return function.node in self._reads_training

    def knows_mode(self, function: FunctionInfo) -> bool:
        """Whether a function may behave differently in the other mode, itself or through others."""
        return function in self._knowing

    def callers(self, function: FunctionInfo, training: bool) -> list[tuple[FunctionInfo, Guards]]:
        """The functions of this file that call the function in a mode, and behind which guards."""
        return [
            (caller, guards) for caller, _, guards in self.contexts.calls_of(function, training)
        ]

    def mentions_mode(self, node: cst.CSTNode, scope: Scope) -> bool:
        """Whether an expression mentions ``….training`` or a function that knows the mode."""
        for below in walk(node):
            if isinstance(below, cst.Attribute):
                name = below.attr.value
            elif isinstance(below, cst.Name):
                name = below.value
            else:
                continue
            if name == "training" or name in self._knowing_names:
                return True
        return False

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
        key = (name, where)
        if key not in self._static:
            self._static[key] = UNKNOWN  # for a name that is defined by itself
            values = [self._bound(binding, where) for binding in bindings]
            known = [value for value in values if value != NONE]
            value = Value.join(known or values)
            is_global = where.node is self.tree.module
            switch = is_global and is_switch(name, value)
            self._static[key] = Value.of(Attribute(name)) if switch else value
        return self._static[key]

    def attribute(self, owner: ClassInfo, name: str, training: bool) -> Value:
        """What ``self.name`` is worth where the class settles it, else an unknown `Attribute`."""
        return self._attributes.worth(owner, name, training)

    def alone(self, function: FunctionInfo, training: bool) -> Run:
        """The function's execution in one mode, its parameters left symbolic."""
        key = (function.node, training)
        if key not in self._alone:
            other = None if training else self.alone(function, True)
            run = Run(self, function, training, {}, FREE, other)
            self._alone[key] = run  # a function that calls itself sees what is known so far
            run.execute()
        return self._alone[key]

    def returned(self, function: FunctionInfo, training: bool) -> Value:
        """What a function that knows the mode returns, its parameters left symbolic."""
        return self.alone(function, training).returned if self.knows_mode(function) else UNKNOWN

    def refuses(self, function: FunctionInfo, training: bool) -> bool:
        """Whether a function always raises in this mode, and not in the other one."""
        if not self.knows_mode(function) or not self.alone(function, training).raises:
            return False
        return not self.alone(function, not training).raises

    # --- names and attributes ---------------------------------------------------------------

    def _bound(self, binding: Binding, where: Scope) -> Value:
        node = binding.node
        if binding.kind == "import":
            return Value.of(Ref(self.project.catalog_name(binding.qualified)))
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            return Value.of(Local(node.name.value, node))
        if isinstance(node, cst.Param):
            return Value.of(Parameter(node.name.value))
        if isinstance(binding.value, cst.Call) and (name := imported_by(binding.value)):
            return Value.of(Ref(self.project.catalog_name(name)))
        if binding.value is not None:
            return Evaluator(self, where, True, None, None).eval(binding.value)
        return UNKNOWN

    # --- which functions matter -----------------------------------------------------------------

    @cached_property
    def _interesting(self) -> set[cst.CSTNode]:
        """The functions that mention something of the catalog, or decide about what does.

        On the way up from a drop the mode may have other names: `inner(x, on=training)`.
        """
        found = self._mentioning
        mentioning = [function for function in self.functions if function.node in found]
        return found.union(
            caller.node
            for function in self.functions.with_callers(mentioning)
            if _takes_mode(function) or self.builders.built(function, True) is not None
            for caller in self.functions.callers(function)
        )

    @cached_property
    def _mentioning(self) -> set[cst.CSTNode]:
        """The functions that mention something of the catalog, under whatever name."""
        found: set[cst.CSTNode] = set()
        for node, scope in self.names.mentions:
            function = self.functions.of_scope(scope)
            if function is None or function.node in found:
                continue
            if self._is_kept(node, function) or self._is_of_catalog(node, scope):
                found.add(function.node)
        return found

    def _is_kept(self, node: cst.CSTNode, function: FunctionInfo) -> bool:
        """Whether ``self.name(…)`` or ``self.F.name(…)`` calls what the class keeps on self."""
        parent = self.tree.parent(node)
        if function.owner is None or not (isinstance(parent, cst.Call) and parent.func is node):
            return False
        rest: list[str] = []
        while isinstance(node, cst.Attribute) and not is_self(node.value, function.self_name):
            rest.insert(0, node.attr.value)
            node = node.value
        if not isinstance(node, cst.Attribute):
            return False
        for atom in self.attribute(function.owner, node.attr.value, True).atoms:
            if isinstance(atom, Partial) and not rest:
                return True
            if isinstance(atom, Ref) and self.catalog.function(".".join((atom.name, *rest))):
                return True
        return False

    def _is_of_catalog(self, node: cst.CSTNode, scope: Scope) -> bool:
        for name in self.names.qualified(node, scope):
            if self.catalog.function(name) or self.catalog.module(name) or self.imported.find(name):
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
    def _reads_training(self) -> set[cst.CSTNode]:
        return {function.node for function in self.that_mention({"training"})}

    @cached_property
    def _knowing(self) -> set[FunctionInfo]:
        """The functions that know the mode: that read it, or what ``train()`` sets, or use such."""
        queue = self.that_mention({"training"})
        for function in self.functions:
            if function.is_mode_override and function.owner is not None:
                set_there = {
                    name
                    for name, writes in function.owner.writes.items()
                    if any(write.method is function.node for write in writes)
                }
                queue += self.that_mention(set_there)
        return self.functions.with_callers(queue)

    @cached_property
    def _knowing_names(self) -> set[str]:
        return {function.name for function in self._knowing}

    def that_mention(self, attributes: set[str]) -> list[FunctionInfo]:
        """The functions that mention an attribute of one of these names."""
        found: dict[FunctionInfo, None] = {}
        for node, scope in self.names.mentions:
            if isinstance(node, cst.Attribute) and node.attr.value in attributes:
                function = self.functions.of_scope(scope)
                if function is not None:
                    found[function] = None
        return list(found)


def _takes_mode(function: FunctionInfo) -> bool:
    return any(speaks_of_mode(parameter.name.value) for parameter in function.parameters)


# How many files of the project are kept, and how large they may be.
_KEPT = 8
MAX_SIZE = 300_000


def model_of(path: str, catalog: Catalog, depth: int) -> SemanticModel | None:
    """The meaning of another file as it is now; None if it cannot be read or is too large."""
    version = version_of(path)
    if version is None or version.size > MAX_SIZE or not path.endswith(".py"):
        return None
    return _model(path, version, catalog, depth)


@lru_cache(_KEPT)
def _model(path: str, version: FileVersion, catalog: Catalog, depth: int) -> SemanticModel | None:
    text = readable_text(path)
    try:
        return SemanticModel(text, catalog, path, depth) if text is not None else None
    except (cst.ParserSyntaxError, Unreadable):
        return None


__all__ = ["SemanticModel"]
