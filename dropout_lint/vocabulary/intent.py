"""Names, comments and docstrings with which code declares that it is random in eval mode.

The regular expressions ignore case, but for the last.
"""

from __future__ import annotations

from dropout_lint.vocabulary.words import words

# Parts of names of classes, functions and files whose randomness is wanted: the prenet of Tacotron,
# and the terms of Monte Carlo dropout. The configuration adds to them (`intentional-names`).
# Origin: the first version of the analysis.
# Measured: 1 change.
INTENT_NAMES = (
    "prenet", "mc_dropout", "mcdropout", "monte_carlo", "bayesian", "uncertainty", "epistemic",
    "always_dropout", "dropout_always", "test_time_dropout", "inference_dropout",
)  # fmt: skip
# Words of the same names that are too short to be looked for as parts.
# Origin: as above.
# Measured: nothing changes.
INTENT_WORDS = frozenset({"mc", "mcdo", "mcdrop"})
# Words of names, files and folders that are a sign beside others: of uncertainty that is no
# dropout's, of networks whose noise is dropout (pix2pix), of augmentation and of corruption.
# Origin: as above.
# Measured: not yet.
SIGN_WORDS = frozenset(
    """aleatoric gan pix augment augmentation augmentor augmenter aug perturb perturbation corrupt
    corruption""".split()
)
# Of these, the parts and words that name dropout at inference itself, and not only its purpose.
# Origin: a file `net_mcdo_block.py` beside `net_dnn_block.py`.
# Measured: not yet.
DROPOUT_AT_INFERENCE = (
    "mcdo", "mcdropout", "mcdrop", "alwaysdropout", "dropoutalways", "testtimedropout",
    "inferencedropout", "montecarlodropout",
)  # fmt: skip

_WHEN = (
    r"(?:test|inference|infer|eval|evaluation|evaluating|prediction|predicting|sampling|synthesis)"
)
# Comments that declare it by themselves.
# Origin: the first version of the analysis.
# Measured: nothing changes.
INTENT_COMMENT = (
    rf"\bon purpose\b|\bdeliberate|\bintentionally\b|\bby design\b"
    rf"|\bmc[ -]?dropout\b|\bmonte[ -]carlo\b|\bnon[ -]?deterministic\b"
    rf"|\bstochastic (?:forward[- ])?pass(?:es)?\b|\bepistemic\b"
    rf"|\bdropout (?:for|as) (?:\w+ )?(?:uncertainty|bayesian)"
    rf"|\beven (?:at|in|during|when|for|under) (?:the )?\W*{_WHEN}"
    rf"|\bkeep (?:the )?dropout\b|\bnot? (?:be )?affected by eval"
)
# Comments that name a time; they count if they say what happens then.
# Origin: as above.
# Measured: nothing changes.
INTENT_TIME = rf"\balways\b|\b(?:at|in|during|under) \W*{_WHEN}\b|\b(?:train(?:ing)?) and {_WHEN}"
# What happens at that time: dropping, or something that is on.
# Origin: as above.
# Measured: nothing changes.
INTENT_ACT = (
    r"drop|noise|nois[iy]|stochastic|random|\b(?:on|also|too|active|enabled?|appl(?:y|ies|ied)|keep"
    r"|keeps|kept|used?|needed|wanted)\b"
)
# Terms of the methods that want it. In a comment or docstring they are a sign beside others.
# Origin: a decoder with its prenet left out, and a comment above it.
# Measured: not yet.
INTENT_TERMS = (
    r"\bpre[-_ ]?net\b|\bmc[-_ ]?do\b|\bmc[-_ ]?drop(?:out)?\b|\bmonte[- ]carlo\b"
    r"|\bepistemic\b|\baleatoric\b|\bbayesian\b|\buncertaint(?:y|ies)\b"
    r"|\bstochastic (?:forward[- ])?pass(?:es)?\b|\bbald\b"
)
# Docstrings that declare it; they count if they are about randomness at all.
# Origin: as above.
# Measured: nothing changes.
INTENT_DOCSTRING = (
    rf"\b(?:always|keep|keeps|kept|stay|stays|remain|remains|even|active|enabled?|appl(?:y|ies|ied))\b"
    rf"[^.]*\b(?:at|during|in|for)\b[^.]*\b{_WHEN}\b"
    rf"|\bmc[ -]?dropout\b|\bmonte[ -]carlo\b"
    rf"|\bstochastic (?:forward[- ])?pass(?:es)?\b|\bepistemic\b"
)
# Words with which a docstring is about randomness.
# Origin: as above.
# Measured: nothing changes.
RANDOMNESS = r"drop|noise|stochastic|random"
# Words with which a comment says the opposite. Nothing is declared then.
# Origin: as above.
# Measured: nothing changes.
DENIAL = r"\b(?:no|not|never|off|without|disabled?|only|don't|doesn't|shouldn't)\b"
# The flag that a written True took the place of, kept in a comment: `True)  # self.training)`.
# Origin: a convolution of a speech model (real-packages.md).
# Measured: nothing changes.
REPLACED_FLAG = r"#+\s*(?:train(?:ing)?\s*=\s*)?self\.training\b[\s),]*"

# Names of tests, as pytest and unittest find them: a class that is made inside tries an operator.
# Origin: python_functions and python_classes of pytest's documentation, TestLoader of unittest.
# Measured: not yet.
TEST_NAMES = r"test(?:_|[A-Z]|$)|Test|\w+Tests?(?:Case)?$"


def speaks_of_wanted_randomness(name: str, intent_names: tuple[str, ...] = INTENT_NAMES) -> bool:
    """Whether a class, function or module name says that its randomness is wanted."""
    plain = name.replace("_", "").lower()
    if any(word.replace("_", "").lower() in plain for word in intent_names):
        return True
    return bool(words(name) & INTENT_WORDS)


def names_dropout_at_inference(name: str) -> bool:
    """Whether a name says that it is dropout at inference: ``net_mcdo_block``."""
    plain = name.replace("_", "").lower()
    parts = words(name)
    return any(part in parts or (len(part) > 4 and part in plain) for part in DROPOUT_AT_INFERENCE)
