"""The flake8 plugin: the same findings in editors and wherever flake8 runs.

flake8 loads this module for every run and most files end at the byte screen, so nothing heavy is
imported here. flake8 handles ``# noqa`` itself and kills the whole run when a plugin raises, so
`DropoutChecker.run` yields everything and raises nothing.
"""

from __future__ import annotations

import argparse
import ast
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dropout_lint import __version__
from dropout_lint.files.names import shown

if TYPE_CHECKING:
    from dropout_lint.config import Configurations, Settings

Row = tuple[int, int, str, type]  # 1-based row, 0-based column, text, type of the checker
_PREFIX = "DRP"


class DropoutChecker:
    """Checks one file; flake8 passes the constructor's arguments by their names."""

    name = "dropout-lint"
    version = __version__
    _config: str | None = None
    _respect_noqa = True
    _asked: tuple[str, ...] = ()
    _configurations: Configurations | None = None
    _warned = False

    def __init__(self, tree: ast.Module, filename: str, lines: list[str]) -> None:
        self._tree = tree
        self._filename = filename
        self._lines = lines

    @classmethod
    def add_options(cls, manager: Any) -> None:
        """Add ours to flake8's options."""
        manager.add_option(
            "--dropout-lint-config",
            parse_from_config=True,
            normalize_paths=True,
            metavar="FILE",
            help="TOML file with [tool.dropout-lint]; default: the closest pyproject.toml",
        )

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        cls._config = options.dropout_lint_config
        cls._respect_noqa = not options.disable_noqa
        cls._asked = _asked_for(options)
        cls._configurations = None
        if not cls._warned:
            reason = _switched_off(options)
            if reason is not None:
                cls._warned = True
                print(f"dropout-lint: {reason}; add `extend-select = DRP`", file=sys.stderr)

    def run(self) -> Iterator[Row]:
        """The findings in flake8's form."""
        try:
            rows = list(self._check())
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of libcst's Rust code is no Exception
            reason = shown(" ".join(f"{error}".split()) or type(error).__name__)
            rows = [(1, 0, f"DRP000 this file could not be checked, {reason}", type(self))]
        yield from rows

    def _check(self) -> Iterator[Row]:
        text = "".join(self._lines)
        data = text.encode("utf-8", "surrogatepass")
        settings = self._settings()
        if not self._may_matter(data, settings):
            return
        from dropout_lint.files.source import Source
        from dropout_lint.linting.pipeline import lint
        from dropout_lint.linting.suppressions import noqa_at

        source = Source(self._filename, text)
        report = lint(source, settings, self._tree)
        for diagnostic in (*report.diagnostics, *report.noqa):
            at = diagnostic.location
            # flake8 reads the noqa comment of this row itself, and none at the end of the call.
            if diagnostic in report.noqa and not noqa_at(source, at.row, diagnostic.code):
                continue
            yield at.row, at.column - 1, f"{diagnostic.code} {diagnostic.message}", type(self)
        if report.unfinished is not None:
            yield 1, 0, f"DRP000 {shown(report.unfinished)}", type(self)

    def _settings(self) -> Settings:
        from dropout_lint.config import Configurations

        cls = type(self)
        if cls._configurations is None:
            cls._configurations = Configurations(cls._selection(), cls._config)
        settings = cls._configurations.of(os.path.dirname(self._filename) or ".")
        return settings if cls._respect_noqa else replace(settings, respect_noqa=False)

    @classmethod
    def _selection(cls) -> dict[str, tuple[str, ...]]:
        """The overrides for the rules off by default that flake8's configuration selects."""
        if not cls._asked:
            return {}
        from dropout_lint.rules.base import all_rules

        rules = [rule for rule in all_rules() if not rule.default]
        return {"extend_select": tuple(r.code for r in rules if r.code.startswith(cls._asked))}

    def _may_matter(self, data: bytes, settings: Settings) -> bool:
        from dropout_lint.linting.selection import passes_screen
        from dropout_lint.screen.text.lexical import lexical

        return passes_screen(data, settings) or lexical(settings.catalog).may_matter(data)


def _asked_for(options: argparse.Namespace) -> tuple[str, ...]:
    """The codes and prefixes of ours that flake8's configuration selects, without a bare ``DRP``.

    flake8 cannot keep a rule off by default itself: its own list of such codes is lost to a user's
    `ignore`, and `extend-select = DRP` would bring all of them back.
    """
    keys = ("select", "extend_select", "enable_extensions")
    chosen = [code for key in keys for code in getattr(options, key, None) or ()]
    longer = {code for code in chosen if code.startswith(_PREFIX) and code != _PREFIX}
    return tuple(sorted(longer))


def _switched_off(options: argparse.Namespace) -> str | None:
    """A sentence about a configuration that silences the plugin by accident; None for any other."""
    chosen = [*(options.extend_select or ()), *(options.enable_extensions or ())]
    if any(code.startswith(_PREFIX) for code in (*chosen, *(options.select or ()))):
        return None
    if options.select and not any(_PREFIX.startswith(code) for code in options.select):
        return "flake8's `select` leaves out DRP, so nothing will be reported"
    for key in ("ignore", "extend_ignore"):
        short = [code for code in getattr(options, key) or () if code and _PREFIX.startswith(code)]
        if short:
            return f"flake8's `{key.replace('_', '-')} = {short[0]}` silences DRP as well"
    return None
