"""``python -m tests.generation --models 100000 --seed 1 --jobs 2``: many models, or mutants."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # the helpers of the tests

_CHUNK = 50


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.generation", description=__doc__)
    parser.add_argument("--models", type=int, default=2000, help="how many models")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    parser.add_argument(
        "--show", type=int, metavar="SEED", help="print one model, and its failures"
    )
    parser.add_argument("--mutants", action="store_true", help="plant faults instead")
    parser.add_argument("names", nargs="*", help="the mutants, if not all")
    parser.add_argument("--first-failure", action="store_true", help="stop there, with one line")
    options = parser.parse_args()
    if options.show is not None:
        return _show(options.show)
    if options.mutants:
        from . import mutants

        return mutants.main(options.names, options.seed, options.models, options.jobs)
    if options.first_failure:
        return _first_failure(range(options.seed, options.seed + options.models))
    return _run(options.seed, options.models, options.jobs)


def _show(seed: int) -> int:
    from .check import check
    from .models import model_of

    model = model_of(seed)
    print(_readable(model.source))
    failures = check(model).failures
    print("\n".join(failures) or "no failures")
    return 1 if failures else 0


def _readable(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _first_failure(seeds: range) -> int:
    from .check import check
    from .models import model_of

    for seed in seeds:
        failures = check(model_of(seed)).failures
        if failures:
            print(
                seed,
                _readable(failures[0]).strip().splitlines()[-1 if "crash" in failures[0] else 0],
            )
            return 1
    return 0


def _chunks(first: int, models: int) -> Iterator[range]:
    for start in range(first, first + models, _CHUNK):
        yield range(start, min(start + _CHUNK, first + models))


def _run(first: int, models: int, jobs: int) -> int:
    from .models import model_of
    from .statistics import Summary, settle_in, summary_of

    total, start = Summary(), time.monotonic()
    print(f"seeds {first} to {first + models - 1}", flush=True)
    # Children are started afresh now and then: caches by path grow with the models.
    with multiprocessing.get_context("spawn").Pool(jobs, settle_in, maxtasksperchild=40) as pool:
        for found in pool.imap_unordered(summary_of, _chunks(first, models)):
            total.merge(found)
            for seed, failures in found.failed.items():
                print(f"--- seed {seed}", *failures, _readable(model_of(seed).source), sep="\n")
            if total.models % 1000 < _CHUNK:
                rate = total.models / (time.monotonic() - start)
                print(f"{total.models} models, {rate:.0f} a second", flush=True)
    print(*total.lines(), sep="\n")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
