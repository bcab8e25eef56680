"""Small models to verify, and runs of the verify command."""

from __future__ import annotations

from textwrap import dedent

from support.command import Result, run

HEAD = """\
import torch
import torch.nn.functional as F
from torch import nn


def example_inputs():
    return (torch.ones(4, 8),)


"""

FILES = {
    "noisy.py": """\
        class Net(nn.Module):
            def forward(self, x):
                return F.dropout(x, 0.5)  # the line


        def build():
            return Net()
        """,
    "clean.py": """\
        class Net(nn.Module):
            def __init__(self, width=8):
                super().__init__()
                self.drop = nn.Dropout(0.5)
                self.out = nn.Linear(width, 2)

            def forward(self, x):
                return self.out(self.drop(x))
        """,
    "sticky.py": """\
        class Net(nn.Module):
            p = 0.5

            def forward(self, x):
                if not self.training:
                    self.p = 0.0
                return F.dropout(x, self.p)


        def build():
            return Net()
        """,
    "two.py": """\
        import ctypes


        class First(nn.Module):
            def forward(self, x):
                print("hello from First")
                return ctypes.string_at(0)  # the crash


        class Second(nn.Module):
            def forward(self, x):
                return x + 1
        """,
    "broken.py": """\
        import not_installed_anywhere  # the import
        """,
    "wrong.py": """\
        class Net(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.out = nn.Linear(width, 2)

            def forward(self, x):
                return self.out(x)
        """,
}


def verify(*args: str) -> Result:
    return run("verify", *args)


def line_of(name: str, mark: str) -> int:
    lines = (HEAD + dedent(FILES[name])).splitlines()
    return 1 + next(number for number, line in enumerate(lines) if line.endswith(f"# {mark}"))
