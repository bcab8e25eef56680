"""The settings of each folder: those of the closest ``pyproject.toml`` and the command line's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from dropout_lint.config.loading import (
    check_codes,
    check_patterns,
    from_table,
    read_file,
    read_section,
)
from dropout_lint.config.settings import Selection, Settings
from dropout_lint.files.patterns import absolute


class Configurations:
    """The settings for each folder: those of the closest ``pyproject.toml`` with our section.

    ``overrides`` come from the command line, by field name; patterns in them, and in a file named
    there (``config``), belong to the working directory.
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
        at = os.path.abspath(folder)
        below: list[str] = []
        while at not in self._by_folder:
            below.append(at)
            path = os.path.join(at, "pyproject.toml")
            table = read_section(path) if os.path.isfile(path) else None
            if table is not None:
                self._by_folder[at] = self._with_overrides(from_table(table, path, at))
                break
            above = os.path.dirname(at)
            if above == at:
                self._by_folder[at] = self._default
                break
            at = above
        settings = self._by_folder[at]
        self._by_folder.update(dict.fromkeys(below, settings))
        return settings

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
    """The overrides with their path patterns made absolute, so that any configuration can join."""
    values = dict(overrides)
    for key in ("exclude", "extend_exclude"):
        if key in values:
            values[key] = tuple(absolute(pattern, folder) for pattern in values[key])
    key = "per_file_ignores"
    if key in values:
        values[key] = {absolute(pattern, folder): codes for pattern, codes in values[key].items()}
    return values
