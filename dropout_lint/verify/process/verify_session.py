"""Verifying many targets, each in a child, several at once. A failure stops no other target."""

from __future__ import annotations

import os
import queue
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace

from dropout_lint.config import Configurations
from dropout_lint.config.verify import VerifySettings
from dropout_lint.verify.process.isolation import Host, Result, run_isolated
from dropout_lint.verify.report.eval_report import EvalReport, eval_report
from dropout_lint.verify.report.results import FINDINGS, FailureKind, ModelResult
from dropout_lint.verify.targets.input_options import ConstructorArguments, InputOptions
from dropout_lint.verify.targets.target_specs import Target, parse

JOB = "dropout_lint.verify.process.verify_job:verify"
_TARGETS_A_HOST = 12  # below that a second import of torch costs more than it brings
_HOSTS = 8


@dataclass(frozen=True)
class SessionOptions:
    """What a run takes beyond the settings. ``texts`` by path are read instead of files.

    ``init`` are the arguments of the models' constructors; ``samples`` is the number of outputs
    that are kept for the page.
    """

    inputs: InputOptions = InputOptions()
    init: ConstructorArguments = None
    samples: int = 0
    texts: Mapping[str, str] = field(default_factory=dict)


class Session:
    """Runs targets. `close` from another thread (or after Ctrl-C) ends what runs."""

    def __init__(self, settings: VerifySettings, options: SessionOptions, count: int) -> None:
        self._settings = settings
        self._options = options
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

        ``progress`` gets the numbers of models that are done and that were found in addition.
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
                outcome = future.result()
                if isinstance(outcome, list):
                    for number, part in enumerate(outcome):
                        waiting[pool.submit(self._verify, part)] = (index, number)
                    progress(0, len(outcome) - 1)
                else:
                    done[index, place] = outcome
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
            "init": self._options.init,
            "inputs": asdict(self._options.inputs),
            "device": settings.device,
            "seeds": settings.seeds,
            "fast": settings.fast,
            "declared": dict(settings.declared),
            "trace_lines": settings.with_lint,
            "samples": self._options.samples,
            "texts": dict(self._options.texts),
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


def model_result(target: Target, result: Result) -> ModelResult:
    """The result for a target with one model."""
    value = result.value
    if value is None:
        failure = result.failure
        if failure is not None and failure.kind is FailureKind.TARGET and target.in_folder:
            failure = replace(failure, kind=FailureKind.BUILD)  # it is not the command line's fault
        file = target.file or (failure.file if failure is not None else None)
        return ModelResult(
            target.spec, file, failure=failure, output=result.output, seconds=result.seconds
        )
    return ModelResult(
        target=target.spec if target.name is not None else f"{target.spec}:{value['name']}",
        file=value["file"],
        line=value["line"],
        report=eval_report(value["report"]),
        inputs=value["inputs"],
        synthesised=value["synthesised"],
        output=result.output,
        seconds=result.seconds,
    )


def after_fixing(
    results: Iterable[ModelResult],
    settings: VerifySettings,
    options: SessionOptions,
    configurations: Configurations,
) -> dict[str, EvalReport]:
    """The reports of the models with findings once the linter's fixes are applied, by target.

    Nothing is written: the fixed texts replace the files in memory. Models whose file no fix
    changes, and those that cannot be verified then, are left out.
    """
    open_ones = [result for result in results if result.status == FINDINGS]
    files = {result.file for result in open_ones if result.file is not None}
    texts = {file: text for file in files if (text := _fixed(file, configurations)) is not None}
    targets = [parse(result.target) for result in open_ones if result.file in texts]
    if not targets:
        return {}
    session = Session(settings, replace(options, texts=texts), len(targets))
    fixed_results = session.run(targets, lambda done, more: None)
    return {result.target: result.report for result in fixed_results if result.report is not None}


def _fixed(file: str, configurations: Configurations) -> str | None:
    from dropout_lint.files.source import Source, SourceError
    from dropout_lint.linting.pipeline import AnalysisError, fix

    try:
        source = Source.read(file)
        text = fix(source, configurations.of(os.path.dirname(file))).text
    except (SourceError, AnalysisError):
        return None
    return None if text == source.text else text
