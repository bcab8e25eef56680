"""Names in code that builds, trains and evaluates models."""

from __future__ import annotations

from dropout_lint.vocabulary.words import words

# Words of a name that stands for a model or a part of one.
# Origin: the first version of DRP101.
# Measured: not yet.
MODEL_WORDS = frozenset(
    """model models net network module modules encoder decoder backbone generator discriminator
    student teacher classifier critic actor policy unet vae""".split()
)
# Words of a name for options: `args.train` and `cfg.model.eval` are values, not methods.
# Origin: the first version of DRP101.
# Measured: not yet.
OPTION_WORDS = frozenset(
    """arg args argument arguments cfg conf config configs configuration flags hparams hyper opt
    opts option options param params parameters setting settings""".split()
)
# What a name that speaks of evaluating holds. Of the functions of other files that a training loop
# calls only those of such a name are followed, for the screen has to see them in the file's bytes.
# Origin: the first version of DRP102.
# Measured: not yet.
EVALUATION_STEMS = ("eval", "valid", "val_", "test", "infer", "predict")


def speaks_of_evaluating(name: str) -> bool:
    """Whether a function's name says that it evaluates."""
    return any(stem in name.lower() for stem in EVALUATION_STEMS)


# Words of functions that are given a model and leave its mode: they keep, log or count it.
# Origin: the first version of DRP102.
# Measured: not yet.
READING_WORDS = frozenset(
    """save log update watch count clip write checkpoint unwrap print summary wait close state
    accumulate""".split()
)


# Words of methods of a model that may set its mode: `model.set_train()`, `model.freeze_bn()`.
# Origin: the first version of DRP102.
# Measured: not yet.
SETTING_WORDS = frozenset("train training eval mode modes freeze unfreeze fit".split())


def speaks_of_setting_modes(name: str) -> bool:
    """Whether a method's name says that it may set the mode."""
    return bool(words(name) & SETTING_WORDS)


def leaves_modes_alone(name: str) -> bool:
    """Whether a function's name says that it only reads a model."""
    return bool(words(name) & READING_WORDS)
