"""Fixtures of these tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.packages import Files, Write


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_files(files: Files) -> Path:
        for name, text in {"pyproject.toml": "", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write_files
