"""What the code means: names, classes, modes and calls. Start with `modes`, then `model`."""
