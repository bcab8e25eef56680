"""Proving a fix: the model before and after it, side by side.

In reading order:

- `obligations`: what a fix has to keep, and the record of what was checked
- `passes`: a train step and an eval forward, with all that they leave
- `oracle`: the original with its flagged dropout replaced by `clone()`
- `coverage`: which of the edited lines ran
- `proof_build`, `proof_train`, `proof_eval`: the obligations in turn
- `verify_fix`: the obligations together, and the level
- `synthetic`: a rewritten call in a module of its own
- `changes`: the edits of a fix, row by row
"""
