"""The subcommands of `dropout-lint`, one file each.

In reading order:

- `command_line`: arguments to calls
- `lint`: the main command, and explaining rules
- `verify`: executing models
- `prove`: what `--prove` adds to fixing
- `unusable`: what stops the commands that execute models
"""
