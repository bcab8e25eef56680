"""What `--prove` adds to fixing: fixes are made in memory, proved, and written unless refuted.

This process never imports torch; the models run in others (`verify.process`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dropout_lint.commands.unusable import Unusable, require_torch
from dropout_lint.config import Configurations, Settings
from dropout_lint.config.verify import VerifySettings
from dropout_lint.files.discovery import File
from dropout_lint.files.source import Source, SourceError
from dropout_lint.files.writing import write
from dropout_lint.linting.pipeline import lint
from dropout_lint.linting.report import Outcome, Results
from dropout_lint.verify.process.isolation import Host, Result, run_isolated
from dropout_lint.verify.process.prove_session import ProofResults, ProveOptions, prove_changes
from dropout_lint.verify.proof.changes import Change, rewritten
from dropout_lint.verify.targets.input_options import (
    InputError,
    InputOptions,
    constructor_arguments,
)
from dropout_lint.verify.targets.target_specs import TargetError, expand, parse


def prove_results(
    results: Results,
    files: Sequence[File[Settings]],
    specs: Sequence[str],
    configurations: Configurations,
    inputs: InputOptions,
    init: str | None,
) -> tuple[Results, ProofResults]:
    """The results with the fixes that are not refuted, and the proofs.

    Args:
        results: what fixing in memory (the action ``diff``) made of the files.
        files: the files with their settings.
        specs: the targets whose models are run.
        configurations: where the settings of the verifier come from.
        inputs: the inputs of the models.
        init: their constructor arguments as JSON.

    Returns:
        Results in which a file with a refuted fix was only linted, and in which a target that
        cannot be run is missing. Nothing is written.

    Raises:
        Unusable: where nothing can be proved as the command line is.
    """
    require_torch("--prove")
    try:
        inputs.check()
        arguments = constructor_arguments(init)
        targets, problems = expand([parse(spec) for spec in specs], configurations)
    except InputError as error:
        raise Unusable(str(error)) from None
    except TargetError as error:
        raise Unusable(f"--prove {error}") from None
    by_path = {file.path: file.settings for file in files}
    changes = [_change(o, by_path[o.path]) for o in results.outcomes if o.fixed]
    settings = VerifySettings(**configurations.of(".").verify)
    device = "cuda" if settings.device == "cuda" else "cpu"
    options = ProveOptions(inputs, arguments, None if device == "cpu" else device, settings.seeds)
    with Host(device) as host:

        def run(function: str, arguments: dict[str, Any], /) -> Result:
            return run_isolated(
                function,
                arguments,
                deadline_s=settings.timeout,
                memory_bytes=settings.memory,
                device=device,
                host=host,
            )

        proofs = prove_changes(changes, targets, run, options)
    for spec, failure in proofs.failures.items():
        place = f" ({failure.file}:{failure.line})" if failure.file is not None else ""
        problems.append(f"{spec}: nothing could be proved with it, {failure.message}{place}")
    outcomes = [
        _unfixed(o, by_path[o.path]) if o.path in proofs.refused else o for o in results.outcomes
    ]
    return replace(results, outcomes=outcomes, missing=[*results.missing, *problems]), proofs


def write_fixes(results: Results, files: Sequence[File[Settings]]) -> Results:
    """The results with the fixes written; a file that cannot be written was only linted."""
    by_path = {file.path: file.settings for file in files}
    return replace(
        results,
        outcomes=[_written(o, by_path[o.path]) if o.fixed else o for o in results.outcomes],
    )


def _change(outcome: Outcome, settings: Settings) -> Change:
    source = Source.decode(outcome.before, outcome.path)
    after = Source.decode(outcome.after, outcome.path).text
    return Change(outcome.path, source.text, after, rewritten(source, settings))


def _written(outcome: Outcome, settings: Settings) -> Outcome:
    try:
        note = write(outcome.path, outcome.after, outcome.before)
    except SourceError as error:
        return replace(_unfixed(outcome, settings), error=str(error))
    return replace(outcome, note=note)


def _unfixed(outcome: Outcome, settings: Settings) -> Outcome:
    """The outcome of a file that is linted and not fixed."""
    return Outcome(outcome.path, lint(Source.decode(outcome.before, outcome.path), settings))
