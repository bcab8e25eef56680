"""The first stage of the screen: the bytes of a file.

- `flags`: which names may stand for the mode
- `methods`: ``train`` and ``eval`` taken for flags, or overridden
- `drivers`: code that exports models, and loops that train and evaluate them
- `places`: mentions that use nothing, by their place in the code
- `mentions`: which members of the dropout family a name may stand for
- `statements`: calls of which nothing takes the result
- `containers`: plain containers that may hold modules with dropout
- `draws`: functions that draw masks by hand
- `lexical`: the stage itself
"""
