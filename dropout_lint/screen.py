"""May this file matter at all? The cheap stages that keep libcst out of most files."""

from __future__ import annotations

import ast

from dropout_lint.catalog import Catalog

TOKENS = (
    b"ropout",
    b"drop_",
    b"Drop",
    b"attention",
    b"attn",
    b"rrelu",
    b".train",
    b".eval",
    b"def train",
    b"def eval",
)


def has_token(data: bytes) -> bool:
    """Whether a file's bytes hold any name of the dropout family."""
    return any(token in data for token in TOKENS)


def may_matter(tree: ast.Module, catalog: Catalog) -> bool:
    """Whether a file's syntax tree holds anything that is not obviously fine."""
    return True
