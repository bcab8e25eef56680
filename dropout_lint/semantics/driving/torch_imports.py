"""Whether a file brings torch in itself, and not through another file of the project.

A file that drives a model does so by torch's own functions. The screen knows such a file by the
word alone.
"""

from __future__ import annotations

from dropout_lint.semantics.model import SemanticModel


def imports_torch(model: SemanticModel) -> bool:
    """Whether an import of the file names torch."""
    if "torch" not in model.tree.text:
        return False
    return any(
        name.partition(".")[0] == "torch"
        for scope in model.names.scopes.values()
        for name in (
            *scope.stars,
            *(b.qualified for bs in scope.bindings.values() for b in bs if b.kind == "import"),
        )
    )
