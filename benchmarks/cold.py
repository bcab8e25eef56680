"""Cold runs, side by side: ruff, dropout-lint, flake8 with and without the plugin.

    python benchmarks/cold.py TREE [TREE ...] [--runs 5] [--flake8-files 300]

Prints medians of the pairwise ratios, because the speed of a machine drifts and ratios of runs that
follow each other do not. ruff is `ruff check --isolated --no-cache --select F401`. flake8 runs on a
random sample of the files; "without" hides the plugin from flake8's own discovery. Without a TREE
only the tree without torch code is measured: 300 files of this Python's standard library, beside
`python -c pass`. Nothing is cached between runs.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

RUFF = (
    str(Path(sys.executable).with_name("ruff")),
    "check",
    "--isolated",
    "--no-cache",
    "--select",
    "F401",
    "-q",
)
FLAKE8 = """
import importlib.metadata, sys
hidden = sys.argv.pop(1)
every = importlib.metadata.distributions
importlib.metadata.distributions = lambda **k: (
    d for d in every(**k) if d.metadata["Name"] != hidden
)
from flake8.main.cli import main
sys.exit(main())
"""


def timed(command: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command; its exit code does not matter."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    children = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    return wall, children


def compare(one: list[str], other: list[str], runs: int) -> tuple[float, float, float, float]:
    """Medians of wall and CPU ratios of ``one`` to ``other``, and of their wall seconds."""
    timed(one), timed(other)  # the page cache
    pairs = [(timed(one), timed(other)) for _ in range(runs)]
    return (
        statistics.median(a[0] / b[0] for a, b in pairs),
        statistics.median(a[1] / b[1] for a, b in pairs),
        statistics.median(a[0] for a, _ in pairs),
        statistics.median(b[0] for _, b in pairs),
    )


def python_files(trees: list[str]) -> list[Path]:
    return sorted(path for tree in trees for path in Path(tree).rglob("*.py") if path.is_file())


def plain_tree(folder: Path) -> Path:
    """300 files without torch code, taken from the standard library."""
    library = Path(sysconfig.get_paths()["stdlib"])
    names = (path.relative_to(library) for path in python_files([str(library)]))
    usable = [name for name in names if not {"site-packages", "test", "tests"} & {*name.parts}]
    for name in random.Random(0).sample(usable, 300):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(library / name, folder / name)
    return folder


def report(title: str, measure: Callable[[], tuple[float, float, float, float]]) -> None:
    wall, cpu, first, second = measure()
    print(f"{title:<46} wall {wall:6.2f}  cpu {cpu:6.2f}   ({first:.3f} s to {second:.3f} s)")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("trees", nargs="*", metavar="TREE")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--flake8-files", type=int, default=300)
    options = parser.parse_args()
    files = python_files(options.trees)
    size = sum(path.stat().st_size for path in files) / 1e6
    print(
        f"{len(files)} files, {size:.1f} MB, {os.cpu_count()} cores, median of {options.runs} runs"
    )

    program = [sys.executable, "-m", "dropout_lint", "-q", "--no-respect-gitignore"]
    with tempfile.TemporaryDirectory() as folder:
        plain = str(plain_tree(Path(folder)))
        nothing = [sys.executable, "-c", "pass"]
        report(
            "dropout-lint on 300 plain files to `pass`",
            lambda: compare([*program, plain], nothing, options.runs),
        )
    if not files:
        return 0
    ours, ruff = [*program, *options.trees], [*RUFF, *options.trees]
    one_job = [*ours, "--jobs", "1"]
    report("dropout-lint to ruff F401", lambda: compare(ours, ruff, options.runs))
    report("dropout-lint --jobs 1 to ruff F401", lambda: compare(one_job, ruff, options.runs))
    random.seed(0)
    sample = [str(path) for path in random.sample(files, min(options.flake8_files, len(files)))]
    flake8 = [sys.executable, "-c", FLAKE8]
    shared = ["--isolated", "--select=F401,DRP", "-j1", *sample]
    report(
        f"flake8 with the plugin to without, {len(sample)} files",
        lambda: compare(
            [*flake8, "nothing", *shared], [*flake8, "dropout-lint", *shared], options.runs
        ),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
