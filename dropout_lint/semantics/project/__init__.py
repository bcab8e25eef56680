"""The project around a file: its imports, classes and functions in other files."""
