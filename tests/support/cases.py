"""Cases that are files: ``cases/`` beside a test holds programs that it lints.

A comment ``# expect: DRP001, DRP003`` at the end of a line expects findings in this line. A first
line ``# train: on, eval: off`` says what the last drop of a file does in train and in eval mode.
The tests see the programs without these comments, so that none speaks for or against a finding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_EXPECT = re.compile(r"  # expect: (.*)$", re.MULTILINE)
_MODES = re.compile(r"\A# train: (?P<train>\w+), eval: (?P<eval>\w+)$", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """A program, the findings that it expects as ``CODE:row``, and what its last drop does."""

    text: str
    findings: tuple[str, ...]
    modes: tuple[str, str] | None = None


Project = dict[str, Case]


def case(path: Path) -> Case:
    text = path.read_bytes().decode()
    modes = _MODES.match(text)
    findings = tuple(
        f"{code}:{row}"
        for row, line in enumerate(re.split(r"\r\n|\r|\n", text), 1)
        for mark in _EXPECT.findall(line)
        for code in mark.split(", ")
    )
    plain = _EXPECT.sub("", _MODES.sub("", text))
    return Case(plain, findings, (modes["train"], modes["eval"]) if modes else None)


def cases(folder: Path) -> dict[str, Case]:
    """The cases in the files of a folder, by path and without suffix."""
    return {name.removesuffix(".py"): found for name, found in project(folder).items()}


def texts(folder: Path) -> dict[str, str]:
    return {name: found.text for name, found in cases(folder).items()}


def project(folder: Path) -> Project:
    """The files of a folder, by path."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".toml"))
    return {path.relative_to(folder).as_posix(): case(path) for path in paths}


def texts_of(folder: Path) -> dict[str, str]:
    """The texts of the files of a folder, by path."""
    return {name: found.text for name, found in project(folder).items()}


def projects(folder: Path) -> dict[str, Project]:
    """The folders in a folder, each a project of its own, by name."""
    return {path.name: project(path) for path in sorted(folder.iterdir()) if path.is_dir()}
