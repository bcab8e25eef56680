"""The code that drives models: it builds them, sets their modes, trains and exports them.

In reading order:

- `torch_imports`: whether a file brings torch in itself
- `receivers`: whether what a method is called on is a model
- `known_layers`: layers and models of torch and torchvision that depend on the mode
- `places`: expressions in their places: what is passed, returned and set on self
- `builds`: what a name stands for as a model, and whether that depends on the mode
- `exports`: exports of models that are built in the same scope
- `around`: conditions, ends, contexts and decorators around a call
- `events`: what a script does with models, in order
- `loops`: loops that train on with a model that they have put into eval mode
"""
