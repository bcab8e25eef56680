"""Fixtures of these tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from support.hosts import kept_hosts
from support.verifying import FILES, HEAD, verify


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch", reason="models are executed with torch")
    folder = tmp_path_factory.mktemp("models")
    for name, code in FILES.items():
        (folder / name).write_text(HEAD + dedent(code), encoding="utf-8")
    (folder / "pyproject.toml").write_text("[tool.dropout-lint]\n")
    return folder


@pytest.fixture(scope="module", autouse=True)
def hosts() -> Iterator[None]:
    with kept_hosts("dropout_lint.verify.process.verify_session.Host"):
        yield


@pytest.fixture(autouse=True)
def inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.fixture(scope="module")
def rows(folder: Path) -> dict[str, dict[str, object]]:
    """What JSON says about all files at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        result = verify(".", "--with-lint", "--output-format", "json", "--timeout=300")
    assert result.code == 1, result.err
    return {row["target"]: row for row in json.loads(result.out)}
