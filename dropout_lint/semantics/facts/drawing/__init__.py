"""What a draw is made of: the sampler, the branches on it, the conditions around it.

- `samplers`: what a call draws with: functions, methods, distributions
- `branches`: what a coin flip leaves out
- `conditions`: whether the mode or a caller decides about a draw
"""
