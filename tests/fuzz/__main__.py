"""``python -m tests.fuzz --inputs 100000 --seed 1 --jobs 2``: bend many programs and check each."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from . import checks
from .minimise import minimise
from .seeds import grammar_programs
from .texts import failing, text_of

_CHUNK = 50


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=2000, help="how many texts")
    parser.add_argument("--seed", type=int, default=0, help="the number of the first one")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    parser.add_argument("--grammar", type=int, default=0, help="programs of hypothesmith besides")
    parser.add_argument("--show", type=int, metavar="N", help="print one text, made small")
    options = parser.parse_args()
    if options.show is not None:
        return _show(options.show)
    start = time.monotonic()
    found = list(_run(range(options.seed, options.seed + options.inputs), options.jobs))
    for program in grammar_programs(options.grammar, options.seed):
        found += [(-1, f"{failure}\n{program}") for failure in checks.failures(program)]
    count = Counter(checks.kind(failure) for _, failure in found)
    for kind, number in count.most_common():
        print(f"{number:6d}  {kind}")
    total = options.inputs + options.grammar
    print(f"{total} inputs, {len(found)} failures in {time.monotonic() - start:.0f} s")
    return 1 if found else 0


def _run(numbers: range, jobs: int) -> Iterator[tuple[int, str]]:
    """The failures, each printed as it comes; a process that dies is a failure of its chunk."""
    chunks = [numbers[at : at + _CHUNK] for at in range(0, len(numbers), _CHUNK)]
    while chunks:
        context = multiprocessing.get_context("forkserver")
        with ProcessPoolExecutor(jobs, mp_context=context) as pool:
            waiting = {pool.submit(failing, chunk): chunk for chunk in chunks}
            chunks = []
            for future in as_completed(waiting):
                chunk = waiting[future]
                try:
                    found = future.result()
                except BrokenProcessPool:
                    if len(chunk) == 1:
                        found = [(chunk[0], "the process dies")]
                    else:
                        chunks += [chunk[: len(chunk) // 2], chunk[len(chunk) // 2 :]]
                        continue
                for number, failure in found:
                    print(f"{number}: {failure}", flush=True)
                    yield number, failure


def _show(number: int) -> int:
    text = text_of(number)
    found = checks.failures(text)
    if found:
        wanted = checks.kind(found[0])
        text = minimise(text, lambda t: any(checks.kind(f) == wanted for f in checks.failures(t)))
    print(text)
    print("\n".join(found) or "no failures")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
