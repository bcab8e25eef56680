"""The configuration: what a run does, read from ``[tool.dropout-lint]`` of a ``pyproject.toml``.

In reading order:

- `errors`: the error that a wrong configuration raises, a sentence for the user
- `checks`: what the value of a key must be
- `keys`: a key of a table as a dataclass field, and the check of a whole table
- `functions`: the catalog of dropout functions with the configured ones
- `settings`: the settings of the linter as data
- `verify`: the settings of the verifier as data
- `loading`: from a TOML file to settings
- `configurations`: the settings of each folder, the command line's included
"""

from dropout_lint.config.configurations import Configurations
from dropout_lint.config.errors import ConfigError
from dropout_lint.config.loading import from_table
from dropout_lint.config.settings import KEYS, Selection, Settings

__all__ = ["KEYS", "ConfigError", "Configurations", "Selection", "Settings", "from_table"]
