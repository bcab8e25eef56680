"""What the code means.

Read in this order: `tree` (a parsed file), `names` (what a name stands for), `classes` and `units`
(which classes are modules, which functions there are), `modes` (the lattice: what a value is worth
behind which gates), then the interpreter, one layer a file: `evaluate` (expressions),
`binding` (names and containers), `apply` (calls), `flow` (statements), `run` (one execution of a
function in one mode). `contrast` compares the two runs; `entry` and `attributes` say what a run
starts from. `model` ties them together and answers the rules; `calls` is what it answers with.
`intent` reads what the code says about randomness on purpose.
"""
