"""One file, parsed by libcst: its tree, names, classes and functions. No modes yet.

In reading order:

- `tree`: the nodes with their parents and offsets
- `leaving_out`: what is left of a text without what libcst refuses
- `conditions`: what the names in a condition are where it holds
- `places`: where the names of the tree stand
- `scopes`: where names are bound and mentioned
- `names`: what a name or a dotted expression stands for
- `class_body`: methods and attributes that a class defines
- `linearisation`: the order of the bases of a class
- `classes`: which classes are nn.Modules, and what they inherit
- `function_info`: one function
- `monkey_patches`: which functions are put on a module
- `functions`: methods and functions, and which of them call each other
- `hand_drawn`: masks that are drawn by hand and drop from what a function gets
- `readable`: files that libcst surely reads
- `big_stack`: a thread with a stack for deep trees
"""
