"""The fixes of a site, best first: what rules ask for."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import libcst as cst

from dropout_lint.catalog import CatalogFunction
from dropout_lint.diagnostics import Fix, Safety
from dropout_lint.fixing.flag_form import to_flag
from dropout_lint.fixing.flag_form.thread_mode import thread_mode
from dropout_lint.fixing.hazards.kept_rates import kept_share
from dropout_lint.fixing.hazards.reasons import UnsafeReasons
from dropout_lint.fixing.module_form.refusal import Refusal
from dropout_lint.fixing.module_form.to_module import ModuleFixes
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site
from dropout_lint.semantics.syntax.classes import ClassInfo


class Fixer:
    """The fixes of one file, those in module form first if ``prefer_module``."""

    def __init__(self, model: SemanticModel, *, prefer_module: bool) -> None:
        self.model = model
        self._prefer_module = prefer_module
        self._module_fixes = ModuleFixes(model)
        self._reasons = UnsafeReasons(model)

    def missing_flag(self, site: Site) -> tuple[Fix, ...]:
        """The fixes of a call that leaves its mode argument out."""
        flag = to_flag.add_flag(self.model, site)
        if site.alike:
            return self._with_safety(site, flag)
        return self._ordered(site, self._module(site), flag)

    def wrong_flag(self, site: Site) -> tuple[Fix, ...]:
        """The fixes of a call whose mode argument is not the mode."""
        return self._only(site, to_flag.set_flag(self.model, site))

    def always_off(self, site: Site) -> tuple[Fix, ...]:
        """The fixes of a call that never drops. Never safe: it drops from then on."""
        if site.flag is not None:
            return self.wrong_flag(site)
        fix = to_flag.add_flag(self.model, site)
        return self._only(site, replace(fix, safety=Safety.UNSAFE) if fix is not None else None)

    def flag_as_rate(self, site: Site) -> tuple[Fix, ...]:
        """The fixes of a call that passes the mode as its rate."""
        return self._only(site, to_flag.rename_rate(self.model, site))

    def ungated_rate(self, site: Site) -> tuple[Fix, ...]:
        """The fixes of a call of a function without a mode parameter.

        The call may have other callees too, if it passes the rate by keyword.
        """
        rate = site.rate
        if not site.sole and (rate is None or rate.node.keyword is None):
            return ()
        if site.entry is not None:
            return ()
        return self._with_safety(site, to_flag.guard_rate(self.model, site))

    def ungated_function(self, site: Site) -> tuple[Fix, ...]:
        """The fixes of a call in a function that does not know the mode."""
        return self._only(site, thread_mode(self.model, site))

    def fresh_module(self, site: Site) -> tuple[Fix, ...]:
        """The fixes of a module that is built where it is called."""
        module = None if site.maker else self._module(site)
        return self._ordered(site, module, to_flag.set_mode(self.model, site))

    def doubt_about_rate(self, site: Site) -> str:
        """What a message adds where the rate is called a share to keep; empty otherwise."""
        kept = kept_share(self.model, site)
        return f"; and {kept}" if kept is not None else ""

    @cached_property
    def changes_a_drop_in_place(self) -> bool:
        """Whether the result of a drop of the file may be changed in place.

        With the drop off, its input would be changed.
        """
        return any(map(self._reasons.is_changed_in_place, self.model.sites))

    def changes_what_depends_on(self, test: cst.CSTNode) -> bool:
        """Whether a name bound under a condition is changed in place in its function.

        Where the condition no longer holds, the name keeps its earlier value, perhaps an input.
        """
        function = self.model.functions.around(test)
        return function is not None and self._reasons.in_place.changes_what_depends_on(
            test, function
        )

    def _module(self, site: Site) -> Fix | None:
        try:
            return self._module_fixes.fix(site)
        except Refusal:
            return None

    def _ordered(self, site: Site, module: Fix | None, flag: Fix | None) -> tuple[Fix, ...]:
        first = self._prefer_module and not (flag is not None and self._has_flagged_twin(site))
        return self._only(site, *((module, flag) if first else (flag, module)))

    def _has_flagged_twin(self, site: Site) -> bool:
        """Whether the class passes the mode to such functions elsewhere, and has no module."""
        owner = site.function.owner
        return (
            owner is not None
            and isinstance(site.row, CatalogFunction)
            and owner in self._flagged
            and not self._module_fixes.has_dropout(owner)
        )

    @cached_property
    def _flagged(self) -> set[ClassInfo | None]:
        """The classes with a call of such a function that follows the mode by its flag."""
        return {
            site.function.owner
            for site in self.model.sites
            if isinstance(site.row, CatalogFunction)
            and site.row.twin is not None
            and site.flag is not None
            and site.active(True) is not None
            and site.active(False) is None
        }

    def _only(self, site: Site, *fixes: Fix | None) -> tuple[Fix, ...]:
        if not site.sole:  # its other callees must get the same arguments as before
            return ()
        return self._with_safety(site, *fixes)

    def _with_safety(self, site: Site, *fixes: Fix | None) -> tuple[Fix, ...]:
        offered = (fix for fix in fixes if fix is not None)
        return tuple(
            self._reasons.checked(site, fix) if fix.safety is Safety.SAFE else fix
            for fix in offered
        )
