"""Proving a fix: the original and the fixed model, executed side by side."""
