"""The default rules that the screen does not cover, found without importing all the others.

The rules' modules import libcst, which takes longer than a run over most files. So what a rule's
file declares is read from its text. A file that does not declare it in the usual form is imported:
that costs time, and never a finding.
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from typing import TYPE_CHECKING

import dropout_lint.rules

if TYPE_CHECKING:
    from dropout_lint.rules.base import Rule

_CLASS = re.compile(rb"^class \w+\(Rule\):.*?^    VALID\b", re.MULTILINE | re.DOTALL)
_COVERED = re.compile(rb"^    (?:prefilter = SCREENED|default = False)\r?$", re.MULTILINE)
_MENTION = re.compile(rb"\bRule\b")
# The files of the package that mention `Rule` and hold none.
_NO_RULES = frozenset({"base.py", "declared.py"})


def default_rules_beyond_screen() -> tuple[type[Rule], ...]:
    """The rules that are on by default and have another prefilter than the screen, or none."""
    base = sys.modules.get("dropout_lint.rules.base")
    if all(map(_is_covered_folder, dropout_lint.rules.__path__)):
        rules = () if base is None else base.loaded_rules()  # a caller may have added some
    else:
        from dropout_lint.rules.base import all_rules

        rules = all_rules()
    return tuple(rule for rule in rules if rule.default and not rule.is_screened())


@cache
def _is_covered_folder(folder: str) -> bool:
    """Whether all rules in a folder declare that they are off by default or screened."""
    try:
        names = [name for name in os.listdir(folder) if name not in _NO_RULES]
        return all(_is_covered(os.path.join(folder, name)) for name in names)
    except OSError:  # a package in an archive
        return False


def _is_covered(path: str) -> bool:
    if not path.endswith(".py"):
        return os.path.basename(path) == "__pycache__"
    with open(path, "rb") as file:
        data = file.read()
    rules = _CLASS.findall(data)
    if len(rules) != 1:
        return _MENTION.search(data) is None
    return _COVERED.search(rules[0]) is not None
