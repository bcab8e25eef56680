"""Sentences about what was seen, and what to do about it. Every format says the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dropout_lint.output.summary import plural
from dropout_lint.verify.report.eval_report import Cause, EvalReport, RandomOp, Spread, Verdict
from dropout_lint.verify.report.results import (
    CONFIRMED,
    HARMLESS,
    NOT_REACHED,
    MatchStatus,
    ModelResult,
)

_PATHS = 4
_MARK = "or declare it with `# dropout-lint: intentional REASON`"

MATCHES: dict[MatchStatus, str] = {
    CONFIRMED: "confirmed",
    HARMLESS: "ran and was harmless",
    NOT_REACHED: "not reached by these inputs",
}
VERDICTS = {
    Verdict.DETERMINISTIC: "deterministic in eval mode",
    Verdict.DECLARED: "random in eval mode, as declared",
    Verdict.KERNEL: "deterministic in eval mode but for a kernel",
    Verdict.STATE: "remembers earlier calls in eval mode",
    Verdict.OUTSIDE: "depends on the outside world in eval mode",
    Verdict.RANDOM: "random in eval mode",
}


def verdict(result: ModelResult) -> str:
    """The answer for one model in a few words."""
    report = result.report
    if report is None:
        assert result.failure is not None
        return result.failure.kind.value
    said = VERDICTS[report.verdict]
    if report.verdict is Verdict.DETERMINISTIC and result.synthesised:
        said = "no randomness seen in eval mode, with inputs that were made up"
    if report.train is not None and report.train.lost:
        said += ", and dropout does not come back in train mode"
    return said


def grouped(sites: Iterable[RandomOp]) -> list[tuple[RandomOp, ...]]:
    """Sites that are one call in the code, reached through several modules, together."""
    groups: dict[tuple[object, ...], list[RandomOp]] = {}
    for site in sites:
        where = site.where
        place = (where.file, where.line) if where.file is not None else where
        key = (place, site.op, site.p, site.cause, where.registered)
        groups.setdefault(key, []).append(site)
    return [tuple(group) for group in groups.values()]


def what(*sites: RandomOp) -> str:
    """What the sites of one call do, where."""
    site = sites[0]
    place = _modules(sites)
    if site.cause in (Cause.STATE, Cause.KERNEL, Cause.OUTSIDE):
        why = {
            Cause.STATE: "gives another result after an earlier call",
            Cause.KERNEL: "gives other bits for the same input: its kernel is not deterministic",
            Cause.OUTSIDE: "gives another result at each run, under the same seed",
        }[site.cause]
        return f"{site.op} {why}{place}"
    calls = sum(site.calls for site in sites)
    times = f" {calls} times" if calls > 1 else ""
    own = " from a generator of the model's own" if site.own_generator else ""
    return f"{site.op}{_rate(site)} draws{times}{own} in eval mode{place}"


def _rate(site: RandomOp) -> str:
    return f" (p = {site.p:g})" if site.p is not None else ""


def _modules(sites: Sequence[RandomOp]) -> str:
    """The modules in which a call runs."""
    where = sites[0].where
    kinds = dict.fromkeys(site.where.module_type for site in sites)
    kind = f" ({', '.join(kinds)})" if any(kinds) else ""
    paths = list(dict.fromkeys(site.where.module for site in sites))
    named = ", ".join(path or "the model itself" for path in paths[:_PATHS])
    if len(paths) > _PATHS:
        named += f" and {len(paths) - _PATHS} more"
    if not where.registered:
        below = "" if paths == [""] else f" below {named}"
        return f", in a module{kind} that is not registered{below}"
    return f", in {named}{kind}"


def help_for(site: RandomOp, report: EvalReport) -> str:
    """What to do about a site."""
    where = site.where
    if site.cause is Cause.DROPOUT:
        if not where.registered:
            return (
                "eval() cannot reach this module: build it in __init__ and keep it as an attribute "
                "or in an nn.ModuleList or nn.ModuleDict"
            )
        if where.module in report.stuck and not site.op.startswith("F."):
            return (
                "eval() leaves this module in train mode: let the train() around it call "
                "super().train(mode) and return self"
            )
        if "scaled_dot_product_attention" in site.op:
            return f"pass dropout_p=p if self.training else 0.0 (`dropout-lint --fix` can), {_MARK}"
        if site.op.startswith("F."):
            return f"pass training=self.training (`dropout-lint --fix` can), {_MARK}"
        return f"let it follow self.training, {_MARK}"
    if site.cause in (Cause.TORCH, Cause.PYTHON, Cause.NUMPY):
        return f"draw only `if self.training`, {_MARK}"
    if site.cause is Cause.STATE:
        return "write to buffers and attributes only `if self.training`, or reset them in forward"
    if site.cause is Cause.KERNEL:
        return "use torch.use_deterministic_algorithms(True) where the last bits matter"
    return "take clocks, files and the system's randomness out of forward, or pass them in"


def lost(*sites: RandomOp) -> str:
    """What the sites of one call no longer do."""
    op = f"{sites[0].op}{_rate(sites[0])}"
    return f"{op} drops in train mode, but no more after eval and train{_modules(sites)}"


def silent(site: RandomOp) -> str:
    """What a site does that has a rate and draws nothing in train mode."""
    if site.p == 1:
        return f"{site.op} (p = 1) drops everything in train mode"
    return f"{site.op}{_rate(site)} does not draw in train mode either"


LOST_HELP = "eval mode changes what train mode needs: keep the rate in a local variable of forward"


def moves(spread: Spread | None) -> str:
    """How far the outputs move between seeds, empty where that is not known."""
    if spread is None:
        return ""
    text = f"{spread.path} moves between seeds"
    if spread.relative_rms is not None:
        text += f" by {spread.relative_rms:.1%} of its size (RMS)"
    if spread.changed_argmax is not None:
        text += f"; the largest entry changes in {spread.changed_argmax:.0%} of the rows"
    return text


def summary(results: list[ModelResult]) -> str:
    """The counts of a run."""
    count = len(results)
    verdicts = [r.report.verdict for r in results if r.report is not None]
    clean = sum(r.report is not None and r.report.ok for r in results)
    made_up = sum(r.synthesised and r.report is not None and r.report.ok for r in results)
    lost_only = sum(
        r.report is not None
        and not r.report.ok
        and r.report.verdict in (Verdict.DETERMINISTIC, Verdict.DECLARED, Verdict.KERNEL)
        for r in results
    )
    failed = count - len(verdicts)
    parts = [
        (verdicts.count(Verdict.RANDOM), "random in eval mode"),
        (verdicts.count(Verdict.STATE), "remembering earlier calls"),
        (verdicts.count(Verdict.OUTSIDE), "depending on the outside world"),
        (lost_only, "losing dropout after eval mode"),
        (failed, "not verified"),
        (clean, "clean" + (f" ({made_up} with made-up inputs)" if made_up else "")),
    ]
    if not count:
        return "No models verified."
    lines = [f"{plural(count, 'model')}: {_counts(parts)}."]
    statuses: dict[tuple[str, int, str], set[str]] = {}
    for match in (match for result in results for match in result.lint):
        statuses.setdefault((match.file, match.line, match.code), set()).add(match.status)
    if statuses:  # a finding that one model confirms is confirmed
        best = [next(status for status in MATCHES if status in seen) for seen in statuses.values()]
        counts = [(best.count(status), text) for status, text in MATCHES.items()]
        lines.append(f"{plural(len(statuses), 'finding')} of the linter: {_counts(counts)}.")
    return "\n".join(lines)


def _counts(parts: Iterable[tuple[int, str]]) -> str:
    return ", ".join(f"{number} {text}" for number, text in parts if number)
