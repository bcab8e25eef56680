"""Word lists about names: what a name in the code suggests. All of them are heuristics.

- `words`: the words of an identifier
- `modes`: names of modes, of flags, and of callers that choose the mode
- `dropping`: names of layers, functions, attributes and parameters about dropout
- `masks`: names around masks drawn by hand
- `methods`: names of methods, functions and folders by what they are for
- `driving`: names in code that builds, trains and evaluates models
- `randomness`: names of code that draws for another reason than dropout
- `intent`: names, comments and docstrings that declare randomness in eval mode

What Python, torch and libcst call things is a fact, and lies where it is used.

Above each list are its reason; its origin, as far as the history tells; and how much it decides.
``Measured: 3 go, 5 come, 2 change`` means that so many findings do when the list is empty, with
every rule on and with those findings that the code declares intentional. ``nothing changes`` means
that the measured files do not show what the list is for, not that it is for nothing; ``not yet``
that nobody has measured. To measure again, and to write the results here and above the lists::

    python benchmarks/vocabulary.py --write TREE [TREE ...]

Measured on: 14 findings in 22 files of deepchem, flair, OpenNMT-py, speechbrain, torch_geometric
2.8.1 (--every 100).
"""
