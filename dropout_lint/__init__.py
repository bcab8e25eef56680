"""dropout-lint: find dropout that ignores train()/eval(), fix it, prove the fix."""

__version__ = "0.1.0"
