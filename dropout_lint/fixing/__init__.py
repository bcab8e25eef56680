"""Fixes: edits on the source text, and the one place that applies them."""
