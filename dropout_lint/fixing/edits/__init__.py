"""Edits of source text: applying them, the layout around them, the spelling of names."""
