"""Names about dropout: of layers, functions, attributes and parameters."""

from __future__ import annotations

from dropout_lint.vocabulary.words import in_order, words

# Parts of the names of classes whose instances drop.
# Origin: fairseq's speech encoder and its copies (real-packages.md) keep `FairseqDropout` in a
# plain list, and the layer of another file was not known to drop.
# Measured: nothing changes.
LAYER_NAMES = ("Dropout", "DropPath", "DropBlock", "DropConnect")
# Words of classes that are dropout layers themselves (`GDropout`, `AlwaysOnDropout2d`): one that
# passes its input to a dropout function with a literal True is there for that.
# Origin: layers that stay on, read in a library for Bayesian active learning (real-packages.md).
# Measured: nothing changes.
LAYER_WORDS = frozenset({"dropout"})
# Parts of the names of functions that drop, in lower case: `dropout_edge`, `drop_path`.
# Origin: the first version that follows functions of other files.
# Measured: nothing changes.
FUNCTION_NAMES = ("dropout", "drop_")
# Last words of functions that compute rates and do not drop: `drop_path_rates`.
# Origin: a change for speed; files around a function were read for nothing.
# Measured: nothing changes.
RATE_WORDS = frozenset("rate rates ratio ratios prob probs probability p".split())
# Further words of attributes that hold a rate.
# Origin: an issue about a flag in the place of the rate, where the class stores one.
# Measured: not yet.
_OF_RATES = RATE_WORDS | frozenset("attn attention hidden input output feat edge val value".split())
# Words of rates that are the share to keep, as TensorFlow 1 has it: `keep_prob`, `survival_rate`.
# Origin: an issue about fixes that make such a rate look reviewed.
# Measured: not yet.
KEPT_WORDS = frozenset("keep kept retain retention survival survive".split())
# The parameters of a dropout function that are its rate, the likeliest first: for functions that
# the catalog and the configuration describe by their signature alone.
# Origin: the first version of the catalog.
# Measured: 2 go, 1 come, 3 change.
RATE_PARAMETERS = (
    "p", "dropout_p", "drop_prob", "dropout_prob", "drop_rate", "dropout_rate", "dropout", "rate",
)  # fmt: skip
# Words of attributes that hold a rate or a layer with one: setting such an attribute to 0 turns
# dropout off.
# Origin: the first version of DRP009.
# Measured: nothing changes.
ATTRIBUTE_WORDS = frozenset("drop dropout dropouts dropconnect droppath".split())
# Attributes that hold a dropout layer, other than `dropout`: where a file has one, a fix names its
# new layers the same way. They decide how a fix is worded, never whether there is a finding.
# Origin: the first version of the fixes.
# Measured: nothing changes.
LAYER_ATTRIBUTES = frozenset("drop do dp dropout_layer".split())


def is_called_layer(name: str) -> bool:
    """Whether the last part of a dotted name is that of a class whose instances may drop."""
    tail = name.rpartition(".")[2]
    return any(word in tail for word in LAYER_NAMES)


def speaks_of_dropout(name: str) -> bool:
    """Whether a class is called a dropout layer: ``GDropout``, ``AlwaysOnDropout2d``."""
    return bool(words(name) & LAYER_WORDS)


def speaks_of_dropping(name: str) -> bool:
    """Whether the last part of a dotted name is that of a function that may drop."""
    tail = name.rpartition(".")[2]
    if not (any(part in tail for part in FUNCTION_NAMES) and tail.islower()):
        return False
    return tail.rpartition("_")[2] not in RATE_WORDS


def is_stored_rate(name: str) -> bool:
    """Whether an attribute is called a rate of dropping: ``p``, ``dropout``, ``attn_drop_prob``."""
    parts = words(name)
    return name == "p" or bool(parts & ATTRIBUTE_WORDS and parts <= ATTRIBUTE_WORDS | _OF_RATES)


def is_kept_share(name: str) -> bool:
    """Whether a rate is called the share that is kept: ``keep_prob``, ``dropout_keep_rate``."""
    parts = in_order(name)
    for at, word in enumerate(parts):
        if word in KEPT_WORDS:
            beside = {*parts[at + 1 : at + 2], *parts[max(at - 1, 0) : at]}
            return at == len(parts) - 1 or not beside.isdisjoint(RATE_WORDS)
        if any(word.startswith(kept) and word[len(kept) :] in RATE_WORDS for kept in KEPT_WORDS):
            return True
    return False
