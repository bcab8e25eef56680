"""One file, parsed: its tree, names, classes and functions. No modes yet."""
