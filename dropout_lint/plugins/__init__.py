"""The other faces of the program: the flake8 plugin and the pytest plugin."""
