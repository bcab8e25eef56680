"""The documentation says what the code does."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from support.linting import ROOT

from dropout_lint.config import KEYS, from_table
from dropout_lint.rules.base import all_rules

PAGES = runpy.run_path(str(ROOT / "docs" / "generate.py"))["pages"]()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_generated_pages_are_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == PAGES[path], "run python docs/generate.py"


def test_the_configuration_page_names_every_key() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert all(f"`{key}`" in page for key in KEYS)


def test_the_configuration_example_is_valid() -> None:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    match = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert match is not None
    table = tomllib.loads(match.group(1))["tool"]["dropout-lint"]
    table["extend-select"] = [code for code in table["extend-select"] if _exists(code)]
    settings = from_table(table, "example", ".")
    assert settings.catalog.function("ourlib.ops.noisy_attention").rate.name == "drop"  # type: ignore[union-attr]


def _exists(code: str) -> bool:
    return any(rule.code == code for rule in all_rules())


@pytest.mark.parametrize("page", ["README.md", *sorted(str(p) for p in ROOT.glob("docs/**/*.md"))])
def test_links_between_pages_lead_somewhere(page: str) -> None:
    path = ROOT / page
    prose = re.sub(r"`[^`\n]*`", "", path.read_text(encoding="utf-8"))  # code has brackets too
    for target in re.findall(r"\]\(([^)#]+)", prose):
        if not target.startswith("http"):
            assert (path.parent / target).exists(), target


def test_the_readme_shows_what_the_command_prints(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code, output = re.findall(r"<!-- example -->\n```(?:python|text)\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "classifier.py").write_text(code, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "dropout_lint", "classifier.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert run.stdout.strip() == output.partition("\n")[2].strip()


def test_the_readme_lists_every_rule() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for rule in all_rules():
        assert f"| [{rule.code}](docs/rules/{rule.code}.md) | {rule.name} |" in readme


# Paths of somebody else's repository, which a page speaks of.
NOT_OURS = {"setup.py", "src/build/"}
FOLDERS = ("dropout_lint", "tests", "docs", "benchmarks", "fixtures", ".ci")


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_the_paths_that_a_page_names_exist(page: str) -> None:
    """A path may begin at any folder and may leave out ``.py``."""
    prose = re.sub(r"^(```+).*?^\1$", "", (ROOT / page).read_text("utf-8"), flags=re.M | re.S)
    named = re.findall(r"`([\w./-]*/[\w./-]*|[\w-]+\.py)(?:: \w+)?`", prose)
    files = [path for folder in FOLDERS for path in (ROOT / folder, *(ROOT / folder).rglob("*"))]
    ours = {f"/{path.relative_to(ROOT).as_posix()}".removesuffix(".py") for path in files}
    assert named
    missing = [
        name
        for name in sorted({*named} - NOT_OURS)
        if not any(path.endswith("/" + name.rstrip("/").removesuffix(".py")) for path in ours)
    ]
    assert missing == []
