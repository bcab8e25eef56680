"""Small programs that once took exponential time: each ends with its finding.

Nothing here measures time. What is exponential again does not end.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.linting import codes, fixed

from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import lint

HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n"
FIRST = "class A0(nn.Module):\n    def forward(self, x):\n        return F.dropout(x, self.p)\n"


def forward(*lines: str) -> str:
    """A module whose forward has these lines and then a finding."""
    body = "".join(f"        {line}\n" for line in (*lines, "return F.dropout(x, 0.5)"))
    return f"{HEAD}class Net(nn.Module):\n    def forward(self, x, a=None):\n{body}"


def each(template: str, n: int) -> list[str]:
    """The template for 0 … n-1; ``{i}`` is the number, ``{j}`` the next one."""
    return [template.replace("{i}", str(i)).replace("{j}", str(i + 1)) for i in range(n)]


SHAPES = {
    "method chain": forward("y = x" + ".b()" * 200),
    "tuples that share": forward("t0 = (1, 2)", *each("t{j} = (t{i}, t{i})", 60)),
    "lists in alternatives": forward("t0 = [1]", *each("t{j} = [t{i}] if a else [t{i}, 1]", 60)),
    "sequences that share": forward(
        "s = nn.Sequential(nn.Linear(1, 1))", *["s = nn.Sequential(s, s)"] * 60
    ),
    "modes that share": forward("m = nn.Dropout(0.1)", *["m.train((m, m))"] * 60),
    "partials that share": forward(
        "import functools",
        "p = torch.relu",
        *["p = functools.partial(p) if a else functools.partial(p)"] * 60,
    ),
    "squares": forward("t = 10", *["t = t * t"] * 60),
    "negative squares": forward("t = -10", *["t *= t"] * 60),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_function_is_run_in_bounds(name: str) -> None:
    assert codes(SHAPES[name]) == ["DRP001"]


def test_diamonds() -> None:
    diamond = (
        "class L{i}(A{i}):\n    p = 0.1\nclass R{i}(A{i}):\n    p = 0.2\n"
        "class A{j}(L{i}, R{i}):\n    pass\n"
    )
    code = HEAD + FIRST + "".join(each(diamond, 30))
    assert codes(code) == ["DRP001"]
    assert fixed(code, unsafe_fixes=True) != code


def test_a_chain_of_classes() -> None:
    code = HEAD + FIRST + "".join(each("class A{j}(A{i}):\n    p = 0.1\n", 300))
    assert codes(code) == ["DRP001"]


def test_constructors_that_call_each_other_twice() -> None:
    init = (
        "class A{j}(A{i}):\n    def __init__(self):\n"
        "        A{i}.__init__(self)\n        A{i}.__init__(self)\n"
    )
    code = HEAD + "".join(each(init, 40)).replace("(A0):", "(nn.Module):")
    code = code.replace("A0.__init__(self)", "pass") + (
        "    def forward(self, x):\n        return F.dropout(x, 0.5)\n"
    )
    assert codes(code) == ["DRP001"]


def lint_file(folder: Path, files: dict[str, str], main: str) -> list[str]:
    (folder / "__init__.py").touch()
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    path = folder / "main.py"
    path.write_text(main)
    report = lint(Source.read(str(path)), Settings())
    return [diagnostic.code for diagnostic in report.diagnostics]


def test_files_that_import_each_other_with_stars(tmp_path: Path) -> None:
    files = {
        f"m{i}": "".join(f"from .m{j} import *\n" for j in range(4) if j != i) for i in range(4)
    }
    main = (
        "from .m0 import *\nimport torch.nn.functional as F\n\n\n"
        "class Net(Base):\n    def forward(self, x):\n        return F.dropout(x, 0.5)\n"
    )
    assert lint_file(tmp_path, files, main) == ["DRP001"]


def test_two_bases_at_each_level_over_files(tmp_path: Path) -> None:
    level = "".join(
        "from .m{j} import B{j}, C{j}\n"
        if k == 0
        else f"class {k}{{i}}(B{{j}}, C{{j}}):\n    pass\n"
        for k in (0, "B", "C")
    )
    files = {f"m{i}": text for i, text in enumerate(each(level, 20))}
    files["m20"] = "from torch import nn\nclass B20(nn.Module):\n    pass\nclass C20:\n    pass\n"
    main = (
        "from .m0 import B0, C0\nimport torch.nn.functional as F\n\n\n"
        "class Net(B0, C0):\n    def forward(self, x):\n        return F.dropout(x, 0.5)\n"
    )
    assert lint_file(tmp_path, files, main) == ["DRP001"]
