"""The program inside other tools.

- `flake8`: the rules as a plugin of flake8
- `pytest`: the verifier as a fixture and a marker
"""
