"""From a TOML file to settings: its section, the keys in it, and whether they fit the rules."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from dropout_lint.config.errors import ConfigError
from dropout_lint.config.keys import checked
from dropout_lint.config.settings import Settings
from dropout_lint.files.patterns import is_valid

SECTION = "dropout-lint"


def read_file(path: str, root: str) -> Settings:
    """The settings of one TOML file. Raises ConfigError, also where it has no section of ours."""
    table = read_section(path)
    if table is None:
        raise ConfigError(f"{path}: has no [tool.{SECTION}] section; add one")
    return from_table(table, path, root)


def read_section(path: str) -> Mapping[str, Any] | None:
    """The ``[tool.dropout-lint]`` table of a TOML file; None without one. Raises ConfigError."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ConfigError(f"{path}: cannot be read, {why}; check the path") from None
    if SECTION.encode() not in data:
        return None
    if sys.version_info >= (3, 11):  # here, because most runs need none
        import tomllib
    else:
        import tomli as tomllib

    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from None
    tools = document.get("tool", {})
    table = tools.get(SECTION) if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: [tool.{SECTION}] must be a table")
    return table


def from_table(table: Mapping[str, Any], where: str, root: str) -> Settings:
    """Settings from a ``[tool.dropout-lint]`` table. Raises ConfigError for anything unexpected."""
    try:
        settings = Settings(**checked(table, Settings), root=root)
        check_codes(settings)
        check_patterns(settings)
        _ = settings.catalog
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None
    return settings


def check_codes(settings: Settings) -> None:
    """Raise ConfigError if a selection names a rule that does not exist."""
    named = [code for codes in settings.per_file_ignores.values() for code in codes]
    for chosen in settings.selections:
        named += [*(chosen.select or ()), *chosen.ignore, *chosen.extend_select]
        named += chosen.extend_ignore
    if not named:
        return
    from dropout_lint.rules.base import all_rules

    codes = [rule.code for rule in all_rules()]
    for name in named:
        if name != "ALL" and not (name and any(code.startswith(name) for code in codes)):
            raise ConfigError(f"unknown rule {name!r}; the rules are {', '.join(codes)}")


def check_patterns(settings: Settings) -> None:
    """Raise ConfigError if a path pattern cannot be read."""
    for pattern in (
        *(settings.exclude or ()), *settings.extend_exclude, *settings.per_file_ignores
    ):  # fmt: skip
        if not is_valid(pattern):
            raise ConfigError(f"{pattern!r} is no path pattern; write it as in a .gitignore")
