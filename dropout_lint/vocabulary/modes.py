"""Names of modes: flags, parameters that are one, and callers that choose one."""

from __future__ import annotations

from functools import cache

from dropout_lint.vocabulary.words import words

# Words for one of the two modes: the verbs and nouns for training and evaluation, and their usual
# short forms. A class that keeps a flag of its own under such a name shadows `self.training`.
# Origin: the first version of DRP008.
# Measured: not yet.
TRAIN_EVAL_WORDS = frozenset(
    """train training eval evaluate evaluating evaluation test testing infer inference predict
    predicting prediction val valid validation""".split()
)
# Words that stand for the mode: a condition on such a name or string may be the condition
# `self.training`. Beside the words for one mode they are words for the choice, and the terms of
# Monte Carlo dropout and Bayesian networks, which drop in eval mode on purpose. A word too many
# loses a finding, a word too few makes a false one. (DRP008 never had `validate` and `trainer`.)
# Origin: the first version of the interpreter.
# Measured: not yet.
MODE_WORDS = TRAIN_EVAL_WORDS | frozenset(
    "trainer validate deterministic stochastic sampling mode phase stage mc monte bayesian".split()
)
# Further words with which a parameter may stand for the mode (`forward(x, drop=True)`): whoever
# names a switch after what it switches on. For parameters only: an attribute `self.dropout` is a
# rate or a layer.
# Origin: the first version of the interpreter.
# Measured: not yet.
EFFECT_WORDS = frozenset("drop dropout drops dropping sample noise noisy augment aug".split())
# Words of classes that are for inference only: what is off in them is off on purpose.
# Origin: the change by which DRP015 is on by default.
# Measured: not yet.
EVAL_WORDS = frozenset(
    """eval evaluation evaluator infer inference predict predictor prediction deterministic export
    exportable onnx deploy""".split()
)
# Words of options that are named after randomness which is wanted (`forward(x, sample=True)`), or
# after what is returned.
# Origin: the first version that reports options which are on by default.
# Measured: not yet.
OTHER_OPTION_WORDS = frozenset(
    """mc monte bayesian stochastic sampling sample samples noise noisy random aug augment
    augmentation mask masks masking return output outputs cache""".split()
)
# What else the name of a flag for the mode is made of (`is_in_train_phase`). Any other word makes
# it an option of its own (`train_backbone`).
# Origin: took the place of a list of the words of options in DRP008 (`use`, `keep`, `sampling` …),
# which always lacked some.
# Measured: not yet.
FLAG_NAME_WORDS = frozenset("is in flag mode phase stage split state status".split())

# The parameters of a dropout function that are its flag, the likeliest first: for functions that
# the catalog and the configuration describe by their signature alone.
# Origin: the first version of the catalog; torch has both.
# Measured: not yet.
FLAG_PARAMETERS = ("training", "train")
# Names of a boolean that is true in train mode and nothing else.
# Origin: the first version of DRP010.
# Measured: not yet.
FLAG_NAMES = frozenset({*FLAG_PARAMETERS, "is_training", "is_train"})
# The parameter of an override of `nn.Module.train` that has no default: under such a name a fix
# relies on it.
# Origin: the first version of the fixes.
# Measured: not yet.
SURE_MODE_PARAMETERS = frozenset("mode training is_train flag".split())
# The same where it is only to be told from the parameter of a training loop (`train(self, data)`).
# Two names more, which a method that overrides nothing has as well.
# Origin: the change by which DRP007 leaves training loops called `train` alone.
# Measured: not yet.
MODE_PARAMETERS = SURE_MODE_PARAMETERS | {"train", "is_training"}

# Words of methods whose callers decide about the mode, and that train: `fit`, `train_epoch`.
# Origin: the first version of the calling contexts.
# Measured: not yet.
TRAINING_WORDS = frozenset("train training pretrain pretraining fit".split())
# Words of methods that a training loop calls between its steps, and that may go back to train mode
# for it: hooks, validation and tests.
# Origin: the rule about modes that are set while a module runs.
# Measured: not yet.
CALLED_IN_TRAINING = frozenset(
    """val valid validate validation eval evaluate evaluation test testing score step epoch batch on
    callback hook log logging benchmark init setup""".split()
)
# Methods that run in train mode only: those that PyTorch Lightning calls, and `train_step`, which
# loops of one's own use in the same way.
# Origin: the first version of the calling contexts.
# Measured: not yet.
TRAIN_STEPS = frozenset("training_step train_step training_step_end training_epoch_end".split())
# Methods that run in eval mode only: those that PyTorch Lightning calls, and `eval_step` and
# `val_step`, which loops of one's own use in the same way.
# Origin: the first version of the calling contexts.
# Measured: not yet.
EVAL_STEPS = frozenset(
    """validation_step test_step predict_step validation_epoch_end test_epoch_end
    validation_step_end test_step_end eval_step val_step""".split()
)


@cache
def speaks_of_mode(name: str) -> bool:
    """Whether an identifier (or string) names a mode: train, eval, test, inference, phase …"""
    return bool(words(name) & MODE_WORDS) or name.rpartition(".")[2] == "is_grad_enabled"
