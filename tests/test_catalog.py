"""The catalog agrees with the libraries that are installed."""

from __future__ import annotations

import inspect
import re

import pytest

from dropout_lint.catalog import STAR_EXPORTS, CatalogFunction, builtin, canonical, function

torch = pytest.importorskip("torch", reason="the catalog is compared with the installed torch")
pytestmark = pytest.mark.models

FUNCTIONS = builtin().functions
FUNCTIONAL = [row for row in FUNCTIONS.values() if row.name.startswith("torch.nn.functional.")]
# `scaled_dot_product_attention` and torch's own functions are C functions: they have schemas.
WITH_SCHEMA = [
    row
    for row in FUNCTIONS.values()
    if re.fullmatch(r"torch\.\w+|torch\.nn\.functional\.scaled_dot_product_attention", row.name)
]
PYG = [row for row in FUNCTIONS.values() if row.name.startswith("torch_geometric.")]


def resolve(name: str) -> object:
    value: object = torch
    for part in name.split(".")[1:]:
        value = getattr(value, part)
    return value


def by_name(row: CatalogFunction) -> list[tuple[str, object]]:
    return [(p.name, inspect.Parameter.empty if p.required else p.default) for p in row.parameters]


@pytest.mark.parametrize(
    "row", [row for row in FUNCTIONAL if row not in WITH_SCHEMA], ids=lambda row: row.tail
)
def test_functional_rows_have_torchs_signature(row: CatalogFunction) -> None:
    signature = inspect.signature(resolve(row.name))  # type: ignore[arg-type]
    assert [(p.name, p.default) for p in signature.parameters.values()] == by_name(row)


@pytest.mark.parametrize("row", WITH_SCHEMA, ids=lambda row: row.name)
def test_native_rows_have_torchs_schema(row: CatalogFunction) -> None:
    schemas = torch._C._jit_get_schemas_for_operator(f"aten::{row.tail}")
    schema = next(s for s in schemas if not s.overload_name)
    wanted = [(a.name, a.kwarg_only) for a in schema.arguments]
    assert [(p.name, p.position is None) for p in row.parameters] == wanted
    for argument, parameter in zip(schema.arguments, row.parameters, strict=True):
        assert argument.has_default_value() == (not parameter.required), parameter.name
        if argument.has_default_value():
            assert argument.default_value == parameter.default


@pytest.mark.parametrize("row", PYG, ids=lambda row: row.tail)
def test_torch_geometric_rows_have_its_signature(row: CatalogFunction) -> None:
    utils = pytest.importorskip("torch_geometric.utils", reason="torch_geometric is not installed")
    signature = inspect.signature(getattr(utils, row.tail))
    assert [(p.name, p.default) for p in signature.parameters.values()] == by_name(row)


@pytest.mark.parametrize("name", [n for n in builtin().modules if n.startswith("torch.")])
def test_module_rows_begin_like_torchs_constructors(name: str) -> None:
    row = builtin().modules[name]
    parameters = list(inspect.signature(resolve(name)).parameters.values())  # type: ignore[arg-type]
    for parameter, wanted in zip(row.parameters, parameters, strict=False):
        assert parameter.name == wanted.name
        assert parameter.required == (wanted.default is inspect.Parameter.empty)
        if not parameter.required:
            assert parameter.default == wanted.default


@pytest.mark.parametrize("row", [r for r in FUNCTIONAL if r.twin], ids=lambda row: row.tail)
def test_a_twin_draws_the_same_numbers_and_draws_nothing_when_built(row: CatalogFunction) -> None:
    x = torch.linspace(-1, 1, 2 * 3 * 4 * 5 * 6).reshape(2, 3, 4, 5, 6)
    x = x[..., 0, 0] if row.tail.endswith("1d") else x[..., 0] if row.tail.endswith("2d") else x
    torch.manual_seed(0)
    before = torch.get_rng_state()
    twin = resolve(row.twin or "")()  # type: ignore[operator]
    assert torch.equal(torch.get_rng_state(), before)
    assert not list(twin.state_dict())
    one = twin(x)
    torch.manual_seed(0)
    assert torch.equal(one, resolve(row.name)(x, training=True))  # type: ignore[operator]


@pytest.mark.parametrize("module", STAR_EXPORTS)
def test_star_exports_are_what_a_star_import_brings(module: str) -> None:
    namespace: dict[str, object] = {}
    exec(f"from {module} import *", namespace)
    for name in STAR_EXPORTS[module]:
        assert name in namespace, name
    known = {n.rpartition(".")[2] for n in (*FUNCTIONS, *builtin().modules)}
    for name in namespace.keys() & known:
        if canonical(f"{module}.{name}") in {*FUNCTIONS, *builtin().modules}:
            assert name in STAR_EXPORTS[module], f"{module} exports {name} as well"


def test_positions_come_from_the_signature() -> None:
    row = function("lib.drop(x, y=1, *, training=True, rate=0.1)")
    assert row.mode is not None and row.mode.position is None and row.mode.default is True
    assert row.rate is not None and row.rate.name == "rate"


@pytest.mark.parametrize("text", ["drop", "drop(", "drop(x, x)", "1drop(x)", "drop(p=f())"])
def test_a_text_that_is_no_signature_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not of the form|not a literal|twice"):
        function(text)


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("torch.nn.modules.dropout.Dropout", "torch.nn.Dropout"),
        ("torch.nn.modules.module.Module", "torch.nn.Module"),
        ("flash_attn.flash_attn_interface.flash_attn_func", "flash_attn.flash_attn_func"),
        (
            "ring_flash_attn.zigzag_ring_flash_attn.zigzag_ring_flash_attn_func",
            "ring_flash_attn.zigzag_ring_flash_attn_func",
        ),
        ("timm.models.layers.drop_path", "timm.layers.drop_path"),
        ("torch.nn.functional.dropout", "torch.nn.functional.dropout"),
    ],
)
def test_one_public_path(name: str, public: str) -> None:
    assert canonical(name) == public
