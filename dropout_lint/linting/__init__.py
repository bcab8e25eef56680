"""Linting: from a file to its report, for one file and for many."""
