"""What comes of a drop: layers and their results, and what is kept of them.

- `built_layers`: dropout modules that a constructor puts on self
"""
