"""The subcommands of `dropout-lint`, one file each.

In reading order:

- `command_line`: from arguments to calls
- `terminal`: what the commands print, where, and the exit codes that they share
- `lint`: the lint command
- `rule`: the rule command
- `verify`: the verify command
- `prove`: what `--prove` adds to the lint command
- `unusable`: what stops the commands that execute models
"""
