"""``python -m dropout_lint``."""

from dropout_lint.commands.command_line import main

if __name__ == "__main__":
    main()
