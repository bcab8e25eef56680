"""Is dropout alive in train mode, and does it come back after eval mode?"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch.nn.modules.dropout import _DropoutNd

from dropout_lint.verify.report.eval_report import Cause, GradMode, RandomOp, TrainReport, Where
from dropout_lint.verify.running.call import RunsModel
from dropout_lint.verify.running.copies import Subject
from dropout_lint.verify.watching.place import clean
from dropout_lint.verify.watching.watch import Record, Seen, watched

_HOME = _DropoutNd.__module__

_Key = tuple[str | None, int, str, str]


def check_training(
    subject: Subject, call: RunsModel, seed: int, start: GradMode = "inference"
) -> TrainReport:
    """The report on a fresh copy in train mode, then eval mode, then train mode again.

    ``start`` is the least demanding grad mode in which the model runs.

    Only dropout counts: other draws in train mode (masks, noise) may come and go with the data.
    """
    model = subject.fresh()
    try:
        before = _pass(model, call, seed, True, start)
        start = before.grad_mode
        _pass(model, call, seed, False, start)
        after = _pass(model, call, seed, True, start)
    except Exception as error:  # whatever the model raises: train mode often wants other inputs
        return TrainReport(error=f"{type(error).__name__}: {error}".splitlines()[0])
    drawn, again = _dropouts(before, before.drawn), _dropouts(after, after.drawn)
    silent = _dropouts(before, before.quiet)
    ran = {site.where.module for site in (*drawn.values(), *silent.values())}
    return TrainReport(
        drawn=tuple(drawn.values()),
        silent=(
            *(site for key, site in silent.items() if key not in drawn),
            *_never_called(model, ran),
        ),
        lost=tuple(site for key, site in drawn.items() if key not in again),
    )


def _pass(
    model: torch.nn.Module,
    call: RunsModel,
    seed: int,
    mode: bool,
    start: GradMode,
) -> Seen:
    model.train() if mode else model.eval()
    return watched(model, call, seed, start=start)


def _never_called(model: torch.nn.Module, ran: set[str]) -> Iterator[RandomOp]:
    """The dropout modules of the model that no pass called."""
    for path, module in model.named_modules():
        if isinstance(module, _DropoutNd) and 0 < module.p < 1 and clean(path) not in ran:
            where = Where(None, 0, "", clean(path), type(module).__name__)
            yield RandomOp(where, _called(module), Cause.DROPOUT, module.p, calls=0)


def _called(module: torch.nn.Module) -> str:
    kinds = (kind.__name__ for kind in type(module).__mro__ if kind.__module__ == _HOME)
    return f"nn.{next(kinds, 'Dropout')}"


def _dropouts(seen: Seen, records: list[Record]) -> dict[_Key, RandomOp]:
    sites = [seen.site(record, reaches_output=seen.reaches(record)) for record in records]
    return {_key(site): site for site in sites if site.cause is Cause.DROPOUT}


def _key(site: RandomOp) -> _Key:
    where = site.where
    return where.file, where.line, where.module, site.op
