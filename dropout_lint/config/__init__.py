"""Configuration: ``[tool.dropout-lint]`` of the closest ``pyproject.toml`` to `Settings`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any

from dropout_lint.catalog import Catalog, CatalogFunction, builtin, function
from dropout_lint.files.patterns import absolute, is_valid

SECTION = "dropout-lint"
STYLES = ("module", "flag")
FORMATS = ("text", "concise", "json", "github", "sarif")


class ConfigError(Exception):
    """A configuration that cannot be used; the message is one sentence for the user."""


def _option(default: Any, text: str) -> Any:
    metadata = {"help": text}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Selection:
    """Which rules one place asks for; see `Settings` for the fields."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What a run does. The configuration's keys are the field names with dashes."""

    select: tuple[str, ...] | None = _option(
        None, "Codes or prefixes to enable, instead of the default rules."
    )
    ignore: tuple[str, ...] = _option((), "Codes or prefixes to disable.")
    extend_select: tuple[str, ...] = _option((), "Codes or prefixes to enable in addition.")
    extend_ignore: tuple[str, ...] = _option((), "Codes or prefixes to disable in addition.")
    per_file_ignores: dict[str, tuple[str, ...]] = _option(
        {}, "Codes to disable for files that match a pattern."
    )
    exclude: tuple[str, ...] | None = _option(
        None, "Patterns of files and folders to leave out, instead of the default ones."
    )
    extend_exclude: tuple[str, ...] = _option(
        (), "Patterns of files and folders to leave out in addition."
    )
    force_exclude: bool = _option(
        False, "Leave excluded files out even when they are named on the command line."
    )
    respect_gitignore: bool = _option(True, "Leave out what .gitignore names.")
    fix: bool = _option(False, "Apply the fixes.")
    unsafe_fixes: bool = _option(False, "Show and apply unsafe fixes too.")
    fix_style: str = _option(
        "module",
        "The form of a fix: module (nn.Dropout in __init__) or flag (training=self.training).",
    )
    output_format: str = _option("text", "How to print: text, concise, json, github or sarif.")
    show_intentional: bool = _option(
        False, "List the randomness that the code declares to be intentional."
    )
    functions: dict[str, Any] = _option({}, "More functions that drop: signatures by dotted name.")
    module_bases: tuple[str, ...] = _option((), "More classes that are nn.Modules, by dotted name.")
    intentional_names: tuple[str, ...] = _option(
        (), "More words in class and function names that say that randomness is wanted."
    )
    verify: dict[str, Any] = _option({}, "What `dropout-lint verify` does, a table of its own.")

    # Not keys: where the patterns are rooted, what the command line selects on top, and
    # whether noqa comments count (flake8 has an option for it).
    root: str = ""
    command_line: Selection = Selection()
    respect_noqa: bool = True

    @property
    def selections(self) -> tuple[Selection, Selection]:
        """What the configuration asks for, then what the command line does."""
        values = {f.name: getattr(self, f.name) for f in fields(Selection)}
        return Selection(**values), self.command_line

    @property
    def asks_for_more(self) -> bool:
        """Whether rules that are off by default may be on; telling which takes their import."""
        return any(one.select is not None or one.extend_select for one in self.selections)

    @property
    def catalog(self) -> Catalog:
        """The functions and classes that drop, the configured ones included."""
        if not self.functions and not self.module_bases:
            return builtin()
        return _catalog(json.dumps(self.functions, sort_keys=True), self.module_bases)


@cache
def _catalog(functions: str, module_bases: tuple[str, ...]) -> Catalog:
    return Catalog(tuple(_rows(json.loads(functions))), module_bases)


KEYS = tuple(f.name.replace("_", "-") for f in fields(Settings) if f.metadata)


def _rows(functions: Mapping[str, Any]) -> list[CatalogFunction]:
    rows = []
    for name, given in functions.items():
        table = {"signature": given} if isinstance(given, str) else given
        unknown = (
            set(table) - {"signature", "mode", "rate", "twin"} if isinstance(table, dict) else None
        )
        if not isinstance(table, dict) or unknown or not isinstance(table.get("signature"), str):
            raise ConfigError(
                f'functions."{name}" must be a signature such as "(x, p=0.5, training=True)", '
                "or a table with `signature` and, where the names differ, `mode`, `rate` and `twin`"
            )
        try:
            rows.append(
                function(
                    name + table["signature"].strip(),
                    twin=table.get("twin"),
                    mode=table.get("mode"),
                    rate=table.get("rate"),
                )
            )
        except ValueError as error:
            raise ConfigError(f'functions."{name}": {error}') from None
    return rows


def from_table(table: Mapping[str, Any], where: str, root: str) -> Settings:
    """Settings from a ``[tool.dropout-lint]`` table. Raises ConfigError for anything unexpected."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in KEYS:
            raise ConfigError(f"{where}: unknown key `{key}`; the keys are {', '.join(KEYS)}")
        try:
            values[key.replace("-", "_")] = _checked(key, value)
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from None
    settings = Settings(**values, root=root)
    try:
        check_codes(settings)
        check_patterns(settings)
        _ = settings.catalog
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None
    return settings


def _checked(key: str, value: Any) -> Any:
    name = key.replace("-", "_")
    if name in ("functions",):
        if not isinstance(value, dict):
            raise ConfigError(f"`{key}` must be a table of signatures by name")
        return value
    if name == "verify":
        return _verify(value)
    if name == "per_file_ignores":
        if not isinstance(value, dict):
            raise ConfigError(f"`{key}` must be a table of code lists by pattern")
        return {pattern: _strings(key, codes) for pattern, codes in value.items()}
    kind = next(f.type for f in fields(Settings) if f.name == name)
    if kind == "bool":
        if not isinstance(value, bool):
            raise ConfigError(f"`{key}` must be true or false, not {value!r}")
        return value
    if kind == "str":
        choices = STYLES if name == "fix_style" else FORMATS
        if value not in choices:
            raise ConfigError(f"`{key}` must be one of {', '.join(choices)}, not {value!r}")
        return value
    return _strings(key, value)


def _verify(value: Any) -> dict[str, Any]:
    from dropout_lint.config.verify import verify_settings

    if not isinstance(value, dict):
        raise ConfigError("`verify` must be a table")
    try:
        return verify_settings(value)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _strings(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"`{key}` must be a list of strings, not {value!r}")
    return tuple(value)


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


def read_file(path: str, root: str) -> Settings:
    """The settings of one TOML file. Raises ConfigError, also where it has no section of ours."""
    table = _section(path)
    if table is None:
        raise ConfigError(f"{path}: has no [tool.{SECTION}] section; add one")
    return from_table(table, path, root)


def _section(path: str) -> Mapping[str, Any] | None:
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
    table = document.get("tool", {})
    table = table.get(SECTION) if isinstance(table, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: [tool.{SECTION}] must be a table")
    return table


class Configurations:
    """The settings for each folder: those of the closest ``pyproject.toml`` with our section.

    ``overrides`` come from the command line; patterns in them, and in a file named there
    (``config``), belong to the working directory.
    """

    def __init__(self, overrides: Mapping[str, Any], config: str | None = None) -> None:
        here = os.getcwd()
        self._overrides = _rooted(overrides, here)
        named = read_file(config, here) if config is not None else None
        self._fixed = self._with_overrides(named) if named is not None else None
        self._default = self._with_overrides(Settings(root=here))
        self._by_folder: dict[str, Settings] = {}

    def of(self, folder: str) -> Settings:
        """The settings for the files of a folder. Raises ConfigError."""
        if self._fixed is not None:
            return self._fixed
        folder = os.path.abspath(folder)
        seen: list[str] = []
        at = folder
        while at not in self._by_folder:
            seen.append(at)
            path = os.path.join(at, "pyproject.toml")
            table = _section(path) if os.path.isfile(path) else None
            if table is not None:
                self._by_folder[at] = self._with_overrides(from_table(table, path, at))
                break
            above = os.path.dirname(at)
            if above == at:
                self._by_folder[at] = self._default
                break
            at = above
        found = self._by_folder[at]
        self._by_folder.update(dict.fromkeys(seen, found))
        return found

    def _with_overrides(self, settings: Settings) -> Settings:
        values = dict(self._overrides)
        names = [f.name for f in fields(Selection) if f.name in values]
        chosen = Selection(**{name: values.pop(name) for name in names})
        values["extend_exclude"] = settings.extend_exclude + values.get("extend_exclude", ())
        changed = replace(settings, **values, command_line=chosen)
        check_codes(changed)
        check_patterns(changed)
        return changed


def _rooted(overrides: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """The overrides with their path patterns made absolute, whatever configuration they join."""
    values = dict(overrides)
    for key in ("exclude", "extend_exclude"):
        if key in values:
            values[key] = tuple(absolute(pattern, folder) for pattern in values[key])
    key = "per_file_ignores"
    if key in values:
        values[key] = {absolute(pattern, folder): c for pattern, c in values[key].items()}
    return values
