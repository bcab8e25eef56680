"""dropout-lint: find dropout that ignores train()/eval(), fix it, prove the fix.

From the top; each module and package imports only from those below it:

- `__main__`: ``python -m dropout_lint``
- `commands`: the subcommands of the command line
- `plugins`: the flake8 plugin and the pytest plugin
- `output`: from results to text
- `verify`: the runtime half, which executes models
- `linting`: from files to reports
- `config`: the settings
- `rules`: the rules
- `fixing`: from a finding to edits
- `screen`: the cheap stages that keep most files from being analysed
- `semantics`: what the code means
- `files`: finding, reading and writing files
- `catalog`: the dropout functions and modules as data
- `diagnostics`: findings and fixes as data
- `signatures`: signatures written as text
- `vocabulary`: word lists about names, all of them heuristics
- `python_names`: names of Python that more than one room knows
"""

__version__ = "0.1.0"
