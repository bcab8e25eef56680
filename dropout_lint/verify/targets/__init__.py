"""What to verify: from a target on the command line to a model and its inputs.

In reading order:

- `target_specs`: targets, as they are written and as they are imported
- `overlay`: a project loaded with other texts in place of some files
- `models`: the models in a module
- `input_options`: what the command line says about inputs
- `layers`: which tensors a layer takes
- `synthesis`: inputs made up for a model
- `inputs`: the inputs of a model, given, offered or made up
"""
