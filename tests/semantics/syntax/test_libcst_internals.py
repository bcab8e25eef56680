"""The private API of libcst that `Tree` takes its offsets from is there and gives the right ones.

A failure here after an update of libcst says what `dropout_lint/semantics/syntax/tree.py` has to be
adapted to.
"""

from __future__ import annotations

import inspect

import libcst as cst
import pytest

from dropout_lint.semantics.syntax.tree import Tree, walk

SOURCE = """\
# a comment
@decorated
class Net(nn.Module):

    def forward(self, x):  # trailing
        if (x > 0) and \\
                flag:
            return F.dropout((x), p=0.5)
        return [a for a in "ü" f"{x}"]
"""
# The code of some nodes, without (span) and with (outer span) parentheses and layout.
CODE = [
    (cst.Call, "F.dropout((x), p=0.5)", "F.dropout((x), p=0.5)"),
    (cst.Comparison, "x > 0", "(x > 0)"),
    (cst.BooleanOperation, *2 * ["(x > 0) and \\\n                flag"]),
    (cst.ListComp, '[a for a in "ü" f"{x}"]', '[a for a in "ü" f"{x}"]'),
    (cst.Decorator, "@decorated", "@decorated\n"),
    (cst.Return, "return F.dropout((x), p=0.5)", "return F.dropout((x), p=0.5)"),
]  # fmt: skip
# What `Tree` and its recorder use of libcst's code generator: the parameters of each method.
METHODS = {
    "increase_indent": ["self", "value"],
    "decrease_indent": ["self"],
    "add_indent_tokens": ["self"],
    "add_token": ["self", "value"],
    "before_codegen": ["self", "node"],
    "after_codegen": ["self", "node"],
    "pop_trailing_newline": ["self"],
    "record_syntactic_position": ["self", "node", "start_node", "end_node"],
}


def test_the_code_generator_is_where_it_was() -> None:
    try:
        from libcst._nodes.internal import CodegenState
    except ImportError as error:
        pytest.fail(f"libcst {cst.__version__} has no libcst._nodes.internal.CodegenState: {error}")
    state = CodegenState("    ", "\n")
    assert state.tokens == [] and state.indent_tokens == [], "the recorder reads both lists"
    methods = {name: getattr(CodegenState, name, None) for name in METHODS}
    gone = [name for name, method in methods.items() if method is None]
    assert not gone, f"CodegenState of libcst {cst.__version__} has lost {gone}"
    parameters = {name: list(inspect.signature(methods[name]).parameters) for name in METHODS}
    assert parameters == METHODS, f"CodegenState of libcst {cst.__version__} has other parameters"


def test_a_module_generates_its_code_with_a_state_of_ours() -> None:
    generate = getattr(cst.Module, "_codegen", None)
    assert generate is not None, f"Module of libcst {cst.__version__} has no _codegen"
    assert next(iter(inspect.signature(generate).parameters)) == "self"


def test_what_is_generated_is_the_text() -> None:
    assert Tree(SOURCE).exact, f"libcst {cst.__version__} no longer gives the text back"


@pytest.mark.parametrize(("kind", "inner", "outer"), CODE, ids=lambda value: str(value)[:30])
def test_the_positions_are_right(kind: type[cst.CSTNode], inner: str, outer: str) -> None:
    tree = Tree(SOURCE)
    node = next(node for node in walk(tree.module) if isinstance(node, kind))
    assert (tree.code(node), tree.outer_code(node)) == (inner, outer)


def test_every_node_has_a_position() -> None:
    tree = Tree(SOURCE)
    for node in walk(tree.module):
        start, end = tree.outer_span(node)
        assert 0 <= start <= end <= len(SOURCE)
        above = tree.parent(node)
        if above is not None and not isinstance(node, cst.BaseSuite):
            first, last = tree.outer_span(above)
            assert first <= start and end <= last, f"{type(node).__name__} leaves its parent"
