"""The subcommands of `dropout-lint`, one file each; `command_line` turns arguments into calls."""
