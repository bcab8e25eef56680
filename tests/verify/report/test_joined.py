"""Findings of the linter joined with a run: confirmed, ran and harmless, not reached."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import lint
from dropout_lint.verify.report.joined import joined
from dropout_lint.verify.report.results import ModelResult

pytestmark = pytest.mark.models

CASES = {
    "a drop at its own line": """\
        class Net(nn.Module):
            def forward(self, x):
                return F.dropout(x, 0.5)  # confirmed
        """,
    "a rate of zero": """\
        class Net(nn.Module):
            def __init__(self, p=0.0):
                super().__init__()
                self.p = p

            def forward(self, x):
                x = F.dropout(x, self.p)  # harmless
                return F.dropout(x, 0.5)  # confirmed
        """,
    "a branch that these inputs do not take": """\
        class Net(nn.Module):
            def forward(self, x):
                if x.dim() > 9:
                    x = F.dropout(x, 0.5)  # not reached
                return x
        """,
    "a call over several lines": """\
        class Net(nn.Module):
            def forward(self, x):
                return (
                    F.dropout(  # confirmed
                        x,
                        p=0.5,
                    )
                )
        """,
    "a module that shows where it is called": """\
        class Net(nn.Module):
            def forward(self, x):
                drop = nn.Dropout(0.5)  # confirmed
                x = x + 1
                return drop(x)
        """,
    "a flag that shows where it is used": """\
        class Net(nn.Module):
            def forward(self, x):
                p = 0.5 if self.train else 0.0  # confirmed
                return F.scaled_dot_product_attention(x, x, x, dropout_p=p)
        """,
    "modules in a list, of which one class is used and one is not": """\
        class Used(nn.Module):
            def __init__(self):
                super().__init__()
                self.drops = [nn.Dropout(0.5)]  # confirmed

            def forward(self, x):
                return self.drops[0](x)


        class Unused(nn.Module):
            def __init__(self):
                super().__init__()
                self.drops = [nn.Dropout(0.5)]  # not reached

            def forward(self, x):
                return self.drops[0](x)


        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.used, self.unused = Used(), Unused()

            def forward(self, x):
                return self.used(x)
        """,
    "another's drop explains nothing": """\
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.drops = [nn.Dropout(0.5)]  # not reached

            def forward(self, x):
                if x.dim() > 9:
                    x = self.drops[0](x)
                return F.dropout(x, 0.5)  # confirmed
        """,
    "a call that decides for the function that it calls": """\
        class Net(nn.Module):
            def forward(self, x):
                x = self.drop(x, training=self.training)
                x = self.drop(  # confirmed
                    x,
                    training=True,
                )
                return self.inner(x)

            def inner(self, x):
                if x.dim() > 9:
                    x = self.drop(x, training=True)  # not reached
                return x

            def drop(self, x, training):
                return F.dropout(x, 0.5, training)
        """,
    "a call that decides and a rate of zero": """\
        class Net(nn.Module):
            def __init__(self, p=0.0):
                super().__init__()
                self.p = p

            def forward(self, x):
                x = self.drop(x, self.p, training=True)  # harmless
                return self.drop(x, 0.3, training=self.training)

            def drop(self, x, p, training):
                return F.dropout(x, p, training)
        """,
    "a train that does not come back": """\
        class Net(nn.Module):
            def train(self, mode=True):  # confirmed
                super().train(mode)

            def forward(self, x):
                return x
        """,
}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="frames do not know their class before")
@pytest.mark.parametrize("case", CASES)
def test_findings_are_told_apart(case: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="models are executed with torch")
    from dropout_lint.verify import verify_eval

    code = "import torch.nn.functional as F\nfrom torch import nn\n\n\n" + dedent(CASES[case])
    file = tmp_path / "net.py"
    file.write_text(code, encoding="utf-8")
    space: dict[str, object] = {"__name__": "net"}
    exec(compile(code, str(file), "exec"), space)
    report = verify_eval(space["Net"], torch.ones(2, 1, 4, 8), trace_lines=True)  # type: ignore[arg-type]
    found = lint(Source.read(str(file)), Settings()).diagnostics
    matches = joined(ModelResult("net.py:Net", report=report), str(file), found)
    expected = {
        number: line.partition("# ")[2]
        for number, line in enumerate(code.splitlines(), 1)
        if "  # " in line
    }
    assert {match.line: match.status for match in matches} == expected
