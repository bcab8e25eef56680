"""Names of methods, functions and folders, by what they are for."""

from __future__ import annotations

# Methods that belong to the construction of a module, beside the constructors of Python, by the
# conventions of torch, transformers, PyTorch Lightning and fairseq. They run before a mode is
# chosen, in train mode, so what they come to says nothing about eval mode.
# Origin: the first version of the analysis.
# Measured: nothing changes.
BUILDING_NAMES = frozenset(
    """__repr__ extra_repr reset_parameters reset init_weights _init_weights from_pretrained
    from_config setup build create configure_optimizers add_arguments add_args
    build_model""".split()
)
# Methods of a module, or of what it may hold, that set no mode.
# Origin: the facts about overrides of `train` and `eval`.
# Measured: not yet.
LEAVES_MODE = frozenset(
    """parameters named_parameters buffers named_buffers children named_children modules
    named_modules state_dict load_state_dict zero_grad requires_grad_ to cuda cpu half float double
    bfloat16 type register_buffer register_parameter add_module register_module forward __call__
    get_submodule get_parameter extra_repr items keys values append print log info debug warning
    warn step""".split()
)
# Functions that hand on the items of what they get, as they are or in pairs with a number.
# Origin: the facts about overrides of `train` and `eval`.
# Measured: not yet.
PASSES_ITEMS_ON = frozenset("enumerate list tuple reversed iter set filter chain".split())
# Functions that never return: the program ends.
# Origin: a `return self` that was written behind an `exit()`.
# Measured: not yet.
ENDS_PROGRAM = frozenset("""builtins.exit builtins.quit sys.exit os._exit os.abort""".split())
# Methods of `nn.Module` that return the module itself and leave its mode alone.
# Origin: the first version of the interpreter.
# Measured: not yet.
SAME_MODULE = frozenset(
    """to cuda cpu xpu ipu half float double bfloat16 type to_empty requires_grad_ apply
    share_memory""".split()
)
# Functions whose name says too little to look for their callers in other files: every project has
# several of each.
# Origin: the first version that looks for callers in other files.
# Measured: not yet.
GENERAL_NAMES = frozenset({"main", "run", "forward", "train", "test"})
# Folders in which no callers are looked for: tests call a function in any mode, and the others
# hold code of other projects or copies.
# Origin: the first version that looks for callers in other files.
# Measured: not yet.
FOLDERS_WITHOUT_CALLERS = frozenset(
    "test tests testing node_modules build dist site-packages venv".split()
)


def is_general(name: str) -> bool:
    """Whether a function's name says too little to look for it in other files.

    So do the names of entry points and tests, and the special methods of Python.
    """
    is_special = name.startswith("__") and name.endswith("__")
    return is_special or name in GENERAL_NAMES or name.startswith("test_")
