"""Word lists by which names are judged, and the functions that compare names with them.

All lists are heuristics. Each says what it decides and why it has its words.
"""

from __future__ import annotations

import re
from functools import cache

# Names and strings that stand for the mode: a condition on one of them may be the condition
# `self.training`. They are the verbs and nouns for training and evaluation, their usual short
# forms, and the terms of Monte Carlo dropout and Bayesian networks, which drop in eval mode on
# purpose. A word too many costs a finding, a word too few costs a false one.
MODE_WORDS = frozenset(
    """train training trainer eval evaluate evaluating evaluation test testing infer
    inference predict predicting prediction val valid validate validation deterministic
    stochastic sampling mode phase stage mc monte bayesian""".split()
)
# Further words with which a parameter may stand for the mode (`forward(x, drop=True)`): whoever
# names a switch after what it switches on. Only for parameters: an attribute `self.dropout` is a
# rate or a layer.
EFFECT_WORDS = frozenset("drop dropout drops dropping sample noise noisy augment aug".split())
# Methods whose callers decide about the mode, by their name: `fit`, `train_epoch`.
TRAINING_WORDS = frozenset("train training pretrain pretraining fit".split())
# The methods that PyTorch Lightning calls in one mode only, and two names that loops of one's own
# use in the same way (`train_step`, `eval_step`).
TRAIN_STEPS = frozenset("training_step train_step training_step_end training_epoch_end".split())
EVAL_STEPS = frozenset(
    """validation_step test_step predict_step validation_epoch_end test_epoch_end
    validation_step_end test_step_end eval_step val_step""".split()
)
# Last words of functions that compute rates and do not drop: `drop_path_rates`.
RATE_WORDS = frozenset("rate rates ratio ratios prob probs probability p".split())

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@cache
def words(name: str) -> frozenset[str]:
    """The lower-case words of an identifier: ``isTrain_step`` -> {is, train, step}."""
    return frozenset(word.lower() for word in _WORD.findall(name))


@cache
def speaks_of_mode(name: str) -> bool:
    """Whether an identifier (or string) names a mode: train, eval, test, inference, phase …"""
    return bool(words(name) & MODE_WORDS) or name.rpartition(".")[2] == "is_grad_enabled"


def speaks_of_dropping(name: str) -> bool:
    """Whether the last part of a dotted name is that of a function that may drop."""
    tail = name.rpartition(".")[2]
    if not (("dropout" in tail or "drop_" in tail) and tail.islower()):
        return False
    return tail.rpartition("_")[2] not in RATE_WORDS
