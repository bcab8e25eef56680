"""Runs of the command, by the codes and the files of their findings."""

from __future__ import annotations

import re

from dropout_lint.rules.base import all_rules
from support.command import (
    HARDCODED,
    MODEL,
    places,
    run,
)

CODES = [rule.code for rule in all_rules()]

CONCISE = "--output-format=concise"


def found(*args: str) -> list[str]:
    """The codes that a run reports, in order."""
    return re.findall(r"^\S+:\d+:\d+: (DRP\d+)", run(CONCISE, *args).out, re.MULTILINE)


def files(*args: str) -> list[str]:
    """The files in which a run finds something."""
    return [place.partition(":")[0] for place in places(run(CONCISE, *args))]


BOTH = MODEL + "\n\n" + HARDCODED.replace("class Net", "class Other")
