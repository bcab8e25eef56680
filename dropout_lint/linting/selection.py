"""Which rules are on: select, ignore and their kin."""

from __future__ import annotations

import os
from functools import cache

from dropout_lint.config import Selection, Settings
from dropout_lint.files.patterns import matches
from dropout_lint.rules.base import Rule, all_rules
from dropout_lint.rules.declared import default_rules_beyond_screen


def enabled_rules(selections: tuple[Selection, ...]) -> tuple[type[Rule], ...]:
    """The rules that are on after each selection has had its say, in turn, as in ruff.

    Within one, the longest matching prefix decides, and where two are equal the ignored one. One
    with a ``select`` starts over; one without changes what the ones before it left on.
    """
    return _enabled(selections, all_rules())


@cache
def _enabled(
    selections: tuple[Selection, ...], rules: tuple[type[Rule], ...]
) -> tuple[type[Rule], ...]:
    found = {rule for rule in rules if rule.default}
    for selection in selections:
        wanted = (*(selection.select or ()), *selection.extend_select)
        unwanted = selection.ignore + selection.extend_ignore
        if selection.select is not None:
            found.clear()
        for rule in rules:
            on, off = _longest(rule.code, wanted), _longest(rule.code, unwanted)
            if on > off:
                found.add(rule)
            elif off >= 0:
                found.discard(rule)
    return tuple(sorted(found, key=lambda rule: rule.code))


def _longest(code: str, prefixes: tuple[str, ...]) -> int:
    """The length of the longest prefix that matches a code; 0 for ``ALL``, -1 for none."""
    lengths = [0 if p == "ALL" else len(p) for p in prefixes if p == "ALL" or code.startswith(p)]
    return max(lengths, default=-1)


def rules_for(settings: Settings) -> tuple[type[Rule], ...]:
    return enabled_rules(settings.selections)


def rules_beyond_screen(settings: Settings) -> tuple[type[Rule], ...]:
    """The rules that are on and that the screen does not cover.

    Without a selection and without such a rule, no rule is imported to find out.
    """
    if not settings.asks_for_more and not default_rules_beyond_screen():
        return ()
    return tuple(rule for rule in rules_for(settings) if not rule.is_screened())


def passes_screen(data: bytes, settings: Settings) -> bool:
    """Whether a file is to be analysed whatever the screen says.

    It is if a rule that the screen does not cover is on and may have a finding there.
    """
    rules = rules_beyond_screen(settings)
    return any(rule.passes_prefilter(data, settings.catalog) for rule in rules)


def ignored_in(settings: Settings, path: str) -> tuple[str, ...]:
    """The code prefixes that ``per-file-ignores`` takes out for a file.

    A pattern with a ``!`` before it stands for the files that do not match, as in ruff.
    """
    found: list[str] = []
    root = settings.root or os.getcwd()
    for pattern, codes in settings.per_file_ignores.items():
        wanted = not pattern.startswith("!")
        if matches((pattern.removeprefix("!"),), path, False, root) is wanted:
            found += ["" if code == "ALL" else code for code in codes]
    return tuple(found)
