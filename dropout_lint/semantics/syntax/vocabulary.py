"""Word lists: what names of functions, classes, parameters and comments are taken to say.

Each list is a heuristic. Change one only together with a measurement of the findings.
"""

from __future__ import annotations

from dropout_lint.vocabulary import words

# --- names of functions and classes that drop -------------------------------------------------

# Parts of the names of dropout layers.
LAYER_WORDS = ("Dropout", "DropPath", "DropBlock", "DropConnect")
# Functions whose name says too little to look for them in other files.
GENERAL_NAMES = frozenset({"main", "run", "forward", "train", "test"})


def is_called_layer(name: str) -> bool:
    """Whether the last part of a dotted name is that of a class whose instances may drop."""
    tail = name.rpartition(".")[2]
    return any(word in tail for word in LAYER_WORDS)


def speaks_of_dropout(name: str) -> bool:
    """Whether a class is called a dropout layer: ``GDropout``, ``AlwaysOnDropout2d``."""
    return "dropout" in words(name)


def is_general(name: str) -> bool:
    """Whether a function's name says too little to look for it in other files.

    So do the names of entry points and tests, and the special methods of Python.
    """
    is_special = name.startswith("__") and name.endswith("__")
    return is_special or name in GENERAL_NAMES or name.startswith("test_")


# --- names of methods -------------------------------------------------------------------------

# Methods that belong to the construction of a module, which is then in train mode.
BUILDING_METHODS = frozenset(
    """__init__ __new__ __post_init__ __init_subclass__ __repr__ extra_repr
    reset_parameters reset init_weights _init_weights from_pretrained from_config setup
    build create configure_optimizers add_arguments add_args build_model train eval""".split()
)
# Those of them that stay so whoever calls them.
CONSTRUCTORS = frozenset("__init__ __new__ __post_init__ __init_subclass__ train eval".split())
# What overrides of ``nn.Module.train`` call their parameter.
MODE_PARAMETERS = ("mode", "train", "training", "is_train", "is_training", "flag")
# Methods of ``nn.Module`` that set an attribute whose name is an argument.
REGISTERS = frozenset(
    "register_buffer register_parameter register_module add_module __setattr__".split()
)
# Methods by which a list, set or dict grows.
GROWS = frozenset({"append", "extend", "insert", "add", "update", "setdefault"})

# --- random draws -----------------------------------------------------------------------------

# Samplers: dotted names of functions, and plain names of methods of a tensor.
UNIFORM = frozenset(
    """torch.rand torch.rand_like random.random random.uniform numpy.random.rand
    numpy.random.random numpy.random.random_sample numpy.random.uniform uniform_""".split()
)
NORMAL = frozenset(
    """torch.randn torch.randn_like torch.normal numpy.random.randn numpy.random.normal
    numpy.random.standard_normal random.gauss normal_""".split()
)
BERNOULLI = frozenset("torch.bernoulli bernoulli bernoulli_ numpy.random.binomial".split())
# The position of the argument that is the strength of a draw.
STRENGTH_POSITION = {"torch.normal": 1, "normal_": 1, "numpy.random.normal": 1, "random.gauss": 1}
# Calls that round, which makes a mask of a uniform draw and a rate.
ROUNDS = frozenset({"floor", "floor_", "ceil", "ceil_", "round", "round_"})
# Calls whose result keeps the value of their object, in another type, device or shape.
KEEPS_VALUE = frozenset(
    """to type float half double cpu cuda bool view reshape expand expand_as unsqueeze squeeze
    repeat type_as""".split()
)
# The same for a rate: calls whose result is their object's number.
KEEPS_NUMBER = KEEPS_VALUE | frozenset("clone detach contiguous item".split())
# The same for a mask, which is scaled too.
KEEPS_MASK = KEEPS_VALUE | frozenset(
    "long int div div_ mul mul_ astype where requires_grad_".split()
)
# Calls and attributes that use the shape or type of data and none of its values.
SHAPES = frozenset(
    """ones zeros empty ones_like zeros_like empty_like new_ones new_zeros new_empty size dim
    numel len eye""".split()
)
SHAPE_ATTRIBUTES = frozenset({"shape", "device", "dtype", "ndim"})
# Calls that make a tensor of one number, their second argument.
FULL = frozenset({"full", "full_like", "new_full"})
# Calls whose result is computed from the numbers they take.
CONVERTS = frozenset("float int max min abs tensor as_tensor FloatTensor Tensor sqrt".split())
# Words of calls that compute a loss; what a method with one masks is a task to learn.
LOSS_WORDS = frozenset("loss losses entropy criterion nll mse".split())

# --- randomness on purpose --------------------------------------------------------------------

# The regular expressions ignore case, but for the last.

# Parts of names of classes and functions; the configuration adds to them (`intentional-names`).
INTENT_NAMES = ("prenet", "mc_dropout", "mcdropout", "monte_carlo", "bayesian", "uncertainty")

_WHEN = (
    r"(?:test|inference|infer|eval|evaluation|evaluating|prediction|predicting|sampling|synthesis)"
)
# Comments that say so by themselves.
INTENT_COMMENT = (
    rf"\bon purpose\b|\bdeliberate|\bintentionally\b|\bby design\b"
    rf"|\bmc[ -]?dropout\b|\bmonte[ -]carlo\b|\bnon[ -]?deterministic\b"
    rf"|\beven (?:at|in|during|when|for|under) (?:the )?\W*{_WHEN}"
    rf"|\bkeep (?:the )?dropout\b|\bnot? (?:be )?affected by eval"
)
# Comments that name a time; they count if they say what happens then.
INTENT_TIME = rf"\balways\b|\b(?:at|in|during|under) \W*{_WHEN}\b|\b(?:train(?:ing)?) and {_WHEN}"
INTENT_ACT = (
    r"drop|noise|nois[iy]|stochastic|random|\b(?:on|also|too|active|enabled?|appl(?:y|ies|ied)|keep"
    r"|keeps|kept|used?|needed|wanted)\b"
)
# Docstrings that say so; they count if they are about dropping at all.
INTENT_DOCSTRING = (
    rf"\b(?:always|keep|keeps|kept|stay|stays|remain|remains|even|active|enabled?|appl(?:y|ies|ied))\b"
    rf"[^.]*\b(?:at|during|in|for)\b[^.]*\b{_WHEN}\b"
    rf"|\bmc[ -]?dropout\b|\bmonte[ -]carlo\b"
)
RANDOMNESS = r"drop|noise|stochastic|random"
# Words with which a comment says the opposite.
DENIAL = r"\b(?:no|not|never|off|without|disabled?|only|don't|doesn't|shouldn't)\b"
# The flag that a written True took the place of, kept in a comment: `True)  # self.training)`.
REPLACED_FLAG = r"#+\s*(?:train(?:ing)?\s*=\s*)?self\.training\b[\s),]*"


def speaks_of_wanted_randomness(name: str, intent_names: tuple[str, ...] = INTENT_NAMES) -> bool:
    """Whether a class, function or module name says that its randomness is wanted."""
    plain = name.replace("_", "").lower()
    if any(word.replace("_", "").lower() in plain for word in intent_names):
        return True
    return "mc" in words(name)
