"""The other programs that dropout-lint is part of.

- `flake8`: the findings as a plugin of flake8
- `pytest`: a fixture and a marker for tests that run models
"""
