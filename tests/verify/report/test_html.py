"""The HTML report: what it says, and that a browser shows it as it is meant."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from dropout_lint.verify.report.eval_report import (
    Cause,
    EvalReport,
    RandomOp,
    Spread,
    TrainReport,
    Verdict,
    Where,
)

pytest.importorskip("jinja2", reason="the report page is made with jinja2, which torch brings")
from dropout_lint.verify.report.html import Card, page, plot, tree

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)

SOURCE = "x = F.dropout(x)  # <b>&amp;"
DROP = RandomOp(Where("/m/net.py", 12, "Net.forward", "enc.attn", "Attention"), "F.dropout",
            Cause.DROPOUT, 0.5, source=SOURCE)  # fmt: skip
STRAY = RandomOp(Where("/m/net.py", 20, "Net.forward", "enc", "Dropout", registered=False),
             "nn.Dropout", Cause.DROPOUT, 0.1)  # fmt: skip
WANTED = RandomOp(Where("/m/net.py", 30, "Net.forward", "pre", "Prenet"), "F.dropout",
              Cause.DROPOUT, 0.5, declared="Tacotron prenet")  # fmt: skip
MODULES = (("", "Net"), ("enc", "Encoder"), ("enc.attn", "Attention"), ("pre", "Prenet"))
RANDOM = EvalReport(
    "Net", Verdict.RANDOM, (DROP, STRAY, WANTED), spread=Spread("out['logits']", 0.25, 0.5),
    train=TrainReport(silent=(WANTED,), lost=(DROP,)), notes=("a <i>note",), modules=MODULES,
    samples=tuple((seed / 10, 1.0 - seed / 20, float("nan")) for seed in range(8)),
)  # fmt: skip
CLEAN = EvalReport("Net", Verdict.DETERMINISTIC, modules=MODULES, samples=((0.1, 0.2, 0.3),) * 8)
CARDS = [
    Card("net.py", RANDOM, CLEAN),
    Card("ok.py", CLEAN),
    Card("bad.py", None, failure="no <x>"),
]


def test_the_tree_marks_what_draws_and_hangs_strays_where_they_run() -> None:
    nodes = [(node.name, node.depth, node.mark) for node in tree(RANDOM)]
    assert nodes == [
        ("model", 0, ""),
        ("enc", 1, ""),
        ("not registered, line 20", 2, "random"),
        ("attn", 2, "random"),
        ("pre", 1, "declared"),
    ]


def test_the_plot_has_a_dot_for_every_finite_number_that_differs() -> None:
    found = plot(RANDOM, CLEAN)
    assert found is not None
    assert sum(dot.series == "before" for dot in found.dots) == 2 * 8
    assert sum(dot.series == "after" for dot in found.dots) == 3  # all seeds fall on one another
    assert all(0 <= dot.y <= found.height for dot in found.dots)
    assert all(found.left <= dot.x <= found.width for dot in found.dots)
    heights = {dot.x: [d.y for d in found.dots if d.x == dot.x] for dot in found.dots}
    assert max(map(len, heights.values())) == 8
    assert plot(EvalReport("Net", Verdict.DETERMINISTIC), None) is None


def test_the_page_says_what_the_reports_say_and_escapes_it() -> None:
    text = page(CARDS)
    assert "3 models,\n1 with findings, 1 could not be verified" in text
    assert "x = F.dropout(x)  # &lt;b&gt;&amp;amp;" in text
    assert "a &lt;i&gt;note" in text and "no &lt;x&gt;" in text
    assert "declared: Tacotron prenet" in text and "Dropout, not registered" in text
    assert not re.search(r"(?:src|href)=|@import|url\(", text), "nothing is loaded from elsewhere"


@pytest.mark.tools
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("width", [1280, 420])
def test_a_browser_shows_it_without_overflow(width: int, tmp_path: Path) -> None:
    probe = (
        "<script>addEventListener('load', () => { const d = document, e = d.documentElement;"
        "d.title = [e.scrollWidth <= e.clientWidth, d.querySelectorAll('article').length,"
        "d.querySelectorAll('circle').length, d.querySelectorAll('tr').length,"
        "getComputedStyle(d.querySelector('.verdict')).borderRadius,"
        "d.querySelector('svg').getBoundingClientRect().width > 200].join('|'); });</script>"
    )
    file = tmp_path / "report.html"
    file.write_text(page(CARDS).replace("</body>", probe + "</body>"), encoding="utf-8")
    assert CHROMIUM is not None
    shot = tmp_path / "report.png"
    base = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu"]
    base += [f"--window-size={width},1600", f"--user-data-dir={tmp_path / 'profile'}"]
    run = subprocess.run([*base, "--dump-dom", file.as_uri()],
                         capture_output=True, text=True, check=True, timeout=120)  # fmt: skip
    title = re.search(r"<title>(.*?)</title>", run.stdout)
    assert title is not None
    assert title[1] == "true|3|22|4|999px|true"
    subprocess.run([*base, f"--screenshot={shot}", file.as_uri()],
                   capture_output=True, check=True, timeout=120)  # fmt: skip
    assert shot.read_bytes().startswith(b"\x89PNG") and shot.stat().st_size > 10_000
