"""The second stage of the screen: the `ast` of a file.

- `collect`: one walk over the tree: what its names stand for
- `aliases`: which names stand for the dropout family
- `expressions`: the values of flags and rates in eval mode
- `containers`: plain containers that may hold modules with dropout
- `drivers`: code that exports models, and loops that train and evaluate them
- `draws`: functions that draw masks by hand
- `syntax`: the stage itself
"""
