"""Functions and methods of torch, numpy and random that draw numbers, or compute with them."""

from __future__ import annotations

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
# Draws of an index, and of a soft or hard choice between several.
INDICES = frozenset("torch.randint numpy.random.randint random.randint random.randrange".split())
CHOICES = frozenset({"torch.nn.functional.gumbel_softmax"})
# Classes of torch.distributions, as the draw of the same kind.
DISTRIBUTIONS = {"Bernoulli": "bernoulli", "Normal": "torch.normal", "Uniform": "uniform_"}
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
