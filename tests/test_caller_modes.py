"""The scripts of the page on models in the wrong mode print what it says, and are found."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from support.linting import ROOT, codes

pytest.importorskip("torch", reason="running the scripts needs torch")
pytestmark = pytest.mark.models

PAGE = (ROOT / "docs" / "caller-modes.md").read_text(encoding="utf-8")
SECTIONS = re.findall(
    r"^## [^\n]*: (DRP\d+)\n\n```python\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize(("code", "script"), SECTIONS, ids=[code for code, _ in SECTIONS])
def test_a_script_prints_what_the_page_says(code: str, script: str) -> None:
    assert codes(script) == [code]
    said = re.findall(r"  # (tensor\(.*)$", script, re.MULTILINE)
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", script],
                         capture_output=True, text=True, check=True)  # fmt: skip
    assert run.stdout.split("\n")[:-1] == said != []
