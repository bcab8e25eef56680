"""Who calls a function, and with which options, in any file of the project.

In reading order:

- `nearby_files`: the files around one that may use a name
- `callers`: methods of modules that reach a function
- `helper_objects`: methods of plain objects that a module keeps on self
- `mode_options`: options of a forward by which it drops, and that nobody turns off
"""
