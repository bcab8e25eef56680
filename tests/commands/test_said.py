"""The summary says what was not looked at, and why."""

from __future__ import annotations

import pytest
from support.command import MODEL, run, write

pytestmark = pytest.mark.usefixtures("here")

SNIPPET = """\
class Net({base}):
    def forward(self, x):
        return {call}
"""


def test_a_file_left_out_by_its_own_comment_is_counted_and_named() -> None:
    write("net.py", MODEL + "        # flake8: noqa\n")
    write("other.py", f"# dropout-lint: skip-file\n{MODEL}")
    write("third.py", "x = 1\n")
    result = run()
    assert (result.code, result.err) == (0, "")
    said = "No findings; 1 file checked, 2 left out by a comment in it (`-v` says where).\n"
    assert result.out == said
    assert run("-v").problems == [
        "net.py: line 8: the file is left out by `# flake8: noqa`",
        "other.py: line 1: the file is left out by `# dropout-lint: skip-file`",
    ]
    assert run("--fix").out == said
    assert run("--output-format", "json").out == "[]\n"


def test_a_comment_in_a_file_without_dropout_leaves_out_nothing() -> None:
    write("net.py", "# flake8: noqa\nx = 1\n")
    assert run().out == "No findings; 1 file checked.\n"


def test_notebooks_of_a_folder_are_counted() -> None:
    write("net.py", MODEL)
    write("first.ipynb", "{}")
    write("sub/second.ipynb", "{}")
    write("build/third.ipynb", "{}")
    out = run("--extend-exclude", "sub").out
    assert "1 finding in 1 file (1 error); 1 file checked, 1 notebook not read.\n" in out
    assert "; 1 file checked, 2 notebooks not read.\n" in run().out


@pytest.mark.parametrize(
    ("base", "call", "names"),
    [
        ("nn.Module", "F.dropout(x, 0.5)", "`F` is"),
        ("torch.nn.Module", "torch.nn.functional.dropout(x)", "`torch` is"),
        ("nn.Module", "F.dropout2d(nn.functional.alpha_dropout(x), 0.1)", "`F` and `nn` are"),
    ],
)
def test_a_snippet_without_imports_gets_a_hint(base: str, call: str, names: str) -> None:
    write("net.py", SNIPPET.format(base=base, call=call))
    result = run()
    said = f"net.py: {names} never imported here, so it is not known what is called; "
    assert (result.code, result.problems) == (0, [f"{said}add the imports"])
    assert run("-", stdin=SNIPPET.format(base=base, call=call).encode()).err.count(names) == 1


@pytest.mark.parametrize(
    "text",
    [
        "from torch import (\n    nn,\n)\nimport torch.nn.functional as F\n"
        + SNIPPET.format(base="nn.Module", call="F.dropout(x, training=self.training)"),
        "from fastai.vision import *\n" + SNIPPET.format(base="nn.Module", call="F.dropout(x)"),
        SNIPPET.format(base="Layer", call="F.dropout(x)"),
        SNIPPET.format(base="nn.Module", call="F.relu(x)"),
        "def train(F, nn):\n    class Net(nn.Module):\n        x = F.dropout(0)\n",
        "# F.dropout(x) of nn.Module\nx = 1\n",
        "class Net(nn.Module):\n    note = 'F.dropout(x)'\n",
    ],
)
def test_no_hint_where_the_names_are_bound_or_not_used(text: str) -> None:
    write("net.py", text)
    assert run().problems == []
