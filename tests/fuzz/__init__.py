"""Fuzzing of the static half: programs bent out of shape, and what has to hold for each of them.

`seeds` are the programs to begin with, `mutations` bend them, `texts` numbers the results,
`checks` say what has to hold, `minimise` makes a failure small, and `__main__` runs many:
``python -m tests.fuzz --inputs 100000 --seed 1 --jobs 2``. A few run in the tests.
"""
