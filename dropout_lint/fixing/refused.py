"""The answer of everything that cannot promise that a module changes nothing else."""

from __future__ import annotations


class Refused(Exception):
    """Why the module form is not offered, in one sentence."""
