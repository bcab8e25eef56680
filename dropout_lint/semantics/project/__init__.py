"""The files around a file, in outline and read with `ast`: what imported names stand for there.

In reading order:

- `modules`: where the file of a module lies
- `known_bases`: which classes of other packages are nn.Modules
- `ast_reading`: dotted names, imports and statements of an `ast` tree
- `class_outline`: bases, methods and attributes of a class
- `outline`: what the module-level names of a file stand for
- `resolver`: dotted names followed from file to file
- `project`: the questions that the analysis of one file asks
- `snapshots`: the bytes of the files of a project, for a search in all of them
"""
