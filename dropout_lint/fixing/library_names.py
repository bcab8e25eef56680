"""Names of Python, torch and of libraries on top of it that the fixes know."""

from __future__ import annotations

import re

# --- attributes ---------------------------------------------------------------------------------

# Methods of a dict that change it: on `self.__dict__` they set attributes.
DICT_CHANGES = frozenset("update setdefault pop popitem clear __setitem__ __ior__".split())
# Methods of lists, tuples and dicts that change nothing: the container stays what it was.
CONTAINER_READS = frozenset("get items keys values index count".split())
# Calls that give the elements of what they get, or of what they are called on.
GIVES_ELEMENTS = frozenset("list tuple reversed iter values children".split())
# Builtins by which code may reach a name of its module that it does not mention.
REACHES_ALL_NAMES = frozenset({"globals", "locals", "vars", "eval", "exec"})
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
# Decorators of `__init__` that check something and run it as it is.
CHECKING_DECORATORS = frozenset("typechecked beartype jaxtyped override final".split())
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
# Packages whose classes and functions build modules, none of them of a class of somebody's project.
LIBRARIES_OF_MODULES = frozenset(
    """torch torchvision torchaudio timm transformers torch_geometric monai pretrainedmodels
    efficientnet_pytorch segmentation_models_pytorch clip open_clip""".split()
)
# Attributes that no dropout module of torch has: a loop that asks for one leaves it alone.
NOT_OF_DROPOUT = frozenset(
    """weight bias reset_parameters weight_ih_l0 in_features out_features in_channels out_channels
    kernel_size running_mean""".split()
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
    BatchNorm1d BatchNorm2d BatchNorm3d LayerNorm GroupNorm AvgPool1d AvgPool2d AvgPool3d
    Embedding linear conv1d conv2d conv3d layer_norm group_norm batch_norm avg_pool2d embedding
    matmul mm bmm baddbmm addmm einsum cat concat stack add sub mul clone""".split()
)
# Modules of torch and its libraries: what all functions in them return is new memory, unless they
# are views or say otherwise.
MODULES_OF_NEW_TENSORS = frozenset(
    """torch torch.nn.functional torch.special torch.linalg torch.fft torch.sparse
    torch.nn.utils.rnn torch_scatter torch_sparse""".split()
)
# Layers and functions of libraries on top of torch whose result is new memory.
FRESH_CLASSES = re.compile(r"(torch_geometric\.nn|dgl\.nn)\.(.*\.)?\w+Conv$")
FRESH_FUNCTIONS = re.compile(r"torch_geometric\.nn\.(.*\.)?global_\w+_pool$")
# Builtins that return no tensor, and none that they were given.
READS_A_TENSOR = frozenset(
    "len print isinstance float int bool str repr format range id type hasattr abs sum callable "
    "hash round all any".split()
)
# Methods of tensors that take another one and return neither.
TENSOR_OPERATIONS = frozenset(
    """add sub mul div true_divide floor_divide matmul mm bmm addmm baddbmm dot mv outer ger
    masked_fill where gather scatter scatter_add index_add index_copy index_select lerp maximum
    minimum pow fmod remainder eq ne lt le gt ge logical_and logical_or logical_xor cross atan2
    dist addcmul addcdiv equal allclose isclose type_as expand_as view_as reshape_as copysign
    masked_select take take_along_dim""".split()
)
# Functions of torch.nn.utils that return the module they are given.
MODULE_WRAPPERS = frozenset("weight_norm spectral_norm orthogonal remove_weight_norm".split())
# Methods of modules that return the module.
RETURNS_SELF = frozenset(
    "to cuda cpu float double half bfloat16 type train eval apply requires_grad_ share_memory "
    "to_empty".split()
)
# Attributes of a tensor that are views of it.
VIEW_ATTRIBUTES = frozenset("T mT H mH data real imag".split())
# Attributes of a tensor that are no tensors.
TENSOR_FACTS = frozenset("shape dtype device ndim layout requires_grad is_cuda names".split())
# Methods of tensors, and functions of torch, that may return their input or a view of it.
VIEWS = frozenset(
    """view reshape view_as reshape_as transpose permute t swapaxes swapdims squeeze unsqueeze
    flatten unflatten ravel contiguous expand expand_as broadcast_to chunk split tensor_split
    unbind narrow select movedim moveaxis diagonal unfold to type type_as float half double
    bfloat16 cpu cuda detach real imag adjoint atleast_1d atleast_2d atleast_3d as_strided
    unsafe_chunk unsafe_split hsplit vsplit dsplit conj resolve_conj resolve_neg positive
    view_as_real view_as_complex conj_physical dequantize resize split_with_sizes
    unsafe_split_with_sizes broadcast_tensors meshgrid as_tensor asarray from_numpy numpy
    sum_to_size to_dense rename refine_names align_to as_subclass tensors values pixel_shuffle
    pixel_unshuffle channel_shuffle interpolate""".split()
)
# Modules of torch.nn that return their input or a view of it (every dropout does too).
PASSES_INPUT_THROUGH = frozenset("Identity Flatten Unflatten".split())
# Modules of torch.nn that run others, or that return a view of their input for some settings.
MODULES_OF_UNKNOWN_EFFECT = frozenset(
    "Module DataParallel PixelShuffle PixelUnshuffle ChannelShuffle Upsample Parameter".split()
)
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
