"""The error that a wrong configuration raises."""


class ConfigError(Exception):
    """A configuration that cannot be used; the message is one sentence for the user."""
