"""Files: finding them, ignoring them, reading them and writing them back whole."""
