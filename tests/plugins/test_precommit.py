"""The hooks through pre-commit itself, on a clone of this repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.linting import ROOT

pytest.importorskip("pre_commit", reason="pre-commit is not installed")
from filelock import FileLock  # pre-commit needs it too

pytestmark = pytest.mark.tools

BUG = """\
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(F.dropout(x, 0.5))
"""

Hook = Callable[..., subprocess.CompletedProcess[str]]


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all processes of this run of pytest."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def hooks(shared: Path) -> Path:
    """The tracked files of this checkout, as they are now, in a repository of their own."""
    clone, done = shared / "hooks" / "dropout-lint", shared / "hooks" / "done"
    with FileLock(shared / "hooks.lock"):
        if not done.exists():
            _commit_all(clone)
            done.touch()
    return clone


def _commit_all(clone: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, clone / name)
    git(clone, "init", "-q", ".")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "all")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    project.mkdir()
    git(project, "init", "-q", ".")
    return project


CONFIGURATION = """\
repos:
  - repo: {hooks}
    rev: {revision}
    hooks:
      - id: {name}
"""


@pytest.fixture(scope="session")
def hook(hooks: Path, shared: Path) -> Hook:
    """Runs a hook of ours in a project. Its environment is built by the first run of all."""
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=hooks, check=True, capture_output=True, text=True
    ).stdout.strip()

    def run(project: Path, name: str) -> subprocess.CompletedProcess[str]:
        configuration = CONFIGURATION.format(hooks=hooks, revision=revision, name=name)
        (project / ".pre-commit-config.yaml").write_text(configuration)
        git(project, "add", "-A")
        return subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", name, "--verbose"],
            cwd=project,
            env={**os.environ, "PRE_COMMIT_HOME": str(shared / "pre-commit-home")},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_manifest_is_valid() -> None:
    manifest = str(ROOT / ".pre-commit-hooks.yaml")
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", manifest]
    subprocess.run(command, check=True)


def test_the_hook_finds(repository: Path, hook: Hook) -> None:
    (repository / "net.py").write_text(BUG)
    run = hook(repository, "dropout-lint")
    assert run.returncode == 1, run.stderr
    assert "DRP001" in run.stdout
    assert (repository / "net.py").read_text() == BUG


def test_the_fixing_hook_fixes_and_then_passes(repository: Path, hook: Hook) -> None:
    (repository / "net.py").write_text(BUG)
    first = hook(repository, "dropout-lint-fix")
    assert first.returncode == 1, "pre-commit fails a hook that changed files"
    assert "self.dropout = nn.Dropout(0.5)" in (repository / "net.py").read_text()
    second = hook(repository, "dropout-lint-fix")
    assert second.returncode == 0, second.stdout


def test_a_commit_without_python_or_without_dropout_passes(repository: Path, hook: Hook) -> None:
    (repository / "notes.md").write_text("# dropout\n")
    assert hook(repository, "dropout-lint").returncode == 0
    (repository / "plain.py").write_text("print('hello')\n")
    assert hook(repository, "dropout-lint").returncode == 0


def test_excluded_files_stay_excluded_although_they_are_named(repository: Path, hook: Hook) -> None:
    (repository / "net.py").write_text(BUG)
    (repository / "pyproject.toml").write_text('[tool.dropout-lint]\nextend-exclude = ["net.py"]\n')
    assert hook(repository, "dropout-lint").returncode == 0
