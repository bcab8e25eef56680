"""The runs of a file's functions, combined: what one run tells another one.

In reading order:

- `file_surroundings`: what is asked of the rest of the file
- `mode_readers`: which functions know the mode
- `builders`: functions that return a module of the catalog
- `instances`: what constructors are handed
- `attributes`, `static_names`: values of `self.name`, and of names of the module
- `constructor_flags`: what is zero where a flag holds that the constructor sets
- `contexts`: the arguments and guards of the file's calls of a function
- `runs`: each run, made once
- `relevance`: which functions are run at all
"""
