"""What rules ask about a file: callers, containers of modules, random draws, declared intent.

In reading order:

- `calling`: who calls a function, and with which options
- `intent`: evidence that randomness in eval mode is wanted
- `intent_signs`: signs of it that only decide together
- `views`: numbered names for what is drawn from one input
- `draws`: masks and noise that are made by hand
- `drawing`: what draws, what a coin flip leaves out, who decides about a draw
- `draw_use`: whether a draw is used as a mask, as noise, as an index
- `sources`: whether a number is the module's own
- `tensor_functions`: functions and methods of torch, numpy and random that `draws` knows
- `dropping`: whether an expression or a class builds modules that drop
- `effects`: what becomes of drops and of the layers that a constructor builds
- `containers`: plain containers of modules on self, and what they hold
- `container_uses`: whether their modules run in eval mode
- `attribute_uses`: whether attributes that a class sets are used at all
- `unowned_modules`: modules at class level or at the top of a file
- `overrides`: what overrides of train and eval do to the mode
- `mode_setters`: methods that leave another mode than the caller has set
- `zeroed_rates`: rates that eval mode sets to zero and nothing sets back
- `recurrent`: layers whose dropout needs more than one layer
"""
