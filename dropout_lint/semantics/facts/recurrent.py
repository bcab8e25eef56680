"""Recurrent layers: their dropout acts between layers, where there is more than one."""

from __future__ import annotations

from dropout_lint.semantics.interpreter.arguments import bind
from dropout_lint.semantics.interpreter.run import Called
from dropout_lint.semantics.interpreter.values import Const, Ref, Value, positive
from dropout_lint.semantics.model import SemanticModel
from dropout_lint.signatures import CatalogParameter, parse_signature

# Read off torch 2.13; the constructors take `*args`, so `inspect.signature` does not show them.
SIGNATURES = (
    "torch.nn.RNN(input_size, hidden_size, num_layers=1, nonlinearity='tanh', bias=True, "
    "batch_first=False, dropout=0.0, bidirectional=False)",
    "torch.nn.LSTM(input_size, hidden_size, num_layers=1, bias=True, batch_first=False, "
    "dropout=0.0, bidirectional=False, proj_size=0)",
    "torch.nn.GRU(input_size, hidden_size, num_layers=1, bias=True, batch_first=False, "
    "dropout=0.0, bidirectional=False)",
)
PARAMETERS: dict[str, tuple[CatalogParameter, ...]] = dict(map(parse_signature, SIGNATURES))
_TAILS = {name.rpartition(".")[2] for name in PARAMETERS}


def has_one_layer(model: SemanticModel, called: Called) -> bool | None:
    """Whether a recurrent layer that is built with a drop rate surely has one layer only.

    None for any other call, and where `*args` or `**options` may hold what is missing.
    """
    callee = called.callee
    name = callee.name if isinstance(callee, Ref) else ""
    if name.rpartition(".")[2] not in _TAILS:
        return None
    parameters = PARAMETERS.get(model.project.origin(name))
    if parameters is None:
        return None
    bound = bind(parameters, called.arguments)
    rate = bound.arguments.get("dropout")
    if bound.open or rate is None or positive(rate.value).when_true is None:
        return None
    layers = bound.arguments.get("num_layers")
    count = layers.value if layers is not None else Value.of(Const(1))
    return all(atom == Const(1) for atom in count.atoms)
