"""The pytest plugin: the fixture `assert_eval_deterministic` and the marker `eval_random`.

Loaded into every pytest run of an environment that has dropout-lint, so nothing here imports torch
before a test asks for it.
"""

from __future__ import annotations

from typing import Any

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "eval_random(reason): the models of this test are random in eval mode on purpose; "
        "fails if nothing draws.",
    )


@pytest.fixture
def assert_eval_deterministic(request: pytest.FixtureRequest) -> Any:
    """`dropout_lint.verify.assert_eval_deterministic`, aware of the marker ``eval_random``."""
    pytest.importorskip("torch", reason="the verifier needs torch")
    from dropout_lint.verify import assert_eval_deterministic as check

    marker = request.node.get_closest_marker("eval_random")
    if marker is None:
        return check
    reason = marker.args[0] if marker.args else marker.kwargs.get("reason", "")
    if not isinstance(reason, str) or not reason.strip():
        raise pytest.UsageError('give a reason, as in @pytest.mark.eval_random("MC dropout")')

    def check_declared(model: Any, *inputs: Any, **keywords: Any) -> Any:
        __tracebackhide__ = True
        declared = {"*": reason, **(keywords.pop("declared", None) or {})}
        return check(model, *inputs, declared=declared, **keywords)

    return check_declared
