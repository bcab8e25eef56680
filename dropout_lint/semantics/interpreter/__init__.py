"""The abstract interpreter: one function, run once in train mode and once in eval mode.

In reading order, each file importing only those before it:

- `guards`: conditions that somebody else decides, and paths that they guard
- `values`: what an expression can be
- `operators`: arithmetic, comparison and indexing on values
- `state`: local names and the guards in front of the next statement; values that are passed on
- `arguments`: the arguments of a call, bound to parameters
- `contrast`: where the eval run differs from the train run
- `run`: what a run of a function has seen
- `surroundings`: what the interpreter asks of the rest of the file (a `Protocol`)
- `lookups`: names and attributes
- `expressions`: all other expressions but calls
- `assignments`: what binds names
- `evaluator`: calls
- `simple_statements`, `statements`: statements, branches and loops
- `closures`: nested functions and lambdas
- `execution`: a whole function
"""
