"""Is dropout alive in train mode, and does it come back after eval mode?"""

from __future__ import annotations

import torch

from dropout_lint.verify.call import Call
from dropout_lint.verify.copies import Subject
from dropout_lint.verify.report import Cause, Site, TrainReport
from dropout_lint.verify.watch import Record, Seen, watched

_Key = tuple[str | None, int, str, str]


def check_training(subject: Subject, call: Call, seed: int) -> TrainReport:
    """Run a fresh copy in train mode, then in eval mode, then in train mode again.

    Only dropout counts: other draws in train mode (masks, noise) may come and go with the data.
    """
    model = subject.fresh()
    try:
        before = _pass(model, call, seed, True)
        _pass(model, call, seed, False)
        after = _pass(model, call, seed, True)
    except Exception as error:  # whatever the model raises: train mode often wants other inputs
        return TrainReport(error=f"{type(error).__name__}: {error}".splitlines()[0])
    drawn, again = _dropouts(before, before.drawn), _dropouts(after, after.drawn)
    silent = _dropouts(before, before.quiet)
    return TrainReport(
        drawn=tuple(drawn.values()),
        silent=tuple(site for key, site in silent.items() if key not in drawn),
        lost=tuple(site for key, site in drawn.items() if key not in again),
    )


def _pass(model: torch.nn.Module, call: Call, seed: int, mode: bool) -> Seen:
    model.train(mode) if mode else model.eval()
    return watched(model, call, seed)


def _dropouts(seen: Seen, records: list[Record]) -> dict[_Key, Site]:
    sites = [seen.site(record) for record in records]
    return {_key(site): site for site in sites if site.cause is Cause.DROPOUT}


def _key(site: Site) -> _Key:
    where = site.where
    return where.file, where.line, where.module, site.op
