"""Files: finding them, ignoring them, reading them and writing them back whole.

In reading order:

- `names`: names of files as they may be printed
- `patterns`: path patterns, matched without backtracking
- `gitignore`: the patterns of ``.gitignore``, as git reads them
- `discovery`: from paths to files
- `source`: one file as text and back: encoding, byte order mark, line ends
- `code`: Python source as bytes that hold code only
- `exchange`: two files that change places at once
- `leases`: other programs that want to write wait
- `replacing`: putting new content in a file's place, or into it
- `leftovers`: temporary files of runs that were killed
- `writing`: a changed file, written whole or not at all
"""
