"""The cheap stages never lose a finding that the full analysis makes."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from support.cases import texts
from support.layouts import LAYOUTS as SPACINGS
from support.layouts import crlf, self_renamed, tabs
from support.linting import MODELS, SCRIPTS, expectations

from dropout_lint.catalog import builtin
from dropout_lint.config import Settings
from dropout_lint.files.source import Source
from dropout_lint.linting.checking import diagnose
from dropout_lint.linting.pipeline import lint
from dropout_lint.linting.selection import passes_screen
from dropout_lint.rules.base import Rule, all_rules
from dropout_lint.screen.text.lexical import Lexical
from dropout_lint.screen.tree.syntax import may_matter
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.big_stack import on_big_stack

CASES = Path(__file__).parent / "cases"
LOST = texts(CASES / "lost_once")
NEAR = texts(CASES / "near")
DISMISSED = texts(CASES / "dismissed")
SCREEN = Lexical(builtin())
DEFAULT = Settings()
EVERYTHING = Settings(select=("ALL",))
SETTINGS = {"default": DEFAULT, "all": EVERYTHING}


@cache
def is_silent(code: str, settings: str = "default") -> bool:
    """Whether the full analysis, without any screen, has nothing to say."""
    source, chosen = Source("test.py", code), SETTINGS[settings]
    return on_big_stack(lambda: diagnose(SemanticModel(code, builtin()), source, chosen)).is_empty


def assert_kept(code: str) -> None:
    if not is_silent(code):
        assert_seen(code)
    if not is_silent(code, "all"):
        assert_seen(code, EVERYTHING)


def assert_seen(code: str, settings: Settings = DEFAULT) -> None:
    if not passes_screen(code.encode(), settings):
        assert SCREEN.may_matter(code.encode()), f"the bytes are dismissed:\n{code}"
        assert may_matter(ast.parse(code.encode()), builtin()), f"the tree is dismissed:\n{code}"


CODES = {path.stem: expectations(path).source.text for path in (*MODELS, *SCRIPTS)}
for _rule in all_rules():
    CODES |= {f"{_rule.code}-valid-{i}": code for i, code in enumerate(_rule.VALID)}
    CODES |= {f"{_rule.code}-{i}": example.code for i, example in enumerate(_rule.INVALID)}

RARE = [rule for rule in all_rules() if not rule.default]
# The rules that are on by default and look past the screen: it has to be judged without them.
BEYOND = tuple(rule.code for rule in all_rules() if rule.default and not rule.is_screened())


def as_is(code: str) -> str:
    return code


def spaces_before_brackets(code: str) -> str:
    return re.sub(r"(?<=\w)\((?!\))", " (", code)


def breaks_after_brackets(code: str) -> str:
    return re.sub(r"(?<=\w)\((?=[^)\n#]*\)$)", "(\n", code, flags=re.MULTILINE)


def comments_in_calls(code: str) -> str:
    return re.sub(r"(dropout\w*|attention)\((?=[^)\n#]*\))", r"\1(  # why\n", code)


def no_spaces(code: str) -> str:
    return re.sub(r" ?([=,]) (?=[^\n]*$)", r"\1", code, flags=re.MULTILINE)


def imports_renamed(code: str) -> str:
    code = re.sub(r"import torch\.nn\.functional as F\b", "import torch.nn.functional as fun", code)
    return re.sub(r"\bF\.", "fun.", code) if " as fun" in code else code


def alias_assigned(code: str) -> str:
    return re.sub(r"^(import torch\.nn\.functional as F)$", r"\1\nG = F", code, flags=re.M).replace(
        " F.", " G."
    )


def name_imported(code: str) -> str:
    code = code.replace("import torch.nn.functional as F", "from torch.nn.functional import *")
    return code.replace("F.dropout", "dropout") if "import *" in code else code


LAYOUTS: list[Callable[[str], str]] = [
    as_is, spaces_before_brackets, breaks_after_brackets, comments_in_calls, no_spaces,
    imports_renamed, alias_assigned, name_imported, crlf, tabs,
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
@pytest.mark.parametrize("code", CODES.values(), ids=CODES.keys())
def test_no_finding_is_lost(code: str, layout: Callable[[str], str]) -> None:
    code = layout(code)
    try:
        ast.parse(code)
    except SyntaxError:
        return  # this layout does not apply to this code
    assert_kept(code)


@pytest.mark.parametrize("code", LOST.values(), ids=LOST.keys())
def test_what_was_lost_once_is_kept(code: str) -> None:
    assert not is_silent(code)
    assert_seen(code)


@pytest.mark.parametrize("code", NEAR.values(), ids=NEAR.keys())
def test_what_looks_like_something_fine_is_kept(code: str) -> None:
    assert not is_silent(code)
    assert_seen(code)


@pytest.mark.parametrize("code", DISMISSED.values(), ids=DISMISSED.keys())
def test_what_is_fine_does_not_reach_libcst(code: str) -> None:
    assert is_silent(code)
    assert not may_matter(ast.parse(code), builtin())


def test_bytes_dismiss_a_class_method_named_as_an_override() -> None:
    assert not SCREEN.may_matter(DISMISSED["a_class_method_named_as_an_override"].encode())


@pytest.mark.parametrize("code", LOST.values(), ids=LOST.keys())
def test_a_byte_order_mark_hides_nothing(code: str) -> None:
    assert SCREEN.may_matter(code.encode("utf-8-sig"))


MODES = Path(__file__).parents[1] / "semantics" / "interpreter" / "cases"
SOURCES = {**CODES, **LOST, **NEAR, **texts(MODES)}


@pytest.mark.slow
@pytest.mark.parametrize("spacing", SPACINGS, ids=lambda spacing: spacing.__name__)
@pytest.mark.parametrize("code", SOURCES.values(), ids=SOURCES.keys())
def test_no_finding_is_lost_in_another_layout(code: str, spacing: Callable[[str], str]) -> None:
    """Where the plain layout has a finding without any screen, the other one passes both stages."""
    other = spacing(code)
    if spacing is not self_renamed:
        assert ast.dump(ast.parse(other.encode())) == ast.dump(ast.parse(code))
    if not is_silent(code):
        assert_seen(other)
    if not is_silent(code, "all"):
        assert_seen(other, EVERYTHING)


ALIASES = {
    "from-import": ("from torch.nn.functional import dropout", "dropout(x, 0.5)"),
    "renamed": ("from torch.nn.functional import dropout as drop", "drop(x, 0.5)"),
    "renamed-module": ("import torch.nn.functional as fun", "fun.dropout(x, 0.5)"),
    "dotted": ("import torch", "torch.nn.functional.dropout(x, 0.5)"),
    "star": ("from torch.nn.functional import *", "dropout(x, 0.5)"),
    "star-nn": ("from torch.nn import *", "functional.dropout(x, 0.5)"),
    "assigned": ("from torch import nn\nF = nn.functional", "F.dropout(x, 0.5)"),
    "assigned-function": ("import torch.nn.functional as F\ndrop = F.dropout", "drop(x, 0.5)"),
    "partial": (
        "from functools import partial\nimport torch.nn.functional as F\n"
        "drop = partial(F.dropout, p=0.5)",
        "drop(x)",
    ),
    "getattr": ("import torch.nn.functional as F\ndrop = getattr(F, 'dropout')", "drop(x)"),
    "local": ("import torch.nn.functional as F", "(drop := F.dropout)(x, 0.5)"),
    "choice": ("import torch.nn.functional as F", "(F.dropout if x else F.dropout2d)(x, 0.5)"),
    "or": ("import torch.nn.functional as F", "(None or F.dropout)(x, 0.5)"),
    "on-self": ("import torch.nn.functional as F", "self.F.dropout(x, 0.5)"),
    "kept": ("import torch.nn.functional as F", "self.fn(x, 0.5)"),
    "imported-by-call": (
        "from importlib import import_module\nF = import_module('torch.nn.functional')",
        "F.dropout(x, 0.5)",
    ),
    "imported-on-demand": (
        "from .tools import lazy_import\nattend = lazy_import(\n"
        '    "torch.nn.functional.scaled_dot_product_attention"\n)',
        "attend(x, x, x, dropout_p=self.p)",
    ),
    "positional-rate": ("import torch.nn.functional as F",
                        "F.scaled_dot_product_attention(x, x, x, None, self.p)"),
    "fresh": ("from torch.nn import Dropout as D", "D(0.5)(x)"),
    "fresh-moved": ("from torch import nn", "nn.Dropout(0.5).to(x.device)(x)"),
}  # fmt: skip


@pytest.mark.parametrize(("header", "call"), ALIASES.values(), ids=ALIASES.keys())
def test_every_alias_is_found_and_kept(header: str, call: str) -> None:
    code = (
        f"import torch\nfrom torch.nn import Module\n{header}\n\n\nclass Net(Module):\n"
        "    def __init__(self):\n        super().__init__()\n"
        "        self.p = 0.5\n"
        f"        {'self.F = F' if 'self.F' in call else 'self.n = 1'}\n"
        f"        {'self.fn = F.dropout' if 'self.fn' in call else 'self.m = 1'}\n\n"
        f"    def forward(self, x):\n        return {call}\n"
    )
    assert not is_silent(code)
    assert_kept(code)


TRIVIAL = {
    "keyword": "F.dropout(x, p=self.p, training=self.training)",
    "positional": "F.dropout(x, 0.5, self.training)",
    "nested": "F.dropout(self.f(x, [1, (2, 3)]), p=self.p, training=module.training)",
    "sdpa": "F.scaled_dot_product_attention(q, k, v)",
    "sdpa-gated": "F.scaled_dot_product_attention(q, k, v, None, 0.1 if self.training else 0)",
    "sdpa-zero": "F.scaled_dot_product_attention(q, k, v, None, 0.0)",
    "module": "self.dropout(x)",
    "default-off": "F.alpha_dropout(x, 0.5, self.training)",
    "in brackets": "(\n            self.dropout(x)\n        )",
    "in brackets of a call": "self.fc(\n            self.dropout(x)\n        )",
    "in a list": "[\n            x,\n            F.dropout(x, 0.5, self.training)\n        ]",
}


@pytest.mark.parametrize("call", TRIVIAL.values(), ids=TRIVIAL.keys())
def test_what_is_obviously_fine_does_not_reach_libcst(call: str) -> None:
    code = (
        "import torch.nn.functional as F\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
        "    def __init__(self, p):\n        super().__init__()\n        self.p = p\n"
        "        self.dropout = nn.Dropout(p)\n\n"
        f"    def forward(self, x, q, k, v, module):\n        return {call}\n"
    )
    assert not SCREEN.may_matter(code.encode())
    assert not may_matter(ast.parse(code), builtin())


# Bodies of a `forward` in which a dropout never comes to bear.
IN_VAIN = {
    "statement": "F.dropout(x, 0.5, self.training)",
    "statement in brackets": "((F.dropout)(x, 0.5, self.training))",
    "in brackets": "(\n            F.dropout(x, 0.5, self.training)\n        )",
    "behind a semicolon": "x = x + 1; F.dropout(x, 0.5, self.training)",
    "behind a colon": "if self.p: F.dropout(x, 0.5, self.training)",
    "behind a string": "'Drop.'\n        F.dropout(x, 0.5, self.training)",
    "with a comment": "F.dropout(x, 0.5, self.training)  # drop",
    "module": "self.dropout(x)",
    "module in brackets": "(\n            self.dropout(x)\n        )",
    "chosen module": "self.chosen(x)",
    "annotated module": "self.annotated(x)",
    "default-off": "x = F.alpha_dropout(x, 0.5)",
    "default-off in train mode": "if self.training:\n            x = F.alpha_dropout(x, 0.5)",
    "off": "x = F.dropout(x, 0.5, False)",
    "off by keyword": "x = F.dropout(x, 0.5, training=False)",
    "off by a local": "on = False\n        x = F.dropout(x, 0.5, training=on)",
    "own function": "x = drop_path(x, self.p)",
}


@pytest.mark.parametrize("body", IN_VAIN.values(), ids=IN_VAIN.keys())
def test_what_never_drops_is_found_and_kept(body: str) -> None:
    code = (
        "import torch.nn.functional as F\nfrom torch import nn\n\n\n"
        "def drop_path(x, p=0.1, training=False):\n    return F.dropout(x, p, training)\n\n\n"
        "class Net(nn.Module):\n    def __init__(self, p):\n        super().__init__()\n"
        "        self.p = p\n        self.dropout = nn.Dropout(p)\n"
        "        self.chosen = (\n            nn.Dropout(p)\n            if p\n"
        "            else nn.Identity()\n        )\n"
        "        self.annotated: nn.Module = nn.Dropout(p)\n\n"
        f"    def forward(self, x):\n        {body}\n        return x\n"
    )
    assert not is_silent(code)
    assert_kept(code)


LISTED = {
    "element of a set": "f in {F.relu, F.dropout}",
    "key": "{F.dropout: 1, nn.Dropout: 2}[f]",
    "identity": "f is F.dropout or type(f) is not nn.Dropout",
    "isinstance": "isinstance(f, nn.Dropout)",
    "isinstance of several": "isinstance(f, (nn.Dropout, nn.ReLU))",
    "list of classes": "type(f) in [nn.ReLU, nn.Dropout]",
}
USED = {
    "value of a dict": "{1: F.dropout}[1](x, 0.5)",
    "argument": "f(F.dropout, x)",
    "class in brackets": "(nn.Dropout)(0.5)(x)",
    "class as an argument": "f(nn.Dropout, x)",
    "value that is a class": "{1: nn.Dropout}[1](0.5)(x)",
    "called in a set": "{F.relu(x), F.dropout(x, 0.5)}",
    "compared with what it returns": "f == F.dropout(x, 0.5)",
    "chosen in a set": "{F.relu if f else F.dropout}",
}


def in_method(expression: str) -> bytes:
    return (
        "import torch.nn.functional as F\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
        f"    def forward(self, x, f):\n        return {expression}\n"
    ).encode()


@pytest.mark.parametrize("expression", LISTED.values(), ids=LISTED.keys())
def test_bytes_dismiss_what_is_only_listed(expression: str) -> None:
    assert not SCREEN.may_matter(in_method(expression))


@pytest.mark.parametrize("expression", USED.values(), ids=USED.keys())
def test_bytes_keep_what_may_be_used(expression: str) -> None:
    assert SCREEN.may_matter(in_method(expression))


NO_MODULES = {
    "table of functions": (False, "TABLE = [\n    F.relu,\n    F.dropout,\n]\n\n\n"
                           "def f(g):\n    return g(True)\n"),
    "table of classes": (False, "TABLE = {1: (nn.Dropout, nn.ReLU)}\n"),
    "decorator": (False, "@register(nn.Dropout)\ndef f(x):\n    return x\n"),
    "plain class": (False, "class A(object):\n    F = [F.dropout]\n"),
    "first of a list": (True, "drop = [F.dropout][0]\n\n\n"
                        "def f(x):\n    return drop(x, 0.5, True)\n"),
    "unpacked": (True, "relu, drop = [F.relu, F.dropout]\n\n\n"
                 "def f(x):\n    return drop(x, 0.5, True)\n"),
    "alias": (True, "drop = F.dropout\n\n\ndef f(x):\n    return drop(x, 0.5, True)\n"),
    "function": (True, "def f(x):\n    return nn.Dropout(0.5)(x)\n"),
    "function on a line": (True, "def f(x): return nn.Dropout(0.5)(x)\n"),
    "function without indents": (True, "def f(x):\n    return g(\nx, nn.Dropout(0.5)(x))\n"),
    "method": (True, "class A(object):\n    def f(self, x):\n        return nn.Dropout(0.5)(x)\n"),
}  # fmt: skip


@pytest.mark.parametrize(("kept", "code"), NO_MODULES.values(), ids=NO_MODULES.keys())
def test_bytes_know_the_functions_of_a_file_without_modules(kept: bool, code: str) -> None:
    header = "import torch.nn.functional as F\nfrom torch import nn\n\n\n"
    assert SCREEN.may_matter((header + code).encode()) is kept


@pytest.mark.slow
@pytest.mark.parametrize("rule", RARE, ids=lambda rule: rule.code)
@pytest.mark.parametrize("code", CODES.values(), ids=CODES.keys())
def test_a_selected_rule_finds_the_same_with_and_without_the_screen(
    rule: type[Rule], code: str
) -> None:
    settings = Settings(extend_select=(rule.code,))
    source = Source("test.py", code)
    without = on_big_stack(lambda: diagnose(SemanticModel(code, builtin()), source, settings))
    assert lint(source, settings) == without


@pytest.mark.parametrize("rule", RARE, ids=lambda rule: rule.code)
def test_no_rule_that_is_off_passes_the_screen_by(rule: type[Rule]) -> None:
    data = rule.INVALID[0].code.encode()
    assert not passes_screen(data, Settings(ignore=BEYOND))
    off = Settings(extend_select=(rule.code,), ignore=(rule.code, *BEYOND))
    assert not passes_screen(data, off)
    assert passes_screen(data, Settings(extend_select=(rule.code,)))
    assert passes_screen(data, Settings(select=("DRP",)))
    assert not passes_screen(b"import os\n", EVERYTHING)


def test_functions_of_the_configuration_pass_the_screen_by() -> None:
    functions = {"ours.ops.token_noise": "(x, p=0.1, training=False)"}
    settings = Settings(select=("DRP015",), functions=functions)
    code = (
        "from torch import nn\nfrom ours.ops import token_noise\n\n\nclass Net(nn.Module):\n"
        "    def forward(self, x):\n        return token_noise(x)\n"
    )
    assert [d.code for d in lint(Source("test.py", code), settings).diagnostics] == ["DRP015"]
