"""Calls of torch, numpy and random by which masks are made, and what becomes of them."""

from __future__ import annotations

# Functions that draw from 0 to 1, and methods that fill a tensor so.
UNIFORM = frozenset(
    """torch.rand torch.rand_like random.random random.uniform numpy.random.rand
    numpy.random.random numpy.random.random_sample numpy.random.uniform""".split()
)
UNIFORM_METHODS = frozenset({"uniform_"})
# Functions and methods that draw 0 or 1, with the position of the probability of 1.
BERNOULLI = {"torch.bernoulli": 0, "numpy.random.binomial": 1, "torch.binomial": 1}
BERNOULLI_METHODS = frozenset({"bernoulli", "bernoulli_"})
# Distributions of 0 and 1, whose `sample()` draws.
DISTRIBUTIONS = frozenset(
    """torch.distributions.Bernoulli torch.distributions.bernoulli.Bernoulli""".split()
)
# The last names of all of them.
SAMPLERS = (
    frozenset(name.rpartition(".")[2] for name in (*UNIFORM, *BERNOULLI))
    | UNIFORM_METHODS | BERNOULLI_METHODS | {"sample"}
)  # fmt: skip

# Attributes and calls that use the shape or type of data and none of its values.
SHAPE_ATTRIBUTES = frozenset("shape device dtype ndim requires_grad".split())
SHAPES = frozenset(
    """ones zeros empty rand randn ones_like zeros_like empty_like rand_like randn_like new_ones
    new_zeros new_empty new full full_like new_full size dim numel nelement len eye ndimension
    get_device is_cuda arange meshgrid linspace""".split()
)
# Methods of which the arguments say a shape or a type only.
LIKENESS = frozenset("expand_as type_as view_as reshape_as to expand view reshape type".split())
# Calls that make a tensor of one number, their second argument.
FULL = frozenset({"full", "full_like", "new_full"})
# Calls that make a tensor of ones, which is then multiplied by a number.
ONES = frozenset({"ones", "ones_like", "new_ones"})
# Calls whose result is a number that is computed from those they take.
NUMBERS = frozenset("float int max min abs tensor as_tensor sqrt pow clamp item".split())

# Calls that round: they make a mask of a uniform draw to which a rate was added.
ROUNDS = frozenset({"floor", "floor_", "ceil", "ceil_"})
# Methods that compare, as operators do.
COMPARES = frozenset(
    """lt le gt ge lt_ le_ gt_ ge_ less greater less_equal greater_equal less_ greater_""".split()
)
# Calls that leave a mask one, in another type, shape or size, negated or joined with another.
KEEPS = frozenset(
    """to type float half double cpu cuda bool long int byte view reshape expand expand_as
    view_as unsqueeze unsqueeze_ squeeze squeeze_ repeat type_as clone detach contiguous
    requires_grad_ astype item logical_not logical_not_ logical_and logical_or eq ne eq_ ne_
    nonzero flatten t transpose permute clamp clamp_ Variable tensor as_tensor from_numpy
    FloatTensor Tensor max_pool2d max_pool3d max_pool1d pad interpolate upsample
    repeat_interleave sub sub_ rsub squeeze_ data any all""".split()
)
# The same by which a mask is multiplied or divided.
SCALES = frozenset("mul mul_ div div_ multiply multiply_ divide true_divide".split())
ADDS = frozenset("add add_ sub sub_".split())
FILLS = frozenset("masked_fill masked_fill_".split())
CHOOSES = frozenset({"where"})
SELECTS = frozenset("masked_select index_select compress".split())
