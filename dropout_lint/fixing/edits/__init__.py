"""Edits of source text.

``layout``         lines, indentation, comments, argument lists
``spelling``       how a file spells a class or a function of torch
``moves``          where the places of a text are after edits
``unused_imports`` imports that a fix leaves without a use
``apply``          applying fixes to a text: their order, and which of them overlap
"""
