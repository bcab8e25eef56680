"""The rules, one file each. Adding a rule is adding a file; see `base`."""
