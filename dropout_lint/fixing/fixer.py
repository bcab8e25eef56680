"""What a rule asks for a cure: the fixes of a site, best first, in the wanted style."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import libcst as cst

from dropout_lint.diagnostics import Fix, Safety
from dropout_lint.fixing.flag_form import to_flag
from dropout_lint.fixing.flag_form.thread_mode import thread_mode
from dropout_lint.fixing.hazards.reasons import Doubts
from dropout_lint.fixing.module_form.refusal import Refused
from dropout_lint.fixing.module_form.to_module import Modules
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.sites.site import Site


class Fixer:
    """The fixes of one file. ``style`` is ``"module"`` or ``"flag"``."""

    def __init__(self, model: SemanticModel, style: str) -> None:
        self.model = model
        self._style = style
        self._modules = Modules(model)
        self._doubts = Doubts(model)

    def missing_flag(self, site: Site) -> tuple[Fix, ...]:
        """For a call that leaves its mode argument out."""
        return self._ordered(site, self._module(site), to_flag.add_flag(self.model, site))

    def wrong_flag(self, site: Site) -> tuple[Fix, ...]:
        """For a call whose mode argument is not the mode."""
        return self._only(site, to_flag.set_flag(self.model, site))

    def always_off(self, site: Site) -> tuple[Fix, ...]:
        """For a call that never drops. Never safe: it comes to life."""
        if site.flag is not None:
            return self.wrong_flag(site)
        fix = to_flag.add_flag(self.model, site)
        return self._only(site, replace(fix, safety=Safety.UNSAFE) if fix is not None else None)

    def flag_as_rate(self, site: Site) -> tuple[Fix, ...]:
        """For a call that passes the mode as its rate."""
        return self._only(site, to_flag.rename_rate(self.model, site))

    def ungated_rate(self, site: Site) -> tuple[Fix, ...]:
        """For a call without a mode argument.

        Where it may call something else too, that takes a rate under the same name.
        """
        rate = site.rate
        if not site.sole and (rate is None or rate.node.keyword is None):
            return ()
        return self._judged(site, to_flag.guard_rate(self.model, site))

    def ungated_function(self, site: Site) -> tuple[Fix, ...]:
        """For a call in a function that does not know the mode."""
        return self._only(site, thread_mode(self.model, site))

    def fresh_module(self, site: Site) -> tuple[Fix, ...]:
        """For a module that is built where it is called."""
        module = None if site.maker else self._module(site)
        return self._ordered(site, module, to_flag.set_mode(self.model, site))

    @cached_property
    def changes_a_drop_in_place(self) -> bool:
        """Whether the result of a drop of the file may be changed in place: with the drop off, the
        input would be."""
        return any(map(self._doubts.is_changed_in_place, self.model.sites))

    def changes_what_hangs_on(self, test: cst.CSTNode) -> bool:
        """Whether what a condition decides about is changed in place in its function.

        Where it is not computed any more, that would be the value from before, perhaps an input.
        """
        function = self.model.functions.around(test)
        return function is not None and self._doubts.in_place.changes_what_hangs_on(test, function)

    def _module(self, site: Site) -> Fix | None:
        try:
            return self._modules.fix(site)
        except Refused:
            return None

    def _ordered(self, site: Site, module: Fix | None, flag: Fix | None) -> tuple[Fix, ...]:
        pair = (module, flag) if self._style == "module" else (flag, module)
        return self._only(site, *pair)

    def _only(self, site: Site, *fixes: Fix | None) -> tuple[Fix, ...]:
        if not site.sole:  # what else may be called here is to be called as it was
            return ()
        return self._judged(site, *fixes)

    def _judged(self, site: Site, *fixes: Fix | None) -> tuple[Fix, ...]:
        offered = (fix for fix in fixes if fix is not None)
        return tuple(
            self._doubts.judged(site, fix) if fix.safety is Safety.SAFE else fix for fix in offered
        )
