"""The code that drives models: it builds them, sets their modes, trains and exports them.

In reading order:

- `torch_imports`: whether a file brings torch in itself
- `receivers`: whether what a method is called on is a model
"""
