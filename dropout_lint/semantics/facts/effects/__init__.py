"""What comes of a drop: layers and their results, and what is kept of them.

- `built_layers`: dropout modules that a constructor puts on self
- `stored_drops`: weights that are dropped for good, and caches of what was dropped
- `checkpoints`: checkpointing without the random state
- `unset_rates`: rates on self that nothing sets
"""
