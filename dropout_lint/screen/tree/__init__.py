"""The second stage of the screen: the `ast` of a file."""
