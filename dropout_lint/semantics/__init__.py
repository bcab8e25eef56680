"""What the code means: `syntax`, `interpreter`, `interprocedural`, `project`, `facts`.

`model` ties them together and is the only thing that rules are handed.
"""
