"""Edits of source text.

``layout``   lines, indentation, comments, argument lists
``spelling`` how a file spells a class or a function of torch
``moves``    where the places of a text are after edits
``apply``    applying fixes to a text: their order, and which of them overlap
"""
