"""May this file matter at all? The cheap stages that keep libcst out of most files.

`lexical` looks at bytes, `syntax` at the standard library's `ast`. Both over-approximate: they may
say "look closer" for nothing, and must never lose a finding (``tests/test_screen.py``).
"""
