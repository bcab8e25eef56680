"""The abstract interpreter: one function, executed once in each mode."""
