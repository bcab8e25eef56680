"""Right fixes are proved, and a proof says truthfully how far it goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.linting import FIXTURES, expectations, fixed
from support.proofs import PRELUDE, proof

from dropout_lint import verify
from dropout_lint.config import Settings
from dropout_lint.linting.pipeline import fix
from dropout_lint.rules.base import all_rules
from dropout_lint.verify.report.eval_report import to_json
from dropout_lint.verify.report.fix_proof import Level, fix_proof

torch = pytest.importorskip("torch", reason="the verifier needs torch")
pytestmark = pytest.mark.models

DEFAULT = {rule.code for rule in all_rules() if rule.default and rule.fixable() != "never"}
WITH_FIXES = [
    path
    for path in sorted(FIXTURES.glob("*.py"))
    if DEFAULT & {code for _, _, code in expectations(path).findings}
]
by_path = pytest.mark.parametrize("path", WITH_FIXES, ids=lambda path: path.stem)


@by_path
@pytest.mark.parametrize("style", ["module", "flag"])
def test_the_fixes_of_fixtures_reach_their_level(path: Path, style: str, tmp_path: Path) -> None:
    expected = expectations(path)
    source, words = expected.source, expected.proof_words
    result = fix(source, Settings(unsafe_fixes=True, fix_style=style))
    found = proof(tmp_path / path.name, source.text, result.text, result.fixed)
    level = Level(expected.proof_level)
    assert found.level is level, found.reason
    assert words in found.reason
    assert not found.uncovered
    assert found.covered
    assert len(found.obligations) == 14
    if level is Level.PROVED:
        assert all(obligation.holds for obligation in found.obligations)
    assert fix_proof(to_json(found)) == found


def net(init: str, body: str) -> str:
    """A model with lines of its own in the constructor and in forward, and the conventions."""
    lines = ["class Net(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    lines += [f"        {line}" for line in ["self.fc = nn.Linear(6, 6)", *init.splitlines()]]
    lines += ["", "    def forward(self, x):"]
    lines += [f"        {line}" for line in body.splitlines()]
    return PRELUDE + "\n".join(lines) + "\n"


# Runs under no_grad, and not in inference mode.
NO_INFERENCE = """leaf = torch.ones(1, requires_grad=True)
with torch.enable_grad():
    torch.autograd.grad((leaf * 2).sum(), leaf)
"""
DROP = "return F.dropout(self.fc(x), 0.5)"
GOOD = "return F.dropout(self.fc(x), 0.5, training=self.training)"


@pytest.mark.parametrize(
    ("init", "body", "words"),
    [
        ("", "return F.dropout(self.fc(x), 0.5) + len(os.urandom(3)) * os.urandom(1)[0]", "repeat"),
        ("", "raise RuntimeError('wants a GPU')\n" + DROP, "RuntimeError: wants a GPU"),
        ("raise ValueError('wants a file')", DROP, "ValueError: wants a file"),
    ],
    ids=["unstable", "does not run", "cannot be built"],
)
def test_an_original_that_does_not_repeat_is_never_refuted(
    init: str, body: str, words: str, tmp_path: Path
) -> None:
    before = "import os\n" + net(init, body)
    after = before.replace("0.5)", "0.5, training=self.training)")
    found = proof(tmp_path / "net.py", before, after)
    assert found.level is Level.UNPROVABLE
    assert words in found.reason
    assert not found


def test_an_edit_that_does_not_run_is_not_proved(tmp_path: Path) -> None:
    body = "if x.dim() == 3:\n    return F.dropout(x, 0.1)\n" + DROP
    before = net("", body)
    found = proof(tmp_path / "net.py", before, fixed(before, fix_style="flag"))
    assert found.level is Level.PARTLY
    assert [Path(place).name for place in found.uncovered] == ["net.py:24"]
    assert [Path(place).name for place in found.covered] == ["net.py:25"]
    assert "net.py:24" in found.reason


@pytest.mark.parametrize(
    "body",
    [
        "return F.dropout(self.fc(x), 0.5{}) if x.dim() == 3 else self.fc(x)",
        "drop = lambda y: F.dropout(y, 0.5{})\nreturn self.fc(x)",
        "return [F.dropout(y, 0.5{}) for y in [self.fc(x)] if y.dim() == 3] or self.fc(x)",
    ],
    ids=["conditional", "lambda", "comprehension"],
)
def test_a_line_counts_only_if_all_code_on_it_ran(body: str, tmp_path: Path) -> None:
    before, after = (net("", body.format(flag)) for flag in ("", ", training=self.training"))
    found = proof(tmp_path / "net.py", before, after)
    assert found.level is Level.UNPROVABLE
    assert len(found.uncovered) == 1


def test_a_fix_of_which_nothing_runs_is_not_proved(tmp_path: Path) -> None:
    before = net("", "if x.dim() == 3:\n    return F.dropout(x, 0.1)\nreturn F.dropout(x)  # noqa")
    found = proof(tmp_path / "net.py", before, fixed(before, fix_style="flag"), ["DRP001"])
    assert found.level is Level.UNPROVABLE
    assert found.reason == "none of the edited lines ran"


def test_other_draws_leave_a_proof_partial(tmp_path: Path) -> None:
    body = "x = F.dropout(x, 0.1, training=True)\n"
    found = proof(tmp_path / "net.py", net("", body + DROP), net("", body + GOOD), ["DRP001"])
    assert found.level is Level.PARTLY
    open_ones = {o.number for o in found.obligations if o.holds is None}
    assert open_ones == {9, 10}
    assert "net.py:23" in found.reason


def test_a_hand_made_mask_cannot_be_replaced(tmp_path: Path) -> None:
    body = "y = self.fc(x)\nkeep = torch.rand_like(y) > 0.5 if {} else 1\nreturn y * keep"
    before, after = (net("", body.format(word)) for word in ("self.train", "self.training"))
    found = proof(tmp_path / "net.py", before, after, ["DRP011"])
    assert found.level is Level.PARTLY
    assert [o.number for o in found.obligations if o.holds is None] == [12]


def test_the_right_form_of_an_in_place_drop_is_proved(tmp_path: Path) -> None:
    before = net("", "F.dropout(x, 0.5, inplace=True)\nreturn self.fc(x)")
    after = net("self.drop = nn.Dropout(0.5, inplace=True)", "self.drop(x)\nreturn self.fc(x)")
    found = proof(tmp_path / "net.py", before, after, ["DRP001"])
    assert found.level is Level.PROVED, found.reason


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("F.rrelu(self.fc(x), training=True)", "F.rrelu(self.fc(x), training=self.training)"),
        ("F.alpha_dropout(x, 0.3, True)", "F.alpha_dropout(x, 0.3, self.training)"),
        ("torch.dropout_(self.fc(x), 0.3, True)", "torch.dropout_(self.fc(x), 0.3, self.training)"),
        ("torch.native_dropout(x, 0.3, True)[0]", "torch.native_dropout(x, 0.3, self.training)[0]"),
        (
            "F.scaled_dot_product_attention(x, x, x, dropout_p=0.3)",
            "F.scaled_dot_product_attention(x, x, x, dropout_p=0.3 if self.training else 0.0)",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("refuses", [False, True], ids=["inference", "functions"])
def test_the_oracle_answers_every_kind_of_drop(
    before: str, after: str, refuses: bool, tmp_path: Path
) -> None:
    lines = [(NO_INFERENCE if refuses else "") + f"return {call}" for call in (before, after)]
    found = proof(tmp_path / "net.py", net("", lines[0]), net("", lines[1]), ["DRP003"])
    assert found.level is Level.PROVED, found.reason


@pytest.mark.parametrize("refuses", [False, True], ids=["inference", "functions"])
def test_the_oracle_answers_recurrent_layers(refuses: bool, tmp_path: Path) -> None:
    body = (NO_INFERENCE if refuses else "") + "{}return self.rnn(x)[0]"
    init = "self.rnn = nn.LSTM(6, 6, 2, dropout=0.3)"
    before, after = (net(init, body.format(line)) for line in ("self.rnn.train()\n", ""))
    found = proof(tmp_path / "net.py", before, after)
    assert found.level is Level.PROVED, found.reason


def test_functions_of_libraries_are_answered_too(tmp_path: Path) -> None:
    pytest.importorskip("torch_geometric", reason="the function is torch_geometric's")
    body = "edges = torch.arange(12).reshape(2, 6)\nedges, _ = dropout_edge(edges, p=0.4{})\n"
    body += "return self.fc(x).sum() + edges.float().sum()"
    header = "from torch_geometric.utils import dropout_edge\n"
    before, after = (
        header + net("", body.format(flag)) for flag in ("", ", training=self.training")
    )
    found = proof(tmp_path / "net.py", before, after, ["DRP001"])
    assert found.level is Level.PROVED, found.reason


def test_uninitialised_parameters_are_no_difference(tmp_path: Path) -> None:
    init = "self.w = nn.Parameter(torch.tensor([float(n) for n in os.urandom(6)]))"
    before, after = ("import os\n" + net(init, f"{body} + self.w") for body in (DROP, GOOD))
    found = proof(tmp_path / "net.py", before, after)
    assert found.level is Level.PROVED, found.reason


def test_registered_parameters_are_said_to_be_new(tmp_path: Path) -> None:
    init = "self.blocks = {}[nn.Sequential(nn.Linear(6, 6), nn.Dropout(0.5))]{}"
    body = "for block in self.blocks:\n    x = block(x)\nreturn x"
    before, after = (net(init.format(*s), body) for s in (("", ""), ("nn.ModuleList(", ")")))
    found = proof(tmp_path / "net.py", before, after, ["DRP006"])
    assert found.level is Level.PARTLY, found.reason
    assert {o.number for o in found.obligations if o.holds is None} == {2, 3}
    assert "blocks.0.0.weight" in found.reason


def test_lazy_parameters(tmp_path: Path) -> None:
    before, after = (
        net("self.lazy = nn.LazyLinear(6)", f"x = self.lazy(x)\n{b}") for b in (DROP, GOOD)
    )
    found = proof(tmp_path / "net.py", before, after)
    assert found.level is Level.PROVED, found.reason


def test_made_up_inputs_are_never_called_a_proof(tmp_path: Path) -> None:
    before, after = (net("", b).replace("def example_inputs", "def _unused") for b in (DROP, GOOD))
    found = proof(tmp_path / "net.py", before, after)
    assert found.level is Level.PARTLY
    assert "made up" in found.reason


class Before(torch.nn.Module):
    def forward(self, x: object) -> object:
        return torch.nn.functional.dropout(x, 0.5)


class After(torch.nn.Module):
    def forward(self, x: object) -> object:
        return torch.nn.functional.dropout(x, 0.5, training=self.training)


def test_the_library_function_takes_classes_and_instances() -> None:
    inputs = torch.ones(4, 6)
    line = After.forward.__code__.co_firstlineno + 1
    found = verify.verify_fix(Before, After, inputs, edited={__file__: [line]})
    assert found.level is Level.PROVED, found.reason
    assert found.covered == (f"{__file__}:{line}",)

    given = verify.verify_fix(Before(), After(), inputs, edited={__file__: [line]})
    assert given.level is Level.PARTLY
    assert given.obligations[0].holds is None

    unknown = verify.verify_fix(Before, After, inputs)
    assert unknown.level is Level.PARTLY
    assert "not known" in unknown.reason
    with pytest.raises(ValueError, match="two seeds"):
        verify.verify_fix(Before, After, inputs, seeds=(1,))


def test_nothing_of_the_process_is_changed() -> None:
    torch.manual_seed(3)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    verify.verify_fix(Before, After, torch.ones(4, 6))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@by_path
def test_fixes_of_fixtures_on_a_gpu(path: Path, tmp_path: Path) -> None:
    expected = expectations(path)
    source = expected.source
    result = fix(source, Settings())
    found = proof(tmp_path / path.name, source.text, result.text, result.fixed, device="cuda")
    may_be_refuted = expected.proof_level != "proved"
    assert found.level is not Level.REFUTED or may_be_refuted, found.reason
