"""Code that is deep, intricate or large is checked, or refused in one sentence."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from support.command import MODEL, places, run, run_process, write

from dropout_lint.semantics.syntax.big_stack import on_big_stack

pytestmark = pytest.mark.usefixtures("here")

TEXT = MODEL.encode()


# Deep code, at the end of a file with a finding. Where the limit is depends on Python and libcst.
DEEP = {
    "brackets": "y = " + "(" * 5_000 + "1" + ")" * 5_000,
    "lists": "y = " + "[" * 150 + "1" + "]" * 150,
    "calls": "y = a" + ".b()" * 5_000,
    "attributes": "y = a" + ".b" * 5_000,
    "subscripts": "y = a" + "[0]" * 5_000,
    "and": "y = " + " and ".join(["a"] * 5_000),
    "a great many and": "y = " + " and ".join(["a"] * 200_000),
    "sum": "y = " + " + ".join(["a"] * 5_000),
    "comparison": "y = " + " < ".join(["a"] * 5_000),
    "conditional expressions": "y = " + "1 if a else " * 5_000 + "1",
    "not": "y = " + "not " * 5_000 + "1",
    "lambda": "y = " + "lambda: " * 5_000 + "1",
    "strings": "y = (" + "'a'\n" * 5_000 + ")",
    "ifs": "".join("    " * depth + "if a:\n" for depth in range(300)) + "    " * 300 + "pass",
    "elif": "if a:\n    pass\n" + "elif b:\n    pass\n" * 3_000,
    "lists in a pattern": "match x:\n    case " + "[" * 40 + "a" + "]" * 40 + ":\n        pass",
    "classes in a pattern": "match x:\n    case " + "A(b=" * 40 + "a" + ")" * 40 + ": pass",
    "redundant brackets in a pattern": "match x:\n    case " + "(" * 40 + "a" + ")" * 40 + ": pass",
    "mappings in a pattern": "match x:\n    case a: pass\n    case "
    + "{1: " * 40 + "a" + "}" * 40 + ": pass",
    "alternatives in a pattern": "match x:\n    case " + "|".join(["1"] * 3_000) + ": pass",
}  # fmt: skip


@pytest.fixture(scope="module")
def deep_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[str]]:
    """Places and problems of one run over all deep files, in a process that may crash."""
    folder = tmp_path_factory.mktemp("deep")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for number, code in enumerate(DEEP.values()):
            write(f"deep_{number:02}.py", MODEL + code + "\n")
        write("good.py")
        result = run_process("--output-format", "concise", "--jobs", "1")
        assert result.code == 2, f"the process ended with {result.code}: {result.err[-2000:]}"
        assert "Traceback" not in result.err
    assert "good.py:7:16" in places(result)
    return places(result), result.problems


@pytest.mark.slow
@pytest.mark.parametrize("kind", DEEP)
def test_deep_file_is_checked_or_refused_in_one_sentence(
    deep_run: tuple[list[str], list[str]], kind: str
) -> None:
    name = f"deep_{list(DEEP).index(kind):02}.py"
    found, problems = deep_run
    refusals = [
        problem
        for problem in problems
        if problem.startswith(name) and "is left out of the analysis" not in problem
    ]
    assert found.count(f"{name}:7:16") + len(refusals) == 1
    too_deep = "is nested too deeply to be analysed; simplify it or exclude the file"
    syntax = r"line \d+: syntax error, too many .+; correct it or exclude the file"
    libcst = r"line \d+: Python reads this, but libcst, .+; rewrite the line or exclude the file"
    for refusal in refusals:
        assert re.fullmatch(f"{name}: ({too_deep}|{syntax}|{libcst})", refusal)


@pytest.mark.parametrize(
    "code",
    [
        "match x:\n    case A(b=[C(d={1: (e, (f, g))})]): pass",
        "match x:\n    case 1: print(((((((((((x)))))))))))\n    case (2): pass",
        "match ((((((((((x)))))))))):\n    case 1 if ((((((((((x)))))))))): pass",
        "if a:\n    pass\n" + "elif b:\n    pass\n" * 300,
        "y = a" + ".b()" * 200,
        "y = " + " + ".join(["'a'"] * 600),
        "y = " + " or ".join(["a"] * 600),
        "y = [\n" + "    [1, 2, 3],\n" * 500 + "]",
    ],
)
def test_code_that_people_write_is_not_too_deep(code: str) -> None:
    write("model.py", f"{MODEL}{code}\n")
    assert places(run("--output-format", "concise")) == ["model.py:7:16"]


def test_on_a_big_stack_no_other_thread_is_started() -> None:
    assert on_big_stack(lambda: on_big_stack(threading.get_ident) == threading.get_ident())
    assert on_big_stack(threading.get_ident) != threading.get_ident()


def test_finding_inside_deep_code_is_found() -> None:
    ifs = "".join(f"        {' ' * depth}if x:\n" for depth in range(80))
    code = MODEL.replace("        return", f"{ifs}        {' ' * 80}return")
    write("model.py", code)
    assert places(run("--output-format", "concise")) == ["model.py:87:96"]


def test_file_that_libcst_fails_on_is_refused_in_one_sentence() -> None:
    code = MODEL.replace("return F.dropout(x, 0.5)", "return(lambda t: F.dropout(t, 0.5))(x)")
    write("model.py", code)
    result = run("--output-format", "concise")
    if result.problems:  # libcst 1.9 does
        sentence = r"model.py: line \d: Python reads this, but libcst, .+, or exclude the file"
        assert re.fullmatch(sentence, result.problems[0])
    else:
        assert places(result)


INTRICATE = {
    "loops": "".join(f"        {' ' * depth}for i in x:\n" for depth in range(18))
    + f"        {' ' * 18}x = x + 1\n",
    "functions that call each other": "        def f0(t):\n            return t\n"
    + "".join(
        f"        def f{n}(t):\n            return {' + '.join([f'f{n - 1}(t)'] * 24)}\n"
        for n in range(1, 6)
    )
    + "        x = f5(x)\n",
    "a number that is none": "        n = int(1e999) + int(float('nan'))\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("code", INTRICATE.values(), ids=INTRICATE)
def test_finding_behind_intricate_code_is_found(code: str) -> None:
    write("model.py", MODEL.replace("        return", f"{code}        return"))
    assert places(run("--output-format", "concise")) == [f"model.py:{7 + code.count(chr(10))}:16"]


@pytest.mark.slow
def test_many_findings_in_one_function_are_fixed() -> None:
    drops = "".join(f"        x = x + F.dropout(x, 0.{n % 9 + 1})\n" for n in range(400))
    write("model.py", MODEL.replace("        return", f"{drops}        return"))
    assert run("--fix").code == 0
    assert "F.dropout(" not in Path("model.py").read_text()


def test_file_of_many_megabytes_is_refused() -> None:
    write("model.py", TEXT + b"x = 1\n" * 1_400_000)
    result = run()
    assert result.code == 2
    assert result.problems == ["model.py: is larger than 8 MB; exclude it"]
