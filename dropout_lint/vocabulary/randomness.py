"""Names of code that draws random numbers for another reason than dropout."""

from __future__ import annotations

# Words for the augmentation of data. A file or folder with one holds transforms, which are modules
# here and there and draw in every mode.
# Origin: the change by which DRP012 leaves files of transforms alone.
# Measured: not yet.
AUGMENTATION_WORDS = frozenset(
    "aug augment augmentation augmentations augmenter transforms".split()
)
# Words of methods and classes whose task is to draw: samplers, noise, generators, augmentation,
# variational models, reinforcement learning, losses and pretraining.
# Origin: the first version of DRP012; `random` and `randomized` were added later.
# Measured: not yet.
SAMPLER_WORDS = AUGMENTATION_WORDS | frozenset(
    """sample samples sampling sampler sampled resample reparameterize reparametrize reparameterise
    reparam reparameterization noise noising noisy denoise denoising generate generator generation
    gan diffuse diffusion ddpm ddim transform perturb perturbation corrupt corruption mixup cutmix
    jitter gumbel explore exploration policy rollout actor simulate simulator loss losses criterion
    pretrain pretraining vae distribution prior posterior random randomized stochastic
    obfuscator""".split()
)
# Of these, the words of classes that draw samples and may drop all the same: a text VAE has word
# dropout. They excuse noise and choices, and no mask that is cut by a rate.
# Origin: a VAE with word dropout that DRP012 was silent about.
# Measured: not yet.
MODEL_WORDS = frozenset(
    "vae gan distribution prior posterior actor policy generator generation stochastic".split()
)
# Of these, the words of classes that are noisy where they should not be: routers, codes.
# Origin: a class `NoisyCode` that DRP012 was silent about.
# Measured: not yet.
NOISY_WORDS = frozenset({"noisy"})
# Of these, the words of helpers that add noise: whose strength a module settles is that module's.
# Origin: a function `add_noise` that DRP012 was silent about.
# Measured: not yet.
NOISE_WORDS = frozenset({"noise", "noisy", "jitter", "perturb"})
# Words of rates that belong to a way of training or acting, which is not left to the mode.
# Origin: the change by which DRP012 leaves rates of teacher forcing alone.
# Measured: not yet.
PROCEDURE_WORDS = frozenset("teacher forcing scheduled sampling epsilon greedy temperature".split())
# Words of calls that compute a loss. A method that calls one masks its input to set a task.
# Origin: the change by which DRP012 leaves a `forward` alone that comes to a loss.
# Measured: not yet.
LOSS_WORDS = frozenset("loss losses entropy criterion nll mse".split())
