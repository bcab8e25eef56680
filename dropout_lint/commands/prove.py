"""What `--prove` adds to fixing: fixes are made in memory, proved, and written unless refuted.

This process never imports torch; the models run in others (`verify.isolation`).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import asdict, replace

from dropout_lint.commands.proving import Change, Proving, prove_changes, rewritten
from dropout_lint.config import Configurations, Settings
from dropout_lint.config.verify import VerifySettings
from dropout_lint.files.discovery import File
from dropout_lint.files.source import Source, SourceError
from dropout_lint.files.writing import write
from dropout_lint.linting.pipeline import lint
from dropout_lint.linting.runner import Outcome, Results
from dropout_lint.verify.process.isolation import Host, Result, run_isolated
from dropout_lint.verify.targets.inputs import Given, InputError, constructor_arguments
from dropout_lint.verify.targets.names import TargetError, expand, parse

_NOTHING = Given()


class Unprovable(Exception):
    """Nothing can be proved as the command line is; a sentence for the user."""


def prove_results(
    results: Results,
    files: Sequence[File],
    specs: Sequence[str],
    configurations: Configurations,
    writes: bool,
    given: Given = _NOTHING,
    init: str | None = None,
) -> Proving:
    """Prove what fixing changed in memory (the action ``diff``) with the models of some targets.

    Outcomes whose fix is refuted become those of files that were only linted. ``writes``: write the
    others. ``given`` and ``init``: the inputs of the models, and the constructor arguments as JSON.
    Targets that cannot be run are added to what is missing. Raises Unprovable.
    """
    if importlib.util.find_spec("torch") is None:
        raise Unprovable(
            "--prove executes models with torch, which is not installed here; "
            'install it with `pip install "dropout-lint[verify]"`'
        )
    try:
        given.check()
        arguments = constructor_arguments(init)
        targets, problems = expand([parse(spec) for spec in specs], configurations)
    except InputError as error:
        raise Unprovable(str(error)) from None
    except TargetError as error:
        raise Unprovable(f"--prove {error}") from None
    results.missing += problems
    by_path = {file.path: file.settings for file in files}
    changes = [_change(o, by_path[o.path]) for o in results.outcomes if o.fixed]
    settings = VerifySettings(**configurations.of(".").verify)
    device = "cuda" if settings.device == "cuda" else "cpu"
    options = {
        "seeds": list(settings.seeds),
        "device": "cuda" if device == "cuda" else None,
        "inputs": asdict(given),
        "init": arguments,
    }
    with Host(device) as host:

        def run(function: str, arguments: dict[str, object], /) -> Result:
            return run_isolated(
                function,
                arguments,
                deadline_s=settings.timeout,
                memory_bytes=settings.memory,
                device=device,
                host=host,
            )

        proving = prove_changes(changes, targets, run, options)
    for spec, failure in proving.failures.items():
        place = f" ({failure.file}:{failure.line})" if failure.file is not None else ""
        results.missing.append(f"{spec}: nothing could be proved with it, {failure.message}{place}")
    results.outcomes = [
        _settled(o, by_path[o.path], o.path in proving.refused, writes) if o.fixed else o
        for o in results.outcomes
    ]
    return proving


def _change(outcome: Outcome, settings: Settings) -> Change:
    source = Source.decode(outcome.before, outcome.path)
    after = Source.decode(outcome.after, outcome.path).text
    return Change(outcome.path, source.text, after, rewritten(source, settings))


def _settled(outcome: Outcome, settings: Settings, refused: bool, writes: bool) -> Outcome:
    """The outcome of a file once it is known whether it may be written."""
    unfixed = Outcome(outcome.path, lint(Source.decode(outcome.before, outcome.path), settings))
    if refused:
        return unfixed
    if writes:
        try:
            note = write(outcome.path, outcome.after, outcome.before)
        except SourceError as error:
            return replace(unfixed, error=str(error))
        return replace(outcome, note=note)
    return outcome
