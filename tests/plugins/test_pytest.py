"""The pytest plugin, run by pytest itself."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

MODEL = """
import torch
from torch import nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p, self.layer = p, nn.Linear(16, 4)

    def forward(self, x, scale=1.0):
        return F.dropout(self.layer(x), self.p) * scale

class Fixed(Net):
    def forward(self, x, scale=1.0):
        return F.dropout(self.layer(x), self.p, self.training) * scale
"""


@pytest.fixture
def net(pytester: pytest.Pytester) -> pytest.Pytester:
    if find_spec("torch") is None:  # not imported: pytester undoes imports, torch cannot take that
        pytest.skip("the verifier needs torch")
    pytester.makepyfile(net=MODEL)
    return pytester


@pytest.mark.models
def test_a_failure_names_the_call_in_one_line(net: pytest.Pytester) -> None:
    net.makepyfile(
        """
        import torch, net

        def test_random(assert_eval_deterministic):
            assert_eval_deterministic(net.Net(), torch.ones(2, 16), scale=2.0)

        def test_clean(assert_eval_deterministic):
            assert assert_eval_deterministic(net.Fixed, torch.ones(2, 16)).ok
        """
    )
    result = net.runpytest_subprocess("-q", "--tb=short")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["E   AssertionError: Net is random in eval mode: F.dropout (p=0.5) at net.py:11; "
         "pass `training=self.training`, or register an nn.Dropout in __init__"]
    )  # fmt: skip
    result.stdout.no_fnmatch_line("*dropout_lint*verify*")  # the traceback ends in the test


@pytest.mark.models
def test_the_marker_declares_randomness_and_wants_it_to_be_there(net: pytest.Pytester) -> None:
    net.makepyfile(
        """
        import pytest, torch, net

        @pytest.mark.eval_random("Monte Carlo dropout")
        def test_declared(assert_eval_deterministic):
            report = assert_eval_deterministic(net.Net, torch.ones(2, 16))
            assert report.sites[0].declared == "Monte Carlo dropout"

        @pytest.mark.eval_random("Monte Carlo dropout")
        def test_declared_in_vain(assert_eval_deterministic):
            assert_eval_deterministic(net.Fixed, torch.ones(2, 16))

        @pytest.mark.eval_random()
        def test_without_a_reason(assert_eval_deterministic):
            pass
        """
    )
    result = net.runpytest_subprocess("-q", "--tb=short", "--strict-markers")
    result.assert_outcomes(passed=1, failed=1, errors=1)
    result.stdout.fnmatch_lines(["*Fixed is declared to be random in eval mode*nothing draws"])
    result.stdout.fnmatch_lines(["*give a reason, as in @pytest.mark.eval_random*"])


@pytest.mark.slow
def test_the_plugin_comes_with_the_package_and_imports_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys, pytest; pytest.main(['--fixtures', '-q', '-p', 'no:cacheprovider', '.']);"
        "heavy = [m for m in ('torch', 'libcst') if m in sys.modules]; print('HEAVY', heavy)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "assert_eval_deterministic" in run.stdout
    assert "HEAVY []" in run.stdout
