"""The command line: versions, help, explained rules and completion."""

from __future__ import annotations

import json
import re

import pytest
from support.command import (
    run,
    run_process,
    write,
)
from support.runs import CODES, CONCISE

from dropout_lint import __version__
from dropout_lint.commands.command_line import FORMATS
from dropout_lint.config import KEYS
from dropout_lint.rules.base import all_rules

pytestmark = pytest.mark.usefixtures("here")


@pytest.mark.parametrize("option", ["--version", "--help", "-h"])
def test_version_and_help_are_printed(option: str) -> None:
    result = run(option)
    assert result.code == 0
    if option == "--version":
        assert result.out == f"dropout-lint {__version__}\n"
    else:
        assert result.out.startswith("Usage: dropout-lint [OPTIONS] [PATHS]...")
        assert "dropout-lint rule CODE" in result.out


def test_every_setting_of_the_command_line_is_one_of_the_configuration() -> None:
    options = set(re.findall(r"--([a-z-]+)", run("--help").out))
    only_configured = {"functions", "module-bases", "intentional-names", "verify"}
    assert set(KEYS) - options == only_configured


def test_check_may_be_said() -> None:
    write("model.py")
    assert run("check", "model.py", CONCISE) == run("model.py", CONCISE)


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_rule_is_explained_by_code_and_by_name(rule: type) -> None:
    result = run("rule", rule.code)  # type: ignore[attr-defined]
    assert result.code == 0
    assert result.out.startswith(f"# {rule.name} ({rule.code})\n")  # type: ignore[attr-defined]
    assert "## What it does\n" in result.out
    assert run("rule", rule.name) == result  # type: ignore[attr-defined]


def test_all_rules_are_listed() -> None:
    lines = run("rule", "--all").out.splitlines()
    assert [line[:6] for line in lines] == CODES


def test_rules_are_given_as_json() -> None:
    one = json.loads(run("rule", "DRP001", "--output-format", "json").out)
    every = json.loads(run("rule", "--all", "--output-format", "json").out)
    assert [row["code"] for row in every] == CODES
    assert every[0] == one
    assert set(one) == {
        "code", "name", "summary", "severity", "default", "fix", "documentation", "url",
    }  # fmt: skip


@pytest.mark.parametrize("options", [["DRP999"], ["no-such-rule"], [], ["DRP001", "--all"]])
def test_rule_that_is_not_there_is_an_error(options: list[str]) -> None:
    result = run("rule", *options)
    assert (result.code, result.out) == (2, "")
    assert re.match("unknown rule '.+'; the rules are|name one rule", result.problems[0])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_printed(shell: str) -> None:
    result = run("completion", shell)
    assert result.code == 0
    assert "_DROPOUT_LINT_COMPLETE" in result.out
    assert run("completion", "tcsh").code == 2


def test_completion_knows_the_options() -> None:
    def complete(words: str) -> list[str]:
        variables = {
            "_DROPOUT_LINT_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(words.count(" ")),
        }
        out = run_process(**variables).out
        return [line.partition(",")[2] for line in out.splitlines()]

    assert complete("dropout-lint --out") == ["--output-format", "--output-file"]
    assert complete("dropout-lint --output-format ") == list(FORMATS)
    assert complete("dropout-lint rule --a") == ["--all"]
