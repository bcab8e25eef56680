"""What the code means, in four rooms: `syntax`, `interpreter`, `project`, `facts`.

`model` ties them together and is the only thing that rules are handed.
"""
