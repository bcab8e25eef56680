"""From a finding to edits of the source text.

Bottom first:

- `library_names`: names of Python, torch and its libraries that the fixes know
- `instances`: what a file does with the instances of its classes
- `edits`: edits of the text: applying them, the layout around them, the spelling of names
- `hazards`: why a fix is unsafe: changes in place, a mode of its own, a class that is no module
- `flag_form`: fixes at the call, ``F.dropout(x, p, training=self.training)``
- `module_form`: fixes to a module, ``self.dropout = nn.Dropout(p)`` in ``__init__``
- `fixer`: the fixes of a site, best first: what rules ask for
"""
