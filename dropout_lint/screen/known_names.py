"""Names of Python and torch that both stages of the screen know, each list with its reason."""

from __future__ import annotations

# Calls that build a plain container, which `nn.Module` does not look into.
PLAIN_CONTAINERS = frozenset({"list", "dict", "tuple"})
# Containers of torch that register what they get.
REGISTERING = frozenset({"Sequential", "ModuleList", "ModuleDict"})
# Calls that take a module on its way to a container that registers it.
PASSING_ON = frozenset({"Sequential", "append", "add_module", "ModuleList", "insert", "extend"})
# Methods of a module that are taken for its flag, or that are overridden.
MODE_METHODS = ("train", "eval")
# The last names of functions that export a model.
EXPORTERS = frozenset({"trace", "trace_module", "export", "draft_export", "dynamo_export"})
# Parts of the names of rates.
DROP_WORDS = (b"drop", b"Drop", b"DROP")
# Every name of the catalog has one of these parts: a search for eleven words is cheaper than one
# for all the names. Names of the configuration without any are added to them.
STEMS = (b"ropout", b"rrelu", b"RReLU", b"ttention", b"flash_attn", b"drop_",
         b"stochastic_depth", b"mask_feature", b"add_random_edge", b"shuffle_node",
         b"coderLayer", b"DropPath", b"DropBlock", b"StochasticDepth")  # fmt: skip
# Bases that never make a class a module.
PLAIN_BASES = ("object", "Exception")


def as_bytes(words: frozenset[str] | tuple[str, ...]) -> frozenset[bytes]:
    """The same words for the stage that reads bytes."""
    return frozenset(word.encode() for word in words)
