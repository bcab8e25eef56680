"""The map of each package: its docstring names every module in it."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import dropout_lint
from dropout_lint.rules.base import all_rules

PACKAGES = [
    "dropout_lint",
    *(
        module.name
        for module in pkgutil.walk_packages(dropout_lint.__path__, "dropout_lint.")
        if module.ispkg
    ),
]
# Adding a rule is adding a file and nothing else; `docs/rules/README.md` lists them.
RULES = {rule.__module__ for rule in all_rules()}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_names_its_modules(name: str) -> None:
    package = importlib.import_module(name)
    modules = [
        module.name
        for module in pkgutil.iter_modules(package.__path__)
        if f"{name}.{module.name}" not in RULES
    ]
    missing = [module for module in modules if f"`{module}`" not in (package.__doc__ or "")]
    assert not missing
