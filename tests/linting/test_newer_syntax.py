"""Syntax of a later Python is named as such; what is merely wrong is not."""

from __future__ import annotations

import sys

import pytest

from dropout_lint.files.source import Source
from dropout_lint.linting.newer_syntax import newer_python
from dropout_lint.linting.pipeline import AnalysisError, parse

NEWER = {
    "class Block[T](nn.Module): pass": (3, 12),
    "async def noise[\n    T\n](x: T): pass": (3, 12),
    "type Rate = float": (3, 12),
    "type Rates[T] = list[T]": (3, 12),
    "x = f'{rates['first']}'": (3, 12),
    'x = rf"{a + "b"}"': (3, 12),
    "x = f'{\"\\n\".join(rows)}'": (3, 12),
    "class Block[T = int]: pass": (3, 13),
    "def noise[A, B = int](x): pass": (3, 13),
    "try: pass\nexcept ValueError, TypeError: pass": (3, 14),
    "x = t'{rate}'": (3, 14),
}
WRONG = (
    "def f(:",
    "x = f'{rate'",
    "x = f'{}'",
    "print 'rate'",
    "type = = 3",
    "except[0]",
    "x = 't' 3",
    "class A(T]: pass",
)


@pytest.mark.parametrize(("text", "since"), NEWER.items(), ids=list(NEWER))
def test_the_version_that_reads_it_is_named(text: str, since: tuple[int, int]) -> None:
    if sys.version_info >= since:
        parse(Source("test.py", text))
        return
    with pytest.raises(AnalysisError) as caught:
        parse(Source("test.py", text))
    assert str(caught.value).endswith(f"under Python {since[0]}.{since[1]} or later")


@pytest.mark.parametrize("text", WRONG)
def test_what_no_python_reads_is_to_be_corrected(text: str) -> None:
    with pytest.raises(AnalysisError, match=r"; correct it or exclude the file$"):
        parse(Source("test.py", text))


def test_nothing_is_newer_than_a_later_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 99))
    assert newer_python("class A[T]: pass", "invalid syntax") is None
