"""The meaning of a file: what rules ask for.

`SemanticModel` holds the parts together. Names, classes and functions are found once; the functions
that are relevant are run in both modes; the calls of the catalog in these runs become `Site`s.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from functools import cached_property, lru_cache

import libcst as cst

from dropout_lint.catalog import Catalog
from dropout_lint.semantics.budget import OverBudget, Steps
from dropout_lint.semantics.interpreter.guards import Guards
from dropout_lint.semantics.interpreter.lookups import Lookups
from dropout_lint.semantics.interpreter.run import Run
from dropout_lint.semantics.interpreter.surroundings import BuiltModule, MadeFunction
from dropout_lint.semantics.interpreter.values import Atom, Local, Method, Value
from dropout_lint.semantics.interprocedural.attributes import Attributes
from dropout_lint.semantics.interprocedural.builders import Builders
from dropout_lint.semantics.interprocedural.constructor_flags import ConstructorFlags
from dropout_lint.semantics.interprocedural.contexts import CallingContext, CallingContexts
from dropout_lint.semantics.interprocedural.mode_readers import ModeReaders
from dropout_lint.semantics.interprocedural.relevance import Relevance
from dropout_lint.semantics.interprocedural.runs import Runs
from dropout_lint.semantics.interprocedural.static_names import StaticNames
from dropout_lint.semantics.project.modules import FileVersion, version_of
from dropout_lint.semantics.project.project import Project
from dropout_lint.semantics.project.snapshots import MAX_SIZE
from dropout_lint.semantics.sites.catalog_calls import Sites, add_sites
from dropout_lint.semantics.sites.drawn_calls import drawn_sites
from dropout_lint.semantics.sites.imported_functions import ImportedFunctions
from dropout_lint.semantics.sites.project_calls import ProjectCalls
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import Classes, ClassInfo
from dropout_lint.semantics.syntax.functions import FunctionInfo, Functions
from dropout_lint.semantics.syntax.hand_drawn.masks import Masks
from dropout_lint.semantics.syntax.names import Names, Scope
from dropout_lint.semantics.syntax.readable import readable_text
from dropout_lint.semantics.syntax.tree import Tree, Unreadable


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
        self.steps = Steps()
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
        self.masks = Masks(self.functions)
        self._mode_readers = ModeReaders(self.functions)
        self._attributes = Attributes(self)
        self._constructor_flags = ConstructorFlags(self.functions)
        self._static_names = StaticNames(self)
        self._runs = Runs(self, self.contexts.of)
        self._alone = Runs(self, lambda function, training: CallingContext(), early=True)
        self._relevance = Relevance(self, self.builders)

    # --- what rules ask ---------------------------------------------------------------------

    @cached_property
    def sites(self) -> list[Site]:
        """The calls of the catalog, with what each does in each mode, in source order.

        Those that were found when no steps are left.
        """
        sites: Sites = {}
        with suppress(OverBudget):
            for function in self.functions:
                if function in self._relevance:
                    self._add_sites(sites, function)
        if len(sites) < 2:
            return list(sites.values())
        return sorted(sites.values(), key=lambda site: self.tree.order[site.node])

    def sites_at(self, node: cst.CSTNode) -> list[Site]:
        """The sites of a call."""
        return self._sites_by_node.get(node, [])

    @cached_property
    def _sites_by_node(self) -> dict[cst.CSTNode, list[Site]]:
        by_node: dict[cst.CSTNode, list[Site]] = {}
        for site in self.sites:
            by_node.setdefault(site.node, []).append(site)
        return by_node

    @cached_property
    def owners_of_sites(self) -> set[ClassInfo | None]:
        """The classes with a method that drops; None: a plain function does."""
        return {site.function.owner for site in self.sites}

    def _add_sites(self, sites: Sites, function: FunctionInfo) -> None:
        train_run, eval_run = self.run(function, True), self.run(function, False)
        add_sites(sites, self, train_run, eval_run)
        for site in self.project_calls.sites(train_run, eval_run):
            sites[site.node, site.row.name, site.entry] = site

    @cached_property
    def drawn_sites(self) -> list[Site]:
        """The masks that functions of the file draw by hand, and drop by them."""
        sites: list[Site] = []
        with suppress(OverBudget):
            for function in self.masks.functions:
                runs = (
                    (self.run(function, on), self.contexts.of(function, on).arguments)
                    for on in (True, False)
                )
                sites += drawn_sites(self, *runs)
        return sorted(sites, key=lambda site: self.tree.order[site.node])

    def function(self, name: str) -> FunctionInfo | None:
        """The function that a name of the file, or one of a class (``Ops.drop``), stands for."""
        first, *rest = name.split(".")
        atom = self.static(first, self.names.module).only
        for part in rest:
            if atom is not None:
                atom = Lookups(self).attribute_of(atom, part).only
        return self.functions.by_node.get(atom.node) if isinstance(atom, Local) else None

    def run(self, function: FunctionInfo, training: bool) -> Run:
        """The run of a function in one mode, with the arguments of its callers in the file."""
        return self._runs.of(function, training)

    def alone(self, function: FunctionInfo, training: bool) -> Run:
        """The run of a function in one mode with unknown arguments."""
        return self._alone.of(function, training)

    def functions_naming(self, wanted: Callable[[str], bool]) -> list[FunctionInfo]:
        """The functions that mention something imported of which the dotted name is wanted."""
        return self.functions.mentioning(
            lambda node, scope: any(map(wanted, self.names.qualified(node, scope)))
        )

    def that_mention(self, attributes: Collection[str]) -> list[FunctionInfo]:
        """The functions that mention an attribute of one of these names."""
        return self._mode_readers.that_mention(attributes)

    def reads_training(self, function: FunctionInfo) -> bool:
        """Whether a function mentions ``….training``."""
        return self._mode_readers.reads_training(function)

    def knows_mode(self, function: FunctionInfo) -> bool:
        """Whether a function may behave differently in the other mode, itself or through others."""
        return self._mode_readers.knows_mode(function)

    def mentions_mode(self, node: cst.CSTNode) -> bool:
        """Whether an expression mentions ``….training`` or a function that knows the mode."""
        return self._mode_readers.mentions_mode(node)

    def callers(self, function: FunctionInfo, training: bool) -> list[tuple[FunctionInfo, Guards]]:
        """The functions of this file that call the function in a mode, and behind which guards."""
        calls = self.contexts.calls_of(function, training)
        return [(call.caller, call.guards) for call in calls]

    def attribute(self, owner: ClassInfo, name: str, training: bool) -> Value:
        """The value of ``self.name`` where the class settles it, else an unknown `Attribute`."""
        return self._attributes.value(owner, name, training)

    # --- what else the interpreter asks (`FileSurroundings`) ----------------------------------

    def catalog_name(self, name: str) -> str:
        return self.project.catalog_name(name)

    def static(self, name: str, scope: Scope) -> Value:
        return self._static_names.value(name, scope)

    def is_project_function(self, name: str) -> bool:
        return self.imported.find(name) is not None

    def guards_of_reads(self, owner: ClassInfo, name: str, training: bool) -> Guards | None:
        return self.contexts.read(owner, name, training)

    def zeros_where(self, owner: ClassInfo, name: str, holds: bool) -> frozenset[str]:
        return self._constructor_flags.zeros_where(owner, name, holds)

    def built(self, callee: Atom, training: bool, caller: FunctionInfo) -> BuiltModule | None:
        builder = self.imported.callee(callee)
        if builder is None or builder.function is caller:
            return None
        module = builder.model.builders.built(builder.function, training)
        overridden = isinstance(callee, Method) and self.functions.overrides(builder.function)
        return None if module is None or overridden else BuiltModule(builder.function, module)

    def made(self, callee: Atom) -> MadeFunction | None:
        known = isinstance(callee, (Local, Method))
        maker = self.functions.by_node.get(callee.node) if known else None  # type: ignore[union-attr]
        if isinstance(callee, Method) and maker is not None and self.functions.overrides(maker):
            return None
        value = self.builders.made(maker) if maker is not None else None
        return MadeFunction(maker, value) if maker is not None and value is not None else None


# How many files of the project are kept.
_KEPT = 8


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
    except Unreadable:
        return None


__all__ = ["SemanticModel"]
