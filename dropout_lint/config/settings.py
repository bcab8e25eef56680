"""The settings of the linter as data, and what its options can be."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from dropout_lint.catalog import Catalog
from dropout_lint.config.checks import boolean, codes_by_pattern, one_of, strings, table_of
from dropout_lint.config.functions import catalog_with
from dropout_lint.config.keys import key, keys_of
from dropout_lint.config.verify import verify_table

StyleOption = Literal["module", "flag"]
FormatOption = Literal["text", "concise", "json", "github", "sarif"]
STYLES: tuple[StyleOption, ...] = get_args(StyleOption)
FORMATS: tuple[FormatOption, ...] = get_args(FormatOption)
RULE_FORMATS = ("text", "json")


@dataclass(frozen=True)
class Selection:
    """Which rules one source of settings asks for; see `Settings` for the fields."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What a run does. The configuration's keys are the field names with dashes."""

    select: tuple[str, ...] | None = key(
        None, strings, "Codes or prefixes to enable, instead of the default rules."
    )
    ignore: tuple[str, ...] = key((), strings, "Codes or prefixes to disable.")
    extend_select: tuple[str, ...] = key((), strings, "Codes or prefixes to enable in addition.")
    extend_ignore: tuple[str, ...] = key((), strings, "Codes or prefixes to disable in addition.")
    per_file_ignores: dict[str, tuple[str, ...]] = key(
        {}, codes_by_pattern, "Codes to disable for files that match a pattern."
    )
    exclude: tuple[str, ...] | None = key(
        None, strings, "Patterns of files and folders to leave out, instead of the default ones."
    )
    extend_exclude: tuple[str, ...] = key(
        (), strings, "Patterns of files and folders to leave out in addition."
    )
    force_exclude: bool = key(
        False, boolean, "Leave excluded files out even when they are named on the command line."
    )
    respect_gitignore: bool = key(True, boolean, "Leave out what .gitignore names.")
    fix: bool = key(False, boolean, "Apply the fixes.")
    unsafe_fixes: bool = key(False, boolean, "Show and apply unsafe fixes too.")
    fix_style: StyleOption = key(
        "module",
        one_of(STYLES),
        "The form of a fix: module (nn.Dropout in __init__) or flag (training=self.training).",
    )
    output_format: FormatOption = key(
        "text", one_of(FORMATS), "How to print: text, concise, json, github or sarif."
    )
    show_intentional: bool = key(
        False, boolean, "List the randomness that the code declares to be intentional."
    )
    functions: dict[str, Any] = key(
        {}, table_of("signatures by name"), "More functions that drop: signatures by dotted name."
    )
    module_bases: tuple[str, ...] = key(
        (), strings, "More classes that are nn.Modules, by dotted name."
    )
    intentional_names: tuple[str, ...] = key(
        (), strings, "More words in class and function names that say that randomness is wanted."
    )
    verify: dict[str, Any] = key(
        {}, verify_table, "What `dropout-lint verify` does, a table of its own."
    )

    # Not keys: the folder that the patterns are relative to, what the command line selects on top,
    # and whether noqa comments count (flake8 has an option for it).
    root: str = ""
    command_line: Selection = Selection()
    respect_noqa: bool = True

    @property
    def selections(self) -> tuple[Selection, Selection]:
        """The selection of the configuration, then that of the command line."""
        values = {f.name: getattr(self, f.name) for f in fields(Selection)}
        return Selection(**values), self.command_line

    @property
    def asks_for_more(self) -> bool:
        """Whether rules that are off by default may be on. Only the rules themselves can say so."""
        return any(one.select is not None or one.extend_select for one in self.selections)

    @property
    def catalog(self) -> Catalog:
        """The functions and classes that drop, the configured ones included."""
        return catalog_with(self.functions, self.module_bases)


KEYS = keys_of(Settings)
