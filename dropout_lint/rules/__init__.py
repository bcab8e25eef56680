"""The rules, one file each. Adding a rule is adding a file.

- `base`: what a rule is, what it declares, and how rules are found
- `declared`: which rules the screen covers, told without importing them
"""
