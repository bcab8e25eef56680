"""The abstract interpreter: one function, run once in train mode and once in eval mode.

In reading order, each file importing only those before it: guards, values (what an expression can
be); operators, state, arguments, contrast, run (what a run consists of); surroundings (what is
asked of the rest of the file); lookups, expressions, assignments, evaluator (expressions);
simple_statements, statements (statements); closures, execution (functions).
"""
