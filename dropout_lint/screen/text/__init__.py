"""The first stage of the screen: the bytes of a file."""
