"""Names of Python, torch and of libraries on top of it that the fixes know."""

from __future__ import annotations

# --- attributes ---------------------------------------------------------------------------------

# Methods of a dict that change it: on `self.__dict__` they set attributes.
DICT_CHANGES = frozenset("update setdefault pop popitem clear __setitem__ __ior__".split())
# Methods of lists, tuples and dicts that change nothing: the container stays what it was.
CONTAINER_READS = frozenset("get items keys values index count".split())
# Builtins that read a container they get and keep no reference to it.
READING_FUNCTIONS = frozenset("len enumerate zip sum min max list tuple".split())
# Builtins that name an attribute of their first argument: the name is taken.
NAMES_ATTRIBUTE = frozenset("getattr hasattr setattr delattr".split())
# Attributes of torch.nn.Module (torch 2.13) that a new name could clash with.
MODULE_ATTRIBUTES = frozenset({"training", "T_destination", "call_super_init", "dump_patches"})

# --- classes and constructors -------------------------------------------------------------------

# Bases that have no constructor of their own and may come anywhere in the resolution order.
BASES_WITHOUT_CONSTRUCTOR = ("builtins.object", "abc.", "typing.", "typing_extensions.")
# Methods and class attributes that build, copy or restore an instance past its `__init__`.
BUILDS_PAST_INIT = frozenset(
    """__new__ __deepcopy__ __copy__ __reduce__ __reduce_ex__ __setstate__ __getstate__""".split()
)
# Methods with which a class handles attributes itself: a new module may not be registered.
HANDLES_ATTRIBUTES = frozenset({"__getattr__", "__setattr__", "__getattribute__"})
# Decorators that write `__init__` themselves.
DATACLASS_DECORATORS = frozenset("dataclass dataclasses define attrs attr".split())
# Bases of other packages whose attributes do not clash with a `dropout…` name and that register
# modules as nn.Module does. Lightning 2.6, torch_geometric 2.8 and transformers 5 were looked at.
CLEAN_BASES = frozenset({"torch.nn.Module"})
CLEAN_BASE_TAILS = frozenset("LightningModule MessagePassing PreTrainedModel".split())
# Calls that get `self` and run none of the class's methods.
HARMLESS_WITH_SELF = frozenset("isinstance setattr getattr hasattr super type id __init__".split())
# Methods of nn.Module; a class that calls one on self is a module.
MODULE_METHODS = frozenset(
    """register_buffer register_parameter register_module add_module parameters named_parameters
    state_dict load_state_dict register_forward_hook register_forward_pre_hook""".split()
)
# What goes through a module's children: a new one would be among them.
CHILD_ITERATIONS = frozenset("children named_children modules named_modules _modules".split())

# --- numbers ----------------------------------------------------------------------------

# Arguments of a dropout function that are no settings of the equivalent module.
NOT_SETTINGS = frozenset("input training train self".split())
# Builtins that return a number.
NUMBER_FUNCTIONS = frozenset("float int min max round abs".split())
# Look-ups that return their default where there is no entry.
LOOKUPS = frozenset("get getattr pop setdefault".split())

# --- tensors that are changed in place ----------------------------------------------------------

# Operations whose result is new, has no alias and is not kept for the backward pass.
NEW_TENSORS = frozenset(
    """Linear Bilinear Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d
    Embedding linear conv1d conv2d conv3d embedding matmul mm bmm baddbmm addmm einsum cat concat
    stack add sub mul clone""".split()
)
# Attributes of a tensor that are views of it.
VIEW_ATTRIBUTES = frozenset("T mT H mH data real imag".split())
# Methods of tensors, and functions of torch, that may return their input or a view of it.
VIEWS = frozenset(
    """view reshape view_as reshape_as transpose permute t swapaxes swapdims squeeze unsqueeze
    flatten unflatten ravel contiguous expand expand_as broadcast_to chunk split tensor_split unbind
    narrow select movedim moveaxis diagonal unfold to type type_as float half double bfloat16 cpu
    cuda detach real imag adjoint atleast_1d atleast_2d atleast_3d""".split()
)
# Modules of torch.nn that return their input or a view of it (every dropout does too).
PASSES_INPUT_THROUGH = frozenset("Identity Flatten Unflatten".split())
# Modules of torch.nn that hold other modules.
MODULE_CONTAINERS = frozenset("Sequential ModuleList ModuleDict".split())
# The position of `inplace` among the arguments of torch.nn's modules (torch 2.13, by
# inspect.signature) …
MODULE_INPLACE_POSITION = {
    "ReLU": 0, "ReLU6": 0, "SELU": 0, "SiLU": 0, "Mish": 0, "Hardswish": 0, "Hardsigmoid": 0,
    "ELU": 1, "CELU": 1, "LeakyReLU": 1, "Dropout": 1, "Dropout1d": 1, "Dropout2d": 1,
    "Dropout3d": 1, "AlphaDropout": 1, "FeatureAlphaDropout": 1, "Hardtanh": 2, "Threshold": 2,
    "RReLU": 2,
}  # fmt: skip
# … and of its functions, whose first argument is the input.
FUNCTION_INPLACE_POSITION = {
    "relu": 1, "relu6": 1, "selu": 1, "silu": 1, "mish": 1, "hardswish": 1, "hardsigmoid": 1,
    "elu": 2, "celu": 2, "leaky_relu": 2, "hardtanh": 3, "threshold": 3, "dropout": 3,
    "dropout1d": 3, "dropout2d": 3, "dropout3d": 3, "alpha_dropout": 3, "feature_alpha_dropout": 3,
    "rrelu": 4,
}  # fmt: skip
