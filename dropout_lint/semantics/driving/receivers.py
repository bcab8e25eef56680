"""Whether what a method is called on is a model, as far as the file shows."""

from __future__ import annotations

import libcst as cst

from dropout_lint.semantics.model import SemanticModel
from dropout_lint.semantics.syntax.classes import ClassInfo
from dropout_lint.semantics.syntax.names import Scope
from dropout_lint.semantics.syntax.tree import dotted_name
from dropout_lint.vocabulary.driving import MODEL_WORDS, OPTION_WORDS
from dropout_lint.vocabulary.words import words

# Methods of nn.Module that little else has.
_METHODS = frozenset(
    """parameters named_parameters state_dict load_state_dict named_modules named_children
    zero_grad requires_grad_""".split()
)


def is_model(model: SemanticModel, node: cst.BaseExpression, scope: Scope) -> bool:
    """Whether a dotted expression surely is a module: by its class, its uses, or its name."""
    path = dotted_name(node)
    if not path or any(words(part) & OPTION_WORDS for part in path.split(".")):
        return False
    function = model.functions.of_scope(scope)
    if function is not None and path == function.self_name:
        return _is_module_with_modes(function.owner)
    if isinstance(node, cst.Name):
        bound = model.names.lookup(path, scope)
        bindings = bound[1] if bound is not None else []
        if any(binding.kind in ("import", "class", "function") for binding in bindings):
            return _is_used_as_one(model, path)
        built = [b.value.func for b in bindings if isinstance(b.value, cst.Call)]
        owners = [model.classes.resolve(each, scope) for each in built]
        if any(owner is not None and not _is_module_with_modes(owner) for owner in owners):
            return False
        if built and len(built) == len(bindings):
            pairs = zip(owners, built, strict=True)
            if all(owner is not None or _is_of_torch(model, each, scope) for owner, each in pairs):
                return True
    return bool(words(path.rpartition(".")[2]) & MODEL_WORDS) or _is_used_as_one(model, path)


def _is_module_with_modes(owner: ClassInfo | None) -> bool:
    """Whether a class is a module whose ``train`` and ``eval`` are nn.Module's."""
    if owner is None or not owner.is_module:
        return False
    return not any(owner.find_method(name) or owner.find_writes(name) for name in ("train", "eval"))


def _is_of_torch(model: SemanticModel, built: cst.BaseExpression, scope: Scope) -> bool:
    """Whether what is called is a class of torch.nn, so that a module is built."""
    names = model.names.qualified(built, scope)
    return bool(names) and all(
        name.startswith("torch.nn.") and name.rpartition(".")[2][:1].isupper() for name in names
    )


def _is_used_as_one(model: SemanticModel, path: str) -> bool:
    """Whether a method that little else has is called on the same path in the file."""
    return any(
        isinstance(node, cst.Attribute)
        and node.attr.value in _METHODS
        and dotted_name(node.value) == path
        for node, _ in model.names.mentions
    )
