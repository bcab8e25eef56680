"""Small programs that once took exponential time: each ends with its finding.

Nothing here measures time. What is exponential again does not end.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from support import command
from support.linting import codes, fixed, run

from dropout_lint.catalog import builtin
from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting import nesting
from dropout_lint.linting.pipeline import AnalysisError, lint
from dropout_lint.linting.runner import check_text
from dropout_lint.plugins.flake8 import DropoutChecker
from dropout_lint.semantics import budget
from dropout_lint.semantics.model import SemanticModel

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


def test_one_helper_called_many_times() -> None:
    helper = "def drop(x, p, training=True):\n    return F.dropout(x, p, training)\n\n\n"
    calls = each("x = drop(x, 0.1{j})", 200)
    code = forward(*calls).replace(HEAD, HEAD + helper)
    assert codes(code) == ["DRP001"] * 201


def test_a_file_past_its_steps_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_STEPS", 40)
    code = forward(*["x = F.dropout(x, 0.5)"] * 40)
    outcome = check_text(code.encode(), "net.py", Settings(), "lint")
    assert outcome.error is not None
    assert outcome.error.startswith("net.py: takes too many steps")
    assert outcome.report is not None
    assert check_text(code.encode(), "net.py", Settings(), "diff").after == b""


def test_findings_before_the_last_step_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_STEPS", 100)
    second = "".join(each("\n    def m{i}(self, x):\n        return F.dropout(x, 0.5)\n", 40))
    report = run(forward() + second)
    assert report.unfinished is not None
    assert 1 < len(report.diagnostics) < 40


def test_a_file_with_too_many_nodes_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    code = forward("t = [" + "1, " * 1000 + "]")
    assert codes(code) == ["DRP001"]
    monkeypatch.setattr(nesting, "MOST_NODES", 1000)
    with pytest.raises(AnalysisError, match="takes too much memory"):
        run(code)


def test_each_expression_is_evaluated_once_a_run() -> None:
    """The steps of a chain of calls grow by as many as the calls."""

    def steps(n: int) -> int:
        code = forward("y = x" + ".b()" * n, "self.y = x" + ".c()" * n, "a.b" + ".append(a)" * n)
        model = SemanticModel(code, builtin())
        before = model.steps.left
        assert model.sites
        return before - model.steps.left

    assert steps(30) - steps(20) == steps(20) - steps(10)


def test_an_unfinished_file_is_said_by_the_command_and_by_flake8(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "MOST_STEPS", 40)
    text = SHAPES["method chain"]
    Path("net.py").write_text(text)
    result = command.run("net.py")
    assert result.code == 2
    assert "net.py: takes too many steps to be analysed" in result.err
    assert "1 path could not be checked in full, see above." in result.out
    checker = DropoutChecker(ast.parse(text), "net.py", text.splitlines(keepends=True))
    messages = [message for _, _, message, _ in checker.run()]
    assert messages[-1].startswith("DRP000 net.py: takes too many steps")


def test_a_long_chain_of_methods_that_know_the_mode_is_no_error() -> None:
    methods = "".join(
        each("    def m{i}(self):\n        return self.m{j}() if self.training else 0.0\n", 700)
    )
    code = (
        forward("x = F.dropout(x, self.m0())") + methods + "    def m700(self):\n        return 0\n"
    )
    outcome = check_text(code.encode(), "chain.py", Settings(), "lint")
    assert outcome.error is None
    assert outcome.report is not None
    assert [d.code for d in outcome.report.diagnostics] == ["DRP001"]
