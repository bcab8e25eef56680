"""Inputs of the verifier: the ladder takes the first that exists, and guesses fit real layers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest

from dropout_lint.verify.targets.input_options import InputError, InputOptions, filled, parse_size

torch = pytest.importorskip("torch", reason="inputs are tensors")

from dropout_lint.verify.targets.inputs import find_inputs  # noqa: E402

nn = torch.nn
pytestmark = pytest.mark.models


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(6, 2)

    def forward(self, x: Any) -> Any:
        return self.layer(x)


def shapes(value: Any) -> list[tuple[int, ...]]:
    return [tuple(tensor.shape) for tensor in value]


# --- sizes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shape", "kind"),
    [
        ("2,3,224,224", (2, 3, 224, 224), "float32"),
        ("2, 16:long", (2, 16), "int64"),
        ("1:torch.bfloat16", (1,), "bfloat16"),
        ("0,3:bool", (0, 3), "bool"),
    ],
)
def test_sizes(text: str, shape: tuple[int, ...], kind: str) -> None:
    assert parse_size(text) == (shape, kind)
    made = filled(shape, kind)
    assert tuple(made.shape) == shape
    assert str(made.dtype) == f"torch.{kind}"
    assert torch.equal(made, filled(shape, kind)), "the same each time"


@pytest.mark.parametrize("text", ["", "2,,3", "2x3", "-1,2", "2.5", "a"])
def test_sizes_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match=r"expected whole numbers with commas between them"):
        parse_size(text)


def test_a_dtype_that_is_none() -> None:
    with pytest.raises(InputError, match=r"unknown dtype 'quux'; the dtypes are bfloat16, bool"):
        parse_size("2,3:quux")


# --- the ladder ---------------------------------------------------------------------------------


@pytest.fixture
def path_undone() -> Iterator[None]:
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def namespace(**values: Any) -> ModuleType:
    module = ModuleType("models")
    vars(module).update(values)
    return module


@pytest.mark.usefixtures("path_undone")
def test_the_ladder(here: Path) -> None:
    Path("given.py").write_text("import torch\n\ndef inputs():\n    return torch.zeros(1, 6)\n")

    class Full(Net):
        dummy_inputs: ClassVar[dict[str, Any]] = {"x": torch.zeros(5, 6)}
        example_input_array = torch.zeros(4, 6)

        def example_inputs(self) -> Any:
            return (torch.zeros(3, self.layer.in_features),)

    file = namespace(example_inputs=lambda: (torch.zeros(9, 6),))
    model = Full()
    for given in (InputOptions("given.py:inputs", ("2,6",)), InputOptions("given:inputs")):
        found = find_inputs(model, file, given)
        assert (found.value.shape, found.origin) == ((1, 6), f"--inputs {given.function}")
    found = find_inputs(model, file, InputOptions(sizes=("2,6", "1:long")))
    assert shapes(found.value) == [(2, 6), (1,)]
    assert found.origin == "--input-size 2,6 --input-size 1:long"
    found = find_inputs(model, file)
    assert (shapes(found.value), found.origin) == ([(3, 6)], "example_inputs() of Full")
    found = find_inputs(Net(), file)
    assert (shapes(found.value), found.origin) == ([(9, 6)], "example_inputs() of models")
    Full.example_inputs = None  # type: ignore[method-assign,assignment]
    found = find_inputs(model)
    assert (found.value.shape, found.origin) == ((4, 6), "example_input_array")
    Full.example_input_array = None  # as Lightning has it where nobody sets it
    found = find_inputs(model)
    assert (found.value["x"].shape, found.origin) == ((5, 6), "dummy_inputs")
    Full.dummy_inputs = {}
    found = find_inputs(model)
    assert found.synthesised
    assert (shapes(found.value), found.origin) == ([(2, 6)], "synthesised: float32[2, 6]")


@pytest.mark.usefixtures("path_undone")
@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("given.py", "name a function, as in package.module:function"),
        ("given.py:other", "has no attribute 'other'; check the name"),
        ("given.py:VALUE", "is no function; name one that returns the inputs"),
        ("nowhere.py:inputs", "there is no such file or folder; check the path"),
        ("nowhere:inputs", "there is no module 'nowhere'; install it"),
    ],
)
def test_functions_that_give_no_inputs(here: Path, spec: str, says: str) -> None:
    Path("given.py").write_text("VALUE = 1\n")
    with pytest.raises(InputError) as caught:
        find_inputs(Net(), None, InputOptions(spec))
    assert str(caught.value).startswith(f"--inputs {spec}: ")
    assert says in str(caught.value)


# --- guesses ------------------------------------------------------------------------------------


class Flat(nn.Module):
    """A classifier of images of one certain size."""

    def __init__(self, side: int, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 4, 3, padding=1)
        self.out = nn.Linear(4 * side * side, 3)

    def forward(self, x: Any) -> Any:
        return self.out(self.conv(x).flatten(1))


class HeadFirst(nn.Module):
    """The layer that is registered first runs last."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(5, 2)
        self.embed = nn.Embedding(11, 5)

    def forward(self, words: Any) -> Any:
        return self.head(self.embed(words))


class Graph(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(6, 3))

    def forward(self, features: Any, edge_index: Any) -> Any:
        source, target = edge_index
        out = torch.zeros(features.shape[0], 3)
        return out.index_add(0, target, (features @ self.weight)[source])


class Masked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, query: Any, key: Any, key_padding_mask: Any, scale: float) -> Any:
        return self.attention(query * scale, key, key, key_padding_mask=key_padding_mask)[0]


class Translate(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.source = nn.Embedding(20, 8)
        self.frames = nn.Linear(5, 8)

    def forward(self, tokens: Any, *, frames: Any) -> Any:
        return self.source(tokens).sum(1) + self.frames(frames)


class Packed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(9, 4)
        self.lstm = nn.LSTM(4, 3, batch_first=True)

    def forward(self, ids: Any, lengths: Any) -> Any:
        packed = nn.utils.rnn.pack_padded_sequence(self.embed(ids), lengths, batch_first=True)
        return self.lstm(packed)[1]


class Tree(nn.Module):
    def forward(self, a: Any, b: Any) -> Any:
        return a + b


def sequential(*layers: Any) -> Any:
    return nn.Sequential(*layers)


@pytest.mark.parametrize(
    ("model", "shape", "kind"),
    [
        (Net(), (2, 6), "float32"),
        (sequential(nn.Conv1d(3, 4, 3)), (2, 3, 32), "float32"),
        (sequential(nn.Conv3d(2, 4, 3)), (2, 2, 32, 32, 32), "float32"),
        (sequential(nn.BatchNorm1d(5)), (2, 5, 8), "float32"),
        (sequential(nn.LayerNorm((4, 5)), nn.Flatten()), (2, 4, 5), "float32"),
        (sequential(nn.LazyLinear(3)), (2, 8), "float32"),
        (sequential(nn.Flatten(), nn.Linear(784, 4)), (2, 784), "float32"),
        (nn.LSTM(4, 3, 2), (2, 7, 4), "float32"),
        (nn.GRUCell(4, 3), (2, 4), "float32"),
        (nn.TransformerEncoderLayer(8, 2), (2, 7, 8), "float32"),
        (Flat(28, 1), (2, 1, 28, 28), "float32"),
        (Flat(64, 3), (2, 3, 64, 64), "float32"),
        (HeadFirst(), (2, 7), "int64"),
        (Graph(), (2, 6), "float32"),
        (Masked(), (2, 7, 8), "float32"),
        (Packed(), (2, 7), "int64"),
        (Tree(), (2, 8), "float32"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else None,
)
def test_guesses_fit(model: Any, shape: tuple[int, ...], kind: str) -> None:
    state = torch.get_rng_state()
    found = find_inputs(model)
    assert torch.equal(torch.get_rng_state(), state)
    assert found.synthesised
    assert found.origin.startswith(f"synthesised: {kind}[{', '.join(map(str, shape))}]")
    model.eval()(*found.value)


def test_guesses_by_keyword() -> None:
    model = Translate()
    found = find_inputs(model)
    assert {name: tuple(value.shape) for name, value in found.value.items()} == {
        "tokens": (2, 7),
        "frames": (2, 5),
    }
    model(**found.value)


def test_a_model_that_no_guess_fits_says_so() -> None:
    class Picky(Net):
        def forward(self, x: Any) -> Any:
            raise ValueError("only 1234 samples\nwill do")

    with pytest.raises(InputError) as caught:
        find_inputs(Picky())
    assert str(caught.value) == (
        "no inputs are given, and those made up do not fit (ValueError: only 1234 samples); "
        "give inputs with --input-size or --inputs, or define example_inputs()"
    )


def test_a_model_without_arguments_needs_none() -> None:
    class Bare(nn.Module):
        def forward(self) -> Any:
            return torch.zeros(1)

    assert find_inputs(Bare()).value == ()
