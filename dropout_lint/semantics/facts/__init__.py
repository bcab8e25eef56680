"""What rules ask about a file: callers, containers of modules, random draws, declared intent.

In reading order:

- `callers`: methods of modules that reach a function, in any file of the project
- `helper_objects`: methods of plain objects that a module keeps on self
- `nearby_files`: the files around one that may use a name
- `intent`: evidence that randomness in eval mode is wanted
- `draws`: masks and noise that are made by hand
- `draw_use`: whether a draw is used as a mask or as noise
- `sources`: whether a number is the module's own
- `tensor_functions`: functions and methods of torch, numpy and random that `draws` knows
- `dropping`: whether an expression or a class builds modules that drop
- `containers`: plain containers of modules on self, and what they hold
- `container_uses`: whether their modules run in eval mode
- `attribute_uses`: whether attributes that a class sets are used at all
- `unowned_modules`: modules at class level or at the top of a file
- `mode_overrides`: what overrides of train and eval do to the mode
- `zeroed_rates`: rates that eval mode sets to zero and nothing sets back
- `recurrent`: layers whose dropout needs more than one layer
"""
