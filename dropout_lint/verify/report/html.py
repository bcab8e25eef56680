"""The report as one self-contained page: module tree, sites, and how far eval outputs spread.

No torch here: the page is made from reports. jinja2 comes with torch, so whoever can verify has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dropout_lint import __version__
from dropout_lint.verify.report.eval_report import EvalReport, RandomOp, Verdict

_TEMPLATE = Path(__file__).with_name("report.html.jinja")
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 560.0, 220.0, 44.0, 22.0

SENTENCES = {
    Verdict.DETERMINISTIC: "Outputs repeat in eval mode, bit by bit.",
    Verdict.DECLARED: "Random in eval mode, as declared.",
    Verdict.RANDOM: "Random in eval mode.",
    Verdict.STATE: "Outputs depend on earlier calls.",
    Verdict.OUTSIDE: "Outputs depend on something outside the model.",
    Verdict.KERNEL: "Outputs differ in the order of floating-point sums only.",
}


@dataclass(frozen=True)
class Card:
    """One model of the page. ``after`` is the report of the fixed model; ``failure`` a sentence."""

    target: str
    before: EvalReport | None
    after: EvalReport | None = None
    failure: str = ""


Mark = Literal["", "random", "declared", "stuck"]


@dataclass(frozen=True)
class TreeRow:
    """A module in the tree: the last part of its path, and what it does in eval mode."""

    name: str
    path: str
    kind: str
    depth: int
    mark: Mark


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    series: str


@dataclass(frozen=True)
class Plot:
    """A strip plot: one column an output entry, one dot a seed. Sizes in SVG units."""

    dots: tuple[Dot, ...]
    ticks: tuple[tuple[float, str], ...]
    entries: int
    seeds: int
    width: float = _WIDTH
    height: float = _HEIGHT
    left: float = _LEFT


def page(cards: Sequence[Card]) -> str:
    """The page as HTML. Raises ImportError where jinja2 is not installed."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        cards=cards, tree=tree, plot=plot, sentences=SENTENCES, version=__version__,
        number=_number, share=_share,
    )  # fmt: skip


def tree(report: EvalReport) -> Iterator[TreeRow]:
    """The modules in order with their marks; unregistered ones below the module that runs them."""
    open_sites = [site for site in report.sites if site.declared is None]
    unregistered: dict[str, list[RandomOp]] = {}
    for site in report.sites:
        if not site.where.registered:
            unregistered.setdefault(site.where.module, []).append(site)
    drawing = {site.where.module for site in open_sites if site.where.registered}
    declared = {site.where.module for site in report.sites if site.declared is not None}
    for path, kind in report.modules:
        depth = path.count(".") + 1 if path else 0
        mark: Mark = "stuck" if path in report.stuck else ""
        if path in drawing or path in declared:
            mark = "random" if path in drawing else "declared"
        yield TreeRow(path.rpartition(".")[2] or "model", path, kind, depth, mark)
        for site in unregistered.get(path, ()):
            name = f"not registered, line {site.where.line}"
            yield TreeRow(name, path, site.where.module_type, depth + 1, "random")


def plot(before: EvalReport, after: EvalReport | None) -> Plot | None:
    """The outputs of one input under many seeds; None without samples."""
    series = [("before", before.samples), ("after", after.samples if after is not None else ())]
    numbers = [entry for _, samples in series for row in samples for entry in row]
    finite = [entry for entry in numbers if abs(entry) < 1e30]
    if not finite:
        return None
    low, high = min(finite), max(finite)
    if high == low:
        low, high = low - 0.5, high + 0.5
    entries = max(len(row) for _, samples in series for row in samples)
    step = (_WIDTH - _LEFT) / entries

    def y(entry: float) -> float:
        return round(8 + (_HEIGHT - _BOTTOM - 16) * (high - entry) / (high - low), 1)

    dots = []
    for shift, (name, samples) in zip((0.35, 0.65), series, strict=True):
        for row in samples:
            for column, entry in enumerate(row):
                if abs(entry) < 1e30:
                    dots.append(Dot(round(_LEFT + step * (column + shift), 1), y(entry), name))
    ticks = tuple((y(value), f"{value:.3g}") for value in (low, (low + high) / 2, high))
    return Plot(tuple(dict.fromkeys(dots)), ticks, entries, len(before.samples))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"
