"""Overrides of ``train`` and ``eval``: what they do to the mode, and what they return.

In reading order:

- `binding`: the arguments with which nn.Module itself calls ``train``
- `modes`: the modes of the module and of its children in the state of a run
- `loops`: loops over modules
- `telling`: one run of an override: whom it tells which mode
- `outcomes`: what ``train(True)``, ``train(False)`` and ``eval()`` of a class come to
- `children`: the children of a class that depend on their mode
- `faults`: what is wrong with an override, worst first
- `hiding`: attributes that hide the methods
- `returns`: what ``return self`` takes
"""
