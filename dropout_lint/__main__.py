"""``python -m dropout_lint``."""

from dropout_lint.cli import main

if __name__ == "__main__":
    main()
