"""May this file matter at all? The cheap stages that keep libcst out of most files.

Both stages over-approximate: they may say "look closer" for nothing, and must never lose a finding
(``tests/screen``).

- `known_names`: names of Python and torch that both stages know
- `arguments`: the arguments of one call
- `imports`: what the imports of a file bind
- `bases`: whether a class may be an ``nn.Module``
- `text`: the first stage, which looks at bytes
- `tree`: the second stage, which looks at the standard library's `ast`
"""
