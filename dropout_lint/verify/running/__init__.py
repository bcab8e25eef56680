"""Running a model under a seed, and comparing what comes out.

In reading order:

- `values`: nested values: walk over them, copy them, compare them bit by bit
- `rng`: the states of the random generators
- `modes`: torch's modes: dispatch, gradients, compilation
- `call`: the call of a model, with the same inputs each time
- `copies`: fresh copies of a model with the same parameters
- `runs`: unobserved runs, on one thread
- `measure`: how much outputs differ
"""
