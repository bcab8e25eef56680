"""The catalog of a run: the built-in rows and those of the keys `functions`, `module-bases`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from dropout_lint.catalog import Catalog, CatalogFunction, builtin, function
from dropout_lint.config.errors import ConfigError

_ROW_KEYS = {"signature", "mode", "rate", "twin"}


def catalog_with(functions: Mapping[str, Any], module_bases: tuple[str, ...]) -> Catalog:
    """The catalog with some functions and module classes in addition. Raises ConfigError."""
    if not functions and not module_bases:
        return builtin()
    return _catalog(json.dumps(functions, sort_keys=True), module_bases)


@cache
def _catalog(functions: str, module_bases: tuple[str, ...]) -> Catalog:
    rows = (_row(name, value) for name, value in json.loads(functions).items())
    return Catalog(tuple(rows), module_bases)


def _row(name: str, value: Any) -> CatalogFunction:
    table = {"signature": value} if isinstance(value, str) else value
    is_row = isinstance(table, dict) and set(table) <= _ROW_KEYS
    if not is_row or not isinstance(table.get("signature"), str):
        raise ConfigError(
            f'functions."{name}" must be a signature such as "(x, p=0.5, training=True)", '
            "or a table with `signature` and, where the names differ, `mode`, `rate` and `twin`"
        )
    try:
        return function(
            name + table["signature"].strip(),
            twin=table.get("twin"),
            mode=table.get("mode"),
            rate=table.get("rate"),
        )
    except ValueError as error:
        raise ConfigError(f'functions."{name}": {error}') from None
