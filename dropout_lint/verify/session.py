"""Verifying many targets: each in a child, several at once, and none stops the others."""

from __future__ import annotations

import os
import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from typing import Any

from dropout_lint.verify.inputs import Given
from dropout_lint.verify.isolation import Host, Result, run_isolated
from dropout_lint.verify.results import ModelResult, model_result
from dropout_lint.verify.settings import VerifySettings
from dropout_lint.verify.targets import Target

JOB = "dropout_lint.verify.verify_job:verify"
_TARGETS_A_HOST = 12  # below that a second import of torch costs more than it brings
_HOSTS = 8


@dataclass(frozen=True)
class Wanted:
    """What the command line says beyond the settings."""

    given: Given = Given()
    init: Any = None
    samples: int = 0


class Session:
    """Runs targets. `close` from another thread (or after Ctrl-C) ends what runs."""

    def __init__(self, settings: VerifySettings, wanted: Wanted, count: int) -> None:
        self._settings = settings
        self._wanted = wanted
        jobs = settings.jobs
        if jobs is None:
            cores = os.cpu_count() or 1 if settings.device != "cuda" else 1
            jobs = min(cores, _HOSTS, 1 + count // _TARGETS_A_HOST)
        self._jobs = max(1, min(jobs, count))
        self._hosts = [Host(settings.device) for _ in range(self._jobs)]
        self._free: queue.SimpleQueue[Host] = queue.SimpleQueue()
        for host in self._hosts:
            self._free.put(host)

    def run(self, targets: list[Target], progress: Callable[[int, int], None]) -> list[ModelResult]:
        """The results in the order of the targets, those of one target in the order of its file.

        ``progress`` is told how many models are done and how many more came to light.
        """
        done: dict[tuple[int, int], ModelResult] = {}
        waiting: dict[Future[ModelResult | list[Target]], tuple[int, int]] = {}
        pool = ThreadPoolExecutor(self._jobs)
        try:
            for index, target in enumerate(targets):
                waiting[pool.submit(self._verify, target)] = (index, 0)
            while waiting:
                future = next(as_completed(waiting))
                index, place = waiting.pop(future)
                found = future.result()
                if isinstance(found, list):
                    for number, part in enumerate(found):
                        waiting[pool.submit(self._verify, part)] = (index, number)
                    progress(0, len(found) - 1)
                else:
                    done[index, place] = found
                    progress(1, 0)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            self.close()
            pool.shutdown()
        return [done[key] for key in sorted(done)]

    def close(self) -> None:
        for host in self._hosts:
            host.close()

    def _verify(self, target: Target) -> ModelResult | list[Target]:
        result = self._isolated(target)
        if result.value is not None and "models" in result.value:
            return [target.named(name) for name in result.value["models"]]
        return model_result(target, result)

    def _isolated(self, target: Target) -> Result:
        settings = self._settings
        arguments = {
            "target": asdict(target),
            "init": self._wanted.init,
            "inputs": asdict(self._wanted.given),
            "device": settings.device,
            "seeds": settings.seeds,
            "fast": settings.fast,
            "declared": dict(settings.declared),
            "trace_lines": settings.with_lint,
            "samples": self._wanted.samples,
            "seconds": min(15.0, settings.timeout / 3),
        }
        host = self._free.get()
        try:
            return run_isolated(
                JOB,
                arguments,
                deadline_s=settings.timeout,
                memory_bytes=settings.memory,
                device=settings.device,
                host=host,
            )
        finally:
            self._free.put(host)
