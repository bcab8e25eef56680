"""Proof by generation: models from a seeded grammar, linted, fixed, executed and compared.

Read `calls`, `statements` and `shapes` first: they are the grammar, as tables. `grammar` expands
them, `models` puts a package together, `check` says what is wrong with what the linter made of it.
"""
